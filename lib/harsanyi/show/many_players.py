"""A picture of what more and more samples buy where no table has room.

Chapter: One language for attributions and transferability.
"""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from .layer_frame import MARKS, checked, legend_below
from .style import CYCLE, GREY


def sample_curves(
    frame: pd.DataFrame, by: str = "game", lowest: float = -0.2, ax: Axes | None = None
) -> Axes:
    """Draw how much of held-out outputs is told, against the coalitions that were asked about.

    Solid, where half of the players are there, as when sampling; dashed, where nine in ten are.
    A point below ``lowest`` is drawn as an arrow at the edge.

    Args:
        frame: rows of :func:`harsanyi.studies.many_players.curve`, with a column ``by``.
        by: whose values get lines.
        lowest: of the vertical axis.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: missing columns, or no row.

    Source: ours. Chapter: One language for attributions and transferability.
    """
    frame, new = (
        checked(frame, [by, "used", "explained", "nearly"], "many_players.curve"),
        ax is None,
    )
    ax = plt.subplots(figsize=(5.6, 3.6), layout="constrained")[1] if new else ax
    for i, (name, part) in enumerate(frame.groupby(by, sort=False)):
        part = part.sort_values("used")
        look = {"color": CYCLE[i % len(CYCLE)], "marker": MARKS[i % len(MARKS)], "ms": 5}
        for column, line in (("explained", "-"), ("nearly", "--")):
            label = str(name) if column == "explained" else None
            shown = part[column].where(part[column] >= lowest)
            ax.plot(part["used"], shown, ls=line, label=label, **look)
            under = part[part[column] < lowest]
            ax.plot(under["used"], [lowest + 0.04] * len(under), "v", color=look["color"], ms=6)
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set(xscale="log", ylim=(lowest, 1.05), xlabel="outputs asked for", ylabel="told (R²)")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.grid(axis="y")
    legend_below(ax, 2, new)
    return ax
