"""Pictures of a filter that opens as noise falls, and of stories that compete along training.

Chapter: The theory of the two phases.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from .layer_frame import GREYS, MARKS, checked, legend_below
from .style import AMBER, BLUE, GREEN, GREY, VERMILION
from .training_frame import panels, time_axis

_SIZE = (5.2, 3.4)
_STORIES = ((VERMILION, "-"), (BLUE, "--"), (GREEN, ":"), (AMBER, "-."))  # as in fit_bars


def against_noise(
    lines: Mapping[str, Tensor],
    grid: Tensor,
    label: str,
    dashed: Mapping[str, Tensor] | None = None,
    reference: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw lines against σ² on a logarithmic axis, dark to light, without what is at σ² = 0.

    Args:
        lines: name to values (points,).
        grid: (points,) of σ², rising.
        label: of the vertical axis.
        dashed: further values of some of the names, in the same colours.
        reference: where a horizontal line stands.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: no line, or not one value for each σ².
    """
    sizes = {name: tuple(line.shape) for name, line in lines.items()}
    if not lines or set(sizes.values()) != {tuple(grid.shape)}:
        raise ValueError(f"lines: got {sizes}, expected ({len(grid)},) each, one for each σ²")
    new, shown = ax is None, grid > 0
    ax = plt.subplots(figsize=_SIZE, layout="constrained")[1] if new else ax
    for at, (name, line) in enumerate(lines.items()):
        colour = colormaps["viridis"](0.9 * at / max(len(lines) - 1, 1))
        ax.plot(grid[shown], line[shown], color=colour, lw=1.5, label=name)
        if name in (dashed or {}):
            ax.plot(grid[shown], dashed[name][shown], color=colour, lw=1.2, ls="--")
    if reference is not None:
        ax.axhline(reference, color=GREY, lw=0.9)
    ax.set_xscale("log")
    ax.set(xlabel="σ²", ylabel=label)
    ax.grid(axis="y")
    legend_below(ax, 3, new)
    return ax


def story_panels(
    frame: pd.DataFrame,
    turns: Mapping[str, float] | None = None,
    controls: Sequence[str] = (),
    label: str = "distance",
    unit: str = "epoch",
    columns: int = 3,
) -> Figure:
    """Draw how far each story is from what was measured, along each training.

    Args:
        frame: rows of :func:`harsanyi.studies.ridge_rivals.contest` with the columns run and step
            besides: one row for each run, step and story.
        turns: run to the step where its second phase begins; a line is drawn there.
        controls: stories in grey.
        label: of the vertical axis.
        unit: what the steps are.
        columns: panels in a row; 3 read well on a phone.

    Raises:
        ValueError: missing columns, no row, or an unknown control.
    """
    frame = checked(frame, ["run", "step", "story", "distance", "low", "high"], "contest")
    runs = list(dict.fromkeys(frame["run"]))
    figure, axes = panels(len(runs), columns, 1.7)
    lines = _styles(list(dict.fromkeys(frame["story"])), controls)
    for ax, run in zip(axes, runs, strict=True):
        part = frame[frame["run"] == run].sort_values("step")
        for story, line in lines.items():
            one = part[part["story"] == story]
            ax.plot(one["step"], one["distance"], label=story, **line)
            ax.fill_between(
                one["step"], one["low"], one["high"], color=line["color"], alpha=0.1, lw=0
            )
        if run in (turns or {}):
            ax.axvline(turns[run], color=AMBER, lw=1.5, zorder=0)
        time_axis(ax, sorted(set(frame["step"])), unit)
        ax.set(title=run, ylim=(0, None), xlabel="")
        ax.grid(axis="y")
    for ax in axes[-columns:]:
        ax.set_xlabel(unit)
    figure.supylabel(label, fontsize="medium")
    legend_below(axes[0], 3, True)
    return figure


def _styles(stories: Sequence[str], controls: Sequence[str]) -> dict[str, dict]:
    """Return colour, dash and mark of each story's line; controls are grey.

    Raises:
        ValueError: a control that is no story.
    """
    if unknown := set(controls) - set(stories):
        raise ValueError(f"controls: got {sorted(unknown)}, expected some of {list(stories)}")
    styles, coloured, grey = {}, iter(_STORIES * 3), iter(GREYS * 3)
    for at, story in enumerate(stories):
        dash, colour = next(grey) if story in controls else next(coloured)[::-1]
        styles[story] = {"color": colour, "ls": dash, "marker": MARKS[at], "ms": 3.5, "lw": 1.4}
    return styles
