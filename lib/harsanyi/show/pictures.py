"""Games on pictures: players outlined, interactions drawn on them.

Pictures are shown as dark ink on pale paper, whatever their own sign, so that colour is left for
what a network says about them. The sheet of all masked pictures stands in ``sheets``, what is
drawn on sentences in ``sentences``; both are found here too.

Chapter: A network as a game; Harsanyi dividends.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from torch import Tensor

from harsanyi.core.result import Effect, Interactions

from . import style
from .sentences import interactions_on_sentence, masked_sentences
from .sheets import masked_sheet

__all__ = [
    "interactions_on_image",
    "interactions_on_sentence",
    "masked_sentences",
    "masked_sheet",
    "players_on_image",
]

_INK = np.array(to_rgb("#111827"))
_PALE_INK = np.array(to_rgb("#9ca3af"))


def players_on_image(image: Tensor, players, ax: Axes | None = None) -> Axes:
    """Draw a picture with every player outlined and numbered.

    Args:
        image: float (1, H, W), (3, H, W) or (H, W), in [0, 1].
        players: ``Players`` whose ``owner`` broadcasts to the picture.
        ax: where to draw; a new one when None.

    Returns:
        The axes, without ticks.

    Raises:
        ValueError: a picture of another shape or range, or players that do not fit it.

    Chapter: A network as a game.
    """
    owner = _owners(image, players)
    if ax is None:
        _, ax = plt.subplots(figsize=(3.4, 3.4))
    ax.imshow(_paper(image, _INK))
    for player, name in enumerate(players.names):
        _outline(ax, owner == player, style.AMBER, 1.6)
        _number(ax, owner == player, _mark(name, player), "#b45309")
    ax.set_axis_off()
    return ax


def interactions_on_image(
    image: Tensor, players, interactions: Interactions, k: int = 6, columns: int = 3
) -> Figure:
    """Draw the k strongest interactions of a picture, one small picture for each.

    The members' patches are filled, blue for a positive effect and vermilion for a negative one,
    and the stronger the effect the deeper; the other players are thinly outlined. An OR interaction
    has green dashed outlines. The title gives rank and effect.

    Args:
        image: float (1, H, W), (3, H, W) or (H, W), in [0, 1].
        players: ``Players`` of n players whose ``owner`` broadcasts to the picture.
        interactions: one game of the same n players.
        k: how many, 1 or more; fewer are drawn where fewer are not zero.
        columns: small pictures in a row; 3 read well on a phone.

    Returns:
        The figure, 7 inches wide at 3 columns.

    Raises:
        ValueError: a picture of another shape or range, players that do not fit it or differ in
            number from the interactions', a batch of games, no interaction to draw, or columns < 1.

    Chapter: Harsanyi dividends.
    """
    owner = _owners(image, players)
    if interactions.n != players.n:
        raise ValueError(
            f"interactions: got {interactions.n} players, expected the picture's {players.n}"
        )
    if columns < 1:
        raise ValueError(f"columns: got {columns}, expected 1 or more")
    effects = interactions.top(k)
    if not effects:
        raise ValueError("interactions: all are zero, so there is none to draw")
    rows = -(-len(effects) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(7 / 3 * columns, 2.55 * rows), squeeze=False
    )
    for ax in axes.flat:
        ax.set_axis_off()
    strongest = max(abs(e.value) for e in effects)
    for rank, (ax, effect) in enumerate(zip(axes.flat, effects, strict=False), start=1):
        ax.imshow(_paper(image, _PALE_INK))
        _zoom(ax, owner)
        _draw_effect(ax, owner, players.names, effect, abs(effect.value) / strongest)
        kind = "OR " if effect.kind == "or" else ""
        title = f"{rank}.  {kind}{effect.value:+.2f}".replace("-", "−")
        ax.set_title(title, color=style.sign_colour(effect.value), loc="center")
    return figure


def _draw_effect(ax: Axes, owner: Tensor, names: Sequence[str], effect: Effect, depth: float):
    """Fill the members' pixels of an effect of relative strength ``depth`` in (0, 1]."""
    colour = style.sign_colour(effect.value)
    for player, name in enumerate(names):
        where = owner == player
        if player not in effect.players:
            _outline(ax, where, "#9ca3af", 0.6)
            continue
        fill = np.zeros((*where.shape, 4))
        fill[where.numpy()] = (*to_rgb(colour), 0.25 + 0.5 * depth)
        ax.imshow(fill)
        dashed = (0, (3, 1.5)) if effect.kind == "or" else "solid"
        _outline(ax, where, style.GREEN if effect.kind == "or" else colour, 1.8, dashed)
        _number(ax, where, _mark(name, player), "#111827")


