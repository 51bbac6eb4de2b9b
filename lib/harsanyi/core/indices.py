r"""Attributions and interaction indices: weighted sums of the same dividends.

Each index here hands the dividend of a coalition to its members, or to its subsets, in shares that
depend on sizes only. So one transform of the table and one sum over supersets give all of them.

Chapter: Attributions from dividends.
"""

from collections.abc import Callable
from math import comb

import torch
from torch import Tensor

from .coalitions import n_players, sizes
from .transforms import and_interactions, superset_sums


def _shared(dividends: Tensor, share: Callable[[int], float]) -> Tensor:
    """Sum share(s) * dividend(S) over all non-empty S ⊇ T, s the size of S, for every T."""
    n = n_players(dividends)
    shares = [0.0] + [share(s) for s in range(1, n + 1)]
    of_size = sizes(n).to(dividends.device)
    return superset_sums(dividends * dividends.new_tensor(shares)[of_size])


def _of_players(table: Tensor) -> Tensor:
    """Pick the single players out of a table: (..., 2**n) to (..., n)."""
    n = n_players(table)
    return table[..., [1 << i for i in range(n)]]


def shapley(v: Tensor) -> Tensor:
    r"""Return the Shapley values: each dividend split evenly among its members.

    .. math:: \varphi_i = \sum_{S \ni i} \frac{I(S)}{|S|}

    Args:
        v: table (..., 2**n), float64 or float32, in the units of the value function.

    Returns:
        Tensor (..., n); its sum is :math:`v(N) - v(\varnothing)`.

    Raises:
        TypeError, ValueError: as :func:`harsanyi.mobius`.

    Source: Shapley (1953); in dividends, Harsanyi (1963). Chapter: Attributions from dividends.
    """
    return _of_players(_shared(and_interactions(v), lambda s: 1 / s))


def banzhaf(v: Tensor) -> Tensor:
    r"""Return the Banzhaf values: a player's mean gain over all coalitions of the others.

    .. math:: \beta_i = \sum_{S \ni i} \frac{I(S)}{2^{|S|-1}}

    Args:
        v: table (..., 2**n), float64 or float32, in the units of the value function.

    Returns:
        Tensor (..., n); its sum is in general not :math:`v(N) - v(\varnothing)`.

    Raises:
        TypeError, ValueError: as :func:`harsanyi.mobius`.

    Source: Banzhaf (1965). Chapter: Attributions from dividends.
    """
    return _of_players(_shared(and_interactions(v), lambda s: 2.0 ** (1 - s)))


def _sii(s: int, t: int, k: int) -> float:
    return 1 / (s - t + 1)


def _stii(s: int, t: int, k: int) -> float:
    return float(s == t) if t < k else 1 / comb(s, k)


def _fsii(s: int, t: int, k: int) -> float:
    if s <= k:
        return float(s == t)
    return (-1) ** (k - t) * t / (k + t) * comb(k, t) * comb(s - 1, k) / comb(s + k - 1, k + t)


# what T gets of the dividend of S ⊇ T; s and t are their sizes, k is the order
_INDICES = {"SII": _sii, "STII": _stii, "FSII": _fsii}


def interaction_index(v: Tensor, index: str = "SII", order: int = 2) -> Tensor:
    r"""Return an interaction index of every coalition up to an order.

    With :math:`s = |S|`, :math:`t = |T|`, :math:`k` the order and :math:`I` the dividends:

    .. math::
        \mathrm{SII}(T) &= \sum_{S \supseteq T} \frac{I(S)}{s - t + 1} \\
        \mathrm{STII}(T) &= I(T) \text{ if } t < k, \quad
            \sum_{S \supseteq T} I(S) \Big/ \binom{s}{k} \text{ if } t = k \\
        \mathrm{FSII}(T) &= I(T) + (-1)^{k-t} \frac{t}{k+t} \binom{k}{t}
            \sum_{S \supset T,\, s > k} \binom{s-1}{k} \Big/ \binom{s+k-1}{k+t} \; I(S)

    Args:
        v: table (..., 2**n), float64 or float32, in the units of the value function.
        index: "SII" (Shapley interaction), "STII" (Shapley-Taylor) or "FSII" (Faith-Shap).
        order: the largest size k of a coalition, 1 to n.

    Returns:
        Tensor (..., 2**n), zero for the empty coalition and above the order.

    Raises:
        ValueError: an unknown index, or an order outside 1..n; tables as :func:`harsanyi.mobius`.

    Source: Grabisch & Roubens (1999); Sundararajan et al. (2020); Tsai et al. (2023).
    Chapter: Attributions from dividends.
    """
    n = n_players(v, "v")
    if index not in _INDICES:
        raise ValueError(f"index: got {index!r}, expected one of {', '.join(_INDICES)}")
    if not 1 <= order <= n:
        raise ValueError(f"order: got {order}, expected 1 to {n}, the number of players")
    weight, dividends = _INDICES[index], and_interactions(v)
    of_size, out = sizes(n).to(v.device), torch.zeros_like(dividends)
    for t in range(1, order + 1):
        sums = _shared(dividends, lambda s, t=t: weight(s, t, order) if s >= t else 0.0)
        out = torch.where(of_size == t, sums, out)
    return out
