"""Pictures of two groups of samples, say normal and mislabelled, beside groups dealt anew.

Chapter: Two phases.
"""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .layer_frame import MARKS, checked, legend_below
from .style import BLUE, CYCLE, GREY, VERMILION
from .training_frame import time_axis

_DEALT = "#d1d5db"


def groups_by_order(
    frame: pd.DataFrame,
    measure: str = "relative",
    names: tuple[str, str] = ("normal", "mislabelled"),
) -> Figure:
    """Draw two groups' strength by order, and their difference beside that of dealt groups.

    The difference has its 95 % interval; the grey band holds 95 % of the differences when it is
    dealt anew which samples are odd.

    Args:
        frame: from :func:`harsanyi.studies.learned_orders.compare_groups`.
        measure: "relative" or "strength".
        names: what the normal and the odd samples are called.

    Raises:
        ValueError: missing columns, or no such measure.

    Source: the survey's comparison (Zhou et al., FITEE 2025). Chapter: Two phases.
    """
    part = _of_measure(frame, measure).sort_values("order")
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(5.2, 4.8), sharex=True, layout="constrained"
    )
    for column, colour, name, away in zip(
        ("normal", "odd"), (BLUE, VERMILION), names, (-0.2, 0.2), strict=True
    ):
        above.bar(part["order"] + away, part[column], width=0.4, color=colour, label=name)
    label = "strength over its mean" if measure == "relative" else measure
    below.fill_between(part["order"], part["dealt_low"], part["dealt_high"], color=_DEALT, lw=0,
                       step="mid", label="dealt anew, 95 %")  # fmt: skip
    below.vlines(part["order"], part["low"], part["high"], color="black", lw=1.3)
    below.plot(part["order"], part["difference"], "o", color="black", ms=5, label="difference")
    below.axhline(0, color=GREY, lw=0.8)
    above.set(ylabel=label)
    below.set(xlabel="order", ylabel=f"{names[1]} less {names[0]}")
    below.set_xticks(list(part["order"]))
    for ax in (above, below):
        ax.grid(axis="y")
        ax.legend(loc="best", fontsize=9.5)
    return figure


def difference_path(
    frame: pd.DataFrame,
    measure: str = "mean order",
    order: int | None = None,
    by: str | None = None,
    unit: str = "epoch",
    ax: Axes | None = None,
) -> Axes:
    """Draw the difference of two groups of samples along training, beside that of dealt groups.

    Args:
        frame: from :func:`harsanyi.studies.learned_orders.compare_groups` at each snapshot, with a
            column step.
        measure: "mean order", "relative" or "strength".
        order: of the last two.
        by: a column that makes several lines, such as the noise of the labels; the grey band is
            then of all of them together.
        unit: what the steps are.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: missing columns, no such measure or order, or several rows for one moment.

    Source: ours. Chapter: Two phases.
    """
    part = _of_measure(checked(frame, ["step"], "compare_groups"), measure)
    part = checked(part if order is None else part[part["order"] == order], (), "compare_groups")
    if part.duplicated(["step", *([by] if by else [])]).any():
        raise ValueError("frame: got several rows for one moment; give an order, or a column by")
    new = ax is None
    ax = plt.subplots(figsize=(5.2, 3.3), layout="constrained")[1] if new else ax
    dealt = part.groupby("step").agg({"dealt_low": "min", "dealt_high": "max"})
    ax.fill_between(dealt.index, *(dealt[name] for name in dealt), color=_DEALT, lw=0,
                    label="dealt anew, 95 %")  # fmt: skip
    for i, (name, line) in enumerate(part.groupby(by) if by else [("difference", part)]):
        line, colour = line.sort_values("step"), CYCLE[i % 6]
        ax.fill_between(line["step"], line["low"], line["high"], color=colour, alpha=0.15, lw=0)
        style = {"color": colour, "marker": MARKS[i % 10], "ms": 4.5}
        ax.plot(line["step"], line["difference"], **style, label=f"{by} {name}" if by else name)
    ax.axhline(0, color=GREY, lw=0.8)
    time_axis(ax, list(part["step"]), unit)
    what = measure if order is None else f"{measure}, order {order}"
    ax.set_ylabel(f"difference of {what}")
    ax.grid(axis="y")
    legend_below(ax, 3, new)
    return ax


def _of_measure(frame: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The rows of a measure."""
    columns = ["measure", "order", "normal", "odd", "difference", "low", "high", "dealt_low",
               "dealt_high"]  # fmt: skip
    frame = checked(frame, columns, "compare_groups")
    if measure not in set(frame["measure"]):
        raise ValueError(f"measure: got {measure!r}, expected one of {sorted(set(frame.measure))}")
    return frame[frame["measure"] == measure]
