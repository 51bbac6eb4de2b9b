r"""Attributions and interaction indices: weighted sums of the same dividends.

Each index here hands the dividend of a coalition to its members, or to its subsets, in shares that
depend on sizes only. So one transform of the table and one sum over supersets give all of them.

Chapter: Attributions from dividends.
"""

from math import comb

import torch
from torch import Tensor

from .coalitions import n_players, sizes
from .transforms import and_interactions, superset_sums


def _shared(dividends: Tensor, share: Tensor) -> Tensor:
    """Sum share(s) * dividend(S) over all S ⊇ T of size s, for every T; share is (n + 1,)."""
    order = sizes(n_players(dividends)).to(dividends.device)
    return superset_sums(dividends * share.to(dividends)[order])


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
    n = n_players(v, "v")
    share = torch.tensor([0.0] + [1 / s for s in range(1, n + 1)], dtype=v.dtype)
    return _of_players(_shared(and_interactions(v), share))


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
    n = n_players(v, "v")
    share = torch.tensor([0.0] + [2.0 ** (1 - s) for s in range(1, n + 1)], dtype=v.dtype)
    return _of_players(_shared(and_interactions(v), share))


def _sii(dividends: Tensor, n: int, order: int) -> Tensor:
    """SII(T) = sum over S ⊇ T of I(S) / (|S| - |T| + 1)."""
    out = torch.zeros_like(dividends)
    of_size = sizes(n).to(dividends.device)
    for t in range(1, order + 1):
        share = torch.tensor([0.0 if s < t else 1 / (s - t + 1) for s in range(n + 1)])
        out = torch.where(of_size == t, _shared(dividends, share.double()), out)
    return out


def _stii(dividends: Tensor, n: int, order: int) -> Tensor:
    """STII(T) = I(T) below the order; at it, the sum over S ⊇ T of I(S) / C(|S|, order)."""
    share = torch.tensor([0.0 if s < order else 1 / comb(s, order) for s in range(n + 1)])
    of_size = sizes(n).to(dividends.device)
    top = torch.where(of_size == order, _shared(dividends, share.double()), 0.0)
    return torch.where(of_size < order, dividends, top)


def _fsii(dividends: Tensor, n: int, order: int) -> Tensor:
    """Give every T up to the order its own dividend and a share of those above the order."""
    out = torch.zeros_like(dividends)
    of_size = sizes(n).to(dividends.device)
    for t in range(1, order + 1):
        sign = (-1) ** (order - t) * t / (order + t) * comb(order, t)
        share = torch.tensor(
            [
                0.0 if s <= order else sign * comb(s - 1, order) / comb(s + order - 1, order + t)
                for s in range(n + 1)
            ]
        )
        spread = dividends + _shared(dividends, share.double())
        out = torch.where(of_size == t, spread, out)
    return out


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
    return _INDICES[index](and_interactions(v), n, order)
