r"""The certified solver for several networks: the iteration of ``admm``, rows shrunk together.

Each network's effects are fitted as in ``admm``, by the same fast solves. What couples the networks
of a sample is the shrinking step: a row, one effect's value in each network, is pulled towards zero
by a, then its largest entries are cut off at a common level, see ``shared_problem.nearest_dual``.

The box on the splits is left aside at first. That can only make the optimum shorter, so a bound
proven without it holds, and where the splits found lie within the box, or are almost as short once
moved into it, nothing is left to do. The other samples go on from there with a third tie: beside
the effects and the noise, the splits :math:`\gamma = (\alpha + \beta)/2` are tied to wished-for
ones within the box. In the turns of fitting α and β this adds a quarter of its weight to the
diagonal and changes nothing else.

Source: Boyd et al. 2011, section 6.1; Chen, Sun & Toh 2017; Yu 2013 (shrinking in two steps).
Chapter: Primitives that networks share.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from tqdm import tqdm

from ..core.transforms import mobius, superset_sums, zeta
from .admm import _FIRST_CHECK, _PACE, _RELAX, _VT, _W, Iteration
from .best import Best
from .kronecker import kronecker_power
from .problem import Solution, merge_singles, singles
from .shared_problem import (
    SharedProblem,
    Weights,
    in_box,
    into_box,
    joint_length,
    nearest_dual,
    shared_bound,
    without_additive,
)

_RHO = 30.0  # the step's penalty, for tables scaled to a largest value of 1 and a row's cost of 1
_SPLIT_TIE = 0.1


class State(NamedTuple):
    """Where the iterations stand: AND, then OR (B, m, 2, 2**n); other tables (B, m, 2**n)."""

    shift: Tensor  # the effects at α = β = 0 (B, m, 2, 2**n)
    wish: Tensor  # the shrunk effects (B, m, 2, 2**n)
    dual: Tensor  # their multipliers over ρ (B, m, 2, 2**n)
    effects: Tensor  # the fitted effects (B, m, 2, 2**n)
    unshrunk: Tensor  # the multipliers over ρ before the shrinking step (B, m, 2, 2**n)
    alpha: Tensor  # the fitted α (B, m, 2**n)
    difference: Tensor  # the fitted β − α
    noise: Tensor  # the wished-for one
    noise_dual: Tensor  # its multipliers over ρ noise_tie
    middle: Tensor  # the fitted γ (B, m, 2**n)
    split: Tensor  # the wished-for one
    split_dual: Tensor  # its multipliers over ρ split_tie
    noise_tie: Tensor  # the weight of the noise's penalty beside ρ (B, m, 1)
    split_tie: Tensor  # the weight of the splits' (B, 1, 1), 0 where the box is left aside

    @classmethod
    def at_start(cls, problem: SharedProblem) -> "State":
        """Everything zero, the box left aside."""
        v = problem.v
        shift = torch.stack([mobius(v / 2), -mobius(v.flip(-1) / 2)], 2)
        tie = (0.03 * problem.kappa.clamp(min=1e-12) ** -0.4).clamp(max=1.5)[..., None]
        pairs, tables = ([torch.zeros_like(like) for _ in range(7)] for like in (shift, v))
        return cls(shift, *pairs[:4], *tables, tie, torch.zeros_like(tie[:, :1]))

    @classmethod
    def go_on(cls, problem: SharedProblem, best: Best, games: Tensor, rho: float) -> "State":
        """Where an optimum without the box stands, ready to be tied to splits within it."""
        now, v = cls.at_start(problem), problem.v
        tables = (best.and_, best.or_, best.noise, best.dual)
        and_, or_, noise, y = (table[games].view_as(v) for table in tables)
        gamma = without_additive(zeta(and_) - (v - noise) / 2)
        now.wish.copy_(_effects_of(v, gamma, noise))
        inside = zeta(y)
        on_or = inside[..., -1:] - inside.flip(-1)
        now.dual.copy_(torch.stack([superset_sums(y), on_or], 2) / rho)
        now.unshrunk.copy_(now.dual)
        now.effects.copy_(now.wish)
        now.alpha.copy_(gamma - noise / 2)
        now.difference.copy_(noise)
        now.noise.copy_(noise)
        now.noise_dual.copy_(y / (rho * now.noise_tie))
        now.split.copy_(into_box(problem.box, gamma))
        now.split_tie.fill_(_SPLIT_TIE)
        return now

    def pick(self, samples: Tensor) -> "State":
        """Return the same of some samples."""
        return State(*(table[samples] for table in self))


def _effects_of(v: Tensor, gamma: Tensor, noise: Tensor) -> Tensor:
    """Return AND and OR effects (B, m, 2, 2**n), unmerged, of splits and noise (B, m, 2**n)."""
    half = (v - noise) / 2
    return torch.stack([mobius(half + gamma), -mobius((half - gamma).flip(-1))], 2)


class SharedIteration:
    """ADMM's iteration for samples of a joint problem; ``tied`` where α and β may differ."""

    def __init__(self, problem: SharedProblem, tied: bool):
        networks, (most, each) = problem.v.shape[1], problem.weights
        self.problem, self.tied = problem, tied
        self.fit = Iteration(problem.n, tied, problem.v)
        self.rho = _RHO * (most / networks + each)
        self.weights = Weights(most / self.rho, each / self.rho)

    def pick(self, samples: Tensor) -> None:
        """Leave the other samples aside."""
        self.problem = self.problem.pick(samples)

    def _nearest(self, wish: Tensor) -> Tensor:
        return self.fit.nearest(wish.flatten(0, 1)).view_as(wish)

    def _tied(self, now: State, wish: Tensor) -> Tensor:
        """Fit β, α and β again, tied to the wished-for noise and splits; return the effects."""
        for_alpha, for_beta = kronecker_power(_W.T, wish).unbind(2)
        noise, tie = now.noise - now.noise_dual, now.noise_tie
        split, part = now.split - now.split_dual, now.split_tie / 4
        squares = self.fit.squares + tie + part

        def solve(right: Tensor) -> Tensor:
            return kronecker_power(_VT.T, kronecker_power(_VT, right) / squares)

        def fit_beta(alpha: Tensor) -> Tensor:  # its table reversed
            return solve(for_beta + (tie * (alpha + noise) + part * (2 * split - alpha)).flip(-1))

        beta = fit_beta(now.alpha).flip(-1)
        alpha = solve(for_alpha + tie * (beta - noise) + part * (2 * split - beta))
        backwards = fit_beta(alpha)
        now.alpha.copy_(alpha)
        now.difference.copy_(backwards.flip(-1) - alpha)
        now.middle.copy_((alpha + backwards.flip(-1)) / 2)
        return kronecker_power(_W, torch.stack([alpha, backwards], 2))

    def step(self, now: State) -> None:
        """Make one iteration, in place."""
        wish = now.wish - now.dual - now.shift
        now.effects.copy_(now.shift + (self._tied(now, wish) if self.tied else self._nearest(wish)))
        now.unshrunk.copy_(now.effects - now.wish + now.dual)
        target = _RELAX * now.effects + (1 - _RELAX) * now.wish + now.dual
        now.dual.copy_(nearest_dual(self.weights, target))
        one = singles(self.problem.n)  # a single player's two effects shrink as one
        now.dual[..., one] = nearest_dual(self.weights, target[..., one].mean(2, keepdim=True))
        now.dual[:, :, 0, 0] = target[:, :, 0, 0]  # the AND part is centred
        now.dual[:, :, 1, 0] = 0.0  # the empty OR is no effect, and free
        now.wish.copy_(target - now.dual)
        if self.tied:
            target = _RELAX * now.difference + (1 - _RELAX) * now.noise + now.noise_dual
            now.noise.copy_(self._inside(target))
            now.noise_dual.copy_(target - now.noise)
            target = _RELAX * now.middle + (1 - _RELAX) * now.split + now.split_dual
            now.split.copy_(into_box(self.problem.box, target))
            now.split_dual.copy_(target - now.split)

    def __call__(self, now: State, steps: int) -> None:
        """Make several iterations, in place."""
        for _ in range(steps):
            self.step(now)

    def _inside(self, noise: Tensor) -> Tensor:
        """Clip noise to its bound; the empty coalition has none."""
        kappa = self.problem.kappa[..., None]
        noise = noise.clamp(-kappa, kappa)
        noise[..., 0] = 0.0
        return noise

    def explanation(self, now: State) -> tuple[Tensor, Tensor, Tensor]:
        """Return exact effects near the wished-for, and noise; it and the splits within bounds."""
        v, noise = self.problem.v, self._inside(now.difference)
        base = _effects_of(v, torch.zeros_like(v), noise)
        shift = self._nearest(now.wish - base)
        effects = base + shift
        if (now.split_tie > 0).any():
            gamma = zeta(shift[:, :, 0])
            gamma = into_box(self.problem.box, gamma - gamma[..., :1])
            effects = _effects_of(v, gamma, noise)
        effects[..., 0] = 0.0
        return *merge_singles(*effects.unbind(2)), noise

    def bound(self, now: State) -> tuple[Tensor, Tensor]:
        """Return the lower bound (B,) that the multipliers prove, and y (B, m, 2**n)."""
        from_and, from_or = kronecker_power(_W.T, now.unshrunk).unbind(2)
        y = self.rho / 2 * (from_and - from_or.flip(-1))
        r = -self.rho * now.split_tie * now.split_dual if (now.split_tie > 0).any() else None
        return shared_bound(self.problem, y, r)[:2]


