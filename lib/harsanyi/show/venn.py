"""Two networks' interactions as two overlapping fields: one's own, what both have, the other's.

Chapter: Primitives that networks share.
"""

import textwrap
from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from torch import Tensor

from . import style
from .pictures import _PALE_INK, _outline, _owners, _paper, _zoom

_WIDTH, _THIRD = 6.6, 2.2  # inches: the figure, and each of its three fields
_HEAD, _FOOT = 0.55, 0.12
_FIELDS = ("#e8f1f8", "#fdf3dc")  # pale blue and pale amber
_LINE = 21  # letters in a line of a field

Draw = Callable[[Axes, pd.Series, tuple[float, float], float], None]


def venn(frame: pd.DataFrame, networks: Sequence[str], draw: Draw, rows: int = 3) -> Figure:
    """Draw the strongest shared and distinctive interactions of two networks, and count them all.

    Args:
        frame: from ``studies.pooled.shared_and_own``, told of two networks.
        networks: their names, as in the frame's columns.
        draw: what stands for an interaction: :func:`in_words`, or what :func:`on_picture` returns.
        rows: how many rows of interactions a field has; pictures stand two in a row.

    Returns:
        The figure, 6.6 inches wide.

    Raises:
        ValueError: not two networks, or none of the frame's.

    Source: Chen et al., ICLR 2024, Figure 1. Chapter: Primitives that networks share.
    """
    names = list(networks)
    if len(names) != 2 or not set(names) <= set(frame.columns):
        raise ValueError(f"networks: got {names}, expected the two of the frame's columns")
    across, tall = (2, 0.98) if draw is not in_words else (1, 0.46)
    height = _HEAD + rows * tall + _FOOT
    figure = plt.figure(figsize=(_WIDTH, height), layout="none")
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, _WIDTH), ylim=(height, 0))
    ax.set_axis_off()
    for left, colour, edge in zip((0.06, _THIRD), _FIELDS, (style.BLUE, style.AMBER), strict=True):
        size = (2 * _THIRD - 0.06, height - 0.12)
        look = {"boxstyle": "round,pad=0,rounding_size=0.25", "lw": 1.4, "alpha": 0.75}
        ax.add_patch(FancyBboxPatch((left, 0.06), *size, fc=colour, ec=edge, **look))
    top = frame[names].abs().to_numpy().max()
    for at, where in enumerate((names[0], "shared", names[1])):
        part = frame[frame["where"] == where].copy()
        part["value"] = part[names].mean(axis=1) if where == "shared" else part[where]
        part = part.sort_values("value", key=abs, ascending=False)
        _head(ax, at, "shared" if where == "shared" else f"only {where}", len(part))
        width = (_THIRD - 0.16) / across
        for i, (_, row) in enumerate(part.head(rows * across).iterrows()):
            middle = at * _THIRD + 0.08 + (i % across + 0.5) * width
            draw(ax, row, (middle, _HEAD + (i // across + 0.5) * tall), top)
    return figure


def _head(ax: Axes, at: int, text: str, count: int) -> None:
    """Write what a field holds, and how many."""
    middle = (at + 0.5) * _THIRD
    ax.text(middle, 0.23, text, ha="center", va="center", fontsize=10.5, weight="bold")
    ax.text(middle, 0.43, f"{count} interactions", ha="center", va="center", fontsize=9.5,
            color=style.GREY)  # fmt: skip


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def in_words(ax: Axes, row: pd.Series, middle: tuple[float, float], top: float) -> None:
    """Write an interaction: its effect, the kind and the players; OR in green."""
    x, y = middle
    words = str(row["coalition"]).strip("{}")
    lines = textwrap.wrap(f"{row['kind'].upper()} {words}", _LINE, max_lines=2, placeholder=" …")
    ax.text(x - _THIRD / 2 + 0.58, y, _signed(row["value"]), ha="right", va="center",
            fontsize=9.5, weight="bold", color=style.sign_colour(row["value"]))  # fmt: skip
    ax.text(x - _THIRD / 2 + 0.64, y, "\n".join(lines), ha="left", va="center", fontsize=9,
            color=style.GREEN if row["kind"] == "or" else "#111827")  # fmt: skip


def on_picture(image: Tensor, players) -> Draw:
    """Return how to draw an interaction as a small picture with the members' patches coloured.

    Blue is positive, vermilion negative, deeper where stronger; OR has green dashed edges.

    Args:
        image: float (1, H, W), (3, H, W) or (H, W), in [0, 1].
        players: ``Players`` whose ``owner`` broadcasts to the picture.

    Raises:
        ValueError: a picture of another shape or range, or players that do not fit it.
    """
    owner = _owners(image, players)

    def draw(ax: Axes, row: pd.Series, middle: tuple[float, float], top: float) -> None:
        x, y = middle
        small = ax.inset_axes((x - 0.38, y - 0.46, 0.76, 0.76), transform=ax.transData)
        small.imshow(_paper(image, _PALE_INK))
        _zoom(small, owner, margin=1)
        small.set(xticks=[], yticks=[])
        small.spines[:].set(visible=True, color="#d1d5db", linewidth=0.6)
        for player in row["players"]:
            where = owner == player
            colour = style.sign_colour(row["value"])
            fill = np.zeros((*where.shape, 4))
            fill[where.numpy()] = (*to_rgb(colour), 0.35 + 0.5 * abs(row["value"]) / top)
            small.imshow(fill)
            is_or = row["kind"] == "or"
            _outline(small, where, style.GREEN if is_or else colour, 1.4,
                     (0, (2, 1)) if is_or else "solid")  # fmt: skip
        sign = style.sign_colour(row["value"])
        ax.text(x, y + 0.4, f"{row['kind'].upper()} {_signed(row['value'])}", ha="center",
                va="center", fontsize=9, color=sign)  # fmt: skip

    return draw
