"""Pictures of interactions by context size, and lines by order of any kind, with their nulls.

Chapter: Generalization, sensitivity, bottleneck.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from harsanyi.studies.contexts import null_strength

from .layer_frame import GREYS, MARKS, checked, legend_below
from .style import CYCLE, GREY
from .training_frame import drawn_band, plain_numbers

_SIZE = (5.2, 3.4)


def context_lines(
    groups: Mapping[str, Tensor],
    null: Tensor | None = None,
    controls: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw how strongly pairs interact in contexts of each size, beside what noise would give.

    Each line is divided by its mean, so that only its shape is compared; bands are 95 % intervals
    over samples. Dashed is the U that tables of noise show without any network.

    Args:
        groups: name to interactions (samples, context sizes, pairs), as
            :func:`harsanyi.studies.contexts.interactions` returns.
        null: (context sizes,) with mean 1; ``null_strength(n)`` when None, as it is for all
            contexts.
        controls: names that are drawn in grey.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: no group, different sizes, or an unknown control.

    Source: Deng et al., ICLR 2022, Figure 2. Chapter: Generalization, sensitivity, bottleneck.
    """
    sizes = {name: tuple(found.shape) for name, found in groups.items()}
    if len({shape[1:2] for shape in sizes.values()}) != 1 or any(
        len(s) != 3 for s in sizes.values()
    ):
        raise ValueError(f"groups: got {sizes}, expected (samples, context sizes, pairs), one size")
    new, count = ax is None, next(iter(sizes.values()))[1]
    ax = plt.subplots(figsize=_SIZE, layout="constrained")[1] if new else ax
    for name, line in styled(groups, controls).items():
        strength = groups[name].abs().mean(-1)  # (samples, context sizes)
        mean, low, high = drawn_band(strength, lambda s: s / s.mean(-1, keepdim=True))
        ax.plot(range(count), mean, label=name, **line)
        ax.fill_between(range(count), low, high, color=line["color"], alpha=0.13, lw=0)
    null = null_strength(count + 1) if null is None else null
    ax.plot(range(count), null.numpy(), color="black", ls=(0, (4, 2)), lw=1.2, label="noise alone")
    ax.set_xticks(range(count))
    ax.set(xlabel="players in the context", ylabel="strength over its mean", ylim=(0, None))
    ax.grid(axis="y")
    legend_below(ax, 2, new)
    return ax


def lines_by_order(
    frame: pd.DataFrame,
    by: str,
    label: str,
    controls: Sequence = (),
    value: str = "mean",
    reference: float | None = None,
    log: bool = False,
    x: str = "order",
    ax: Axes | None = None,
) -> Axes:
    """Draw a column against the order, one line for each value of another, with intervals.

    For profiles of robust networks, their differences to plain ones, shares learned, and the like.

    Args:
        frame: columns ``x``, ``by``, ``value``; low and high where there are intervals. One row for
            each order and line.
        by: what makes the lines.
        label: of the vertical axis.
        controls: values of ``by`` that are drawn in grey.
        value: the column that is drawn.
        reference: where a horizontal line stands, such as 0 for differences.
        log: whether the vertical axis is logarithmic.
        x: the column of the horizontal axis.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: missing columns, several rows for one point, or an unknown control.

    Chapter: Generalization, sensitivity, bottleneck.
    """
    frame, new = checked(frame, [x, by, value], "the study").dropna(subset=[value]), ax is None
    if frame.duplicated([x, by]).any():
        raise ValueError(f"frame: got several rows for one {x} and {by}; average or pick first")
    ax = plt.subplots(figsize=_SIZE, layout="constrained")[1] if new else ax
    groups = {name: part.sort_values(x) for name, part in frame.groupby(by, sort=False)}
    for name, line in styled(groups, controls).items():
        part = groups[name]
        ax.plot(part[x], part[value], label=str(name), **line)
        if {"low", "high"} <= set(part):
            ax.fill_between(part[x], part["low"], part["high"], color=line["color"], alpha=0.13,
                            lw=0)  # fmt: skip
    if reference is not None:
        ax.axhline(reference, color=GREY, lw=0.9)
    ax.set_xticks(sorted(set(frame[x])))
    ax.set(xlabel=x, ylabel=label)
    if log:
        ax.set_yscale("log")
        plain_numbers(ax.yaxis)
    ax.grid(axis="y")
    legend_below(ax, 2, new)
    return ax


def styled(groups: Mapping, controls: Sequence = ()) -> dict[str, dict]:
    """Return colour, dash and mark of each group's line; controls are grey.

    Raises:
        ValueError: no group, or a control that is none.
    """
    if not groups or set(controls) - set(groups):
        raise ValueError(
            f"got the lines {list(groups)} and the controls {list(controls)}, expected one or more "
            "lines, and controls among them"
        )
    greys, colours, lines = iter(GREYS * len(groups)), iter(CYCLE[:6] * len(groups)), {}
    for i, name in enumerate(groups):
        dash, colour = next(greys) if name in controls else ("-", next(colours))
        lines[name] = {"color": colour, "ls": dash, "marker": MARKS[i % len(MARKS)], "ms": 4.5}
    return lines
