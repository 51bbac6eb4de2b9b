r"""One iteration of the joint solver: the fit of ``admm`` for each network, rows shrunk together.

What couples the networks of a sample is the shrinking step: a row, one effect's value in each
network, is pulled towards zero by a, then its largest entries are cut off at a common level, see
``shared_problem.nearest_dual``.

Where the box binds there is a third tie: beside the effects and the noise, the splits
:math:`\gamma = (\alpha + \beta)/2` are tied to wished-for ones within the box. In the turns of
fitting α and β this adds a quarter of its weight to the diagonal and changes nothing else.

Source: Boyd et al. 2011, section 6.1; Chen, Sun & Toh 2017; Yu 2013 (shrinking in two steps).
Chapter: Primitives that networks share.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from ..core.transforms import mobius, superset_sums, zeta
from .admm import _RELAX, _VT, _W, Iteration, groups
from .kronecker import kronecker_power
from .problem import merge_singles, singles
from .shared_compiled import advance_shared_exact, advance_shared_tied
from .shared_problem import SharedProblem, Weights, into_box, nearest_dual, shared_bound

_RHO = 50.0  # the step's penalty, for tables scaled to a largest value of 1 and a row's cost of 1
_SPLIT_TIE = 0.1  # the weight of the splits' penalty beside ρ


class State(NamedTuple):
    """Where the iterations stand, for B samples of m networks; multipliers are over ρ and tie."""

    shift: Tensor  # the effects, AND, then OR, at α = β = 0 (B, m, 2, 2**n)
    wish: Tensor  # the shrunk effects (B, m, 2, 2**n)
    dual: Tensor  # their multipliers (B, m, 2, 2**n)
    effects: Tensor  # the fitted effects (B, m, 2, 2**n)
    unshrunk: Tensor  # the multipliers before the shrinking step (B, m, 2, 2**n)
    alpha: Tensor  # the fitted α (B, m, 2**n)
    difference: Tensor  # the fitted β − α (B, m, 2**n)
    noise: Tensor  # the wished-for one (B, m, 2**n)
    noise_dual: Tensor  # its multipliers (B, m, 2**n)
    middle: Tensor  # the fitted γ (B, m, 2**n), where the box is looked at
    split: Tensor  # the wished-for one (B, m, 2**n)
    split_dual: Tensor  # its multipliers (B, m, 2**n)

    @classmethod
    def at_start(cls, problem: SharedProblem) -> "State":
        """Everything zero."""
        shift = effects_of(problem.v, torch.zeros_like(problem.v), torch.zeros_like(problem.v))
        pairs, tables = ([torch.zeros_like(like) for _ in range(7)] for like in (shift, problem.v))
        return cls(shift, *pairs[:4], *tables)

    def pick(self, samples: Tensor | slice) -> "State":
        """Return the same of some samples."""
        return State(*(table[samples] for table in self))


def effects_of(v: Tensor, gamma: Tensor, noise: Tensor) -> Tensor:
    """Return AND and OR effects (B, m, 2, 2**n), unmerged, of splits and noise (B, m, 2**n)."""
    half = (v - noise) / 2
    return torch.stack([mobius(half + gamma), -mobius((half - gamma).flip(-1))], -2)


class SharedIteration:
    """ADMM's iteration for samples of a joint problem; with ``boxed``, it looks at the box."""

    def __init__(self, problem: SharedProblem, boxed: bool = False):
        networks, (most, each) = problem.v.shape[1], problem.weights
        self.problem, self.boxed = problem, boxed
        self.tied = boxed or bool((problem.kappa > 0).any())
        self.part = _SPLIT_TIE / 4 if boxed else 0.0
        self.fit = Iteration(problem.n, self.tied, problem.v)
        self.rho = _RHO * (most / networks + each)
        self.weights = Weights(most / self.rho, each / self.rho)

    @property
    def tie(self) -> Tensor:
        """The weight of the noise's penalty beside ρ (B, m)."""
        return (0.03 * self.problem.kappa.clamp(min=1e-12) ** -0.4).clamp(max=1.5)  # as in admm

    def pick(self, samples: Tensor) -> None:
        """Leave the other samples aside."""
        self.problem = self.problem.pick(samples)

    def resume(self, gamma: Tensor, noise: Tensor, y: Tensor) -> State:
        """Return where an explanation without the box stands, and its dual y; (B, m, 2**n) each."""
        now = State.at_start(self.problem)
        inside = zeta(y)
        dual = torch.stack([superset_sums(y), inside[..., -1:] - inside.flip(-1)], 2) / self.rho
        wish = effects_of(self.problem.v, gamma, noise)
        return now._replace(
            wish=wish,
            effects=wish.clone(),
            dual=dual,
            unshrunk=dual.clone(),
            alpha=gamma - noise / 2,
            difference=noise.clone(),
            noise=noise.clone(),
            noise_dual=y / (self.rho * self.tie[..., None]),
            split=into_box(self.problem.box, gamma),
        )

    def _nearest(self, wish: Tensor) -> Tensor:
        return self.fit.nearest(wish.flatten(0, 1)).view_as(wish)

    def _tied(self, now: State, wish: Tensor) -> Tensor:
        """Fit β, α and β again, tied to the wished-for noise and splits; return the effects."""
        for_alpha, for_beta = kronecker_power(_W.T, wish).unbind(2)
        noise, tie, part = now.noise - now.noise_dual, self.tie[..., None], self.part
        split, squares = 2 * (now.split - now.split_dual), self.fit.squares + tie + part

        def solve(right: Tensor) -> Tensor:
            return kronecker_power(_VT.T, kronecker_power(_VT, right) / squares)

        def fit_beta(alpha: Tensor) -> Tensor:  # its table reversed
            return solve(for_beta + (tie * (alpha + noise) + part * (split - alpha)).flip(-1))

        beta = fit_beta(now.alpha).flip(-1)
        alpha = solve(for_alpha + tie * (beta - noise) + part * (split - beta))
        backwards = fit_beta(alpha)
        now.alpha.copy_(alpha)
        now.difference.copy_(backwards.flip(-1) - alpha)
        if self.boxed:
            now.middle.copy_((alpha + backwards.flip(-1)) / 2)
        return kronecker_power(_W, torch.stack([alpha, backwards], 2))

    def plain(self, now: State) -> None:
        """Make one iteration, in place, on any device."""
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
        if self.boxed:
            target = _RELAX * now.middle + (1 - _RELAX) * now.split + now.split_dual
            now.split.copy_(into_box(self.problem.box, target))
            now.split_dual.copy_(target - now.split)

    def __call__(self, now: State, steps: int) -> None:
        """Make several iterations, in place: compiled on the CPU, a few samples at a time."""
        if now.wish.device.type != "cpu":
            for _ in range(steps):
                self.plain(now)
            return
        for group in groups(len(now.wish)):
            self._group(now.pick(group), group, steps)

    def _group(self, now: State, group: slice, steps: int) -> None:
        """Make compiled iterations on a few samples, in place, their tables laid side by side."""
        games, sizes = group.stop - group.start, (*self.weights, _RELAX)
        found = [_side_by_side(_turned(table, self.tied)) for table in now]
        if self.tied:
            free = torch.ones_like(self.fit.squares)
            free[0] = 0.0  # the empty coalition has no noise
            kappa, box, tie = (
                t[group, :, None] for t in (self.problem.kappa, self.problem.box, self.tie)
            )
            ties = _side_by_side(_turned((tie + 0 * free)[:, :, None].repeat(1, 1, 2, 1), True))
            squares = self.fit.squares.repeat_interleave(games).numpy()
            bounds = _side_by_side(kappa * free), _side_by_side(box.expand_as(now.alpha))
            inverse = 1 / (squares + ties + self.part)
            advance_shared_tied(steps, games, *found, *bounds, ties, inverse, self.part, _VT, sizes)
        else:
            exact = self.fit.exact.repeat_interleave(games).numpy()
            to = self.fit.to_and, self.fit.to_or
            advance_shared_exact(steps, games, *found[:5], exact, *to, sizes)
        for table, made in zip(now[1:], found[1:], strict=True):
            made = torch.from_numpy(made).unflatten(-1, (-1, games)).movedim(-1, 0)
            table.copy_(_turned(made, self.tied))

    def _inside(self, noise: Tensor) -> Tensor:
        """Clip noise to its bound; the empty coalition has none."""
        kappa = self.problem.kappa[..., None]
        noise = noise.clamp(-kappa, kappa)
        noise[..., 0] = 0.0
        return noise

    def explanation(self, now: State) -> tuple[Tensor, Tensor, Tensor]:
        """Return exact effects near the wished-for, and noise; it and the splits within bounds."""
        v, noise = self.problem.v, self._inside(now.difference)
        base = effects_of(v, torch.zeros_like(v), noise)
        shift = self._nearest(now.wish - base)
        effects = base + shift
        if self.boxed:
            gamma = zeta(shift[:, :, 0])
            gamma = into_box(self.problem.box, gamma - gamma[..., :1])
            effects = effects_of(v, gamma, noise)
        effects[..., 0] = 0.0
        return *merge_singles(*effects.unbind(2)), noise

    def bound(self, now: State) -> tuple[Tensor, Tensor]:
        """Return the lower bound (B,) that the multipliers prove, and y (B, m, 2**n)."""
        from_and, from_or = kronecker_power(_W.T, now.unshrunk).unbind(2)
        y = self.rho / 2 * (from_and - from_or.flip(-1))
        r = -self.rho * _SPLIT_TIE * now.split_dual if self.boxed else None
        return shared_bound(self.problem, y, r)[:2]


def _side_by_side(tables: Tensor):
    """Return (..., 2**n games) of tables (games, ..., 2**n), as an array."""
    return tables.movedim(0, -1).flatten(-2).contiguous().numpy()


def _turned(tables: Tensor, turned: bool) -> Tensor:
    """Reverse the order of the samples in the OR half of (games, m, 2, 2**n), if asked to."""
    if not turned or tables.ndim < 4:
        return tables
    return torch.stack([tables[:, :, 0], tables[:, :, 1].flip(0)], 2)
