r"""Comparing the interactions of networks, samples or moments of training.

Every function takes tables of effects (..., 2**n) of the same shape, AND or OR.

Chapter: Harsanyi dividends.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from .coalitions import n_players, sizes


class OrderProfile(NamedTuple):
    """Summed effects of each order 1 to n: ``positive`` ≥ 0, ``negative`` ≤ 0, each (..., n)."""

    positive: Tensor
    negative: Tensor

    @property
    def strength(self) -> Tensor:
        """Summed absolute effects of each order (..., n)."""
        return self.positive - self.negative


def salient_mask(
    effects: Tensor, threshold: float = 0.05, scale: Tensor | float | None = None
) -> Tensor:
    r"""Return which effects exceed τ = threshold · scale in strength: bool (..., m).

    Args:
        effects: (..., m) effects of one game along the last axis.
        threshold: a fraction, at least 0.
        scale: a number or a tensor of the leading axes; by default the strongest effect of each.

    Raises:
        ValueError: a negative threshold or scale.

    Source: Chen et al., ICLR 2024, Section 3. Chapter: Harsanyi dividends.
    """
    strength = effects.abs()
    if scale is None:
        scale = strength.amax(-1)
    scale = torch.as_tensor(scale, dtype=effects.dtype, device=effects.device)
    if threshold < 0 or bool((scale < 0).any()):
        raise ValueError(
            f"threshold, scale: got {threshold} and a smallest scale of {float(scale.min())}, "
            "expected both at least 0"
        )
    return strength > (threshold * scale)[..., None]


def _check_same(effects: tuple[Tensor, ...]) -> None:
    if len(effects) < 2:
        raise ValueError(f"effects: got {len(effects)} table(s), expected two or more to compare")
    shapes = {tuple(e.shape) for e in effects}
    if len(shapes) > 1:
        raise ValueError(f"effects: got shapes {sorted(shapes)}, expected all the same")


def overlap(*effects: Tensor, k: int) -> Tensor:
    r"""Return the share of the k strongest effects that all tables have in common.

    .. math:: s = |\Omega^{(1)} \cap \dots \cap \Omega^{(m)}| / k

    Two random tables agree on :math:`k / 2^n` of them by chance.

    Args:
        effects: two or more tables (..., 2**n) of the same shape.
        k: how many count as strongest, 1 to 2**n.

    Returns:
        Tensor (...), between 0 and 1.

    Source: Chen et al., ICLR 2024, Section 4 (generalization power). Chapter: Harsanyi dividends.
    """
    _check_same(effects)
    if not 1 <= k <= effects[0].shape[-1]:
        raise ValueError(f"k: got {k}, expected 1 to {effects[0].shape[-1]}")
    shared = torch.ones_like(effects[0], dtype=torch.bool)
    for table in effects:
        top = table.abs().topk(k, dim=-1).indices
        shared &= torch.zeros_like(shared).scatter(-1, top, True)
    return shared.sum(-1).double() / k


def iou(*effects: Tensor, threshold: float = 0.05, by_order: bool = False) -> Tensor:
    r"""Return the intersection over union of the salient sets of two or more tables.

    Args:
        effects: tables (..., 2**n) of the same shape.
        threshold: fraction of each table's strongest effect, see :func:`salient_mask`.
        by_order: return one number for each order, (..., n), instead of one in all, (...).

    Returns:
        Tensor, NaN where no table has a salient effect: 0/0 has no value.

    Source: Cheng et al., ICML 2024, Section 4. Chapter: Harsanyi dividends.
    """
    _check_same(effects)
    masks = torch.stack([salient_mask(e, threshold) for e in effects])
    both, either = masks.all(0), masks.any(0)
    if not by_order:
        return both.sum(-1).double() / either.sum(-1)
    n = n_players(effects[0], "effects")
    return _per_order(both.double(), n) / _per_order(either.double(), n)


def _per_order(table: Tensor, n: int) -> Tensor:
    """Sum a table over the coalitions of each order 1..n: (..., 2**n) to (..., n)."""
    out = table.new_zeros(*table.shape[:-1], n + 1)
    return out.index_add(-1, sizes(n).to(table.device), table)[..., 1:]


def order_profile(effects: Tensor) -> OrderProfile:
    """Return the summed positive and negative effects of each order.

    Args:
        effects: table (..., 2**n), float64 or float32.

    Source: Chen et al., ICLR 2024, Figure 4. Chapter: Harsanyi dividends.
    """
    n = n_players(effects, "effects")
    return OrderProfile(_per_order(effects.clamp(min=0), n), _per_order(effects.clamp(max=0), n))


def similarity(one: Tensor, other: Tensor) -> Tensor:
    r"""Return how much two tables agree in sign and strength, between 0 and 1.

    .. math:: \frac{\lVert \min(J, J') \rVert_1}{\lVert \max(J, J') \rVert_1}, \qquad
              J = [\max(I, 0), \max(-I, 0)]

    Args:
        one, other: tables (..., 2**n) of the same shape.

    Returns:
        Tensor (...), NaN where both tables are all zero.

    Source: weighted Jaccard similarity, as in Ren et al., CVPR 2023. Chapter: Harsanyi dividends.
    """
    _check_same((one, other))
    parts = [torch.cat([e.clamp(min=0), (-e).clamp(min=0)], dim=-1) for e in (one, other)]
    return torch.minimum(*parts).sum(-1) / torch.maximum(*parts).sum(-1)