def _run(advance, now: State, best: Best, live: Tensor, tol: float, checks, bar) -> None:
    """Iterate until each sample's gap is at most ``tol``; the samples that are done leave.

    ``checks`` counts iterations: before the first, after it, and so on, at each a look at the gaps.
    """
    before = checks[0]
    for done in checks[1:]:
        advance(now, done - before)
        before = done
        residual = (now.effects - now.wish).abs().amax((1, 2, 3))
        and_, or_, noise = (table.flatten(1) for table in advance.explanation(now))
        bound, y = advance.bound(now)
        best.update(live, (and_, or_), noise, [(bound, y.flatten(1))], done, residual)
        open_ = best.gap(live) > tol
        if not open_.all():
            bar.update(int((~open_).sum()))
            live, now = live[open_], now.pick(open_)
            advance.pick(open_)
        if not len(live):
            return


def _checks(start: int, limit: int) -> list[int]:
    """Return numbers of iterations at a growing pace, from the start to the limit."""
    checks, steps = [start], _FIRST_CHECK
    while checks[-1] < limit:
        checks.append(min(start + steps, limit))
        steps = int(steps * _PACE)
    return checks


def solve_shared(
    problem: SharedProblem, tol: float, max_iterations: int, progress: bool
) -> Solution:
    """Minimise until each sample's relative gap is at most ``tol``, or the iterations are spent.

    Samples that are done leave the batch; a box is looked at once they are done without it.

    Returns:
        Solution, its tables (B, m, 2**n).
    """
    count, networks, size = shape = problem.v.shape
    most = problem.kappa[..., None]
    scale = problem.v.abs().amax((1, 2)).clamp(min=torch.finfo(torch.float64).tiny)
    v, kappa, box = (t / scale.view(-1, *[1] * (t.ndim - 1)) for t in problem[:3])
    problem = problem._replace(v=v, kappa=kappa, box=box)

    def measure(and_: Tensor, or_: Tensor) -> Tensor:
        tables = (table.unflatten(1, (networks, size)) for table in (and_, or_))
        return joint_length(problem.weights, *tables)

    best = Best(count, networks * size, v, measure)
    with tqdm(total=count, unit="sample", disable=not progress) as bar:
        everyone = torch.arange(count, device=v.device)
        advance = SharedIteration(problem, bool((kappa > 0).any()))
        checks = _checks(0, max_iterations)
        _run(advance, State.at_start(problem), best, everyone, tol, checks, bar)
        gamma = without_additive(zeta(best.and_.view(shape)) - (v - best.noise.view(shape)) / 2)
        outside = everyone[~in_box(box, gamma)]
        if len(outside):
            best.objective[outside] = torch.inf
            rest = problem.pick(outside)
            now = State.go_on(rest, best, outside, advance.rho)
            spent = int(best.iterations[outside].max())
            checks = [spent, *_checks(spent, max_iterations)]
            bar.update(-len(outside))
            _run(SharedIteration(rest, True), now, best, outside, tol, checks, bar)
    found = best.solution(scale)
    tables = {name: getattr(found, name).view(shape) for name in ("and_", "or_", "noise", "dual")}
    tables["noise"] = tables["noise"].clamp(-most, most)
    return found._replace(**tables)
