r"""Which part of an interaction comes back in other seeds, by order and at equal strength.

For one seed's salient effects I and the mean I' over the other seeds,

.. math:: b = \frac{\sum_S I'(S)\, \mathrm{sign}\, I(S)}{\sum_S |I(S)|}

which is 1 where all comes back, and 0 in expectation where nothing does. What all coalitions of an
order have in common is taken off first: it would come back with shuffled players too.

Source: ours; that high orders vary more is Zhou et al., AAAI 2024. Chapter: Generalization,
sensitivity, bottleneck.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from torch import Tensor

from ..core.coalitions import n_players, sizes
from .contexts import mean_by_size
from .intervals import draw_anew
from .solidity import EDGES, standardised


def come_back(effects: Tensor, threshold: float = 0.05) -> pd.DataFrame:
    """Return each seed's salient effects, and what the other seeds have of them.

    Args:
        effects: (seeds, samples, 2**n), two seeds or more.
        threshold: fraction of each sample's strongest effect above which one is salient.

    Returns:
        Columns seed, sample, coalition (a bitmask), order, strength (over the sample's strongest),
        back (the mean over the other seeds in this unit, with this effect's sign).

    Raises:
        ValueError: effects of another shape, or of one seed.

    Source: ours. Chapter: Generalization, sensitivity, bottleneck.
    """
    if effects.dim() != 3 or len(effects) < 2:
        raise ValueError(
            f"effects: got shape {tuple(effects.shape)}, expected (seeds, samples, 2**n) with two "
            "seeds or more"
        )
    size = sizes(n_players(effects, "effects"))
    effects = effects - mean_by_size(effects)[..., size]
    rest = (effects.sum(0) - effects) / (len(effects) - 1)  # of the others
    top = effects.abs().amax(-1, keepdim=True)
    strength, back = effects.abs() / top, rest * effects.sign() / top
    at = strength > threshold
    seed, sample, coalition = at.nonzero().T.tolist()
    return pd.DataFrame({
        "seed": seed, "sample": sample, "coalition": coalition,
        "order": size[coalition].tolist(), "strength": strength[at].tolist(),
        "back": back[at].tolist(),
    })  # fmt: skip


def back_by_order(
    frame: pd.DataFrame,
    orders: Sequence[int] = (1, 2, 3, 4),
    edges: Sequence[float] = EDGES,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Return b of each order, as it is and as if all orders had effects of the same strengths.

    .. math:: fixed(m) = \frac{\sum_k w_k \overline{back}_{m,k}}{\sum_k w_k \overline{|I|}_{m,k}}

    with bins k of strength and :math:`w_k` the share of bin k among all these orders' effects. Bins
    in which an order has no effect are left out for all.

    Args:
        frame: from :func:`come_back`.
        orders: which are compared.
        edges: of the bins, as fractions of a sample's strongest effect.
        seed: of the bootstrap over samples.

    Returns:
        Columns order, effects, raw, fixed, low, high, gap (``fixed`` less that of the first order),
        gap_low, gap_high; 95 % intervals.

    Source: ours; as :func:`~.solidity.strength_held_fixed`. Chapter: Generalization, sensitivity,
    bottleneck.
    """
    part = frame[frame["order"].isin(orders)]
    samples, who = np.unique(part["sample"], return_inverse=True)
    bins = np.clip(np.searchsorted(edges, part["strength"]) - 1, 0, len(edges) - 2)
    place = who, np.searchsorted(orders, part["order"]), bins
    count, back, size = np.zeros((3, len(samples), len(orders), len(edges) - 1))
    np.add.at(count, place, 1.0)
    np.add.at(back, place, part["back"].to_numpy(float))
    np.add.at(size, place, part["strength"].to_numpy(float))
    draws = draw_anew((len(samples),), seed)[0]  # (DRAWS, samples)
    fixed = _ratio(count.sum(0), back.sum(0), size.sum(0))
    drawn = _ratio(*(grid[draws].sum(1) for grid in (count, back, size)))  # (DRAWS, orders)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    gap_low, gap_high = np.nanquantile(drawn - drawn[:, :1], [0.025, 0.975], axis=0)
    return pd.DataFrame({
        "order": list(orders), "effects": count.sum((0, 2)).astype(int),
        "raw": back.sum((0, 2)) / size.sum((0, 2)), "fixed": fixed, "low": low, "high": high,
        "gap": fixed - fixed[0], "gap_low": gap_low, "gap_high": gap_high,
    })  # fmt: skip


def _ratio(count: np.ndarray, back: np.ndarray, size: np.ndarray) -> np.ndarray:
    """b at common strengths, from sums (..., orders, bins)."""
    return standardised(count, back)[0] / standardised(count, size)[0]
