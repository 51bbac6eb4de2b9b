r"""Rivals of the ridge theory: other stories of one number, told from the same w*.

Each story is a map from w* and a number σ² to interactions, and is w* itself at σ² = 0:

=====================================  ===========================================================
story                                  what it takes an earlier network for
=====================================  ===========================================================
:func:`~harsanyi.studies.ridge.ridge`  the best fit under noise on every trigger
:func:`descent`                        plain gradient descent, without any noise, stopped early
:func:`faded`                          the last network, each order weaker than the one below
=====================================  ===========================================================

:func:`contest` gives each its best σ² on the same grid, draws samples anew, and says how far each
is behind the first.

Source: the theory is Ren et al., dynamics, NeurIPS 2024; the rivals are ours.
Chapter: The theory of the two phases.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import n_players, sizes
from ..extraction.kronecker import kronecker_diagonal, kronecker_power
from .dynamics import drawn_counts
from .ridge import GRAM
from .ridge_fit import KEPT_DRAWS, profile_distance, theory_strengths

Story = Callable[[Tensor, Tensor], Tensor]


def descent(weights: Tensor, sigma2: Tensor) -> Tensor:
    r"""Return what gradient descent from zero, without noise, has learned after the time 1/σ².

    .. math:: \dot w = -2^{-n} J^\top J (w - w^*), \qquad
              \hat w = \bigl(1 - e^{-J^\top J / (2^n \sigma^2)}\bigr) w^*

    The eigenvalues of :math:`J^\top J` are the powers :math:`\varphi^{2(n - 2j)}` of the golden
    ratio: stopping early is a filter as well.

    Args:
        weights: w*, tables (..., 2**n), float64.
        sigma2: one number, at least 0; at 0 nothing is stopped and w* returned.

    Source: ours, a rival. Chapter: The theory of the two phases.
    """
    if float(sigma2) == 0:
        return weights.clone()
    n = n_players(weights, "weights")
    values, vectors = np.linalg.eigh(GRAM)
    spectrum = kronecker_diagonal(values, n, weights)  # (2**n,)
    gains = -torch.expm1(-spectrum / (2**n * float(sigma2)))
    return kronecker_power(vectors, gains * kronecker_power(vectors.T.copy(), weights))


def faded(weights: Tensor, sigma2: Tensor) -> Tensor:
    r"""Return w* with the effects of order k times :math:`(1 + 2^n \sigma^2)^{-k}`.

    Arguments as for :func:`descent`.

    Source: ours, a rival. Chapter: The theory of the two phases.
    """
    n = n_players(weights, "weights")
    return weights * (1 + 2**n * float(sigma2)) ** -sizes(n).double()


def profiles_told(story: Story, weights: Tensor, grid: Tensor) -> Tensor:
    """Return the strengths (points, samples, n) that a story predicts at each σ² of a grid.

    Args:
        story: from w* (samples, 2, 2**n) and one σ² to weights of the same shape.
        weights: w*, as of :func:`~harsanyi.studies.ridge_fit.learned_weights`.
        grid: (points,).

    Chapter: The theory of the two phases.
    """
    return torch.stack([theory_strengths(story(weights, sigma2)) for sigma2 in grid])


def profile_distances(measured: Tensor, told: Tensor, seed: int = 0) -> Tensor:
    """Return the distance of mean profiles, in all samples and in draws of them.

    Args:
        measured: strengths (samples, n).
        told: strengths (points, samples, n) of the same samples.
        seed: of the draws.

    Returns:
        Tensor (1 + draws, points), 0 to 1, the samples as they are first; 1 where nothing is
        salient.

    Chapter: The theory of the two phases.
    """
    counts = _counts(len(measured), seed)
    drawn = torch.einsum("ds,psn->dpn", counts, told)
    return profile_distance((counts @ measured)[:, None], drawn).nan_to_num(nan=1.0)


def effect_distances(
    measured: Tensor, story: Story, weights: Tensor, grid: Tensor, seed: int = 0
) -> Tensor:
    r"""Return how far a story is from what was measured, coalition by coalition.

    .. math:: 1 - E_x \frac{\langle I(x), \hat w(x) \rangle}
                           {\lVert I(x) \rVert \lVert \hat w(x) \rVert}

    over all nonempty ANDs and ORs: it asks which interactions there are, and with which signs, of
    which a profile of orders knows nothing. The size of the effects is free.

    Args:
        measured: effects (..., samples, 2, 2**n), float64, of one or of many moments.
        story, weights, grid: as for :func:`profiles_told`.
        seed: of the draws.

    Returns:
        Tensor (..., 1 + draws, points), 0 to 2, as of :func:`profile_distances`; a sample without
        any effect is at distance 1.

    Source: ours. Chapter: The theory of the two phases.
    """
    real = measured[..., 1:].flatten(-2)  # (..., samples, 2 · (2**n − 1))
    told = (story(weights, sigma2)[..., 1:].flatten(-2) for sigma2 in grid)
    alike = torch.stack([torch.cosine_similarity(real, one, dim=-1) for one in told], -1)
    counts = _counts(real.shape[-2], seed)
    return 1 - counts @ alike / real.shape[-2]


def contest(distances: Mapping[str, Tensor], grid: Tensor) -> pd.DataFrame:
    """Give every story its best σ² and compare them with the first, draw by draw.

    Each story is fitted anew in each draw, so that the intervals know of the fitting.

    Args:
        distances: for each story (1 + draws, points), the samples as they are first; as of
            :func:`profile_distances` or :func:`effect_distances`, with the same seed.
        grid: (points,), rising.

    Returns:
        Columns story, sigma2, sigma2_low, sigma2_high, distance, low, high, behind (the distance
        minus that of the first story), behind_low, behind_high; 95 % intervals.

    Chapter: The theory of the two phases.
    """
    ends = torch.tensor([0.025, 0.975], dtype=torch.float64)
    first, rows = None, []
    for story, table in distances.items():
        best, at = table.double().min(1)  # (1 + draws,)
        first = best if first is None else first
        chosen = grid[at[1:]].double()
        row = [story, float(grid[at[0]])]
        row += [float(chosen.quantile(q, interpolation="nearest")) for q in (0.025, 0.975)]
        for one in (best, best - first):
            row += [float(one[0]), *one[1:].quantile(ends).tolist()]
        rows.append(row)
    columns = ["story", "sigma2", "sigma2_low", "sigma2_high", "distance", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "behind", "behind_low", "behind_high"])


def _counts(samples: int, seed: int) -> Tensor:
    """Return how often each sample counts: (1 + draws, samples), all once first."""
    counts = drawn_counts(samples, seed)[:KEPT_DRAWS]
    return torch.cat([torch.ones_like(counts[:1]), counts])
