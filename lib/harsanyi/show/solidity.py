"""Pictures of which knowledge is solid: agreement of networks and stability by order.

What is measured is in colour, what stands for no knowledge at all is grey or dashed.

Chapter: Which knowledge is solid?
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter
from torch import Tensor

from harsanyi.core.coalitions import n_players, sizes
from harsanyi.studies.intervals import with_errors

from .layer_frame import GREYS, MARKS, checked, legend_below, of_kind
from .style import AMBER, BLUE, CYCLE, GREEN, VERMILION

_SIZE = (5.2, 3.6)
_BOXES = (BLUE, AMBER, GREEN, VERMILION)


def iou_by_order(
    frame: pd.DataFrame,
    kind: str | None = "and",
    controls: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw how far two networks' salient sets agree, by order, with the agreement of random sets.

    A line for each panel of the frame, with a 95 % bootstrap interval over samples; dashed, in the
    same colour, what random sets with as many members of that order would have in common.

    Args:
        frame: from :func:`harsanyi.studies.stability.generalization`.
        kind: "and" or "or"; None where the frame has one kind only.
        controls: panels that are drawn in grey, such as unrelated games.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: missing columns, no such kind or panel, or nothing to draw.

    Source: Cheng et al., ICML 2024, Figure 4. Chapter: Which knowledge is solid?
    """
    frame = checked(frame, ["panel", "sample", "order", "iou", "chance"], "generalization")
    frame, new = of_kind(frame, kind), ax is None
    ax = plt.subplots(figsize=_SIZE, layout="constrained")[1] if new else ax
    groups = {name: part for name, part in frame.groupby("panel", sort=False)}
    for name, part, line, alpha in _styled(groups, controls):
        _with_interval(ax, part, "iou", name, line, alpha)
        chance = part.dropna(subset=["iou"]).groupby("order")["chance"].mean()
        ax.plot(chance.index, chance, color=line["color"], ls=(0, (4, 2)), lw=1.1)
    ax.plot([], [], color="#4b5563", ls=(0, (4, 2)), lw=1.1, label="by chance")
    ax.set(xlabel="order", ylabel="IoU of the salient sets", ylim=(-0.03, 1.03))
    _finish(ax, frame, new)
    return ax


def stability_by_order(
    frames: Mapping[str, pd.DataFrame],
    kind: str | None = "and",
    controls: Sequence[str] = (),
    draws: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw how large effects are beside their spread under noise, by order, on a log scale.

    Args:
        frames: name to what :func:`harsanyi.studies.stability.stability` returned.
        kind: "and" or "or"; None where the frames have one kind only.
        controls: names that are drawn in grey, such as noise of the same size in the output.
        draws: how many noises; where given, a line stands at the ratio that they would give on
            average to an effect that is nothing but noise, :math:`\sqrt{2 / (\pi \cdot draws)}`.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: missing columns, no such kind or name, or nothing to draw.

    Source: Cheng et al., ICML 2024, Figure 5. Chapter: Which knowledge is solid?
    """
    columns, new = ["sample", "order", "stability"], ax is None
    ax = plt.subplots(figsize=_SIZE, layout="constrained")[1] if new else ax
    groups = {n: of_kind(checked(f, columns, "stability"), kind) for n, f in frames.items()}
    for name, part, line, alpha in _styled(groups, controls):
        _with_interval(ax, part, "stability", name, line, alpha)
    if draws is not None:
        floor = math.sqrt(2 / (math.pi * draws))
        ax.axhline(
            floor, color="black", lw=0.9, ls=(0, (1, 1)), label=f"noise alone, {draws} draws"
        )
    ax.set(xlabel="order", ylabel="|mean| / standard deviation", yscale="log")
    _plain_numbers(ax)
    _finish(ax, pd.concat(groups.values()), new)
    return ax


def boxes_by_order(groups: Mapping[str, Tensor], label: str, ax: Axes | None = None) -> Axes:
    """Draw a box for each order: quartiles and median, whiskers to the 5 % and 95 % quantiles.

    Args:
        groups: name to numbers (..., 2**n), one a coalition, such as what
            :func:`harsanyi.studies.stability.input_change` returned for several samples; what is
            not finite is left out, and so is the empty coalition.
        label: of the vertical axis.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: no group, or groups with different numbers of players.

    Source: Cheng et al., ICML 2024, Figure 12. Chapter: Which knowledge is solid?
    """
    players = {name: n_players(values.nan_to_num(), name) for name, values in groups.items()}
    if len(set(players.values())) != 1:
        raise ValueError(f"groups: got {players} players, expected one or more groups of one size")
    (n,), new = set(players.values()), ax is None
    ax = plt.subplots(figsize=_SIZE, layout="constrained")[1] if new else ax
    width = 0.8 / len(groups)
    for i, (name, values) in enumerate(groups.items()):
        parts = [values[..., sizes(n) == order].flatten() for order in range(1, n + 1)]
        parts = [part[part.isfinite()].double().cpu().numpy() for part in parts]
        kept = [order for order, part in enumerate(parts, 1) if part.size]
        drawn = ax.boxplot(
            [parts[order - 1] for order in kept], widths=0.85 * width, whis=(5, 95),
            positions=[order + (i - (len(groups) - 1) / 2) * width for order in kept],
            showfliers=False, patch_artist=True, medianprops={"color": "black", "lw": 1.4},
            manage_ticks=False,
        )  # fmt: skip
        for box in drawn["boxes"]:
            box.set(facecolor=_BOXES[i % 4], alpha=0.55, edgecolor=_BOXES[i % 4])
        ax.plot([], [], "s", color=_BOXES[i % 4], alpha=0.55, ms=9, label=name)
    ax.set_xticks(range(1, n + 1))
    ax.set(xlabel="order", ylabel=label)
    ax.grid(axis="y")
    if len(groups) > 1:
        legend_below(ax, 2, new)
    return ax


def _styled(groups: Mapping[str, pd.DataFrame], controls: Sequence[str]) -> Iterator:
    """Yield name, rows, line style and the opacity of its band: colours, greys for controls."""
    if unknown := set(controls) - set(groups):
        raise ValueError(f"controls: got {sorted(unknown)}, expected some of {list(groups)}")
    if not groups:
        raise ValueError("got nothing to draw, expected one or more lines")
    greys, i = iter(GREYS * len(groups)), 0
    for name, part in groups.items():
        if name in controls:
            dash, colour = next(greys)
            yield name, part, {"color": colour, "ls": dash}, 0.12
        else:
            yield (
                name,
                part,
                {"color": CYCLE[i % 6], "marker": MARKS[i % len(MARKS)], "ms": 5},
                0.15,
            )
            i += 1


def _with_interval(ax: Axes, part: pd.DataFrame, column: str, name: str, line, alpha) -> None:
    """Draw means over samples by order, and their intervals."""
    told = with_errors(checked(part, [column], "the study"), column, ["order"]).sort_values("order")
    ax.plot(told["order"], told["mean"], label=name, **line)
    ax.fill_between(
        told["order"], told["low"], told["high"], color=line["color"], alpha=alpha, lw=0
    )


def _plain_numbers(ax: Axes) -> None:
    """Label a logarithmic axis at 1, 2, 5, 10, … in plain numbers."""
    ax.yaxis.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def _finish(ax: Axes, frame: pd.DataFrame, new: bool) -> None:
    ax.set_xticks(np.unique(frame["order"]))
    ax.grid(axis="y")
    legend_below(ax, 2, new)
