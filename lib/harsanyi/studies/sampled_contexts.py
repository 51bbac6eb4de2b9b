r"""How two players interact in contexts of each size, from random contexts: for many players.

Source: Ren et al., NeurIPS 2021; Deng et al., ICLR 2022. Chapter: Generalization, sensitivity,
bottleneck.
"""

from collections.abc import Callable
from itertools import combinations
from math import comb
from typing import NamedTuple

import torch
from torch import Tensor

Game = Callable[[Tensor], Tensor]  # from coalitions (B,) to values (B,), a MaskedGame say


class Sampled(NamedTuple):
    """Interactions by sampled contexts: ``mean`` and its standard ``error``, (contexts, pairs)."""

    mean: Tensor
    error: Tensor


def sampled_interactions(
    game: Game, n: int, pairs: Tensor, contexts: int = 100, seed: int = 0
) -> Sampled:
    r"""Return the interactions of some pairs in contexts of each size, from random contexts.

    Contexts are drawn evenly, each by itself; where there are no more than ``contexts`` of a size,
    all are taken and the error is 0. The mean of :math:`|I|` over pairs is too high by the noise:
    :math:`I^2 - error^2` is free of that, and :func:`~.contexts.null_strength` takes the same
    count.

    Args:
        game: from int64 coalitions (B,) to values (B,); a :class:`~harsanyi.networks.MaskedGame`
            for one.
        n: its players, 2 to 62.
        pairs: int64 (pairs, 2), rows of :func:`~.contexts.pairs_of`.
        contexts: draws for each pair and size; each costs four values.
        seed: of the draws.

    Returns:
        ``mean`` and ``error``, each (n − 1 context sizes, pairs), float64.

    Raises:
        ValueError: pairs of another shape, out of range or of a player with itself; fewer than two
            contexts.

    Source: Ren et al., NeurIPS 2021 (100 contexts a pair). Chapter: Generalization, sensitivity,
    bottleneck.
    """
    pairs = _checked(pairs, n)
    if contexts < 2:
        raise ValueError(f"contexts: got {contexts}, expected 2 or more, for their spread")
    random = torch.Generator().manual_seed(seed)
    held = torch.zeros(len(pairs), n, dtype=torch.int64).scatter(1, pairs, 1)
    others = held.argsort(dim=1, stable=True)[:, : n - 2]  # (pairs, n - 2), the pair comes last
    one, two = (1 << pairs).unbind(1)
    means, errors = [], []
    for size in range(n - 1):
        drawn, whole = _contexts(others, size, contexts, random)
        terms = [drawn | (one | two)[:, None], drawn | one[:, None], drawn | two[:, None], drawn]
        wanted, place = torch.stack(terms).unique(return_inverse=True)
        both, first, second, neither = game(wanted).double()[place]  # (pairs, contexts) each
        change = both - first - second + neither
        means.append(change.mean(1))
        spread = change.new_zeros(len(pairs)) if whole else change.std(1) / change.shape[1] ** 0.5
        errors.append(spread)
    return Sampled(torch.stack(means), torch.stack(errors))


def _checked(pairs: Tensor, n: int) -> Tensor:
    bad = pairs.dim() != 2 or pairs.shape[1] != 2 or not len(pairs)
    if bad or int(pairs.min()) < 0 or int(pairs.max()) >= n or bool((pairs.diff() == 0).any()):
        raise ValueError(f"pairs: got {tuple(pairs.shape)}, expected (pairs, 2) of different "
                         f"players 0 to {n - 1}; see pairs_of")  # fmt: skip
    return pairs


def _contexts(
    others: Tensor, size: int, count: int, random: torch.Generator
) -> tuple[Tensor, bool]:
    """Bitmasks (pairs, count) of contexts of a size, and whether they are all there are."""
    pairs, n = others.shape
    if whole := comb(n, size) <= count:
        places = torch.tensor(list(combinations(range(n), size)), dtype=torch.int64)
        places = places.expand(pairs, -1, -1)
    else:
        places = torch.rand(pairs, count, n, generator=random).argsort(-1)[..., :size]
    bits = (1 << others)[:, None].expand(-1, places.shape[1], -1)
    return bits.gather(-1, places).sum(-1), whole
