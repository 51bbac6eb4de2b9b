"""Games on sentences: words as chips, hidden words hollow, an interaction's members coloured.

Chapter: A network as a game; Harsanyi dividends.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.textpath import TextPath
from torch import Tensor

from harsanyi.core.coalitions import n_players
from harsanyi.core.result import Interactions

from . import style

_WIDTH, _LEFT = 504.0, 58.0  # points: a page of 7 inches, and where the words begin
_SIZE, _PAD, _GAP, _LINE = 10.5, 6.0, 4.0, 25.0  # points: letters, chip margin, gap, line pitch
_PRESENT = ("#e5e7eb", "#e5e7eb", "#111827", "solid")  # face, edge, letters, edge style
_HIDDEN = ("white", "#c4c9d1", "#c4c9d1", "dotted")


def interactions_on_sentence(
    words: Sequence[str],
    interactions: Interactions,
    k: int = 6,
    owner: Sequence[int] | None = None,
) -> Figure:
    """Write a sentence once for each of its k strongest interactions, the members coloured.

    Blue is a positive effect and vermilion a negative one; an OR interaction has green dashed
    edges. The effect stands at the left.

    Args:
        words: the words in order, those that are no player included.
        interactions: one game of n players.
        k: how many, 1 or more; fewer are drawn where fewer are not zero.
        owner: the player of each word, −1 for none; word i is player i when None.

    Returns:
        The figure, at most 7 inches wide; a long sentence goes on in a second line.

    Raises:
        ValueError: owners that do not fit the words or the game, a batch of games, or no
            interaction to draw.

    Chapter: Harsanyi dividends.
    """
    owner = _check_owner(words, owner, interactions.n)
    effects = interactions.top(k)
    if not effects:
        raise ValueError("interactions: all are zero, so there is none to draw")
    rows = []
    for effect in effects:
        colour = style.sign_colour(effect.value)
        edge = (style.GREEN, "dashed") if effect.kind == "or" else (colour, "solid")
        member = (colour, edge[0], "white", edge[1])
        chips = [member if player in effect.players else _PRESENT for player in owner]
        rows.append((effect.value, chips))
    return _write(words, rows)


def masked_sentences(
    words: Sequence[str],
    table: Tensor,
    masks: Sequence[int] | None = None,
    count: int = 12,
    owner: Sequence[int] | None = None,
) -> Figure:
    """Write masked sentences in order of their value, the highest first, hidden words hollow.

    Args:
        words: the words in order, those that are no player included.
        table: (2**n,), the value of every masked sentence.
        masks: which coalitions to show; when None, ``count`` of them spread evenly over the ranks
            from highest to lowest.
        count: how many to show when ``masks`` is None; all where there are fewer.
        owner: the player of each word, −1 for none; word i is player i when None.

    Returns:
        The figure, at most 7 inches wide; a long sentence goes on in a second line.

    Raises:
        TypeError, ValueError: a table that is none, owners that do not fit, or no row to show.

    Chapter: A network as a game.
    """
    n = n_players(table, "table")
    owner = _check_owner(words, owner, n)
    ranked = table.argsort(descending=True, stable=True)
    if masks is None:
        ranks = torch.linspace(0, 2**n - 1, min(count, 2**n)).round().long()
        chosen = ranked[ranks].tolist()
    else:
        wanted = {int(mask) for mask in masks}
        chosen = [mask for mask in ranked.tolist() if mask in wanted]
    if not chosen:
        raise ValueError("masks, count: got no coalition of this game, expected at least one")
    rows = []
    for mask in chosen:
        chips = [_PRESENT if player < 0 or mask >> player & 1 else _HIDDEN for player in owner]
        rows.append((float(table[mask]), chips))
    return _write(words, rows)


def _check_owner(words: Sequence[str], owner: Sequence[int] | None, n: int) -> list[int]:
    """Return the player of each word, checked."""
    found = list(range(len(words))) if owner is None else [int(player) for player in owner]
    if len(found) != len(words) or set(found) - {-1} != set(range(n)):
        raise ValueError(
            f"owner: got {found} for {len(words)} words, expected one number for each word, "
            f"−1 or a player, and each of the {n} players at least once"
        )
    return found


def _write(words: Sequence[str], rows: list[tuple[float, list[tuple]]]) -> Figure:
    """Draw one line of chips (or more, if long) for each row, its value at the left."""
    places = _places(words)
    lines = places[-1][1] + 1
    height = _LINE * lines + (7 if lines > 1 else 0)
    right = max(left + width for left, _, width in places) + _GAP
    figure = plt.figure(figsize=(right / 72, height * len(rows) / 72), layout="none")
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, right), ylim=(height * len(rows), 0))
    ax.set_axis_off()
    for number, (value, chips) in enumerate(rows):
        top = number * height + _LINE / 2
        text = f"{value:+.2f}".replace("-", "−") if value else "0.00"
        colour = style.sign_colour(value) if value else style.GREY
        ax.text(_LEFT - 10, top, text, ha="right", va="center", color=colour, weight="bold")
        for word, (left, line, width), chip in zip(words, places, chips, strict=True):
            _chip(ax, word, (left, top + line * _LINE), width, chip)
    return figure


def _places(words: Sequence[str]) -> list[tuple[float, int, float]]:
    """Return left end, line and width of every word's chip, in points, broken at the page's end."""
    places, left, line = [], _LEFT, 0
    for word in words:
        width = TextPath((0, 0), word or " ", size=_SIZE).get_extents().width + 2 * _PAD
        if left + width > _WIDTH and left > _LEFT:
            left, line = _LEFT, line + 1
        places.append((left, line, width))
        left += width + _GAP
    return places


def _chip(ax: Axes, word: str, middle_left: tuple[float, float], width: float, look: tuple):
    """Draw one word on its chip."""
    face, edge, letters, dashes = look
    x, y = middle_left
    box = FancyBboxPatch(
        (x + 3, y - 5.5), width - 6, 11, boxstyle="round,pad=3,rounding_size=5",
        fc=face, ec=edge, ls=dashes, lw=1.2,
    )  # fmt: skip
    ax.add_patch(box)
    ax.text(x + width / 2, y + 0.5, word, ha="center", va="center_baseline", color=letters,
            size=_SIZE)  # fmt: skip
