r"""The certified solver: ADMM with exact linear steps, :math:`O(n 2^n)` each, batched over games.

The effects are an affine map of two unknown tables, :math:`\alpha = \gamma - \varepsilon/2` and
:math:`\beta = \gamma + \varepsilon/2`: AND effects :math:`W(v/2 + \alpha)`, OR effects
:math:`WR(\beta - v/2)`, W the Möbius transform and R the reversal of a table. ADMM alternates
between fitting α and β to wished-for effects, a linear system, and shrinking the effects towards
zero. The system's matrices are Kronecker powers of 2×2 ones, so a solve is a few fast transforms.

- Without noise, :math:`\alpha = \beta`: the matrix is :math:`K^{\otimes n} + (JKJ)^{\otimes n}`
  with :math:`K = W^\top W`, and one congruence P diagonalises both terms.
- With noise, :math:`\beta - \alpha` must lie in the box [−κ, κ]: α and β are fitted in turn, β, α,
  β (a symmetric Gauss-Seidel sweep), each exactly, in the basis of W's singular vectors.

The multipliers give the certificate, see ``problem.lower_bound``. Those taken before the shrinking
step satisfy the dual's equations exactly and its bounds nearly; scaled into the bounds they prove
1 % in half the iterations that those taken after it need. Checks come at a growing pace, since one
costs as much as several iterations.

Source: Boyd et al. 2011, section 6.1 (least absolute deviations); Chen, Sun & Toh 2017 (symmetric
Gauss-Seidel). Chapter: Does the solver change the science?
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ..core.transforms import mobius
from .best import Best
from .compiled import advance_exact, advance_noisy
from .kronecker import kronecker_diagonal, kronecker_power
from .problem import Problem, Solution, lower_bound, merge_singles, singles

_W = np.array([[1.0, 0.0], [-1.0, 1.0]])
_J = np.array([[0.0, 1.0], [1.0, 0.0]])
_U, _SIGMA, _VT = np.linalg.svd(_W)
_RHO = 30.0  # the step's penalty, for tables scaled to a largest value of 1
_RELAX = 1.6
_FIRST_CHECK, _PACE = 50, 1.2
_LANES = 8  # games side by side in the compiled iterations, a power of two


def _congruence() -> tuple[np.ndarray, np.ndarray]:
    """Return P and d with PᵀJKJP = I and PᵀKP = diag(d), d = (φ⁻², φ²)."""
    k = _W.T @ _W
    root = np.linalg.inv(np.linalg.cholesky(_J @ k @ _J)).T
    d, q = np.linalg.eigh(root.T @ k @ root)
    return root @ q, d


class State(NamedTuple):
    """Where the iterations stand, for B games; AND, then OR in tables (B, 2, 2**n)."""

    shift: Tensor  # the effects at α = β = 0 (B, 2, 2**n)
    wish: Tensor  # the shrunk effects (B, 2, 2**n)
    dual: Tensor  # their multipliers over ρ (B, 2, 2**n)
    effects: Tensor  # the fitted effects (B, 2, 2**n)
    unshrunk: Tensor  # the multipliers over ρ before the shrinking step (B, 2, 2**n)
    box: Tensor  # the wished-for noise β − α (B, 2**n)
    box_dual: Tensor  # its multipliers over ρ tie (B, 2**n)
    alpha: Tensor  # the fitted α (B, 2**n)
    difference: Tensor  # the fitted β − α (B, 2**n)
    kappa: Tensor  # the bound on the noise (B,)
    tie: Tensor  # the weight of the noise's penalty beside ρ (B,)

    @classmethod
    def at_start(cls, problem: Problem, gamma: Tensor | None = None) -> "State":
        """Everything zero, or wishes as a split γ (B, 2**n) would make them."""
        v = problem.v
        shift = torch.stack([mobius(v / 2), -mobius(v.flip(-1) / 2)], 1)
        pairs = [torch.zeros_like(shift) for _ in range(4)]
        if gamma is not None:
            pairs[0] = shift + torch.stack([mobius(gamma), mobius(gamma.flip(-1))], 1)
            pairs[0][..., 0] = 0.0
        tie = (0.03 * problem.kappa.clamp(min=1e-12) ** -0.4).clamp(max=1.5)  # by experiment
        return cls(shift, *pairs, *(torch.zeros_like(v) for _ in range(4)), problem.kappa, tie)


class Iteration:
    """ADMM's iteration for games of n players, with its matrices."""

    def __init__(self, n: int, noisy: bool, like: Tensor):
        p, d = _congruence()
        self.n, self.noisy = n, noisy
        self.to_and, self.to_or = _W @ p, _W @ _J @ p
        self.exact = 1 / (1 + kronecker_diagonal(d, n, like))
        self.squares = kronecker_diagonal(_SIGMA**2, n, like)

    def nearest(self, wish: Tensor) -> Tensor:
        """Return the effects (B, 2, 2**n) that one γ can reach, nearest to the wished-for."""
        g = kronecker_power(self.to_and.T, wish[:, 0]) + kronecker_power(self.to_or.T, wish[:, 1])
        g *= self.exact
        return torch.stack([kronecker_power(self.to_and, g), kronecker_power(self.to_or, g)], 1)

    def _tied(self, now: State, wish: Tensor) -> Tensor:
        """Fit β, α and β again, tied to the wished-for difference; return the effects."""
        for_alpha, for_beta = kronecker_power(_W.T, wish).unbind(1)
        box, alpha, tie = now.box - now.box_dual, now.alpha, now.tie[:, None]

        def solve(right: Tensor) -> Tensor:
            return kronecker_power(_VT.T, kronecker_power(_VT, right) / (self.squares + tie))

        backwards = solve(for_beta + tie * (alpha + box).flip(-1))  # β, its table reversed
        alpha = solve(for_alpha + tie * (backwards.flip(-1) - box))
        backwards = solve(for_beta + tie * (alpha + box).flip(-1))
        now.alpha.copy_(alpha)
        now.difference.copy_(backwards.flip(-1) - alpha)
        return kronecker_power(_W, torch.stack([alpha, backwards], 1))

    def plain(self, now: State) -> None:
        """Make one iteration, in place, on any device."""
        wish = now.wish - now.dual - now.shift
        now.effects.copy_(now.shift + (self._tied(now, wish) if self.noisy else self.nearest(wish)))
        now.unshrunk.copy_(now.effects - now.wish + now.dual)
        target = _RELAX * now.effects + (1 - _RELAX) * now.wish + now.dual
        now.dual.copy_(target.clamp(-1 / _RHO, 1 / _RHO))
        one = singles(self.n)  # a single player's two effects shrink as one
        now.dual[..., one] = target[..., one].mean(1, keepdim=True).clamp(-1 / _RHO, 1 / _RHO)
        now.dual[:, 0, 0] = target[:, 0, 0]  # the AND part is centred
        now.dual[:, 1, 0] = 0.0  # the empty OR is no effect, and free
        now.wish.copy_(target - now.dual)
        if self.noisy:
            target = _RELAX * now.difference + (1 - _RELAX) * now.box + now.box_dual
            now.box.copy_(_inside(target, now.kappa))
            now.box_dual.copy_(target - now.box)

    def __call__(self, now: State, steps: int) -> None:
        """Make several iterations, in place: compiled on the CPU, a group of games at a time."""
        if now.wish.device.type != "cpu":
            for _ in range(steps):
                self.plain(now)
            return
        for group in groups(len(now.wish)):
            self._group(State(*(table[group] for table in now)), steps)

    def _group(self, now: State, steps: int) -> None:
        """Make compiled iterations on a few games, in place, their tables laid side by side."""
        games = len(now.wish)
        pairs = [_side_by_side(table, self.noisy) for table in now[:5]]
        sizes = (1 / _RHO, _RELAX)
        if self.noisy:
            tables = [_side_by_side(table, False) for table in now[5:9]]
            free = torch.ones_like(self.squares)
            free[0] = 0.0  # the empty coalition has no noise
            kappa = torch.outer(free, now.kappa).flatten().numpy()
            ties = torch.stack([now.tie, now.tie.flip(0)]).repeat(1, len(free))  # (2, 2**n games)
            inverse = 1 / (self.squares.repeat_interleave(games) + ties)
            advance_noisy(
                steps, games, *pairs, *tables, kappa, ties.numpy(), inverse.numpy(), _VT, sizes
            )
            for table, found in zip(now[5:9], tables, strict=True):
                table.copy_(torch.from_numpy(found).view(-1, games).T)
        else:
            exact = self.exact.repeat_interleave(games).numpy()
            advance_exact(steps, games, *pairs, exact, self.to_and, self.to_or, sizes)
        for table, found in zip(now[1:5], pairs[1:], strict=True):
            both = torch.from_numpy(found).view(2, -1, games).movedim(-1, 0)
            table[:, 0], table[:, 1] = both[:, 0], both[:, 1].flip(0) if self.noisy else both[:, 1]

    def explanation(self, v: Tensor, now: State) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """Return exact effects, and noise within its bound, near the wished-for ones."""
        noise = _inside(now.difference, now.kappa)
        half = (v - noise) / 2
        base = torch.stack([mobius(half), -mobius(half.flip(-1))], 1)
        effects = base + self.nearest(now.wish - base)
        effects[..., 0] = 0.0
        return merge_singles(*effects.unbind(1)), noise


