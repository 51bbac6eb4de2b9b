"""Toy games whose dividends are known in closed form: the ground truth of every test.

Chapter: A network as a game; Harsanyi dividends.
"""

from collections.abc import Callable, Mapping, Sequence
from math import comb
from typing import NamedTuple

import torch
from torch import Tensor

from .coalitions import check_names, mask_of, membership, sizes
from .transforms import reconstruct


class Game(NamedTuple):
    """A game with its known explanation.

    ``v`` is the table (2**n,) float64, ``dividends`` its Harsanyi dividends in closed form,
    ``and_`` and ``or_`` the terms it was made from (``v`` is their reconstruction), ``names`` the
    players.
    """

    v: Tensor
    dividends: Tensor
    and_: Tensor
    or_: Tensor
    names: tuple[str, ...]


Terms = Mapping[Sequence[int], float]


def from_function(function: Callable[[Tensor], Tensor], n: int) -> Tensor:
    """Return the table of a function of who is present.

    Args:
        function: takes bool (2**n, n), entry (m, i) telling whether player i is in coalition m,
            and returns 2**n values.
        n: number of players.

    Raises:
        ValueError: the function returned another shape.
    """
    v = torch.as_tensor(function(membership(n)), dtype=torch.float64)
    if v.shape != (2**n,):
        raise ValueError(
            f"function: returned shape {tuple(v.shape)}, expected ({2**n},), "
            "one value for each row of its argument"
        )
    return v


def _table(terms: Terms, n: int) -> Tensor:
    table = torch.zeros(2**n, dtype=torch.float64)
    for players, weight in terms.items():
        if not players or not all(0 <= i < n for i in players):
            raise ValueError(f"terms: got {tuple(players)}, expected players from 0 to {n - 1}")
        table[mask_of(players)] += weight
    return table


def _or_as_dividends(or_: Tensor) -> Tensor:
    """An OR of weight w over A has dividend (-1)^(|S|+1) w on every non-empty S ⊆ A."""
    n = or_.shape[0].bit_length() - 1
    masks = torch.arange(2**n)
    dividends = torch.zeros_like(or_)
    for a in or_.nonzero().flatten().tolist():
        inside = (masks & ~a) == 0
        dividends += or_[a] * inside * torch.where(sizes(n) % 2 == 1, 1.0, -1.0)
    dividends[0] = 0.0
    return dividends


def and_or(and_terms: Terms, or_terms: Terms, n: int, names: Sequence[str] | None = None) -> Game:
    """Return a game made of given AND and OR terms, such as ``{(0, 1): 2.0}``.

    Raises:
        ValueError: an empty term, or a player outside 0..n-1.

    Source: the And-Or games of Ren et al., CVPR 2023, Section 4. Chapter: AND, OR and both.
    """
    and_, or_ = _table(and_terms, n), _table(or_terms, n)
    dividends = and_ + _or_as_dividends(or_)
    return Game(reconstruct(and_, or_), dividends, and_, or_, check_names(names, n))


def seed_example() -> Game:
    """Return the example of the literature: x1x2x3 + x2x3 + x3x4 + (x4 or x5).

    Source: Chen et al., ICLR 2024, Section 3. Chapter: A network as a game; AND, OR and both.
    """
    return and_or({(0, 1, 2): 1.0, (1, 2): 1.0, (2, 3): 1.0}, {(3, 4): 1.0}, n=5)


def add_mul(n: int, terms: int, seed: int) -> Game:
    """Return a random sum of products: different coalitions of at least two players, weights ±1.

    Raises:
        ValueError: more terms than there are coalitions of two or more players.

    Source: the Add-Mul functions of Ren et al., CVPR 2023, Section 4.
    Chapter: Harsanyi dividends.
    """
    generator = torch.Generator().manual_seed(seed)
    candidates = (sizes(n) >= 2).nonzero().flatten()
    if not 1 <= terms <= len(candidates):
        raise ValueError(f"terms: got {terms}, expected 1 to {len(candidates)} for n = {n}")
    chosen = candidates[torch.randperm(len(candidates), generator=generator)[:terms]]
    and_ = torch.zeros(2**n, dtype=torch.float64)
    and_[chosen] = torch.randint(0, 2, (terms,), generator=generator).double() * 2 - 1
    return Game(reconstruct(and_), and_, and_, torch.zeros_like(and_), check_names(None, n))


def majority(n: int) -> Game:
    """Return the game worth 1 to every coalition of more than half of the players.

    Its dividends are (-1)^(s-q) C(s-1, q-1) for sizes s from the quota q upwards.
    """
    quota = n // 2 + 1
    of_size = torch.tensor(
        [
            (-1.0) ** (s - quota) * comb(s - 1, quota - 1) if s >= quota else 0.0
            for s in range(n + 1)
        ],
        dtype=torch.float64,
    )
    return _and_only(of_size[sizes(n)], n)


def parity(n: int) -> Game:
    """Return the game worth 1 to every coalition of odd size; its dividends are (-2)^(s-1)."""
    dividends = (-2.0) ** (sizes(n).double() - 1)
    dividends[0] = 0.0
    return _and_only(dividends, n)


def _and_only(dividends: Tensor, n: int) -> Game:
    nothing = torch.zeros_like(dividends)
    return Game(reconstruct(dividends), dividends, dividends, nothing, check_names(None, n))
