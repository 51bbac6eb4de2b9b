r"""Trajectories whose phases are known: explanations along a training that never took place.

Chapter: Two phases.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..core.coalitions import sizes
from ..core.result import Interactions


def binomial_profile(n: int, mean: float) -> Tensor:
    r"""Return a profile (n,) around a mean order from 1 to n that adds up to 1.

    .. math:: s_k = \binom{n-1}{k-1} q^{k-1} (1-q)^{n-k}, \qquad q = (mean - 1) / (n - 1)

    Raises:
        ValueError: a mean order outside 1 … n.
    """
    if not 1 <= mean <= n:
        raise ValueError(f"mean: got {mean}, expected an order from 1 to {n}")
    draws = torch.distributions.Binomial(n - 1, torch.tensor((mean - 1) / (n - 1)).double())
    return draws.log_prob(torch.arange(n, dtype=torch.float64)).exp()


def planted_trajectory(
    orders: Sequence[float],
    n: int = 8,
    samples: int = 12,
    spread: float = 0.3,
    members: int = 3,
    seed: int = 0,
) -> Interactions:
    r"""Return explanations whose mean order follows a given path, but for noise between samples.

    At each snapshot the strength of order k is :math:`s_k e^{spread \cdot \xi}`, with s from
    :func:`binomial_profile` and ξ normal, independent for every snapshot, sample and order. Each
    sample has ``members`` coalitions of each order (or all there are), with signs of their own,
    the same all along.

    Args:
        orders: the mean order at each snapshot, 1 to n.
        n: players.
        samples: how many.
        spread: how much strengths differ between samples, as a natural logarithm.
        members: coalitions of each order.
        seed: of all draws.

    Returns:
        Interactions (snapshots, samples, 2**n), AND only; all strength of a sample is about 1.

    Source: ours, a planted check. Chapter: Two phases.
    """
    random = torch.Generator().manual_seed(seed)
    size = sizes(n)
    rank = torch.rand(samples, 2**n, generator=random, dtype=torch.float64)
    signs = torch.randn(samples, 2**n, generator=random, dtype=torch.float64).sign()
    chosen = torch.zeros(samples, 2**n, dtype=torch.float64)
    for order in range(1, n + 1):
        who = (size == order).nonzero().flatten()
        some = rank[:, who].argsort(1)[:, :members]  # (samples, at most members)
        chosen.scatter_(1, who[some], 1 / some.shape[1])
    profile = torch.stack([binomial_profile(n, mean) for mean in orders])  # (snapshots, n)
    noise = torch.randn(len(orders), samples, n, generator=random, dtype=torch.float64)
    strength = profile[:, None] * (spread * noise).exp()  # (snapshots, samples, n)
    strength = torch.cat([torch.zeros_like(strength[..., :1]), strength], -1)[..., size]
    and_ = strength * chosen * signs  # (snapshots, samples, 2**n)
    return Interactions(and_, torch.zeros_like(and_), and_.new_zeros(and_.shape[:-1]))
