"""Lines against depth: single effects of one sample, and how good the probes are.

Chapter: Layer by layer.
"""

from collections.abc import Sequence

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harsanyi.core.coalitions import members
from harsanyi.core.result import Interactions

from .layer_frame import GREYS, MARKS, checked, layer_ticks, legend_below, one_sample
from .style import CYCLE, GREY


def effect_lines(
    found: Interactions, layers: Sequence[str], k: int = 6, ax: Axes | None = None
) -> Axes:
    """Draw the effects that are strongest in any layer against depth, for one sample.

    OR effects are dashed. The lines are named at their right end.

    Args:
        found: (layers, 2**n), one sample.
        layers: their names, in the order of the network.
        k: how many.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: other than one sample, or than these layers.

    Chapter: Layer by layer.
    """
    effects = one_sample(found, layers).flatten(-2)  # (layers, 2 · 2**n)
    picks = effects.abs().amax(0).topk(min(k, effects.shape[1])).indices.tolist()
    picks = [at for at in picks if effects[:, at].any()]
    ax = ax or plt.subplots(figsize=(5.6, 3.6), layout="constrained")[1]
    for i, at in enumerate(picks):
        dash = "--" if at >= effects.shape[1] // 2 else "-"
        ax.plot(effects[:, at], dash, color=CYCLE[i % 7], marker=MARKS[i % len(MARKS)], ms=5)
    ax.axhline(0, color=GREY, linewidth=0.8)
    layer_ticks(ax, range(len(layers)), layers, 38)
    _name_ends(ax, effects[-1, picks].tolist(), [_name(at, found) for at in picks])
    ax.set_ylabel("effect")
    ax.grid(axis="y")
    return ax


def _name(position: int, found: Interactions) -> str:
    """A short name of the effect at a position of AND, then OR effects."""
    mask = position % found.and_.shape[-1]
    who = members(mask)
    names = [found.names[i].removeprefix("patch ") for i in who]
    if len(who) == 1:
        return found.names[who[0]]
    return ("AND" if position == mask else "OR") + " {" + ", ".join(names) + "}"


def _name_ends(ax: Axes, ends: Sequence[float], names: Sequence[str]) -> None:
    """Write names to the right of the lines' ends, apart from each other, joined to them."""
    last, gap = len(ax.get_xticks()) - 1, 0.07 * (ax.get_ylim()[1] - ax.get_ylim()[0])
    for i, (end, y) in enumerate(zip(ends, _apart(ends, gap), strict=True)):
        joint = {"arrowstyle": "-", "color": CYCLE[i % 7], "shrinkA": 0, "shrinkB": 2}
        ax.annotate(names[i], (last, end), (last + 0.35, y), va="center", fontsize=9,
                    annotation_clip=False, arrowprops=joint)  # fmt: skip


def _apart(heights: Sequence[float], gap: float) -> list[float]:
    """Move heights as little as needed to lie a gap apart, in their order."""
    rising = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = list(heights)
    for _ in range(50):
        for low, high in zip(rising, rising[1:], strict=False):
            if (short := gap - (placed[high] - placed[low])) > 1e-9:
                placed[low] -= short / 2
                placed[high] += short / 2
    return placed


def probe_quality(
    frame: pd.DataFrame,
    by: str = "reading",
    chance: float | None = None,
    controls: Sequence[str] = (),
) -> Figure:
    """Draw the accuracy and the calibration error of readings against depth, a line for each kind.

    Rows of one layer and kind, such as seeds, are drawn as their mean and range. Layers stand in
    the order in which they first come, "output" last.

    Args:
        frame: columns layer, accuracy, calibration and ``by``; low and high, the interval of an
            accuracy, are drawn where there is one row a layer and kind. It may be
            :func:`harsanyi.networks.probe_sets.probe_frame` of one split, or the sources of
            layered tables.
        by: what makes the lines.
        chance: accuracy of guessing, a dotted line.
        controls: values of ``by`` that are drawn in grey.

    Raises:
        ValueError: missing columns, or no row.

    Source: Cheng et al., ICML 2024, Appendix M.2; the controls after Hewitt and Liang,
    EMNLP 2019. Chapter: Layer by layer.
    """
    frame = checked(frame, ["layer", "accuracy", "calibration", by], "probe_frame")
    names = list(dict.fromkeys(frame["layer"]))
    names.sort(key=lambda name: name == "output")  # stable
    frame = frame.assign(at=[names.index(name) for name in frame["layer"]])
    figure, axes = plt.subplots(2, 1, figsize=(5.2, 5.0), sharex=True, layout="constrained")
    greys, colours = iter(GREYS * len(frame)), iter(CYCLE * len(frame))
    for i, (name, part) in enumerate(frame.groupby(by, sort=False)):
        dash, colour = next(greys) if name in controls else ("-", next(colours))
        line = {"color": colour, "ls": dash, "marker": MARKS[i % len(MARKS)], "ms": 5}
        _range_lines(axes[0], part, "accuracy", label=str(name), **line)
        _range_lines(axes[1], part, "calibration", **line)
    if chance is not None:
        axes[0].axhline(chance, color="black", lw=0.9, ls=(0, (1, 1)), label="guessing")
    axes[0].set(ylim=(0, 1.03), ylabel="accuracy")
    axes[1].set(ylabel="calibration error", ylim=(0, None))
    layer_ticks(axes[1], range(len(names)), names)
    for ax in axes:
        ax.grid(axis="y")
    legend_below(axes[0], 3, True)
    return figure


def _range_lines(ax: Axes, part: pd.DataFrame, column: str, **line) -> None:
    """Draw the means at each layer, and their range, or the interval of a single accuracy."""
    groups = part.groupby("at")[column]
    means, low, high = groups.mean(), groups.min(), groups.max()
    if column == "accuracy" and {"low", "high"} <= set(part) and not part["at"].duplicated().any():
        low, high = (part.set_index("at")[end].sort_index() for end in ("low", "high"))
    ax.vlines(means.index, low, high, color=line["color"], lw=1.2, alpha=0.6)
    ax.plot(means.index, means, **line)
