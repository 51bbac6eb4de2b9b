r"""Sparse dividends of many players, recovered from samples where no table has room.

A game of n players has :math:`2^n` values. If few dividends are not zero, far fewer values tell
them all: of K terms of order t at most, about :math:`K\, t \log n`. The recovery is shapiq's SPEX;
here it meets games of known dividends, held-out coalitions and masked networks.

Source: Kang et al., NeurIPS 2024, and 2025 (SPEX). Chapter: One language for attributions and
transferability.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from .large_games import Play, Terms, check_players, draw, play

if TYPE_CHECKING:
    import shapiq.approximator.base


class Recovered(NamedTuple):
    """Dividends found from samples.

    Attributes:
        terms: from players to the dividend, in the units of the value, v(∅) at ().
        used: how many coalitions the network was asked about.
    """

    terms: dict[tuple[int, ...], float]
    used: int


Method = Callable[[Play, int, int, int], Recovered]  # from game, players, budget and seed


def recover(
    approximator: "shapiq.approximator.base.Approximator", game: Play, budget: int, seed: int = 0
) -> Recovered:
    """Return the dividends that an approximator of shapiq finds from a limited budget.

    Args:
        approximator: of an index that is the dividends where the order is not limited: STII, FSII
            or FBII, with ``max_order`` the number of players, 62 at most.
        game: from coalitions (B,) to values (B,), such as a masked game.
        budget: coalitions it may ask about.
        seed: of NumPy's common generator while it works.

    Raises:
        ValueError: more players than a bitmask holds, or a budget too small to decode anything.

    Source: Muschalik et al., NeurIPS 2024. Chapter: One language for attributions and
    transferability.
    """
    check_players(approximator.n)
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

    check_players(n)
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


def hits(terms: Terms, truth: Terms) -> float:
    """Return the share of the planted coalitions among as many of the strongest that were found."""
    strongest = sorted((s for s in terms if s), key=lambda s: -abs(terms[s]))[: len(truth)]
    return len(set(strongest) & set(truth)) / len(truth)


def curve(
    game: Play, n: int, budgets: Sequence[int], method: Method = spex,
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

    One thread: the decoder works on few numbers at a time, and two would wait for each other.
    """
    import numba

    state, threads = np.random.get_state(), numba.get_num_threads()
    np.random.seed(seed)
    numba.set_num_threads(1)
    try:
        with np.errstate(divide="ignore", invalid="ignore"):  # bins with nothing in them
            yield
    finally:
        np.random.set_state(state)
        numba.set_num_threads(threads)
