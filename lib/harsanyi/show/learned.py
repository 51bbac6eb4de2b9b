"""Pictures of what is learned: orders that hold on new samples, beside chance.

Those of mislabelled samples stand in ``groups`` and are found here too.

Chapter: Two phases; Generalization, sensitivity, bottleneck.
"""

from collections.abc import Sequence

import pandas as pd
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harsanyi.studies.intervals import with_errors

from .groups import difference_path, groups_by_order
from .layer_frame import MARKS, checked, legend_below, of_kind
from .style import BLUE, GREY, VERMILION
from .training_frame import panels, time_axis, time_name

__all__ = ["difference_path", "groups_by_order", "similarity_by_order", "similarity_path"]

CHANCE = {"similarity": "chance", "iou": "iou_chance"}


def similarity_by_order(
    frame: pd.DataFrame,
    kind: str | None = "and",
    by: str = "step",
    picks: Sequence | None = None,
    measure: str = "similarity",
    columns: int = 3,
    unit: str = "epoch",
) -> Figure:
    """Draw how similar two sets of explanations are by order, a panel a moment, beside chance.

    Bars are means over pairs with 95 % intervals; black ticks are what shuffled players would give.

    Args:
        frame: from :func:`harsanyi.studies.learned_orders.transfer_along`.
        kind: "and" or "or".
        by: the column that makes the panels: step, or one of your own such as network.
        picks: which of its values; all when None.
        measure: "similarity" or "iou".
        columns: panels in a row; 3 read well on a phone.
        unit: what the steps are.

    Raises:
        ValueError: missing columns, no such kind or measure, or nothing to draw.

    Source: Zhou et al., FITEE 2025, Figure 3. Chapter: Generalization, sensitivity, bottleneck.
    """
    if measure not in CHANCE:
        raise ValueError(f"measure: got {measure!r}, expected one of {list(CHANCE)}")
    frame = checked(
        frame, [by, "sample", "order", measure, CHANCE[measure]], "transfer_along"
    ).dropna(subset=[measure])
    frame = of_kind(frame, kind)
    picks = list(dict.fromkeys(frame[by])) if picks is None else list(picks)
    frame = checked(frame[frame[by].isin(picks)], (), "transfer_along")
    figure, axes = panels(len(picks), columns)
    for ax, pick in zip(axes, picks, strict=True):
        part = frame[frame[by] == pick]
        told = with_errors(part, measure, ["order"]).sort_values("order")
        ax.bar(told["order"], told["mean"], color=BLUE, alpha=0.75, label="measured")
        ax.vlines(told["order"], told["low"], told["high"], color="black", lw=1)
        chance = part.groupby("order")[CHANCE[measure]].mean()
        left, right = chance.index - 0.45, chance.index + 0.45
        ax.hlines(chance, left, right, color=VERMILION, lw=2, label="by chance")
        ax.set_title(time_name(pick, unit) if by == "step" else str(pick), fontsize=10.5)
        ax.set_ylim(0, 1.03)
        ax.set_xticks(range(1, int(frame["order"].max()) + 1, 1 if frame["order"].max() < 7 else 3))
        ax.grid(axis="y")
    for ax in axes[-columns:]:
        ax.set_xlabel("order")
    figure.supylabel(measure, fontsize="medium")
    legend_below(axes[0], 2, True)
    return figure


def similarity_path(
    frame: pd.DataFrame,
    kind: str | None = "and",
    orders: Sequence[int] = (1, 2, 3, 4),
    unit: str = "epoch",
    ax: Axes | None = None,
) -> Axes:
    """Draw the similarity of each order along training, dotted what chance would give.

    Args:
        frame: from :func:`harsanyi.studies.learned_orders.transfer_along`.
        kind: "and" or "or".
        orders: which.
        unit: what the steps are.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: missing columns, no such kind, or nothing to draw.

    Source: ours. Chapter: Generalization, sensitivity, bottleneck.
    """
    columns = ["step", "sample", "order", "similarity", "chance"]
    frame = of_kind(checked(frame, columns, "transfer_along"), kind)
    frame = frame[frame["order"].isin(list(orders))].dropna(subset=["similarity"])
    frame, new = checked(frame, (), "transfer_along"), ax is None
    ax = plt.subplots(figsize=(5.2, 3.4), layout="constrained")[1] if new else ax
    for i, (order, part) in enumerate(frame.groupby("order")):
        colour = colormaps["viridis"](0.88 * i / max(len(orders) - 1, 1))
        told = with_errors(part, "similarity", ["step"]).sort_values("step")
        chance = part.groupby("step")["chance"].mean()
        line = {"color": colour, "marker": MARKS[i % 10], "ms": 4.5, "label": f"order {order}"}
        ax.fill_between(told["step"], told["low"], told["high"], color=colour, alpha=0.15, lw=0)
        ax.plot(told["step"], told["mean"], **line)
        ax.plot(chance.index, chance, color=colour, ls=":", lw=1.3)
    ax.plot([], [], color=GREY, ls=":", lw=1.3, label="by chance")
    time_axis(ax, list(frame["step"]), unit)
    ax.set(ylabel="similarity", ylim=(0, 1.03))
    ax.grid(axis="y")
    legend_below(ax, 4, new)
    return ax
