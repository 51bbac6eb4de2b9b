"""Pictures of attributions as weights on dividends, and of what goes with transfer.

Chapter: One language for attributions and transferability.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from .contexts import styled
from .layer_frame import MARKS, checked, legend_below
from .style import CYCLE, GREY, diverging


def weight_lines(
    frame: pd.DataFrame,
    measured: Mapping[str, pd.DataFrame] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what each attribution gives a member of a dividend of each order.

    Where an attribution was measured, a ring stands at its mean weight for members and whiskers
    reach from the smallest to the largest; a cross is what non-members get.

    Args:
        frame: index order, a column an attribution, as
            :func:`harsanyi.studies.attribution.weights_table` returns.
        measured: attribution to the frame of
            :func:`harsanyi.studies.attribution.measured_weights`; names not in ``frame`` get a
            colour of their own.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: no column, or missing columns of what was measured.

    Source: Deng et al., TPAMI 2024. Chapter: One language for attributions and transferability.
    """
    measured, new = measured or {}, ax is None
    ax = plt.subplots(figsize=(5.2, 3.4), layout="constrained")[1] if new else ax
    names = dict.fromkeys([*frame.columns, *measured])
    for name, line in styled(names).items():
        if name in frame:
            ax.plot(frame.index, frame[name], color=line["color"], label=str(name))
        if name in measured:
            _dots(ax, measured[name], line["color"], None if name in frame else str(name))
    ax.axhline(0, color=GREY, lw=0.8)
    ax.set_xticks(list(frame.index))
    ax.set(xlabel="order of the dividend", ylabel="weight")
    ax.grid(axis="y")
    legend_below(ax, 3, new)
    return ax


def _dots(ax: Axes, frame: pd.DataFrame, colour: str, label: str | None) -> None:
    """Measured weights: rings for members, crosses for others, whiskers to the extremes."""
    frame = checked(frame, ["order", "role", "weight", "low", "high"], "measured_weights")
    frame = frame[frame["order"] > 0]
    for role, mark, size in (("member", "o", 7), ("other", "x", 4)):
        part = frame[frame["role"] == role]
        ax.vlines(part["order"], part["low"], part["high"], color=colour, lw=1)
        name = label if role == "member" else None
        ax.plot(part["order"], part["weight"], mark, color=colour, mfc="none", ms=size, label=name)


def weight_map(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw weights by order as a map with the numbers in it, one row for each attribution.

    Args:
        frame: index order, a column an attribution; blue is positive, vermilion negative.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: an empty frame.

    Source: Deng et al., TPAMI 2024, Table 1. Chapter: One language for attributions and
    transferability.
    """
    weights = checked(frame, (), "weights_table").to_numpy(dtype=float).T  # (methods, orders)
    if ax is None:
        size = (5.8, 0.34 * len(weights) + 0.9)
        ax = plt.subplots(figsize=size, layout="constrained")[1]
    reach = max(float(np.nanmax(np.abs(weights))), 1e-12)
    ax.imshow(weights, cmap=diverging(), vmin=-reach, vmax=reach, aspect="auto")
    for (row, column), weight in np.ndenumerate(weights):
        dark = abs(weight) > 0.55 * reach
        text = "–" if np.isnan(weight) else _short(weight)
        place = {"ha": "center", "va": "center", "fontsize": 8.5}
        ax.text(column, row, text, color="white" if dark else "black", **place)
    ax.set_xticks(range(weights.shape[1]), [str(order) for order in frame.index])
    ax.set_yticks(range(len(weights)), [str(name) for name in frame.columns])
    ax.set_xlabel("order of the dividend")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def _short(weight: float) -> str:
    """A weight in at most four characters and a sign."""
    text = f"{weight:.2f}" if abs(weight) < 9.995 else f"{weight:.0f}"
    text = text.replace("0.", ".", 1) if abs(weight) < 1 else text
    return {".00": "0", "-.00": "0", "1.00": "1", "-1.00": "−1"}.get(text, text.replace("-", "−"))


def scatter(
    frame: pd.DataFrame,
    one: str = "interaction",
    other: str = "utility",
    by: str | None = None,
    told: pd.DataFrame | None = None,
    labels: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw two columns against each other, a dot a row, groups in colours.

    Args:
        frame: one row a measurement.
        one: the column of the horizontal axis.
        other: that of the vertical one.
        by: a column whose values get colours, such as the penalty.
        told: from :func:`harsanyi.studies.transfer.association` by the same column; each rank
            correlation is written beside its group, with its interval. One row where ``by`` is
            None.
        labels: what the two axes are called; the columns' names when None.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: missing columns, or no row that has both.

    Source: Wang et al., ICLR 2021, Figure 2. Chapter: One language for attributions and
    transferability.
    """
    columns, new = [one, other, *([by] if by else [])], ax is None
    frame = checked(checked(frame, columns, "transfer").dropna(subset=columns), (), "transfer")
    ax = plt.subplots(figsize=(5.2, 3.8), layout="constrained")[1] if new else ax
    groups = frame.groupby(by, sort=False) if by else [("all", frame)]
    for i, (name, part) in enumerate(groups):
        rows = told if told is None or by is None else told[told[by] == name]
        text = str(name) if rows is None or not len(rows) else _correlated(name, rows.iloc[0])
        look = {"marker": MARKS[i % len(MARKS)], "ms": 5, "mec": "white", "mew": 0.4, "alpha": 0.75}
        ax.plot(part[one], part[other], ls="", color=CYCLE[i % 6], label=text, **look)
    for side, name in zip(("xlabel", "ylabel"), labels or (one, other), strict=True):
        ax.set(**{side: name})
    ax.grid()
    if by or told is not None:
        legend_below(ax, 1, new)
    return ax


def _correlated(name, row: pd.Series) -> str:
    """A group's name with its rank correlation."""
    values = (f"{row[column]:.2f}".replace("-", "−") for column in ("r", "low", "high"))
    r, low, high = values
    return f"{name}: r = {r} ({low} to {high})"
