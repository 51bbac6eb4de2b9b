r"""Games with a few planted terms of known orders, ANDs or parities.

Chapter: Generalization, sensitivity, bottleneck.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ..core.coalitions import sizes
from ..core.transforms import mobius

Term = Callable[[int, int], Tensor]  # of the players and the mask to a table (2**n,)


class Planted(NamedTuple):
    """Games with known terms.

    Attributes:
        tables: (games, 2**n) float64.
        terms: masks (games, k) int64.
        weights: of the terms (games, k).
        coefficients: what gives a table's weights of all terms of this kind, (..., 2**n) to the
            same shape: the Möbius or the Walsh transform.
    """

    tables: Tensor
    terms: Tensor
    weights: Tensor
    coefficients: Callable[[Tensor], Tensor]


def and_term(n: int, mask: int) -> Tensor:
    """Return the table (2**n,) of 1 where all players of a mask are present, else 0."""
    masks = torch.arange(2**n)
    return (masks & mask == mask).double()


def parity_term(n: int, mask: int) -> Tensor:
    """Return the table (2**n,) of 1 where an even number of a mask's players is absent, else −1."""
    missing = sizes(n)[~torch.arange(2**n) & mask]
    return 1.0 - 2.0 * (missing % 2).double()


def walsh(v: Tensor) -> Tensor:
    r"""Return the weights of all parities in tables (..., 2**n).

    .. math:: \hat v(T) = 2^{-n} \sum_S v(S) \prod_{i \in T} (2 \cdot 1[i \in S] - 1)
    """
    n = v.shape[-1].bit_length() - 1
    for player in range(n):
        absent, present = v.unflatten(-1, (-1, 2, 2**player)).unbind(-2)
        v = torch.stack([present + absent, present - absent], -2).flatten(-3) / 2
    return v


def unit_variance(term: Tensor) -> float:
    """Return the weight that gives a term's table (2**n,) the variance 1."""
    return 1 / float(term.std(correction=0))


def planted_games(
    orders: Sequence[Sequence[int]],
    n: int = 8,
    seed: int = 0,
    term: Term = and_term,
    weight: Callable[[Tensor], float] = lambda term: 1.0,
) -> Planted:
    """Plant terms of given orders, drawn at random, in each of some games.

    Args:
        orders: for each game its terms' orders, as many in all; ``[[3]] * 5`` are five games of one
            term of order 3.
        n: players.
        seed: of which players and which sign.
        term: :func:`and_term` or :func:`parity_term`.
        weight: of a term, from its table; 1 by default, see :func:`unit_variance`.

    Raises:
        ValueError: an order outside 1 … n.
    """
    if not all(1 <= order <= n for game in orders for order in game):
        raise ValueError(f"orders: got {list(orders)}, expected orders from 1 to {n}")
    random = torch.Generator().manual_seed(seed)
    masks, weights, tables = [], [], []
    for game in orders:
        picks = [int((1 << torch.randperm(n, generator=random)[:k]).sum()) for k in game]
        each = [term(n, mask) for mask in picks]
        signs = torch.randint(2, (len(game),), generator=random).tolist()
        scale = [(2 * s - 1) * weight(one) for s, one in zip(signs, each, strict=True)]
        tables.append(sum(w * one for w, one in zip(scale, each, strict=True)))
        masks.append(picks)
        weights.append(scale)
    return Planted(
        torch.stack(tables), torch.tensor(masks), torch.tensor(weights, dtype=torch.float64),
        walsh if term is parity_term else mobius,
    )  # fmt: skip
