"""Explorables: pictures that the reader operates, in a notebook, in the book or from a file.

Each function checks its input and gathers the data; ``static/<kind>.js`` draws it.

Chapter: A network as a game; Harsanyi dividends.
"""

import base64
import math

import torch
from torch import Tensor

from harsanyi.core.coalitions import check_names, n_players
from harsanyi.core.games import and_or, majority, parity
from harsanyi.core.transforms import mobius
from harsanyi.networks.owners import Players

from .explorable import Explorable


def playground(initial: Tensor | None = None, names: list[str] | None = None) -> Explorable:
    """Make the dividend playground: a game of three players whose eight values the reader sets.

    Args:
        initial: table (8,), float64, the game shown first; a named one when None.
        names: three players' names, short; x1, x2, x3 when None.

    Raises:
        TypeError, ValueError: a table that is none, or not of three players; other than 3 names.

    Chapter: Harsanyi dividends.
    """
    games = {name: table.tolist() for name, table in _named_games().items()}
    if initial is not None:
        n = n_players(initial, "initial")
        if initial.shape != (8,):
            raise ValueError(
                f"initial: got shape {tuple(initial.shape)}, a game of {n} players, expected (8,): "
                "the playground has three players, and one value for each of their 8 coalitions"
            )
        games = {"This page’s game": _rounded(initial, 5)} | games
    data = {"games": games, "names": check_names(names, 3)}
    return Explorable("playground", "Dividend playground", data, extra=("shares",))


def masked_picture(
    image: Tensor,
    players: Players,
    table: Tensor,
    baseline: Tensor | None = None,
    value_name: str = "log-odds",
    log_odds: bool = True,
) -> Explorable:
    """Make the masked picture: the reader switches patches, and sees the dividends that add up.

    Args:
        image: float tensor (1, H, W) or (3, H, W), in [0, 1].
        players: ``Players``, at most 12; ``owner`` is broadcastable to the image, and the same in
            every channel.
        table: (2**n,) float64, the value of every masked picture.
        baseline: what a masked pixel shows, broadcastable to the image; zero when None. It is
            clipped to [0, 1] for display.
        value_name: what the value is, such as ``"log-odds of «3»"``.
        log_odds: whether to show the probability 1 / (1 + exp(-v)) too.

    Raises:
        TypeError, ValueError: an image, players, table or baseline that do not fit together.

    Chapter: A network as a game; Harsanyi dividends.
    """
    n = n_players(table, "table")
    if table.shape != (2**players.n,) or n > 12:
        raise ValueError(
            f"table: got shape {tuple(table.shape)}, expected ({2**players.n},) for "
            f"{players.n} players, and at most 12 players; choose fewer patches"
        )
    owner = _owner_map(image, players)
    hidden = torch.zeros(()) if baseline is None else baseline
    values = torch.tensor(_rounded(table, 7), dtype=torch.float64)
    data = {
        "shape": list(image.shape),
        "image": _bytes(image * 255),
        "baseline": _bytes(_fit(hidden, image, "baseline").clamp(0, 1) * 255),
        "owner": _bytes(owner % 256),  # 255: no player
        "names": check_names(players.names, n),
        "values": values.tolist(),
        "dividends": _rounded(mobius(values), 7),
        "valueName": value_name,
        "logOdds": log_odds,
    }
    return Explorable(
        "masked_picture", f"Masked picture: {value_name}", data, extra=("areas", "ledger")
    )


def _named_games() -> dict[str, Tensor]:
    """The playground's games, in teaching order; each table is (8,) float64."""
    mixed = and_or({(0,): 2.0, (1,): 1.5, (0, 1): 1.0, (2,): -1.0, (0, 1, 2): -2.5}, {}, 3).v
    return {
        "Two goods and a bad": mixed - 1.0,
        "Additive": and_or({(0,): 1.0, (1,): 2.0, (2,): -1.5}, {}, 3).v,
        "AND of all three": and_or({(0, 1, 2): 3.0}, {}, 3).v,
        "OR of all three": and_or({}, {(0, 1, 2): 3.0}, 3).v,
        "Majority": majority(3).v,
        "Parity (odd number)": parity(3).v,
        "x₁x₂x₃ + x₂x₃ + (x₁ ∨ x₂)": and_or({(0, 1, 2): 1.0, (1, 2): 1.0}, {(0, 1): 1.0}, 3).v,
    }


def _rounded(table: Tensor, digits: int) -> list[float]:
    """Round to the given number of significant digits of the largest entry."""
    largest = float(table.detach().abs().max())
    places = digits - 1 - math.floor(math.log10(largest)) if largest else 0
    return [round(x, places) + 0.0 for x in table.detach().cpu().tolist()]


def _bytes(values: Tensor) -> str:
    """Encode numbers from 0 to 255 as base64, one byte each, in row-major order."""
    raw = values.detach().cpu().round().to(torch.uint8).numpy().tobytes()
    return base64.b64encode(raw).decode()


def grey_picture(image: Tensor, players: Players) -> dict:
    """Encode a grey picture (1, H, W) in [0, 1] and its players' pixels for ``static/areas.js``.

    Raises:
        ValueError: an image or players that do not fit together.
    """
    owner = _owner_map(image, players)
    return {
        "height": owner.shape[0], "width": owner.shape[1],
        "image": _bytes(image * 255), "owner": _bytes(owner % 256),  # 255: no player
    }  # fmt: skip


def _fit(values: Tensor, image: Tensor, name: str) -> Tensor:
    """Broadcast to the image's shape, or say why that cannot be done."""
    try:
        return values.broadcast_to(image.shape)
    except RuntimeError as error:
        raise ValueError(
            f"{name}: got shape {tuple(values.shape)}, expected one that broadcasts to the "
            f"image's {tuple(image.shape)}"
        ) from error


def _owner_map(image: Tensor, players: Players) -> Tensor:
    """Check the picture and give the player of each pixel, (H, W) int64, -1 for none."""
    if image.ndim != 3 or image.shape[0] not in (1, 3) or not image.is_floating_point():
        raise ValueError(
            f"image: got {image.dtype} of shape {tuple(image.shape)}, expected floats of shape "
            "(1, H, W) or (3, H, W)"
        )
    if image.min() < 0 or image.max() > 1:
        raise ValueError(
            f"image: got values from {float(image.min()):.3g} to {float(image.max()):.3g}, "
            "expected 0 to 1; undo the network's normalisation before showing it"
        )
    owner = _fit(players.owner, image, "players.owner")
    if (owner != owner[0]).any():
        raise ValueError("players.owner: got different channels, expected whole pixels as players")
    return owner[0]
