"""Several networks' layers in one figure: what is kept, forgotten and new, and against depth.

Colours and terms are those of :mod:`harsanyi.show.layers`, which draws one network at a time.

Chapter: Layerwise change, reproduced.
"""

from collections.abc import Sequence

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .layer_frame import PARTS, WORDS, checked, of_kind
from .layers import depth_lines
from .style import GREY

_GROUPS = ("stem", "layer", "depth", "order")


def change_grid(
    frame: pd.DataFrame, kind: str | None = "and", orders: Sequence[int] | None = None
) -> Figure:
    """Draw overlap, forgotten and new strength by order: a panel a network, a row a layer.

    The first layer stands on top. Grey and orange together are what a layer holds, grey and blue
    what the output holds; the black tick is the overlap that shuffled players would give. The
    layers of a network have one scale, which the height of a row gives.

    Args:
        frame: from :func:`harsanyi.studies.layer_figures.changes`, of one set and reading; the mean
            over its samples and seeds is drawn.
        kind: "and", "or", or None for the sum of both.
        orders: which; all when None.

    Raises:
        ValueError: missing columns, no such kind, or no row.

    Source: Cheng et al., ICML 2024, Figures 3(a), 7(a) and 10(a). Chapter: Layerwise change,
    reproduced.
    """
    frame = of_kind(checked(frame, [*_GROUPS, "kind", *PARTS], "changes"), kind)
    frame = checked(frame if orders is None else frame[frame["order"].isin(orders)], (), "changes")
    columns = [*PARTS, *(["chance"] if "chance" in frame else [])]
    means = frame.groupby([*_GROUPS, "kind"])[columns].mean().groupby(list(_GROUPS)).sum()
    stems = list(dict.fromkeys(frame["stem"]))
    rows = max(frame[frame["stem"] == stem]["layer"].nunique() for stem in stems)
    size = max(2.35 * len(stems), 4.4), 1.1 + 0.95 * rows
    figure, axes = plt.subplots(1, len(stems), figsize=size, squeeze=False, layout="constrained")
    for ax, stem in zip(axes[0], stems, strict=True):
        layers = frame[frame["stem"] == stem].sort_values("depth")["layer"].unique()
        _rows(ax, stem, [means.loc[stem, layer].droplevel("depth") for layer in layers], layers)
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2, fontsize=9.5)
    return figure


def depth_grid(frame: pd.DataFrame, orders: Sequence[int]) -> Figure:
    """Draw completeness (left) and redundancy (right) against depth, a row a network.

    A line for each order with 95 % whiskers; dotted is the completeness of shuffled players.

    Args:
        frame: from :func:`harsanyi.studies.layer_figures.by_network` with "order", of one set,
            reading and kind.
        orders: which.

    Raises:
        ValueError: missing columns, or nothing to draw.

    Source: Cheng et al., ICML 2024, Figures 3(b), 7(b) and 10(b). Chapter: Layerwise change,
    reproduced.
    """
    stems = list(dict.fromkeys(checked(frame, ["stem", "order"], "by_network")["stem"]))
    figure, axes = plt.subplots(
        len(stems), 2, figsize=(7, 0.8 + 2.2 * len(stems)), sharey=True, squeeze=False
    )
    for row, stem in zip(axes, stems, strict=True):
        for ax, measure in zip(row, ("completeness", "redundancy"), strict=True):
            depth_lines(frame[frame["stem"] == stem], measure, orders, ax)
            ax.get_legend().remove()
            ax.set(title=stem if measure == "completeness" else "", ylabel=measure)
            plt.setp(ax.get_xticklabels(), rotation=30, ha="right", rotation_mode="anchor")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=4, fontsize=9.5)
    return figure


def _rows(ax: Axes, stem: str, means: Sequence[pd.DataFrame], layers: Sequence[str]) -> None:
    """One network: for each layer, on a line of its own, the three parts stacked by order."""
    height = 1.08 * max(float(one[list(PARTS)].sum(axis=1).max()) for one in means) or 1.0
    for at, one in enumerate(means):
        foot = 0 * one["overlap"] - at * height
        for part, colour in PARTS.items():
            ax.bar(one.index, one[part], bottom=foot, color=colour, label="" if at else WORDS[part])
            foot = foot + one[part]
        if "chance" in one:
            ax.hlines(one["chance"] - at * height, one.index - 0.4, one.index + 0.4, color="black",
                      lw=1.3, label="" if at else "overlap by chance")  # fmt: skip
    feet = [-at * height for at in range(len(means))]
    ax.hlines(feet, means[0].index.min() - 0.6, means[0].index.max() + 0.6, color=GREY, lw=0.8)
    ax.set_yticks([foot + height / 2 for foot in feet], list(layers))
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.set_xticks(list(means[0].index))
    ax.set(xlabel=f"order (row: {height:.2g})", ylim=(feet[-1], height))
    ax.set_title(stem, fontsize=11)
