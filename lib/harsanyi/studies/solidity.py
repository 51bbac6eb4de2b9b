r"""Is it the order, or the strength? A row for each interaction, comparisons with one held fixed.

Interactions of low order are stronger, there are fewer of them, and more of them are salient. Any
of the three makes them agree between networks and outlast noise. Here each salient interaction
stands beside others that are as strong, and its agreement beside that of random sets of its order.

Source: ours. Chapter: Which knowledge is solid?
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import sizes
from ..core.compare import salient_mask
from ..core.result import Interactions
from .intervals import draw_anew
from .layerwise import effects_of
from .orders import _long, counts_by_order
from .sharing import KINDS, room

EDGES = (0.05, 0.1, 0.2, 0.4, 1.0)  # of the strongest effect of a sample


def related_games(
    n: int, samples: int, related: Sequence[float], decay: float = 3.0, seed: int = 0
) -> tuple[Interactions, Interactions]:
    r"""Return two games whose effects shrink with the order, and agree as much as one says.

    .. math:: I'(S) = r_{|S|} I(S) + \sqrt{1 - r_{|S|}^2} \, J(S), \qquad
              I(S), J(S) \sim N(0, q^{-2|S|})

    With :math:`r = 0` throughout they are those of :func:`~.stability.independent_games` in kind.

    Args:
        n, samples: players, and samples of each game.
        related: r for orders 1, 2, …, each from −1 to 1; orders beyond the last have 0.
        decay: q.
        seed: of the draws.

    Returns:
        Two Interactions (samples, 2**n), AND only.

    Raises:
        ValueError: an r beyond 1, or more of them than orders.

    Source: ours. Chapter: Which knowledge is solid?
    """
    r = torch.zeros(n + 1, dtype=torch.float64)
    if len(related) > n or any(abs(one) > 1 for one in related):
        raise ValueError(f"related: got {list(related)}, expected at most {n} numbers, -1 to 1")
    r[1 : len(related) + 1] = torch.tensor(list(related), dtype=torch.float64)
    random, size = torch.Generator().manual_seed(seed), sizes(n)
    draw = torch.randn(2, samples, 2**n, generator=random, dtype=torch.float64)
    draw = torch.where(size > 0, draw * float(decay) ** -size, 0)
    one, fresh = draw
    other = r[size] * one + (1 - r[size] ** 2).sqrt() * fresh
    none, empty = torch.zeros_like(one), torch.zeros(samples, dtype=torch.float64)
    return Interactions(one, none, empty), Interactions(other, none, empty)


def order_correlation(one: Interactions, other: Interactions) -> pd.DataFrame:
    r"""Return the correlation of two explanations' effects, order by order, AND and OR apart.

    Pearson's, over the coalitions of an order. It has no threshold, and it knows neither how strong
    an order is nor how many of its effects are salient; with shuffled players its mean is near 0.

    Args:
        one, other: (pairs, 2**n) each: row i of one with row i of the other.

    Returns:
        Columns sample, kind, order, correlation (NaN where an order's effects are all equal).

    Source: ours. Chapter: Which knowledge is solid?
    """
    effects = [effects_of(found) for found in (one, other)]  # (pairs, 2, 2**n) each
    size, allowed = sizes(one.n), room(one.n)
    columns = []
    for order in range(1, one.n + 1):
        at = (size == order) & allowed.any(0)
        a, b = (e[..., at] - e[..., at].mean(-1, keepdim=True) for e in effects)
        norm = a.norm(dim=-1) * b.norm(dim=-1)
        columns.append(torch.where(norm > 1e-12, (a * b).sum(-1) / norm, torch.nan))
    frame = _long({"correlation": torch.stack(columns, -1)}, ("sample", "kind", "order"))
    return frame.assign(order=frame["order"] + 1, kind=[KINDS[i] for i in frame["kind"]])


def each_effect(
    one: Interactions,
    others: Sequence[Interactions],
    noisy: Interactions | None = None,
    threshold: float = 0.05,
) -> pd.DataFrame:
    """Return a row for each salient effect: its order, strength, whether others have it, stability.

    Args:
        one: (samples, 2**n), the network that is asked.
        others: (samples, 2**n) each, on the same samples. They have an effect where it is salient
            there as well, with the same sign.
        noisy: (draws, samples, 2**n), ``one`` under noise, or None.
        threshold: fraction of each sample's strongest effect above which one is salient.

    Returns:
        Columns sample, kind, coalition (a bitmask), order, strength (over the sample's strongest),
        shared (share of the others that have it), chance (of shared: how many of the others'
        effects of this kind and order are salient with this sign), and with ``noisy`` stability
        (mean over deviation; NaN where nothing moves).

    Raises:
        ValueError: no other network, or shapes that differ.

    Source: Cheng et al., ICML 2024, Eq. 9 and 10, taken apart. Chapter: Which knowledge is solid?
    """
    if not others or any(found.and_.shape != one.and_.shape for found in others):
        raise ValueError(
            f"others: got shapes {[tuple(found.and_.shape) for found in others]}, expected one or "
            f"more of {tuple(one.and_.shape)}"
        )
    effects = effects_of(one)  # (samples, 2, 2**n)
    signs, rest = (_salient_signs(e, threshold) for e in (effects, _stack(others)))
    shared = ((rest == signs) & (signs != 0)).double().mean(0)
    chance = torch.zeros_like(effects)
    full, size = counts_by_order(room(one.n)).clamp(min=1), sizes(one.n)
    for sign in (1, -1):
        dense = (counts_by_order(rest == sign) / full).mean(0)  # (samples, 2, n)
        chance = torch.where(signs == sign, dense[..., (size - 1).clamp(min=0)], chance)
    strength = effects.abs() / effects.abs().amax((-1, -2), keepdim=True)
    columns = {"strength": strength, "shared": shared, "chance": chance}
    if noisy is not None:
        many = effects_of(noisy)  # (draws, samples, 2, 2**n)
        columns["stability"] = many.mean(0).abs() / many.std(0)
    at = signs != 0
    sample, kind, coalition = at.nonzero().T.tolist()
    order = size[coalition].tolist()
    frame = pd.DataFrame({"sample": sample, "kind": [KINDS[k] for k in kind],
                          "coalition": coalition, "order": order})  # fmt: skip
    frame = frame.assign(**{name: value[at].tolist() for name, value in columns.items()})
    return frame.replace([np.inf, -np.inf], np.nan)


def strength_held_fixed(
    frame: pd.DataFrame,
    column: str = "shared",
    orders: Sequence[int] = (1, 2, 3),
    edges: Sequence[float] = EDGES,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Compare orders as they are, and as they would be if all had effects of the same strengths.

    .. math:: raw(m) = \text{mean over the effects of order } m, \qquad
              fixed(m) = \sum_b w_b \, \text{mean over those of order } m \text{ in bin } b

    with bins b of strength, and :math:`w_b` the share of bin b among the effects of all these
    orders. Bins in which an order has no effect are left out for all.

    Args:
        frame: from :func:`each_effect`; rows of several networks may be stacked.
        column: what is averaged, "shared", "chance" or "stability"; rows without a value are left
            out.
        orders: which are compared.
        edges: of the bins, as fractions of a sample's strongest effect.
        seed: of the bootstrap over samples.

    Returns:
        Columns order, effects, raw, fixed, low, high, gap (``fixed`` less that of the first order),
        gap_low, gap_high, covered (share of the effects in bins that count); 95 % intervals.

    Raises:
        KeyError: no such column.

    Source: ours; direct standardisation, as for ages in epidemiology. Chapter: Which knowledge is
    solid?
    """
    part = frame[frame["order"].isin(orders)].dropna(subset=[column])
    bins = len(edges) - 1
    at = np.clip(np.searchsorted(edges, part["strength"]) - 1, 0, bins - 1)
    samples, who = np.unique(part["sample"], return_inverse=True)
    count, total = np.zeros((2, len(samples), len(orders), bins))
    place = who, np.searchsorted(orders, part["order"]), at
    np.add.at(count, place, 1.0)
    np.add.at(total, place, part[column].to_numpy(float))
    draws = draw_anew((len(samples),), seed)[0]  # (DRAWS, samples)
    fixed, covered = standardised(count.sum(0), total.sum(0))
    drawn = standardised(count[draws].sum(1), total[draws].sum(1))[0]
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    gap_low, gap_high = np.nanquantile(drawn - drawn[:, :1], [0.025, 0.975], axis=0)
    every = count.sum((0, 2))
    return pd.DataFrame({
        "order": list(orders), "effects": every.astype(int),
        "raw": total.sum((0, 2)) / np.maximum(every, 1), "fixed": fixed,
        "low": low, "high": high, "gap": fixed - fixed[0], "gap_low": gap_low,
        "gap_high": gap_high, "covered": covered,
    })  # fmt: skip


def standardised(count: np.ndarray, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return means (..., orders) at common strengths, and the share of effects in bins that count.

    Args:
        count, total: (..., orders, bins), how many effects, and the sum of what is averaged.
    """
    usable = (count > 0).all(-2)  # (..., bins)
    weight = np.where(usable, count.sum(-2), 0.0)
    covered = weight.sum(-1) / count.sum((-1, -2))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (weight / weight.sum(-1, keepdims=True))[..., None, :]
        means = np.where(count > 0, total / count, 0.0)
    return (share * means).sum(-1), covered


def _stack(found: Sequence[Interactions]) -> Tensor:
    return torch.stack([effects_of(one) for one in found])


def _salient_signs(effects: Tensor, threshold: float) -> Tensor:
    """+1, −1, or 0 where an effect is not salient in its sample."""
    sets = salient_mask(effects.flatten(-2), threshold).view(effects.shape)
    return torch.where(sets, effects.sign(), 0)
