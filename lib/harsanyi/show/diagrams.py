"""Diagrams of ideas: the lattice of coalitions and the butterfly of the fast transform.

Chapter: Harsanyi dividends.
"""

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from harsanyi.core.coalitions import check_names, label, members, n_players, sizes

from .style import BLUE, GREY, VERMILION, sign_colour

_BOX = {"boxstyle": "round,pad=0.35", "facecolor": "white", "linewidth": 1.4}


def _spot(mask: int, n: int) -> tuple[float, float]:
    """Place a coalition: its size is the height, its rank among equals the side."""
    equals = [m for m in range(2**n) if int(sizes(n)[m]) == len(members(mask))]
    return equals.index(mask) - (len(equals) - 1) / 2, len(members(mask))


def lattice(v: Tensor, dividends: Tensor, names=None, ax: Axes | None = None) -> Axes:
    """Draw a game of two or three players as a lattice: each box a coalition, v and its dividend.

    Args:
        v: table (2**n,), n ≤ 3.
        dividends: the interactions of the same game (2**n,).
        names: players' names.

    Raises:
        ValueError: more than three players, which nobody could read.
    """
    n = n_players(v, "v")
    if n > 3:
        raise ValueError(f"v: got {n} players, expected at most 3; a larger lattice is unreadable")
    names, ax = check_names(names, n), ax or plt.subplots(figsize=(6.5, 4.2))[1]
    for mask in range(2**n):
        x, y = _spot(mask, n)
        for i in members(mask):
            below = _spot(mask & ~(1 << i), n)
            ax.plot([x, below[0]], [y, below[1]], color="#d1d5db", linewidth=1, zorder=0)
        colour = sign_colour(float(dividends[mask])) if dividends[mask] else GREY
        sign = "+" if dividends[mask] > 0 else ""
        text = f"{label(mask, names)}\nv = {float(v[mask]):g}\nI = {sign}{float(dividends[mask]):g}"
        box = {**_BOX, "edgecolor": colour}
        ax.text(x, y, text, ha="center", va="center", fontsize=10, color="#111827", bbox=box)
    half = {1: 0.8, 2: 1.0, 3: 1.6}[n]
    ax.set_xlim(-half, half)
    ax.set_ylim(-0.5, n + 0.5)
    ax.axis("off")
    return ax


def butterfly(v: Tensor, names=None, ax: Axes | None = None) -> Axes:
    """Draw the fast Möbius transform of a small table: one column of additions for each player.

    Args:
        v: table (2**n,), n ≤ 4; the columns show it after each of the n stages.
        names: players' names.

    Raises:
        ValueError: more than four players.
    """
    n = n_players(v, "v")
    if n > 4:
        raise ValueError(f"v: got {n} players, expected at most 4; a larger diagram is unreadable")
    names, ax = check_names(names, n), ax or plt.subplots(figsize=(7, 0.55 * 2**n + 0.6))[1]
    column = v.double().clone()
    _write_column(ax, column, 0)
    for stage in range(n):
        after = column.clone()
        for mask in range(2**n):
            ax.plot([stage + 0.16, stage + 0.84], [mask, mask], color="#9ca3af", linewidth=1)
            if mask >> stage & 1:
                partner = mask & ~(1 << stage)
                after[mask] = column[mask] - column[partner]
                ax.plot([stage + 0.16, stage + 0.84], [partner, mask], color=VERMILION, lw=1.4)
        ax.text(
            stage + 0.5, -0.75, f"take out {names[stage]}", ha="center", color=GREY, fontsize=10
        )
        column = after
        _write_column(ax, column, stage + 1)
    for mask in range(2**n):
        ax.text(-0.3, mask, label(mask, names), ha="right", va="center", fontsize=10)
    ax.text(0, 2**n - 0.25, "v", ha="center", color=BLUE, fontweight="bold")
    ax.text(n, 2**n - 0.25, "I", ha="center", color=BLUE, fontweight="bold")
    ax.set_xlim(-1.1, n + 0.3)
    ax.set_ylim(2**n + 0.1, -1.1)
    ax.axis("off")
    return ax


def _write_column(ax: Axes, column: Tensor, x: int) -> None:
    for mask, value in enumerate(column.tolist()):
        ax.text(x, mask, f"{value:g}", ha="center", va="center", fontsize=10, color="#111827")
