r"""The published way to extract jointly, for comparison only: descent on :math:`\bar\gamma`, ε and
:math:`\hat\gamma`, the last two clipped to their boxes.

The settings below are the published ones; nothing here is tuned.

Source: Chen et al., ICLR 2024 (released code). Chapter: Primitives that networks share.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from tqdm import trange

from ..core.transforms import and_interactions, or_interactions
from .problem import Solution, merge_singles
from .sgd import Descent
from .shared_best import SharedBest
from .shared_problem import SharedProblem, joint_length, shared_bound

PUBLISHED = {
    "generalizable": Descent(1e-7, 1e-7, 0.9, 20_000),
    "generalizable-mnist": Descent(1e-5, 1e-5, 0.9, 20_000),
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


def descend_shared(problem: SharedProblem, settings: Descent, progress: bool = False) -> Solution:
    """Run the published descent on raw tables, from zero; tables of the answer (B, m, 2**n).

    The certificate is a trivial one, from the values of all players alone: descent proves nothing.
    """
    v, kappa, box = problem.v, problem.kappa[..., None], problem.box[..., None]
    common = torch.zeros_like(v[:, :1]).requires_grad_()  # (B, 1, 2**n)
    own, noise = (torch.zeros_like(v).requires_grad_() for _ in range(2))  # (B, m, 2**n)

    def effects() -> tuple[Tensor, Tensor]:
        half = (v - noise.clamp(-kappa, kappa)) / 2
        gamma = common + own.clamp(-box, box)
        return and_interactions(half + gamma), or_interactions(half - gamma)

    def loss() -> Tensor:
        return joint_length(problem.weights, *effects()).sum()

    run(settings, [common, own, noise], loss, progress)
    with torch.no_grad():
        kept = noise.clamp(-kappa, kappa)
        kept[..., 0] = 0.0
        noise.copy_(kept)
        found = merge_singles(*effects())
    best, rise = SharedBest(problem), torch.zeros_like(v)
    rise[..., -1] = v[..., -1].sign()
    games = torch.arange(len(v), device=v.device)
    bounds = [shared_bound(problem, rise)[:2]]
    best.update(games, found, kept, bounds, settings.steps, v.new_zeros(len(v)))
    return best.solution(v.new_ones(len(v)))
