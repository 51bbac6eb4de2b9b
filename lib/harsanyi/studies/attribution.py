r"""Attributions as weighted sums of dividends: the weights known, or measured on tables.

Any attribution that is linear in the table of a game is a weighted sum of its dividends,

.. math:: a_i(v) = \sum_S w_i(S)\, I(S), \qquad w_i(S) = a_i(u_S),

with :math:`u_S` the game that is 1 where all of S are there: so its weights are what it says of
these games. If it treats players alike, they depend on the order of S and on whether i is in it.

Source: Harsanyi, 1963; Deng et al., TPAMI 2024, whose weights these are for removal-based methods.
Chapter: One language for attributions and transferability.
"""

from collections.abc import Callable, Mapping

import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import check_memory, membership, sizes
from ..core.transforms import mobius, zeta
from .layer_attributions import shapley_by_order

Weight = Callable[[int], float]  # from an order to what each member gets of a dividend
Attribution = Callable[[Tensor], Tensor]  # from tables (..., 2**n) to players (..., n)


def dial(p: float) -> Weight:
    r"""Return the weights of a player's mean gain when each other is there with chance p.

    .. math:: w(s) = p^{s-1}

    0: leave-one-in; ½: Banzhaf; 1: occlusion, which is leave-one-out.

    Source: Owen, 1972. Chapter: Attributions from dividends.
    """
    return lambda s: float(p) ** (s - 1)


def beta(a: float, b: float) -> Weight:
    r"""Return the weights of Beta Shapley, the dial's mean for p ~ Beta(a, b).

    .. math:: w(s) = \prod_{k=0}^{s-2} \frac{a + k}{a + b + k}

    a = b = 1 is the Shapley value, 1/s. In the paper's notation Beta(b, a).

    Source: Kwon & Zou, AISTATS 2022. Chapter: One language for attributions and transferability.
    """
    if a <= 0 or b <= 0:
        raise ValueError(f"a, b: got {a}, {b}, expected both above 0")

    def weight(s: int) -> float:
        product = 1.0
        for k in range(s - 1):
            product *= (a + k) / (a + b + k)
        return product

    return weight


REMOVAL: dict[str, Weight] = {
    "leave-one-in": dial(0.0),
    "Banzhaf": dial(0.5),
    "Shapley": beta(1, 1),
    "occlusion": dial(1.0),
}


def weights_table(n: int, methods: Mapping[str, Weight] = REMOVAL) -> pd.DataFrame:
    """Return the exact weights by order: index order 1 to n, a column for each method."""
    orders = range(1, n + 1)
    columns = {name: [weight(s) for s in orders] for name, weight in methods.items()}
    return pd.DataFrame(columns, index=pd.Index(orders, name="order"))


def player_sums(dividends: Tensor) -> Tensor:
    r"""Return the sum of each player's dividends of each order.

    .. math:: D_i^{(s)} = \sum_{S \ni i, |S| = s} I(S)

    Args:
        dividends: (..., 2**n), float64 or float32.

    Returns:
        Tensor (..., n orders, n players).

    Source: ours. Chapter: One language for attributions and transferability.
    """
    shares = shapley_by_order(torch.stack([dividends, torch.zeros_like(dividends)], -2))
    return shares * torch.arange(1, shares.shape[-1] + 1).to(shares)[:, None]


def attribute(dividends: Tensor, weight: Weight) -> Tensor:
    r"""Return the attribution with these weights: :math:`a_i = \sum_s w(s) D_i^{(s)}`.

    Args:
        dividends: (..., 2**n), float64 or float32.
        weight: from the order to the weight, such as one of ``REMOVAL``.

    Returns:
        Tensor (..., n).

    Source: Harsanyi, 1963. Chapter: Attributions from dividends.
    """
    sums = player_sums(dividends)
    return sums.new_tensor([weight(s) for s in range(1, sums.shape[-1] + 1)]) @ sums


def shares_of(attribution: Attribution, n: int) -> Tensor:
    r"""Return what an attribution says of each game :math:`u_S`: all its weights, if it is linear.

    .. math:: w_i(S) = a_i(u_S), \quad u_S(T) = 1 \text{ if } S \subseteq T \text{, else } 0

    Args:
        attribution: from tables (..., 2**n) to (..., n), such as :func:`harsanyi.shapley`.
        n: players; 2**n tables are built.

    Returns:
        Tensor (2**n coalitions S, n players), float64; row 0 is of the constant game.

    Raises:
        ValueError: a result of another shape, or tables that don't fit in memory.

    Source: Shapley, 1953 (unanimity games). Chapter: One language for attributions and
    transferability.
    """
    check_memory(n, bytes_per_coalition=3 * 8 * 2**n)
    found = attribution(zeta(torch.eye(2**n, dtype=torch.float64)))
    if found.shape != (2**n, n):
        raise ValueError(f"attribution: returned {tuple(found.shape)} for tables {(2**n, 2**n)}, "
                         f"expected {(2**n, n)}; it must take leading axes")  # fmt: skip
    return found.double()


def measured_weights(attribution: Attribution, n: int) -> pd.DataFrame:
    """Return an attribution's weights by order, as measured by :func:`shares_of`.

    Args:
        attribution: from tables (..., 2**n) to (..., n).
        n: players.

    Returns:
        Columns order (0 is the constant game, which has no members), role ("member" of S or
        "other"), weight (mean over coalitions and players), low and high (the smallest and the
        largest; they differ where the method does not treat players alike).

    Source: ours. Chapter: One language for attributions and transferability.
    """
    shares, rows = shares_of(attribution, n), []
    inside, size = membership(n), sizes(n)
    for order in range(n + 1):
        for role, where in (("member", inside), ("other", ~inside)):
            part = shares[where & (size == order)[:, None]]
            if len(part):
                limits = (float(part.min()), float(part.max()))
                rows.append((order, role, float(part.mean()), *limits))
    return pd.DataFrame(rows, columns=["order", "role", "weight", "low", "high"])


def departure(attribution: Attribution, n: int, tables: int = 20, seed: int = 0) -> float:
    r"""Return how far an attribution is from the weighted sum that its shares make: 0 if linear.

    .. math:: \max_i |a_i(v) - \sum_S w_i(S)\, m(S)| \Big/ \max_i |a_i(v)|

    over random tables, with m the Möbius transform.

    Args:
        attribution: from tables (..., 2**n) to (..., n).
        n: players.
        tables: how many, of Gaussian noise.
        seed: of the tables.

    Source: ours. Chapter: One language for attributions and transferability.
    """
    random = torch.Generator().manual_seed(seed)
    v = torch.randn(tables, 2**n, generator=random, dtype=torch.float64)
    found = attribution(v)
    return float((found - mobius(v) @ shares_of(attribution, n)).abs().max() / found.abs().max())
