"""The papers' way, for comparison only: stochastic gradient descent on γ (and ε), from zero.

The loss is convex but not smooth, and its condition number is φ²ⁿ (15,000 at n = 10), so a step
small enough to be stable at that step's published size is far from the end after thousands of them.
The settings below are the published ones; nothing here is tuned.

Source: Chen et al., ICLR 2024 (released code); Ren et al., ICLR 2024.
Chapter: Does the solver change the science?
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from tqdm import trange

from ..core.transforms import and_interactions, or_interactions
from .best import Best
from .problem import Problem, Solution, effects_of, lower_bound


class Descent(NamedTuple):
    """Settings of a descent: learning rates, first and last, momentum and number of steps."""

    first_rate: float
    last_rate: float
    momentum: float
    steps: int


PUBLISHED = {
    "generalizable": Descent(1e-6, 1e-7, 0.9, 20_000),
    "generalizable-mnist": Descent(1e-5, 1e-6, 0.9, 20_000),
    "sparse": Descent(1e-5, 1e-5, 0.9, 20_000),
}


@torch.enable_grad()
def run(
    settings: Descent, unknowns: list[Tensor], loss: Callable[[], Tensor], progress: bool
) -> None:
    """Descend from where the unknowns stand, in place."""
    optimiser = torch.optim.SGD(unknowns, settings.first_rate, settings.momentum)
    decay = (settings.last_rate / settings.first_rate) ** (1 / settings.steps)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, decay)
    for _ in trange(settings.steps, disable=not progress):
        optimiser.zero_grad()
        loss().backward()
        optimiser.step()
        schedule.step()


def descend(
    problem: Problem,
    settings: Descent,
    start: Tensor | None = None,
    progress: bool = False,
) -> Solution:
    """Run the published descent on raw tables; γ starts at 0 or at ``start`` (B, 2**n).

    The certificate is the trivial one, :math:`|v(N)| - 2\\kappa`: descent proves nothing.
    """
    v, kappa = problem.v, problem.kappa[:, None]
    gamma = (torch.zeros_like(v) if start is None else start.clone()).requires_grad_()
    noise = torch.zeros_like(v).requires_grad_()

    def loss() -> Tensor:
        half = (v - noise.clamp(-kappa, kappa)) / 2
        on_and = and_interactions(half + gamma).abs().sum()
        return on_and + or_interactions(half - gamma).abs().sum()

    run(settings, [gamma, noise], loss, progress)
    with torch.no_grad():
        kept = noise.clamp(-kappa, kappa)
        kept[:, 0] = 0.0
        found = effects_of(v, gamma, kept)
    best = Best(*v.shape, v)
    rise = torch.zeros_like(v)
    rise[:, -1] = v[:, -1].sign()
    games = torch.arange(len(v), device=v.device)
    bounds = [lower_bound(problem, rise)]
    best.update(games, found, kept, bounds, settings.steps, v.new_zeros(len(v)))
    return best.solution(v.new_ones(len(v)))


def solve_sgd(problem: Problem, tol: float, max_iterations: int, progress: bool) -> Solution:
    """Run the settings published with the ICLR 2024 code, whatever the gap; for comparison only."""
    settings = PUBLISHED["generalizable"]
    steps = min(settings.steps, max_iterations)
    return descend(problem, settings._replace(steps=steps), progress=progress)
