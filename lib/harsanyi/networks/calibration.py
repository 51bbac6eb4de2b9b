"""How good logits are: share of rows right, and whether they are as sure as they are right.

Source: Guo et al., ICML 2017. Chapter: Layer by layer.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from . import scores


class Quality(NamedTuple):
    """How good a probe is on some rows.

    Attributes:
        accuracy: share of rows right, with ``low`` and ``high``, its 95 % interval.
        calibration: expected calibration error, 0 (as sure as it is right) to 1.
        loss: mean cross-entropy, in nats.
    """

    accuracy: float
    low: float
    high: float
    calibration: float
    loss: float


def quality(logits: Tensor, labels: Tensor) -> Quality:
    """Measure logits (N, C) against labels int64 (N,)."""
    loss = nn.functional.cross_entropy(logits.double(), labels).item()
    return Quality(*scores.accuracy(logits, labels), calibration_error(logits, labels), loss)


def calibration_error(logits: Tensor, labels: Tensor, bins: int = 15) -> float:
    r"""Return the expected calibration error: how far confidence is from accuracy.

    .. math:: \sum_b \frac{N_b}{N} \left| \text{accuracy}_b - \text{confidence}_b \right|

    Rows are put in equal bins by their highest probability. Log-odds are read off a probe's
    probabilities, so where this is large their scale means little.

    Args:
        logits: (N, C).
        labels: int64 (N,).
        bins: how many.

    Source: Guo et al., ICML 2017, Eq. 3. Chapter: Layer by layer.
    """
    sure, guess = logits.double().softmax(1).max(1)
    right = (guess == labels).double()
    at = (sure * bins).long().clamp(max=bins - 1)
    gaps = torch.zeros(bins, dtype=torch.float64).index_add(0, at, right - sure)
    return float(gaps.abs().sum() / len(labels))
