"""Pictures of primitives that many networks or samples have, to be pointed at in a lecture.

Blue raises the value and vermilion lowers it; an OR has green edges, and needs one of its members
only. Rows come from ``studies.orders.most_shared``.

Chapter: Primitives across samples, and order.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from torch import Tensor

from . import style
from .pictures import _outline, _owners, _paper
from .sentences import _PRESENT, _check_owner, _write

_INK = np.array(to_rgb("#6b7280"))


def _strengths(frame: pd.DataFrame, networks: Sequence[str]) -> list[float]:
    """Return the mean strength of each primitive over the networks, checked."""
    missing = [name for name in ("kind", "players", "share", *networks) if name not in frame]
    if missing or frame.empty:
        raise ValueError(
            f"frame, networks: got {len(frame)} primitives without the column(s) {missing}, "
            "expected one primitive or more, as studies.orders.most_shared returns them, and the "
            "names of its networks"
        )
    return frame[list(networks)].mean(axis=1).tolist()


def _cell(ax: Axes, image: Tensor, players, kind: str, members: Sequence[int], strength: float):
    """Draw one primitive on one picture."""
    owner, colour = _owners(image, players), style.sign_colour(strength)
    ax.imshow(_paper(image, _INK))
    edge = style.GREEN if kind == "or" else colour
    for player in range(players.n):
        if player not in members:
            _outline(ax, owner == player, "#d1d5db", 0.6)
    for player in members:  # after the others, so that its edges lie on top
        fill = np.zeros((*owner.shape, 4))
        fill[(owner == player).numpy()] = (*to_rgb(colour), 0.5)
        ax.imshow(fill)
        _outline(ax, owner == player, edge, 2.0)


def _sheet(count: int, columns: int) -> tuple[Figure, list[Axes]]:
    """Return a figure of 7 inches with room for so many small pictures."""
    rows, side = -(-count // columns), 7 / columns
    figure, axes = plt.subplots(
        rows, columns, figsize=(7, (side + 0.36) * rows), squeeze=False, layout="constrained"
    )
    for ax in axes.flat:
        ax.set_axis_off()
    return figure, list(axes.flat)


def primitives_on_image(
    image: Tensor, players, frame: pd.DataFrame, networks: Sequence[str], columns: int = 5
) -> Figure:
    """Draw primitives of a class on one picture, one small picture for each, in the frame's order.

    The title has the kind and the share of networks and samples that have it; the colour is the
    sign of its mean effect.

    Args:
        image: float (1, H, W) or (H, W) in [0, 1], for instance the mean of a class.
        players: ``Players`` that all samples have in common, their owners broadcast to the picture.
        frame: from ``studies.orders.most_shared``.
        networks: its columns that hold strengths.
        columns: small pictures in a row.

    Returns:
        The figure, 7 inches wide.

    Raises:
        ValueError: no primitive or missing columns, or a picture that does not fit.
    """
    strengths = _strengths(frame, networks)
    figure, axes = _sheet(len(frame), columns)
    for ax, row, strength in zip(axes, frame.itertuples(), strengths, strict=False):
        _cell(ax, image, players, row.kind, row.players, strength)
        title = f"{row.kind.upper()} · {row.share:.0%}"
        ax.set_title(title, color=style.sign_colour(strength), loc="center", fontsize=11)
    return figure


def primitive_on_samples(
    images: Tensor,
    players,
    kind: str,
    members: Sequence[int],
    strengths: Sequence[Sequence[float]],
    columns: int = 3,
) -> Figure:
    """Draw one primitive on several pictures; each title has its effect there in each network.

    Args:
        images: float (count, 1, H, W) in [0, 1].
        players: ``Players`` that the pictures have in common.
        kind: "and" or "or".
        members: its players.
        strengths: for each picture the effect in each network, over the strongest there; the
            colour is the sign of their sum.
        columns: small pictures in a row; 3 read well on a phone.

    Returns:
        The figure, 7 inches wide.

    Raises:
        ValueError: pictures that do not fit.
    """
    figure, axes = _sheet(len(images), columns)
    for ax, image, values in zip(axes, images, strengths, strict=False):
        total = float(sum(values))
        _cell(ax, image, players, kind, members, total)
        title = "  ".join(f"{value:+.2f}" for value in values).replace("-", "−")
        ax.set_title(title, color=style.sign_colour(total), loc="center", fontsize=11)
    return figure


def primitives_on_sentence(
    words: Sequence[str],
    frame: pd.DataFrame,
    networks: Sequence[str],
    owner: Sequence[int] | None = None,
) -> Figure:
    """Write a sentence once for each primitive, its members coloured, in the frame's order.

    At the left stands the mean effect over the networks, as a share of each one's strongest.

    Args:
        words: the words in order, those that are no player included.
        frame: from ``studies.orders.most_shared``, of one sentence.
        networks: its columns that hold strengths.
        owner: the player of each word, −1 for none; word i is player i when None.

    Returns:
        The figure, at most 7 inches wide; a long sentence goes on in a second line.

    Raises:
        ValueError: no primitive or missing columns, or owners that do not fit the words.
    """
    strengths = _strengths(frame, networks)
    n = 1 + max(owner) if owner is not None else len(words)
    owner = _check_owner(words, owner, n)
    rows = []
    for row, strength in zip(frame.itertuples(), strengths, strict=True):
        colour = style.sign_colour(strength)
        edge, dashes = (style.GREEN, "dashed") if row.kind == "or" else (colour, "solid")
        member = (colour, edge, "white", dashes)
        rows.append((strength, [member if at in row.players else _PRESENT for at in owner]))
    return _write(words, rows)
