r"""One σ² a snapshot: the noise at which the ridge theory comes closest to what was measured.

The theory starts from the salient interactions w* of the last snapshot and has one number to tune,
so it must beat other one-number stories from the same start: ``decay_family`` fades the orders of
w* geometrically, without any theory.

Source: Ren et al., dynamics, NeurIPS 2024, Figure 4. Chapter: The theory of the two phases.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import sizes
from ..core.compare import order_profile, salient_mask
from ..core.result import Interactions
from .dynamics import check_steps, drawn_counts, relative, salient_strengths, whole_change
from .layerwise import effects_of
from .ridge import noise_grid, ridge

KEPT_DRAWS = 400


def learned_weights(found: Interactions, threshold: float = 0.03) -> Tensor:
    r"""Return w*, the salient interactions of a trained network: (samples, 2, 2**n), float64.

    τ is threshold times the mean of :math:`|v(x_N) - v(x_\varnothing)|` over the samples. Entry 0
    of the AND is :math:`v(x_\varnothing)`, as in print, that of the OR 0.

    Args:
        found: explanations (samples, 2**n).
        threshold: the fraction in τ.

    Source: Ren et al., dynamics, NeurIPS 2024, Section 3. Chapter: The theory of the two phases.
    """
    effects = effects_of(found).double()
    scale = whole_change(found).abs().mean().expand(effects.shape[:1])
    keep = salient_mask(effects.flatten(-2), threshold, scale).view(effects.shape)
    weights = effects * keep
    weights[:, 0, 0] = found.empty.double()
    return weights


def theory_strengths(weights: Tensor, threshold: float = 0.03) -> Tensor:
    r"""Return the salient strength of each order of interactions ŵ, AND plus OR.

    .. math:: \tau(x) = 0.03 \cdot |\textstyle\sum_{S \ne \varnothing} \hat w_S|

    sample by sample, where the measured profile has one τ for all samples: so it is in print.

    Args:
        weights: (..., 2, 2**n), entry 0 is the constant and left out.
        threshold: the fraction in τ.

    Returns:
        Tensor (..., n), at least 0.

    Source: Ren et al., dynamics, NeurIPS 2024, Section 3.3. Chapter: The theory of the two phases.
    """
    effects = torch.where(sizes(weights.shape[-1].bit_length() - 1) > 0, weights, 0)
    flat = effects.flatten(-2)
    keep = salient_mask(flat, threshold, flat.sum(-1).abs()).view(effects.shape)
    return order_profile((effects * keep).abs()).positive.sum(-2)


def ridge_family(weights: Tensor, grid: Tensor) -> Tensor:
    """Return the theory's strengths (points, samples, n) at each σ² of a grid.

    Args:
        weights: w*, (samples, 2, 2**n), as of :func:`learned_weights`.
        grid: (points,) of σ².

    Chapter: The theory of the two phases.
    """
    return torch.stack([theory_strengths(ridge(weights, sigma2)) for sigma2 in grid])


def decay_family(weights: Tensor, grid: Tensor) -> Tensor:
    r"""Return the rival's strengths: those of w*, order k times :math:`(1 + 2^n \sigma^2)^{-k}`.

    Any geometric fading would do, this one has a single number as well and starts at w* for 0.
    Arguments and result as for :func:`ridge_family`.

    Source: ours, a control. Chapter: The theory of the two phases.
    """
    n = weights.shape[-1].bit_length() - 1
    fade = (1 + 2**n * grid[:, None]) ** -torch.arange(n, dtype=grid.dtype)  # (points, n)
    return theory_strengths(weights) * fade[:, None]


class Fit(NamedTuple):
    """The best member of a family for one measured profile.

    Attributes:
        sigma2: the grid point of the smallest distance, with ``low`` and ``high``, its 95 %
            interval, all samples drawn anew.
        distance: the share of strength, 0 to 1, that stands at another order than measured.
        unchanged: the same at σ² = 0, where w* itself is the prediction.
        profile: the best member, (n,), adding up to n.
    """

    sigma2: float
    low: float
    high: float
    distance: float
    unchanged: float
    profile: Tensor


def profile_distance(one: Tensor, other: Tensor) -> Tensor:
    r"""Return the share of strength that would have to change its order, (..., n) to (...).

    .. math:: \tfrac{1}{2n} \sum_k |I^{(k)} - I'^{(k)}|

    of the two profiles, each divided by its mean: 0 if they are equal, 1 if no order is in both.

    Source: ours; the criterion of the paper is not stated. Chapter: The theory of the two phases.
    """
    return (relative(one) - relative(other)).abs().mean(-1) / 2


def fit_profile(measured: Tensor, family: Tensor, grid: Tensor, seed: int = 0) -> Fit:
    r"""Fit one number: the grid point whose mean profile is nearest to the measured one.

    Means are over samples; then each profile is divided by its mean over the orders. Nearest is
    meant by :func:`profile_distance`; among equals the smallest σ² wins. The grid is searched
    whole, since the distance may have several minima.

    Args:
        measured: strengths (samples, n).
        family: strengths (points, samples, n) of the same samples, the first at σ² = 0.
        grid: (points,), rising from 0.
        seed: of the draws.

    Raises:
        ValueError: shapes that do not fit, or nothing salient in what was measured.

    Chapter: The theory of the two phases.
    """
    if family.shape != (len(grid), *measured.shape) or float(grid[0]) != 0:
        raise ValueError(
            f"measured, family, grid: got {tuple(measured.shape)}, {tuple(family.shape)} and "
            f"{len(grid)} points from {float(grid[0])}, expected (samples, n), (points, samples, n)"
            " and a grid from 0"
        )
    if float(measured.sum()) <= 0:
        raise ValueError("measured: nothing is salient at this snapshot; leave it out")
    weights = drawn_counts(len(measured), seed)[:KEPT_DRAWS]  # (draws, samples)
    weights = torch.cat([torch.ones_like(weights[:1]), weights])  # the samples as they are, first
    distance = profile_distance(
        (weights @ measured)[:, None], torch.einsum("ds,psn->dpn", weights, family)
    ).nan_to_num(nan=1.0)  # (1 + draws, points); nothing salient at a point: as far as can be
    best = distance.argmin(1)
    low, high = (float(grid[int(best[1:].double().quantile(q).round())]) for q in (0.025, 0.975))
    at = int(best[0])
    ends = float(distance[0, at]), float(distance[0, 0])
    return Fit(float(grid[at]), low, high, *ends, relative(family[at].mean(0)))


def fit_snapshots(
    found: Interactions, steps: Sequence[float], threshold: float = 0.03, seed: int = 0
) -> pd.DataFrame:
    """Fit σ² to every snapshot, w* being the salient interactions of the last one.

    At the last snapshot nothing is left to explain. The theory is silent about the first phase's
    start: a spindle is no ridge of a trained network, so a large distance there is no surprise.

    Args:
        found: explanations (snapshots, samples, 2**n), the network trained at the last.
        steps: when each snapshot was taken.
        threshold: the fraction in τ.
        seed: of the draws.

    Returns:
        Columns step, sigma2, low, high, distance, unchanged (distance of w* itself), rival (the
        best distance of :func:`decay_family`).

    Raises:
        ValueError: as :func:`fit_profile`, or as many steps as snapshots were expected.

    Source: Ren et al., dynamics, NeurIPS 2024, Figure 4. Chapter: The theory of the two phases.
    """
    strength = salient_strengths(found, threshold).strength.double()  # (snapshots, samples, n)
    check_steps(steps, len(strength))
    weights, grid = learned_weights(found[-1], threshold), noise_grid(found.n)
    families = [family(weights, grid) for family in (ridge_family, decay_family)]
    rows = []
    for step, measured in zip(steps, strength, strict=True):
        theory, rival = (fit_profile(measured, family, grid, seed) for family in families)
        rows.append((step, *theory[:5], rival.distance))
    columns = ["step", "sigma2", "low", "high", "distance", "unchanged", "rival"]
    return pd.DataFrame(rows, columns=columns)
