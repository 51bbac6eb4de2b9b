r"""Games of up to 62 players, too many for a table: planted terms, two dense ones, coalitions.

A game is a function from coalitions (B,), int64 bitmasks, to values (B,), as a masked game is one.

Chapter: One language for attributions and transferability.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from ..core.coalitions import mask_of
from ..core.transforms import mobius

Terms = Mapping[tuple[int, ...], float]  # from players to the dividend; () is the empty coalition
Play = Callable[[Tensor], Tensor]  # from coalitions (B,) int64 to values (B,), such as a MaskedGame
MOST = 62  # players that an int64 bitmask has room for


def plant(n: int, count: int, seed: int, orders: Sequence[int] = (1, 2, 3)) -> dict:
    """Return random terms: coalitions of these orders, weights of ±0.5 to ±2.

    Args:
        n: players, at least the highest order.
        count: terms, all different.
        seed: of the draws.
        orders: each drawn with the same chance.

    Raises:
        ValueError: more players than a bitmask holds.

    Source: ours. Chapter: One language for attributions and transferability.
    """
    check_players(n)
    random, terms = np.random.default_rng(seed), {}
    while len(terms) < count:
        players = random.choice(n, random.choice(orders), replace=False)
        weight = random.choice([-1, 1]) * random.uniform(0.5, 2)
        terms.setdefault(tuple(sorted(players.tolist())), float(weight))
    return terms


def play(terms: Terms) -> Play:
    r"""Return the game of given dividends: :math:`v(T) = \sum_{S \subseteq T} I(S)`."""
    masks = torch.tensor([mask_of(players) for players in terms], dtype=torch.int64)
    weights = torch.tensor(list(terms.values()), dtype=torch.float64)

    def game(coalitions: Tensor) -> Tensor:
        there = (coalitions[:, None] & masks) == masks  # (B, terms)
        return there.double() @ weights

    return game


def majority(n: int) -> Play:
    """Return the game that is 1 for more than half of the players: dense, and yet smooth."""
    bits = torch.arange(n)
    return lambda masks: ((masks[:, None] >> bits & 1).sum(1) > n // 2).double()


def noise(seed: int = 0) -> Play:
    """Return a game of independent numbers from −1 to 1: as dense as can be, nothing to find."""

    def game(masks: Tensor) -> Tensor:
        mixed = (masks + 1) * (2 * seed + 0x1E3779B97F4A7C15)
        for _ in range(2):
            mixed = (mixed ^ (mixed >> 29 & 0x7FFFFFFFF)) * 0x3F58476D1CE4E5B9
        return (mixed >> 11 & 0xFFFFFFFF).double() / 2**31 - 1

    return game


def draw(n: int, count: int, seed: int, presence: float = 0.5) -> Tensor:
    """Return random coalitions (count,), int64; each player is there with chance ``presence``."""
    check_players(n)
    random = torch.Generator().manual_seed(seed)
    there = torch.rand(count, n, generator=random, dtype=torch.float64) < presence
    return (there * (1 << torch.arange(n))).sum(1)


def dividend(game: Play, players: Sequence[int]) -> float:
    """Return one dividend from the outputs of its own 2**s coalitions: exact, however large n is.

    Args:
        game: from coalitions (B,) to values (B,).
        players: its s members.

    Source: Harsanyi, 1963. Chapter: One language for attributions and transferability.
    """
    local = torch.arange(2 ** len(players))
    masks = sum((local >> bit & 1) << player for bit, player in enumerate(players))
    return float(mobius(game(torch.as_tensor(masks)).double())[-1])


def check_players(n: int) -> None:
    """Refuse more players than a bitmask holds.

    Raises:
        ValueError: no player, or more than 62.
    """
    if not 1 <= n <= MOST:
        raise ValueError(f"n: got {n} players, expected 1 to {MOST}, as many as a bitmask holds")
