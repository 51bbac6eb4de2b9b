"""The papers' way, for comparison only: stochastic gradient descent on γ (and ε), from zero.

The loss is convex but not smooth, and its condition number is φ²ⁿ (15,000 at n = 10), so a step
small enough to be stable at that step's published size is far from the end after thousands of them.
The settings below are the published ones; nothing here is tuned.

Source: Chen et al., ICLR 2024 (released code); Ren et al., ICLR 2024.
Chapter: Does the solver change the science?
"""

from typing import NamedTuple

import torch
from torch import Tensor
from tqdm import trange

from ..core.transforms import and_interactions, mobius, or_interactions
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
    gamma, noise = torch.zeros_like(v) if start is None else start.clone(), torch.zeros_like(v)
    speeds = torch.zeros_like(gamma), torch.zeros_like(noise)
    decay = (settings.last_rate / settings.first_rate) ** (1 / settings.steps)
    for step in trange(settings.steps, disable=not progress):
        slopes = gradient(v, gamma, noise, kappa)
        for unknown, speed, slope in zip((gamma, noise), speeds, slopes, strict=True):
            speed.mul_(settings.momentum).add_(slope)
            unknown.sub_(speed, alpha=settings.first_rate * decay**step)
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


def gradient(v: Tensor, gamma: Tensor, noise: Tensor, kappa: Tensor) -> tuple[Tensor, Tensor]:
    """Return the slope of the length in γ and in ε, clipped at κ; all (B, 2**n), κ (B, 1).

    In closed form, the Möbius transform being its own adjoint but for a reversal: with autograd a
    step takes several times as long.
    """
    half = (v - noise.clamp(-kappa, kappa)) / 2
    on_and = and_interactions(half + gamma).sign()
    on_or = or_interactions(half - gamma).sign()
    of_and, of_or = mobius(on_and.flip(-1)).flip(-1), -mobius(on_or.flip(-1))
    return of_and - of_or, (of_and + of_or) * (noise.abs() <= kappa) / -2


def solve_sgd(problem: Problem, tol: float, max_iterations: int, progress: bool) -> Solution:
    """Run the settings published with the ICLR 2024 code, whatever the gap; for comparison only."""
    settings = PUBLISHED["generalizable"]
    steps = min(settings.steps, max_iterations)
    return descend(problem, settings._replace(steps=steps), progress=progress)
