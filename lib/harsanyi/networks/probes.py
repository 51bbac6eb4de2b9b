r"""Linear probes: how much of the answer can be read off a layer by one linear map.

.. math:: p^{(l)}(y \mid x) = \text{softmax}(W^{(l)} f^{(l)}(x) + b^{(l)})

fitted by cross-entropy, the network frozen. A probe is not the network: a good one may have
found itself what the network never uses. So its accuracy and calibration stand beside it, and the
same probe on labels dealt anew and on a network with random weights (pass another ``network`` to
:func:`~harsanyi.networks.probe_sets.load_probes`). :func:`early_head` reads a layer without any
fitting.

Source: Cheng et al., ICML 2024, Appendix M.2; the controls after Hewitt and Liang,
EMNLP 2019. Chapter: Layer by layer.
"""

from __future__ import annotations

import time
import warnings
from typing import NamedTuple

import torch
from torch import Tensor, nn

from .calibration import Quality, quality

PENALTY = 1e-3  # of the mean squared weight, beside the mean cross-entropy
STEPS = 300
LEAST = 0.1  # the least spread that a feature is measured by, in root mean squares of all spreads


class Probe(NamedTuple):
    """A fitted probe: ``reading`` maps features (B, F) to logits (B, classes).

    Attributes:
        reading: linear, in evaluation mode, float32.
        train: its quality on the rows it was fitted on.
        test: its quality on other rows.
        converged: whether the fit ended before its steps did.
        seconds: the processor's, for the fit.
    """

    reading: torch.nn.Linear
    train: Quality
    test: Quality
    converged: bool
    seconds: float


def fit_reading(
    features: Tensor, labels: Tensor, classes: int, penalty: float = PENALTY
) -> tuple[nn.Linear, bool]:
    r"""Fit a linear reading by multinomial logistic regression, on all rows at once.

    .. math:: \min_{W, b} \frac{1}{N} \sum_i -\log p_{y_i}(x_i) + \frac{penalty}{2} \|W\|^2

    in standardised features; the standardisation is folded into the result. The problem is convex,
    so its solution depends on no seed. Without a penalty it has none where the rows can be
    separated, and then log-odds grow with the number of steps.

    A feature that hardly varies on these rows is divided by a tenth of the root mean square of all
    features' spreads instead of its own. Otherwise a unit that is silent on all rows but one would
    have a large weight, and a masked input, unlike any row, that wakes it would get log-odds of
    hundreds.

    Args:
        features: (N, F), any floating dtype.
        labels: int64 (N,), 0 … classes − 1, each at least once.
        classes: how many logits.
        penalty: above 0.

    Returns:
        The linear map (F to classes, float32) and whether the fit converged.

    Raises:
        ValueError: rows that do not agree, features that are not finite, or a class without rows.

    Source: Cheng et al., ICML 2024, Appendix M.2, who descend by SGD. Chapter: Layer by layer.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    _check_rows(features, labels, classes)
    x = features.double()
    middle, spread = x.mean(0), x.std(0, unbiased=False)
    spread = spread.clamp(min=LEAST * spread.square().mean().sqrt().item() or 1.0)
    solver = LogisticRegression(C=1 / (penalty * len(x)), max_iter=STEPS, tol=1e-5)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ConvergenceWarning)
        solver.fit(((x - middle) / spread).numpy(), labels.numpy())
    weight, bias = torch.from_numpy(solver.coef_), torch.from_numpy(solver.intercept_)
    if classes == 2:  # fitted as one logit
        weight, bias = torch.cat([-weight, weight]) / 2, torch.cat([-bias, bias]) / 2
    weight = weight / spread
    reading = nn.utils.skip_init(nn.Linear, x.shape[1], classes).requires_grad_(False)
    reading.weight.copy_(weight)
    reading.bias.copy_(bias - weight @ middle)
    return reading.eval(), not any(w.category is ConvergenceWarning for w in told)


def fit_probe(
    train: tuple[Tensor, Tensor],
    test: tuple[Tensor, Tensor],
    classes: int,
    penalty: float = PENALTY,
) -> Probe:
    """Fit a probe on training rows and measure it on both.

    Args:
        train, test: features (N, F) and labels int64 (N,), as :func:`fit_reading` takes them.
        classes: how many logits.
        penalty: see :func:`fit_reading`.

    Raises:
        ValueError: as :func:`fit_reading`.
    """
    began = time.process_time()
    reading, converged = fit_reading(*train, classes, penalty)
    seconds = time.process_time() - began
    known, new = (quality(reading(x.float()), y) for x, y in (train, test))
    return Probe(reading, known, new, converged, seconds)


def selectivity(true: Probe, dealt: Probe) -> float:
    """Return how much better a probe tells the labels than labels dealt anew, on its own rows.

    Near 0: the probe is so strong that it learns any labels by heart, and its accuracy says
    nothing about the layer.

    Args:
        true: a probe of a layer.
        dealt: the probe of the same features and rows with labels in another order.

    Source: Hewitt and Liang, EMNLP 2019. Chapter: Layer by layer.
    """
    return true.train.accuracy - dealt.train.accuracy


class EarlyHead(nn.Module):
    """The network's own last linear map, applied to the features of an earlier layer."""

    def __init__(self, head: nn.Linear):
        super().__init__()
        self.head = head
        self.training = False

    def forward(self, features: Tensor) -> Tensor:
        """Map features (B, F), F at most the head's, to logits (B, C)."""
        missing = self.head.in_features - features.shape[1]
        if missing < 0:
            raise RuntimeError(f"the head takes {self.head.in_features} features")
        return self.head(nn.functional.pad(features, (0, missing)))


def early_head(head: nn.Linear) -> EarlyHead:
    """Return a reading without a probe: the later layers are left out, the head stays.

    It says what a residual network would answer if its remaining blocks added nothing. Features
    that are too few are followed by zeros, as the shortcuts of ``architectures.ResNet20`` do where
    channels are added. It means little where no stream runs from the layer to the head, and the
    pooling must be the network's own before its head.

    Args:
        head: the network's last linear map; it is shared, not copied.

    Raises:
        TypeError: no linear map.

    Source: nostalgebraist, "Interpreting GPT: the logit lens", 2020. Chapter: Layer by layer.
    """
    if not isinstance(head, nn.Linear):
        raise TypeError(
            f"head: got a {type(head).__name__}, expected the network's torch.nn.Linear"
        )
    return EarlyHead(head)


def _check_rows(features: Tensor, labels: Tensor, classes: int) -> None:
    if features.dim() != 2 or len(features) != len(labels):
        raise ValueError(
            f"features, labels: got {tuple(features.shape)} and {tuple(labels.shape)}, expected "
            "(N, F) and (N,)"
        )
    if not torch.isfinite(features).all():
        raise ValueError("features: got NaN or infinity, expected finite numbers")
    lacking = sorted(set(range(classes)) - set(labels.tolist()))
    if lacking or int(labels.max()) >= classes:
        raise ValueError(
            f"labels: got {sorted(set(labels.tolist()))}, expected each of 0 ... {classes - 1}; "
            "take more rows"
        )
