"""How strong interactions are along training, in nats: what bars over their mean do not show.

Chapter: Two phases.
"""

from collections.abc import Mapping, Sequence

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from harsanyi.studies.dynamics import check_steps
from harsanyi.studies.phases import Phases

from .layer_frame import MARKS, legend_below
from .style import BLUE, CYCLE
from .training_frame import drawn_band, mark_turn, time_axis


def strength_lines(
    lines: Mapping[str, Tensor],
    steps: Sequence[float],
    phases: Phases | None = None,
    dashed: Sequence[str] = (),
    unit: str = "epoch",
    ax: Axes | None = None,
) -> Axes:
    """Draw strengths in the value's units against time, both axes logarithmic, with 95 % bands.

    Args:
        lines: name to strengths (snapshots, samples), above 0 on the mean over samples.
        steps: when each snapshot was taken.
        phases: whose turn is marked if it has two phases.
        dashed: lines that are no strengths of interactions, such as a threshold; black.
        unit: what the steps are.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: no line, an unknown dashed one, or other than one snapshot for each step.

    Source: ours. Chapter: Two phases.
    """
    if not lines or set(dashed) - set(lines):
        raise ValueError(f"lines: got {list(lines)}, expected one or more, among them {dashed}")
    new = ax is None
    ax = plt.subplots(figsize=(5.6, 3.8), layout="constrained")[1] if new else ax
    colours = iter([BLUE, *CYCLE[1:6]] * len(lines))
    for mark, (name, strength) in zip(MARKS * len(lines), lines.items(), strict=False):
        check_steps(steps, len(strength))
        mean, low, high = drawn_band(strength.T, lambda means: means)
        if name in dashed:
            ax.plot(steps, mean, color="black", ls=(0, (4, 2)), lw=1.2, label=name)
            continue
        colour = next(colours)
        ax.plot(steps, mean, color=colour, marker=mark, ms=4.5, label=name)
        ax.fill_between(steps, low, high, color=colour, alpha=0.15, lw=0)
    mark_turn(ax, phases)
    time_axis(ax, steps, unit)
    ax.set(yscale="log", ylabel="strength (nats)")
    ax.grid(axis="y")
    legend_below(ax, 2, new)
    return ax
