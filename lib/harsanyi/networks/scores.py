"""How good a network is on rows it has not seen, with an interval.

Chapter: The networks of this book.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Score(NamedTuple):
    """A measured quality with its 95 % interval.

    Attributes:
        value: accuracy (share of rows right) or R².
        low: lower end of the interval.
        high: upper end.
    """

    value: float
    low: float
    high: float


def accuracy(outputs: Tensor, targets: Tensor) -> Score:
    r"""Share of rows whose largest logit is the class's, with Wilson's 95 % interval.

    .. math:: \frac{p + z^2/2N \pm z\sqrt{p(1-p)/N + z^2/4N^2}}{1 + z^2/N},\quad z = 1.96

    Args:
        outputs: (N, C), logits.
        targets: int64 (N,).
    """
    n, z = len(targets), 1.96
    p = (outputs.argmax(1) == targets).double().mean().item()
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Score(p, (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n))


def r_squared(outputs: Tensor, targets: Tensor, draws: int = 1000) -> Score:
    r"""Explained share of the variance, with a 95 % bootstrap interval over rows.

    .. math:: R^2 = 1 - \frac{\sum_i (y_i - \hat y_i)^2}{\sum_i (y_i - \bar y)^2}

    Args:
        outputs: (N, 1), predictions.
        targets: (N,), numbers.
        draws: how many resamples the interval comes from.
    """

    def of(rows: Tensor) -> Tensor:
        y, error = targets[rows].double(), (targets - outputs[:, 0])[rows].double()
        return 1 - (error**2).sum(-1) / ((y - y.mean(-1, keepdim=True)) ** 2).sum(-1)

    n = len(targets)
    rows = torch.randint(n, (draws, n), generator=torch.Generator().manual_seed(0))
    low, high = of(rows).quantile(torch.tensor([0.025, 0.975]).double()).tolist()
    return Score(of(torch.arange(n)).item(), low, high)
