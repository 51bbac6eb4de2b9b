"""Pictures of knowledge through the layers: bars of what is kept, lines against depth.

Grey is what two layers have in common, orange what the later one has forgotten, blue what is new
in it. All are narrow enough to be read on a phone. The lines of single effects and of the probes
stand in ``layer_lines`` and are found here too.

Chapter: Layer by layer.
"""

from collections.abc import Sequence

import pandas as pd
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .layer_frame import MARKS, PARTS, WORDS, checked, layer_ticks, legend_below, of_kind
from .layer_lines import effect_lines, probe_quality
from .style import GREY

__all__ = [
    "change_bars",
    "completeness_and_redundancy",
    "depth_lines",
    "effect_lines",
    "probe_quality",
]

_SIZE = (5.2, 3.4)


def change_bars(
    frame: pd.DataFrame,
    kind: str | None = "and",
    orders: Sequence[int] | None = None,
    columns: int = 2,
) -> Figure:
    """Draw what each layer shares with a later one, what is forgotten and what is new, by order.

    One panel a layer, all on one scale. Grey and orange together are what the layer holds, grey and
    blue what the later one holds. The black tick is the overlap that shuffled players would give.

    Args:
        frame: from :func:`harsanyi.studies.layer_tables.knowledge_change`; the mean over its
            samples (and networks, if it has several) is drawn.
        kind: "and", "or", or None for the sum of both.
        orders: which; up to the highest that holds anything when None.
        columns: panels in a row; 2 read well on a phone.

    Raises:
        ValueError: missing columns, no such kind, or no row.

    Source: Cheng et al., ICML 2024, Figure 3(a). Chapter: Layer by layer.
    """
    frame = checked(frame, ["layer", "later", "depth", "kind", "order", *PARTS], "knowledge_change")
    means = _mean_parts(of_kind(frame, kind), orders)
    keys = list(means.groupby(level=["depth", "layer", "later"], sort=True).groups)
    rows = -(-len(keys) // columns)
    size = 2.8 * columns, 1.5 * rows + 0.8
    figure, axes = plt.subplots(
        rows, columns, figsize=size, sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    one_goal = len({later for _, _, later in keys}) == 1
    for ax, (depth, layer, later) in zip(axes.flat, keys, strict=False):
        _stack(ax, means.loc[depth, layer, later])
        ax.set_title(layer if one_goal else f"{layer} → {later}", fontsize=10.5)
    for ax in axes.flat[len(keys) :]:
        ax.set_axis_off()
    for ax in list(axes.flat)[max(0, len(keys) - columns) : len(keys)]:
        ax.tick_params(labelbottom=True)
        ax.set_xlabel("order")
    figure.supylabel("strength", fontsize="medium")
    legend_below(axes[0, 0], 4, True)
    return figure


def _mean_parts(frame: pd.DataFrame, orders: Sequence[int] | None) -> pd.DataFrame:
    """Average over rows, add up kinds: index depth, layer, later, order."""
    if orders is None:
        held = frame[frame[list(PARTS)].sum(axis=1) > 0]["order"]
        orders = range(1, int(held.max()) + 1 if len(held) else 2)
    frame = checked(frame[frame["order"].isin(list(orders))], (), "knowledge_change")
    axes = ["depth", "layer", "later", "order"]
    names = [*PARTS, *(["chance"] if "chance" in frame else [])]
    return frame.groupby([*axes, "kind"])[names].mean().groupby(axes).sum(min_count=1)


def _stack(ax: Axes, means: pd.DataFrame) -> None:
    """One panel: the three parts on each other for every order."""
    foot = 0 * means["overlap"]
    for part, colour in PARTS.items():
        ax.bar(means.index, means[part], bottom=foot, color=colour, label=WORDS[part], ec="none")
        foot = foot + means[part]
    if "chance" in means:
        ax.hlines(means["chance"], means.index - 0.4, means.index + 0.4, color="black", lw=1.4)
        ax.plot([], [], color="black", lw=1.4, label="overlap by chance")
    ax.set_xticks(list(means.index))
    ax.grid(axis="y")


def depth_lines(
    frame: pd.DataFrame,
    measure: str = "completeness",
    orders: Sequence[int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw completeness or redundancy against depth, a line for each order, with 95 % whiskers.

    Dotted is the completeness that shuffled players would give. Where a ratio is undefined the line
    has a gap.

    Args:
        frame: from :func:`harsanyi.studies.layer_tables.curves`, with one row for each layer and
            order: pick a kind and a network first.
        measure: "completeness" or "redundancy".
        orders: which; all that have a value when None.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: missing columns, several rows for one layer and order, or nothing to draw.

    Source: Cheng et al., ICML 2024, Figure 3(b). Chapter: Layer by layer.
    """
    new = ax is None
    ax = plt.subplots(figsize=_SIZE, layout="constrained")[1] if new else ax
    _measure_lines(ax, frame, measure, orders)
    legend_below(ax, 4, new)
    return ax


def completeness_and_redundancy(frame: pd.DataFrame, orders: Sequence[int] | None = None) -> Figure:
    """Draw both measures under each other with one legend; see :func:`depth_lines`."""
    figure, axes = plt.subplots(2, 1, figsize=(5.2, 5.6), layout="constrained")
    if orders is None:
        defined = frame.dropna(subset=["completeness"])["order"].tolist()
        orders = sorted({*defined, *frame.dropna(subset=["redundancy"])["order"].tolist()})
    for ax, measure in zip(axes, ("completeness", "redundancy"), strict=True):
        _measure_lines(ax, frame, measure, orders)
    legend_below(axes[0], 4, True)
    return figure


def _measure_lines(ax: Axes, frame: pd.DataFrame, measure: str, orders) -> None:
    """What :func:`depth_lines` draws, without a legend; ``orders`` fix colours and marks."""
    ends = [measure, f"{measure}_low", f"{measure}_high"]
    frame = checked(frame, ["layer", "depth", "order", *ends], "curves")
    if frame.duplicated(["depth", "order"]).any():
        raise ValueError(
            "frame: got several rows for one layer and order; pick a kind and a network, or leave "
            "them out of the columns that curves groups by"
        )
    names = frame.drop_duplicates("depth").set_index("depth")["layer"].sort_index()
    orders = sorted(frame.dropna(subset=[measure])["order"].unique() if orders is None else orders)
    checked(frame[frame["order"].isin(orders)], (), "curves")
    for i, order in enumerate(orders):
        part = frame[frame["order"] == order].sort_values("depth")
        away = 0.3 * ((i + 0.5) / len(orders) - 0.5)
        colour = colormaps["viridis"](0.88 * i / max(len(orders) - 1, 1))
        x, (y, low, high) = part["depth"] + away, (part[name] for name in ends)
        ax.vlines(x, low, high, color=colour, lw=1, alpha=0.6)
        ax.plot(x, y, color=colour, marker=MARKS[i % len(MARKS)], ms=4.5, label=f"order {order}")
        if f"{measure}_chance" in part:
            ax.plot(part["depth"], part[f"{measure}_chance"], color=colour, ls=":", lw=1.3)
    if f"{measure}_chance" in frame:
        ax.plot([], [], color=GREY, ls=":", lw=1.3, label="by chance")
    layer_ticks(ax, list(names.index), list(names))
    ax.set(ylim=(-0.03, 1.03), ylabel=measure)
    ax.grid(axis="y")
