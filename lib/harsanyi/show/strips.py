"""Pictures of what changes when a choice changes: a strip of samples for each level.

Chapter: What the answer depends on.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from harsanyi.extraction.uniqueness import Ranges

from . import style


def strips(
    rows: pd.DataFrame,
    column: str = "agreement",
    lines: dict[str, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a dot for each sample and a bar at the median, one strip for each level.

    Args:
        rows: has the columns ``level`` and ``column``; levels are drawn in the order they come in.
        column: what lies on the horizontal axis.
        lines: name to value of vertical reference lines, such as the controls.
        ax: where to draw; a new one when None.
    """
    levels = list(dict.fromkeys(rows.level))
    if ax is None:
        _, ax = plt.subplots(figsize=(6.6, 1.1 + 0.42 * len(levels)))
    for row, level in enumerate(levels):
        values = rows[rows.level == level][column]
        ax.plot(values, [row] * len(values), "o", color=style.BLUE, alpha=0.35, ms=6, mew=0)
        middle = values.median()
        ax.plot([middle, middle], [row - 0.3, row + 0.3], color=style.VERMILION, lw=2.4)
    ax.set_yticks(range(len(levels)), levels)
    ax.set_ylim(len(levels) - 0.4, -0.6)
    for (name, value), dash in zip((lines or {}).items(), ("--", ":", "-."), strict=False):
        ax.axvline(value, color=style.GREY, linestyle=dash, lw=1.2, label=name)
    if lines:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(lines), fontsize=9)
    if column == "agreement":
        ax.set_xlim(-0.02, 1.04)
    ax.set_xlabel(column)
    return ax


def effect_dots(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the effect sizes of many choices, the largest on top, with their quartiles.

    Args:
        table: from :func:`harsanyi.studies.dependence.effect_sizes`, one or several joined.
        ax: where to draw; a new one when None.
    """
    table = table.dropna(subset=["effect"]).sort_values("effect", ascending=False)
    if ax is None:
        _, ax = plt.subplots(figsize=(6.8, 1.2 + 0.3 * len(table)))
    choices = list(dict.fromkeys(table.choice))
    for row, line in enumerate(table.itertuples()):
        colour = style.CYCLE[choices.index(line.choice) % len(style.CYCLE)]
        ax.plot([line.low, line.high], [row, row], color=colour, lw=3, alpha=0.45)
        ax.plot(line.effect, row, "o", color=colour, ms=7)
    names = [f"{line.choice}: {line.level}" for line in table.itertuples()]
    ax.set_yticks(range(len(names)), names, fontsize=9)
    ax.set_ylim(len(names) - 0.4, -0.6)
    for value in (0, 1):
        ax.axvline(value, color=style.GREY, linestyle="--", lw=1)
    ax.set_xlabel("effect size (0: another solver, 1: chance)")
    return ax


def range_bars(
    ranges: dict[str, Ranges],
    effects: Sequence[tuple[str, int]],
    labels: Sequence[str],
    ax: Axes | None = None,
) -> Axes:
    """Draw the interval that each effect can take among all shortest explanations.

    Args:
        ranges: name (such as ``"κ = 0"``) to the ranges of one game.
        effects: which, as ("and" or "or", mask) pairs.
        labels: their names, as many.
        ax: where to draw; a new one when None.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(6.6, 1.1 + 0.42 * len(effects)))
    for step, (name, found) in enumerate(ranges.items()):
        colour, away = style.CYCLE[step], 0.16 * (2 * step - len(ranges) + 1)
        for row, (kind, mask) in enumerate(effects):
            at = ("and", "or").index(kind), mask
            low, high = float(found.low[at]), float(found.high[at])
            mark = {"color": colour, "label": name if row == 0 else None}
            ax.plot([low, high], [row + away] * 2, lw=4, marker="|", ms=9, **mark)
    ax.axvline(0, color=style.GREY, lw=0.8)
    ax.set_yticks(range(len(labels)), labels, fontsize=9)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.set_xlabel("what the effect can be")
    ax.legend(fontsize=9)
    return ax