def _paper(image: Tensor, ink: np.ndarray) -> np.ndarray:
    """Return (H, W, 3): a grey picture as ink on white paper, a colour picture as it is."""
    image = image.detach().cpu()
    if image.dim() == 3 and image.shape[0] == 3:
        return image.permute(1, 2, 0).numpy()
    amount = image.reshape(*image.shape[-2:], 1).numpy()  # (H, W, 1)
    return 1 - amount * (1 - ink)


def _owners(image: Tensor, players) -> Tensor:
    """Check picture and players, and return the owner of every pixel, (H, W)."""
    shape = tuple(image.shape)
    if image.dim() not in (2, 3) or (image.dim() == 3 and shape[0] not in (1, 3)):
        raise ValueError(f"image: got shape {shape}, expected (1, H, W), (3, H, W) or (H, W)")
    if image.min() < 0 or image.max() > 1:
        raise ValueError("image: got values outside 0 to 1; undo the normalisation before drawing")
    try:
        owner = players.owner.broadcast_to(shape)
    except RuntimeError as error:
        raise ValueError(
            f"players: got owners of shape {tuple(players.owner.shape)}, expected one that "
            f"broadcasts to the picture's {shape}"
        ) from error
    return owner[0] if owner.dim() == 3 else owner


def _outline(ax: Axes, where: Tensor, colour: str, width: float, dashes="solid") -> None:
    """Draw the border of a set of pixels (H, W), whatever its shape."""
    inside = np.pad(where.numpy(), 1)
    upright = np.argwhere(inside[1:-1, 1:] != inside[1:-1, :-1]) - 0.5  # left edges: (y, x)
    level = np.argwhere(inside[1:, 1:-1] != inside[:-1, 1:-1]) - 0.5  # top edges
    lines = [[(x, y), (x, y + 1)] for y, x in upright] + [[(x, y), (x + 1, y)] for y, x in level]
    ax.add_collection(LineCollection(lines, colors=colour, linewidths=width, linestyles=dashes))


def _zoom(ax: Axes, owner: Tensor, margin: int = 3) -> None:
    """Show the players and ``margin`` pixels around them, if the picture has them."""
    height, width = owner.shape
    y, x = np.nonzero(owner.numpy() >= 0)
    ax.set_xlim(max(x.min() - margin, 0) - 0.5, min(x.max() + margin, width - 1) + 0.5)
    ax.set_ylim(min(y.max() + margin, height - 1) + 0.5, max(y.min() - margin, 0) - 0.5)


def _number(ax: Axes, where: Tensor, text: str, colour: str) -> None:
    """Write in the middle of a set of pixels."""
    y, x = np.argwhere(where.numpy()).mean(0)
    box = {"boxstyle": "round,pad=0.12", "fc": "white", "ec": "none", "alpha": 0.75}
    ax.text(x, y, text, ha="center", va="center", fontsize=9, color=colour, bbox=box)


def _mark(name: str, player: int) -> str:
    """Return a player's name if it is short enough to stand in a patch, else its number."""
    short = name.removeprefix("patch ")
    return short if len(short) <= 3 else str(player + 1)