def groups(count: int) -> Iterator[slice]:
    """Split ``count`` games into groups that are worked on side by side, powers of two in size."""
    done = 0
    while done < count:
        games = min(_LANES, 1 << (count - done).bit_length() - 1)
        yield slice(done, done + games)
        done += games


def _side_by_side(tables: Tensor, flipped: bool) -> np.ndarray:
    """Return (..., 2**n games) of tables (games, ..., 2**n); the OR half's games in reverse."""
    if flipped:
        tables = torch.stack([tables[:, 0], tables[:, 1].flip(0)], 1)
    return tables.movedim(0, -1).flatten(-2).contiguous().numpy()


def _inside(table: Tensor, kappa: Tensor) -> Tensor:
    """Clip a table to the bound on the noise; the empty coalition has none."""
    table = table.clamp(-kappa[:, None], kappa[:, None])
    table[:, 0] = 0.0
    return table


def _bound(problem: Problem, multipliers: Tensor) -> tuple[Tensor, Tensor]:
    """Return the lower bound (B,) that the multipliers (B, 2, 2**n) prove, and its dual table."""
    from_and, from_or = kronecker_power(_W.T, multipliers).unbind(1)
    return lower_bound(problem, _RHO / 2 * (from_and - from_or.flip(-1)))


def solve_admm(
    problem: Problem, tol: float, max_iterations: int, progress: bool, start: Tensor | None = None
) -> Solution:
    """Minimise until each game's relative gap is at most ``tol``, or the iterations are spent.

    A ``start`` is a γ (B, 2**n) in the games' units; the answer's length does not depend on it.
    Games that are done leave the batch, so that the last ones do not pay for the others.
    """
    count, size = problem.v.shape
    scale = problem.v.abs().amax(-1).clamp(min=torch.finfo(torch.float64).tiny)
    problem = Problem(problem.v / scale[:, None], problem.kappa / scale, problem.n)
    advance = Iteration(problem.n, bool((problem.kappa > 0).any()), problem.v)
    gamma = None if start is None else start / scale[:, None]
    now, best = State.at_start(problem, gamma), Best(count, size, problem.v)
    live = torch.arange(count, device=scale.device)
    done, check = 0, _FIRST_CHECK
    with tqdm(total=count, unit="game", disable=not progress) as bar:
        while len(live) and done < max_iterations:
            check = min(check, max_iterations)
            advance(now, check - done)
            done, check = check, int(check * _PACE)
            found, noise = advance.explanation(problem.v, now)
            residual = (now.effects - now.wish).abs().amax((1, 2))
            best.update(live, found, noise, [_bound(problem, now.unshrunk)], done, residual)
            open_ = best.gap(live) > tol
            if not open_.all():
                bar.update(int((~open_).sum()))
                live, now = live[open_], State(*(table[open_] for table in now))
                problem = Problem(problem.v[open_], problem.kappa[open_], problem.n)
    return best.solution(scale)
