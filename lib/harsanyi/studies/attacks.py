r"""Perturbations that fool a network, and those whose parts interact less.

Source: Madry et al., ICLR 2018; Wang et al., ICLR 2021. Chapter: One language for attributions and
transferability.
"""

import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..networks import checks
from ..networks.owners import NOBODY, Players
from .perturbation import Loss, corner_masks, lead, log_loss, mean_of_corners


def attack(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    radius: float,
    steps: int = 20,
    loss: Loss = log_loss,
    bounds: tuple[float, float] = (0.0, 1.0),
    players: Players | None = None,
    penalty: float = 0.0,
) -> Tensor:
    r"""Return perturbations that fool a network, found by projected gradient ascent.

    .. math:: \max_{\lVert \delta \rVert_\infty \le r} \text{loss}(f(x + \delta), y)
              - \lambda\, E_{ij} I_{ij}(\delta)

    Signed steps, 2.5 r in all, from captum's PGD; 1 step is the fast gradient sign method, with a
    step of r. With λ > 0 it is the interaction-reduced attack: each step costs 2n + 2 passes.

    Args:
        model: in evaluation mode, (B, \*shape) to logits (B, C).
        x: inputs (B, \*shape), floating.
        y: true classes (B,), int64.
        radius: r, in the units of x.
        steps: how many.
        loss: what is raised; the penalty is on :func:`~.perturbation.lead`.
        bounds: smallest and largest value of an input.
        players: the parts, for λ > 0.
        penalty: λ.

    Returns:
        Tensor (B, \*shape): δ, with x + δ within the bounds.

    Raises:
        ValueError: a network in training mode, no step, no radius, a penalty without parts or with
            fewer than two.

    Source: Madry et al., ICLR 2018; the penalty, Wang et al., ICLR 2021; captum. Chapter:
    One language for attributions and transferability.
    """
    from captum.robust import PGD

    checks.check_mode(model)
    if steps < 1 or radius <= 0:
        raise ValueError(f"steps, radius: got {steps}, {radius}, expected 1 or more, and above 0")
    if penalty and (players is None or players.n < 2):
        raise ValueError("players: got none or one, expected two parts or more for a penalty")

    def reduced(logits: Tensor, y: Tensor) -> Tensor:  # (2n + 2, B, C), all parts first
        costs = torch.stack([lead(part, y) for part in logits])
        return loss(logits[0], y) - penalty * mean_of_corners(costs)

    forward = _corner_logits(model, x, players) if penalty else model
    method = PGD(forward, reduced if penalty else loss, *bounds)
    method.fgsm.zero_thresh = 0.0  # a confident network's slopes are small and still have a sign
    step = radius if steps == 1 else 2.5 * radius / steps
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Input Tensor")  # that it turned gradients on
        return (method.perturb(x, radius, step, steps, y) - x).detach()


def _corner_logits(model: nn.Module, x: Tensor, players: Players) -> Callable[[Tensor], Tensor]:
    """From moved inputs (B, ...) to logits (2n + 2, B, C) with only some parts moved."""
    bits = corner_masks(players.n)[:, None] >> torch.arange(players.n + 1) & 1
    bits[:, -1] = 1  # nobody's
    owner = players.owner.where(players.owner != NOBODY, players.n)
    keep = bits[:, owner.expand(x.shape[1:])].to(x)  # (2n + 2, *shape)

    def forward(moved: Tensor) -> Tensor:
        inputs = x + keep[:, None] * (moved - x)  # (2n + 2, B, *shape)
        return model(inputs.flatten(0, 1)).unflatten(0, inputs.shape[:2])

    return forward
