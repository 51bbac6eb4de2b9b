r"""Pictures of the ridge theory: fits beside what was measured, and the ratios r^(k).

Chapter: The theory of the two phases.
"""

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from torch import Tensor

from harsanyi.studies.dynamics import relative
from harsanyi.studies.ridge_fit import Fit

from .layer_frame import MARKS, checked, legend_below
from .style import AMBER, BLUE, GREEN, GREY, VERMILION
from .training_frame import drawn_band, panels, time_axis

_FAMILIES = ((VERMILION, "-"), (BLUE, "--"), (GREEN, ":"), (AMBER, "-."))


def fit_bars(
    measured: Tensor, fits: Mapping[str, Sequence[Fit]], titles: Sequence[str], columns: int = 3
) -> Figure:
    """Draw measured profiles at several moments as bars, and the best of each family as lines.

    Whiskers are 95 % intervals over samples. Each panel says how far each family's best is from
    what was measured: the share of strength that stands at another order.

    Args:
        measured: strengths (moments, samples, n).
        fits: family, "theory" or "rival", to :class:`harsanyi.studies.ridge_fit.Fit`, one a moment.
        titles: of the moments.
        columns: panels in a row; 3 read well on a phone.

    Raises:
        ValueError: other than one fit of each family and one title for each moment.

    Source: Ren et al., dynamics, NeurIPS 2024, Figure 4. Chapter: The theory of the two phases.
    """
    counts = {"measured": len(measured), "titles": len(titles)}
    counts |= {name: len(each) for name, each in fits.items()}
    if len(set(counts.values())) != 1 or not len(measured):
        raise ValueError(f"measured, fits, titles: got {counts} moments, expected one number")
    figure, axes = panels(len(titles), columns)
    orders = range(1, measured.shape[-1] + 1)
    for at, (ax, title) in enumerate(zip(axes, titles, strict=True)):
        mean, low, high = drawn_band(measured[at], relative)
        ax.bar(orders, mean, color="#b6bcc6", width=0.8, label="measured")
        ax.vlines(orders, low, high, color="black", lw=1)
        for i, (name, each) in enumerate(fits.items()):
            colour, dash = _FAMILIES[i % 4]
            line = {"color": colour, "ls": dash, "marker": MARKS[i], "ms": 3.5, "lw": 1.4}
            ax.plot(orders, each[at].profile.numpy(), **line, label=name)
            where = {"xy": (0.97, 0.95 - 0.13 * i), "xycoords": "axes fraction", "color": colour}
            text = f"{name} {each[at].distance:.2f}"
            ax.annotate(text, ha="right", va="top", fontsize=8.5, **where)
        ax.set_title(title, fontsize=10.5)
        ax.grid(axis="y")
        ax.set_xticks(range(1, len(orders) + 1, 1 if len(orders) < 7 else 3))
    for ax in axes[-columns:]:
        ax.set_xlabel("order")
    figure.supylabel("strength over its mean", fontsize="medium")
    legend_below(axes[0], 3, True)
    return figure


def fit_path(frame: pd.DataFrame, unit: str = "epoch") -> Figure:
    """Draw the fitted σ² along training with its interval, and below how good each fit is.

    A fitted σ² of 0 stands at the foot of the upper panel, whose axis is logarithmic above.

    Args:
        frame: from :func:`harsanyi.studies.ridge_fit.fit_snapshots`.
        unit: what its steps are.

    Raises:
        ValueError: missing columns, or no row.

    Source: Ren et al., dynamics, NeurIPS 2024, Figure 4. Chapter: The theory of the two phases.
    """
    names = ["sigma2", "low", "high", "distance", "unchanged", "rival"]
    frame = checked(frame, ["step", *names], "fit_snapshots").sort_values("step")
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(5.2, 4.8), sharex=True, layout="constrained"
    )
    above.vlines(frame["step"], frame["low"], frame["high"], color=VERMILION, lw=1.2, alpha=0.6)
    above.plot(frame["step"], frame["sigma2"], color=VERMILION, marker="o", ms=5)
    least = min((value for value in frame["sigma2"] if value > 0), default=1e-6)
    above.set_yscale("symlog", linthresh=10.0 ** math.floor(math.log10(least)), linscale=0.5)
    above.set(ylabel="fitted σ²", ylim=(0, None))
    for i, (column, name) in enumerate(
        (("distance", "theory"), ("rival", "rival"), ("unchanged", "w* unchanged"))
    ):
        colour, dash = (*_FAMILIES[:2], (GREY, ":"))[i]
        line = {"color": colour, "ls": dash, "marker": MARKS[i], "ms": 5, "label": name}
        below.plot(frame["step"], frame[column], **line)
    below.set(ylabel="strength at another order", ylim=(0, None))
    time_axis(below, list(frame["step"]), unit)
    for ax in (above, below):
        ax.grid(axis="y")
    legend_below(below, 3, True)
    return figure


def ratio_lines(
    frame: pd.DataFrame, orders: Sequence[int] | None = None, columns: int = 3
) -> Figure:
    r"""Draw r^(k) against σ², one panel for each number of players, one line for each order k.

    Dashed is :math:`\sqrt{10}`, where all lines end. Crosses stand where the ratio is below 1 at
    positive σ², against what is in print; they are drawn at 1, since no eye would see the
    difference.

    Args:
        frame: from :func:`harsanyi.studies.ridge.ratios`, several n concatenated.
        orders: which k; 1 and above, as in print, when None.
        columns: panels in a row; 3 read well on a phone.

    Raises:
        ValueError: missing columns, or no row.

    Source: Ren et al., dynamics, NeurIPS 2024, Figure 3. Chapter: The theory of the two phases.
    """
    frame = checked(frame, ["n", "order", "sigma2", "ratio"], "ratios")
    wanted = frame["order"] >= 1 if orders is None else frame["order"].isin(list(orders))
    frame = checked(frame[wanted & (frame["sigma2"] > 0)], (), "ratios")
    figure, axes = panels(frame["n"].nunique(), columns, 1.7)
    top = max(int(frame["order"].max()), 1)
    for ax, (n, part) in zip(axes, frame.groupby("n"), strict=True):
        ax.axhline(math.sqrt(10), color=GREY, lw=1, ls="--")
        for order, line in part.groupby("order"):
            colour = colormaps["viridis"](0.9 * order / top)
            ax.plot(line["sigma2"], line["ratio"], color=colour, lw=1.3)
            below = line[line["ratio"] < 1 - 1e-7]
            ax.plot(below["sigma2"], 0 * below["ratio"] + 1, "x", color=VERMILION, ms=4, mew=1)
        ax.set_title(f"n = {n}", fontsize=10.5)
        ax.set_xscale("log")
        ax.set_xticks([1e-12, 1e-6, 1])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.grid(axis="y")
    for ax in axes[-columns:]:
        ax.set_xlabel("σ²")
    figure.supylabel("ratio r", fontsize="medium")
    _order_legend(figure, sorted(set(frame["order"])), top)
    return figure


def _order_legend(figure: Figure, orders: Sequence[int], top: int) -> None:
    """A legend of at most six of the orders, below the panels, and of what else is drawn."""
    picks = orders if len(orders) <= 6 else orders[:: -(-len(orders) // 6)]
    handles = [
        plt.Line2D([], [], color=colormaps["viridis"](0.9 * k / top), label=f"k = {k}")
        for k in picks
    ]
    handles.append(plt.Line2D([], [], color=GREY, ls="--", label="√10"))
    handles.append(plt.Line2D([], [], color=VERMILION, ls="", marker="x", label="below 1"))
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=9.5)
