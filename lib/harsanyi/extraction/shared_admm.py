r"""The certified solver for several networks: iterate, prove, and look at the box last.

The box on the splits is left aside at first. That can only make the optimum shorter, so a bound
proven without it holds, and where the splits found lie within the box nothing is left to do. The
other samples go on from there with the box, from splits moved into it.

Chapter: Primitives that networks share.
"""

import torch
from torch import Tensor
from tqdm import tqdm

from ..core.transforms import zeta
from .admm import _FIRST_CHECK, _PACE
from .problem import Solution
from .shared_best import SharedBest
from .shared_iteration import SharedIteration, State
from .shared_problem import SharedProblem, in_box, without_additive


def _run(advance, now: State, best: SharedBest, live: Tensor, tol: float, checks, bar) -> None:
    """Iterate until each sample's gap is at most ``tol``; the samples that are done leave.

    ``checks`` counts iterations: before the first, after it, and so on, at each a look at the gaps.
    """
    before = checks[0]
    for done in checks[1:]:
        advance(now, done - before)
        before = done
        residual = (now.effects - now.wish).abs().amax((1, 2, 3))
        *effects, noise = advance.explanation(now)
        best.update(live, effects, noise, [advance.bound(now)], done, residual)
        open_ = best.gap(live) > tol
        if not open_.all():
            bar.update(int((~open_).sum()))
            live, now = live[open_], now.pick(open_)
            advance.pick(open_)
        if not len(live):
            return


def _checks(start: int, limit: int) -> list[int]:
    """Return numbers of iterations at a growing pace, from the start to the limit."""
    checks, at = [start], float(_FIRST_CHECK)
    while checks[-1] < limit:
        checks.append(min(start + int(at), limit))
        at = int(at * _PACE)
    return checks


def solve_shared(
    problem: SharedProblem, tol: float, max_iterations: int, progress: bool
) -> Solution:
    """Minimise until each sample's relative gap is at most ``tol``, or the iterations are spent.

    Samples that are done leave the batch, so that the last ones do not pay for the others.

    Returns:
        Solution, its tables (B, m, 2**n).
    """
    count, most = len(problem.v), problem.kappa[..., None]
    scale = problem.v.abs().amax((1, 2)).clamp(min=torch.finfo(torch.float64).tiny)
    v, kappa, box = (t / scale.view(-1, *[1] * (t.ndim - 1)) for t in problem[:3])
    problem = problem._replace(v=v, kappa=kappa, box=box)
    best = SharedBest(problem)
    with tqdm(total=count, unit="sample", disable=not progress) as bar:
        everyone = torch.arange(count, device=v.device)
        advance, checks = SharedIteration(problem), _checks(0, max_iterations)
        _run(advance, State.at_start(problem), best, everyone, tol, checks, bar)
        _look_at_the_box(problem, best, tol, max_iterations, bar)
    found = best.solution(scale)
    return found._replace(noise=found.noise.clamp(-most, most))  # not beyond by rounding


def _look_at_the_box(problem: SharedProblem, best: SharedBest, tol: float, limit: int, bar) -> None:
    """Go on with the samples whose splits, found without the box, do not lie within it."""
    noise = best.table("noise")
    gamma = without_additive(zeta(best.table("and_")) - (problem.v - noise) / 2)
    outside = torch.nonzero(~in_box(problem.box, gamma))[:, 0]
    if not len(outside):
        return
    bar.update(-int((best.gap(outside) <= tol).sum()))
    best.objective[outside] = torch.inf
    advance = SharedIteration(problem.pick(outside), boxed=True)
    now = advance.resume(*(t[outside] for t in (gamma, noise, best.table("dual"))))
    spent = int(best.iterations[outside].max())
    _run(advance, now, best, outside, tol, [spent, *_checks(spent, limit)], bar)
