r"""Order profiles along training, in the units of the papers, and their null.

Explanations along training are one :class:`~harsanyi.core.result.Interactions` of shape
(snapshots, samples, 2**n), the same samples at every snapshot. An effect counts when it is above

.. math:: \tau = 0.03 \cdot E_x |v(x_N) - v(x_\varnothing)|

of its snapshot. Bars are divided by their mean over the orders, so that they add up to n.

Source: Ren et al., dynamics, NeurIPS 2024; Zhang et al., 2024. Chapter: Two phases.
"""

import math
from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from ..core.compare import OrderProfile, order_profile, salient_mask
from ..core.result import Interactions
from .intervals import DRAWS, draw_anew
from .layerwise import effects_of


def whole_change(found: Interactions) -> Tensor:
    r"""Return :math:`v(x_N) - v(x_\varnothing)` of every game (...), in the value's units."""
    change = found.effects.sum((-1, -2))
    return change if found.noise is None else change + found.noise[..., -1] - found.noise[..., 0]


def salient_strengths(found: Interactions, threshold: float = 0.03) -> OrderProfile:
    r"""Return the salient positive and negative strength of each order, AND plus OR.

    τ is threshold times the mean of :math:`|v(x_N) - v(x_\varnothing)|` over the samples, the last
    axis but one, by itself at every snapshot.

    Args:
        found: explanations (..., samples, 2**n).
        threshold: the fraction in τ.

    Returns:
        OrderProfile of tensors (..., samples, n), in the value's units.

    Raises:
        ValueError: one game only.

    Source: Ren et al., dynamics, NeurIPS 2024, Section 3. Chapter: Two phases.
    """
    if found.and_.dim() < 2:
        raise ValueError(
            f"found: got shape {tuple(found.and_.shape)}, expected (snapshots, samples, 2**n)"
        )
    effects = effects_of(found)  # (..., samples, 2, 2**n)
    change = whole_change(found).abs().mean(-1, keepdim=True).expand(effects.shape[:-2])
    keep = salient_mask(effects.flatten(-2), threshold, change).view(effects.shape)
    profile = order_profile(effects * keep)  # of (..., samples, 2, n)
    return OrderProfile(profile.positive.sum(-2), profile.negative.sum(-2))


def drawn_counts(samples: int, seed: int = 0) -> Tensor:
    """Return how often each sample occurs when all are drawn anew: (DRAWS, samples), float64."""
    drawn = torch.from_numpy(draw_anew((samples,), seed)[0])  # (DRAWS, samples) indices
    ones = torch.ones(drawn.shape, dtype=torch.float64)
    return torch.zeros(DRAWS, samples, dtype=torch.float64).scatter_add_(1, drawn, ones)


def relative(strength: Tensor) -> Tensor:
    """Return a profile of strengths (..., n) over its mean: it adds up to n, NaN if all is zero.

    Source: Ren et al., dynamics, NeurIPS 2024, Section 3. Chapter: Two phases.
    """
    return strength / strength.mean(-1, keepdim=True)


def profiles(
    found: Interactions, steps: Sequence[float], threshold: float = 0.03, seed: int = 0
) -> pd.DataFrame:
    r"""Return the profile of positive and negative strength of each snapshot, with error bars.

    .. math:: I^{(k)} = E_x \Big[\sum_{|S| = k,\ salient} |I(S \mid x)|\Big] \Big/ Z, \qquad
              Z = \tfrac1n \sum_{k'} E_x \Big[\sum_{|S| = k',\ salient} |I(S \mid x)|\Big]

    both signs count in Z, and Z is computed anew in every draw of the bootstrap.

    Args:
        found: explanations (snapshots, samples, 2**n).
        steps: when each snapshot was taken, in steps or epochs.
        threshold: the fraction in τ.
        seed: of the draws.

    Returns:
        Columns step, order (1 to n), sign (+1, −1), strength (in the value's units), mean
        (:math:`I^{(k)}` of that sign, at most 0 for the negative), low, high (95 % over samples).

    Raises:
        ValueError: as many steps as snapshots were expected.

    Source: Ren et al., dynamics, NeurIPS 2024, Figure 2. Chapter: Two phases.
    """
    signed = torch.stack(list(salient_strengths(found, threshold)), -1)  # (snaps, samples, n, 2)
    check_steps(steps, len(signed))
    weights, rows = drawn_counts(signed.shape[1], seed), []
    for step, values in zip(steps, signed, strict=True):
        n = values.shape[1]
        mean = values.mean(0)  # (n, 2)
        drawn = (weights @ values.flatten(1)) / len(values)  # (DRAWS, n · 2)
        drawn = drawn.view(-1, n, 2) * (n / drawn.abs().sum(-1))[:, None, None]
        low, high = drawn.nanquantile(torch.tensor([0.025, 0.975], dtype=drawn.dtype), dim=0)
        bars = mean * (n / mean.abs().sum())
        for order in range(n):
            for at, sign in enumerate((1, -1)):
                cell = (float(part[order, at]) for part in (mean, bars, low, high))
                rows.append((step, order + 1, sign, *cell))
    return pd.DataFrame(rows, columns=["step", "order", "sign", "strength", "mean", "low", "high"])


def spindle(n: int) -> Tensor:
    r"""Return the profile of no knowledge at all: masked outputs that are independent noise.

    .. math:: I^{(k)} \propto \binom{n}{k}\, 2^{k/2}

    since then every effect of order k has the standard deviation :math:`2^{k/2} \sigma`. It peaks
    at order 6 for n = 10, where the published profile of untrained networks does.

    Args:
        n: players.

    Returns:
        Tensor (n,), float64, adding up to n; half of each bar is positive, half negative.

    Source: ours, a null. Chapter: Two phases.
    """
    bars = [math.comb(n, order) * 2 ** (order / 2) for order in range(1, n + 1)]
    return relative(torch.tensor(bars, dtype=torch.float64))


def check_steps(steps: Sequence[float], snapshots: int) -> None:
    """Raise ValueError unless there is one step for each snapshot."""
    if len(steps) != snapshots:
        raise ValueError(f"steps: got {len(steps)}, expected {snapshots}, one for each snapshot")
