r"""What a layer still shares with the network's output, what is forgotten later, what is new.

Effects of layer l and of a later one, L, are compared coalition by coalition:

.. math:: I_{shared}(S) = \begin{cases} \text{sign} \cdot \min(|I^{(l)}(S)|, |I^{(L)}(S)|) &
          \text{if the signs agree and } S \in \Omega^{(l)} \cap \Omega^{(L)} \\
          0 & \text{otherwise} \end{cases}

.. math:: overlap = \sum_{\Omega^{(l)} \cap \Omega^{(L)}} |I_{shared}|, \quad
          forget = \sum_{\Omega^{(l)}} |I^{(l)}| - |I_{shared}|, \quad
          new = \sum_{\Omega^{(L)}} |I^{(L)}| - |I_{shared}|

The second condition on S is a correction: in print Eq. 8, all = overlap + forget, fails where an
effect is salient in one of the two layers only. With it all^l = overlap + forget and
all^L = overlap + new are identities.

Effects are tensors (layers, samples, 2, 2**n), AND then OR; see :func:`effects_of`.

Source: Cheng et al., ICML 2024, Eq. 8, corrected. Chapter: Layer by layer.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from ..core.coalitions import n_players, sizes
from ..core.compare import order_profile, salient_mask
from ..core.result import Interactions

Salient = Callable[[Tensor, float], Tensor]


def normalised(v: Tensor) -> Tensor:
    r"""Return tables in units of what the whole input changes at their layer, on average.

    .. math:: v^{(l)} / E_x |v^{(l)}(x_N) - v^{(l)}(x_\varnothing)|

    Without this a layer whose probe speaks louder would count as one that knows more.

    Args:
        v: tables (layers, samples, 2**n).

    Raises:
        ValueError: tables of another shape, or a layer where no sample's value changes.

    Source: Cheng et al., ICML 2024. Chapter: Layer by layer.
    """
    if v.dim() != 3:
        raise ValueError(f"v: got shape {tuple(v.shape)}, expected (layers, samples, 2**n)")
    n_players(v, "v")
    scale = (v[..., -1] - v[..., 0]).abs().mean(1)  # (layers,)
    if bool((scale == 0).any()):
        where = (scale == 0).nonzero().flatten().tolist()
        raise ValueError(
            f"v: in layer(s) {where} the whole input changes no sample's value, expected it to; "
            "leave them out"
        )
    return v / scale[:, None, None]


def effects_of(found: Interactions) -> Tensor:
    """Return effects (..., 2, 2**n) with the OR of single players counted as their AND.

    The two are the same function of the players, and the paper adds them up as well.

    Source: Cheng et al., ICML 2024, Appendix M.4. Chapter: Layer by layer.
    """
    single = sizes(found.n).to(found.or_.device) == 1
    moved = torch.where(single, found.or_, 0)
    return torch.stack([found.and_ + moved, found.or_ - moved], -2)


def salient_in_sample(effects: Tensor, threshold: float = 0.05) -> Tensor:
    r"""Return which effects exceed τ = threshold · the strongest of their layer and sample.

    Args:
        effects: (layers, samples, 2, 2**n).
        threshold: a fraction.

    Returns:
        bool, of the effects' shape.

    Source: Cheng et al., ICML 2024, footnote 7. Chapter: Layer by layer.
    """
    return salient_mask(effects.flatten(-2), threshold).view(effects.shape)


def salient_in_layer(effects: Tensor, threshold: float = 0.05) -> Tensor:
    r"""Return which effects exceed τ = threshold · the strongest of their layer in any sample.

    One strong sample can leave others without a salient effect. Arguments as for
    :func:`salient_in_sample`.

    Source: Cheng et al., ICML 2024, Appendix M.4. Chapter: Layer by layer.
    """
    flat = effects.flatten(-2)  # (layers, samples, 2 · 2**n)
    strongest = flat.abs().amax((-1, -2))[..., None].expand(flat.shape[:-1])
    return salient_mask(flat, threshold, strongest).view(effects.shape)


def shared_effects(early: Tensor, late: Tensor, both: Tensor) -> Tensor:
    """Return I_shared of two layers: the weaker of two effects where they have the same sign.

    Args:
        early, late: effects of one shape, any.
        both: bool of that shape, where both are salient.

    Source: Cheng et al., ICML 2024, Eq. 8, corrected. Chapter: Layer by layer.
    """
    weaker = torch.minimum(early.abs(), late.abs()) * early.sign()
    return torch.where(both & (early.sign() == late.sign()), weaker, 0)


class Change(NamedTuple):
    """Strength by order (..., n), each at least 0, for two layers.

    Attributes:
        overlap: in both.
        forget: in the earlier one only.
        new: in the later one only.
    """

    overlap: Tensor
    forget: Tensor
    new: Tensor

    @property
    def before(self) -> Tensor:
        """The salient strength of the earlier layer, which is overlap + forget."""
        return self.overlap + self.forget

    @property
    def after(self) -> Tensor:
        """The salient strength of the later layer, which is overlap + new."""
        return self.overlap + self.new

    @property
    def completeness(self) -> Tensor:
        """How much of the later layer the earlier one has; NaN where the later has nothing."""
        return self.overlap / self.after

    @property
    def redundancy(self) -> Tensor:
        """How much of the earlier layer the later one drops; NaN where the earlier has nothing."""
        return self.forget / self.before


def change(early: Tensor, late: Tensor, known: Tensor, kept: Tensor) -> Change:
    """Return overlap, forgotten and new strength by order.

    Args:
        early, late: effects (..., 2**n) of two layers, of shapes that broadcast.
        known, kept: bool, which of them are salient in the earlier and in the later layer.

    Returns:
        Change of tensors (..., n), in the effects' units.

    Source: Cheng et al., ICML 2024, Eq. 8, corrected. Chapter: Layer by layer.
    """
    early, late, known, kept = torch.broadcast_tensors(early, late, known, kept)
    shared = shared_effects(early, late, known & kept).abs()
    forget = torch.where(known, early.abs() - shared, 0)
    new = torch.where(kept, late.abs() - shared, 0)
    return Change(*(order_profile(part).positive for part in (shared, forget, new)))


def chance_change(early: Tensor, late: Tensor, known: Tensor, kept: Tensor) -> Change:
    r"""Return what :func:`change` would be if the later layer's players were shuffled.

    The later layer keeps its strengths, signs, orders and numbers; which coalition of an order has
    which effect is chance. The expectation is exact:

    .. math:: E[overlap_o] = \binom{n}{o}^{-1} \sum_{S, S' : |S| = |S'| = o}
              [\text{both salient, same sign}] \min(|I^{(l)}(S)|, |I^{(L)}(S')|)

    Arguments and result as for :func:`change`; time and memory grow with the square of the largest
    order's coalitions, 252² numbers at n = 10 for each leading index.

    Source: ours, a control. Chapter: Layer by layer.
    """
    tensors = torch.broadcast_tensors(early * known, late * kept)
    n = n_players(tensors[0], "early")
    size, shared = sizes(n).to(early.device), []
    for order in range(1, n + 1):
        one, other = (t[..., size == order] for t in tensors)  # (..., m)
        total = 0
        for sign in (1, -1):
            a, b = (sign * one).clamp(min=0), (sign * other).clamp(min=0)
            total = total + torch.minimum(a[..., :, None], b[..., None, :]).sum((-1, -2))
        shared.append(total / one.shape[-1])
    overlap = torch.stack(shared, -1)  # (..., n)
    before, after = (order_profile(t.abs()).positive for t in tensors)
    return Change(overlap, before - overlap, after - overlap)
