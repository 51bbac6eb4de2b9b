r"""Games of more players than any table has room for: sparse dividends recovered from samples.

A game of n players has :math:`2^n` values. If few dividends are not zero, far fewer values tell
them all: of K terms of order t at most, about :math:`K\, t \log n`. The recovery is shapiq's SPEX
and ProxySPEX; here they meet games of known dividends, held-out coalitions and masked networks.

Source: Kang et al., NeurIPS 2024; SPEX, Kang et al., 2025; ProxySPEX, Butler et al., 2025.
Chapter: One language for attributions and transferability.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import mask_of
from ..core.transforms import mobius

if TYPE_CHECKING:
    from shapiq.approximator.base import Approximator

Terms = Mapping[tuple[int, ...], float]  # from players to the dividend; () is the empty coalition
Play = Callable[[Tensor], Tensor]  # from coalitions (B,) int64 to values (B,), such as a MaskedGame
Method = Callable[[Play, int, int, int], "Recovered"]  # from game, players, budget and seed
MOST = 62  # players that an int64 bitmask has room for


class Recovered(NamedTuple):
    """Dividends found from samples.

    Attributes:
        terms: from players to the dividend, in the units of the value, v(∅) at ().
        used: how many coalitions the network was asked about.
    """

    terms: dict[tuple[int, ...], float]
    used: int


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
    _check(n)
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
    _check(n)
    random = torch.Generator().manual_seed(seed)
    there = torch.rand(count, n, generator=random, dtype=torch.float64) < presence
    return (there * (1 << torch.arange(n))).sum(1)


def recover(approximator: "Approximator", game: Play, budget: int, seed: int = 0) -> Recovered:
    """Return the dividends that an approximator of shapiq finds from a limited budget.

    Args:
        approximator: of an index that is the dividends where the order is not limited: STII, FSII
            or FBII, with ``max_order`` the number of players, 62 at most.
        game: from coalitions (B,) to values (B,), a :class:`~harsanyi.MaskedGame` for one.
        budget: coalitions it may ask about.
        seed: of NumPy's common generator while it works.

    Raises:
        ValueError: more players than a bitmask holds, or a budget too small to decode anything.

    Source: Muschalik et al., NeurIPS 2024. Chapter: One language for attributions and
    transferability.
    """
    _check(approximator.n)
    bits, asked = 1 << torch.arange(approximator.n), []

    def values(there: np.ndarray) -> np.ndarray:
        masks = (torch.as_tensor(np.array(there, dtype=np.int64)) * bits).sum(1)
        asked.append(len(masks))
        return game(masks).double().numpy()

    with _settled(seed):
        found = approximator.approximate(budget, values)
    lookup = found.interaction_lookup.items()
    terms = {tuple(map(int, players)): float(found.values[at]) for players, at in lookup}
    return Recovered(terms, sum(asked))


def spex(game: Play, n: int, budget: int, seed: int = 0, order: int = 3) -> Recovered:
    """Return what shapiq's SPEX finds: it chooses its coalitions, and decodes sums over them.

    The first call for a number of players compiles the decoder, which takes half a minute.

    Args:
        game: from coalitions (B,) to values (B,).
        n: players.
        budget: coalitions allowed; it uses fewer, a power of two times its checks.
        seed: of the coalitions.
        order: up to which Walsh functions are decoded; higher ones take more coalitions.

    Raises:
        ValueError: more players than a bitmask holds, or a budget too small to decode anything.

    Source: Kang et al., 2025. Chapter: One language for attributions and transferability.
    """
    from shapiq.approximator import SPEX

    _check(n)
    with _settled(seed):
        approximator = SPEX(n=n, index="STII", max_order=n, random_state=seed,
                            decoder_type="hard", degree_parameter=order)  # fmt: skip
    return recover(approximator, game, budget, seed)


def additive(game: Play, n: int, budget: int, seed: int = 0) -> Recovered:
    """Return the single players' dividends by least squares, as if there were no teams: a rival.

    Args:
        game: from coalitions (B,) to values (B,).
        n: players.
        budget: coalitions, drawn with every player there by the toss of a coin.
        seed: of the draws.

    Source: ours. Chapter: One language for attributions and transferability.
    """
    masks = draw(n, budget, seed)
    there = (masks[:, None] >> torch.arange(n) & 1).double()  # (budget, n)
    columns = torch.cat([torch.ones(budget, 1, dtype=torch.float64), there], 1)
    right = game(masks).double()[:, None]
    weights = torch.linalg.lstsq(columns, right, driver="gelsd").solution[:, 0].tolist()
    return Recovered({(): weights[0]} | {(i,): w for i, w in enumerate(weights[1:])}, budget)


def explained(terms: Terms, masks: Tensor, v: Tensor) -> float:
    r"""Return how much of a game's variance over some coalitions the terms tell.

    .. math:: R^2 = 1 - \sum_T (v(T) - \hat v(T))^2 \Big/ \sum_T (v(T) - \bar v)^2

    Args:
        terms: with v(∅) at ().
        masks: coalitions (B,) that were not asked about.
        v: their values (B,).

    Returns:
        1 is all, 0 what the mean would tell; NaN where the game is constant.

    Source: Kang et al., 2025 (faithfulness). Chapter: One language for attributions and
    transferability.
    """
    spread = (v - v.mean()).square().sum()
    error = (v - play(terms)(masks)).square().sum()
    return float(1 - error / spread) if spread > 0 else float("nan")


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


def hits(terms: Terms, truth: Terms) -> float:
    """Return the share of the planted coalitions among as many of the strongest that were found."""
    strongest = sorted((s for s in terms if s), key=lambda s: -abs(terms[s]))[: len(truth)]
    return len(set(strongest) & set(truth)) / len(truth)


def curve(
    game: Play, n: int, budgets: Sequence[int], method: "Method" = spex,
    truth: Terms | None = None, held_out: int = 1000, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Return what more and more coalitions buy.

    Args:
        game: from coalitions (B,) to values (B,).
        n: players.
        budgets: coalitions allowed, one recovery each.
        method: such as :func:`spex`, or :func:`additive`, its rival.
        truth: the planted terms, if they are known.
        held_out: coalitions drawn apart, on which it is judged.
        seed: of all draws.

    Returns:
        Columns used (coalitions), terms (found), explained (on held-out coalitions), nearly (the
        same, where nine players in ten are there; NaN if the game is constant on them), hits (NaN
        without truth).

    Source: ours. Chapter: One language for attributions and transferability.
    """
    apart = [draw(n, held_out, seed + 10_000, p) for p in (0.5, 0.9)]
    judges, rows = [(masks, game(masks).double()) for masks in apart], []
    for budget in budgets:
        found = method(game, n, budget, seed)
        told = (explained(found.terms, *judge) for judge in judges)
        share = hits(found.terms, truth) if truth else float("nan")
        rows.append((found.used, len(found.terms), *told, share))
    return pd.DataFrame(rows, columns=["used", "terms", "explained", "nearly", "hits"])


@contextmanager
def _settled(seed: int) -> Iterator[None]:
    """Seed NumPy's common generator, which the transform uses; put it back after.

    Its decoder is compiled for this process alone and works on few numbers at a time: without
    optimising that takes half the time, and two threads would wait for each other at each call.
    """
    from numba import config, get_num_threads, set_num_threads

    state, threads, level = np.random.get_state(), get_num_threads(), config.OPT
    np.random.seed(seed)
    set_num_threads(1)
    config.OPT = type(level)(0)
    try:
        with np.errstate(divide="ignore", invalid="ignore"):  # bins with nothing in them
            yield
    finally:
        np.random.set_state(state)
        set_num_threads(threads)
        config.OPT = level


def _check(n: int) -> None:
    if not 1 <= n <= MOST:
        raise ValueError(f"n: got {n} players, expected 1 to {MOST}, as many as a bitmask holds")
