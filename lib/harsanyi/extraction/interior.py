r"""A primal-dual interior point for the same problem: few, dear iterations, n ≤ 12.

As a linear programme in the effects, :math:`p - q`, with the trigger matrix Z (which effect acts in
which coalition):

.. math:: \min 1^\top (p + q) \quad \text{s.t.} \quad Z(p - q) + f = v + \kappa, \quad p, q \ge 0,
          \quad 0 \le f \le 2\kappa

Z is never built. The normal matrix :math:`Z D Z^\top` is a gather from sums over subsets of D: two
coalitions S and S′ share the ANDs inside :math:`S \cap S'`, and the ORs that meet both. Mehrotra's
predictor and corrector share one Cholesky factor.

Source: Mehrotra 1992; Wright 1997, chapter 10. Chapter: Does the solver change the science?
"""

import torch
from torch import Tensor
from tqdm import tqdm

from ..core.coalitions import check_memory, sizes
from ..core.transforms import mobius, reconstruct, superset_sums, zeta
from .best import Best
from .problem import Problem, Solution, lower_bound

MOST_PLAYERS = 12


class _Programme:
    """One game's linear programme: x = [p, q, f] is flat; y (2**n - 1,) is its dual."""

    def __init__(self, v: Tensor, kappa: float, n: int):
        self.n, self.size, self.noisy = n, 2**n, kappa > 0
        several = sizes(n).to(v.device) > 1
        self.acts = torch.stack([several | (sizes(n).to(v.device) == 1), several])  # (2, 2**n)
        self.m = int(self.acts.sum())
        self.b = v[1:] + kappa
        self.c = torch.cat([v.new_ones(2 * self.m), v.new_zeros(self.noisy * (self.size - 1))])
        self.upper = v.new_full((self.noisy * (self.size - 1),), 2 * kappa)

    def effects(self, x: Tensor) -> Tensor:
        """The effects (2, 2**n) of a point."""
        table = x.new_zeros(2, self.size)
        table[self.acts] = x[: self.m] - x[self.m : 2 * self.m]
        return table

    def apply(self, x: Tensor) -> Tensor:
        """The left side of the equations (2**n - 1,)."""
        values = reconstruct(*self.effects(x))[1:]
        return values + x[2 * self.m :] if self.noisy else values

    def transpose(self, y: Tensor) -> Tensor:
        """Its transpose: for each unknown, the sum of y where it acts."""
        y = torch.cat([y.new_zeros(1), y])
        inside = zeta(y)
        on = torch.stack([superset_sums(y), inside[-1] - inside.flip(-1)])[self.acts]
        return torch.cat([on, -on, y[1:]] if self.noisy else [on, -on])

    def normal_matrix(self, theta: Tensor) -> Tensor:
        """The matrix A diag(theta) Aᵀ (2**n - 1, 2**n - 1)."""
        table = theta.new_zeros(2, self.size)
        table[self.acts] = theta[: self.m] + theta[self.m : 2 * self.m]
        of_and, missed = zeta(table[0]), zeta(table[1]).flip(-1)  # missed[S]: ORs S does not touch
        masks = torch.arange(1, self.size, device=theta.device)
        matrix = of_and[masks[:, None] & masks] + missed[masks[:, None] | masks]
        matrix -= missed[1:, None] + missed[1:]
        matrix += missed[0]
        if self.noisy:
            matrix.diagonal().add_(theta[2 * self.m :])
        return matrix


def _longest(x: Tensor, dx: Tensor) -> float:
    """The longest step of at most 1 that keeps x positive."""
    falling = dx < 0
    return min(1.0, float((-x[falling] / dx[falling]).min())) if falling.any() else 1.0


def _newton(lp: _Programme, point, residuals, theta, factor, rxz, rtw):
    """Solve for one Newton direction with a factor of the normal matrix at hand."""
    x, t, _, z, w = point
    primal, bound, dual = residuals
    h = dual - rxz / x
    tail = slice(2 * lp.m, None)
    h[tail] += (rtw - w * bound) / t
    right = primal + lp.apply(theta * h)
    dy = torch.cholesky_solve(right[:, None], factor)[:, 0]
    dx = theta * (lp.transpose(dy) - h)
    dt = bound - dx[tail]
    return dx, dt, dy, (rxz - z * dx) / x, (rtw - w * dt) / t


def _factor(matrix: Tensor) -> Tensor | None:
    """The Cholesky factor, of a slightly heavier diagonal where rounding asks for it."""
    for ridge in (1e-13, 1e-11, 1e-9):
        matrix.diagonal().mul_(1 + ridge)
        factor, failed = torch.linalg.cholesky_ex(matrix)
        if not failed:
            return factor
    return None


def _iterate(lp: _Programme, point):
    """Make one predictor-corrector step; None where rounding allows no further one."""
    x, t, y, z, w = point
    tail = slice(2 * lp.m, None)
    dual = lp.c - lp.transpose(y) - z
    dual[tail] += w
    residuals = lp.b - lp.apply(x), lp.upper - x[tail] - t, dual
    inverse = z / x
    inverse[tail] += w / t
    theta = 1 / inverse
    factor = _factor(lp.normal_matrix(theta))
    if factor is None:
        return None
    mu = float((x @ z + t @ w) / (len(x) + len(t)))
    dx, dt, _, dz, dw = _newton(lp, point, residuals, theta, factor, -x * z, -t * w)
    primal, other = min(_longest(x, dx), _longest(t, dt)), min(_longest(z, dz), _longest(w, dw))
    ahead = (x + primal * dx) @ (z + other * dz) + (t + primal * dt) @ (w + other * dw)
    centre = mu * (float(ahead) / (len(x) + len(t)) / mu) ** 3
    aims = centre - x * z - dx * dz, centre - t * w - dt * dw
    dx, dt, dy, dz, dw = _newton(lp, point, residuals, theta, factor, *aims)
    primal = min(1.0, 0.9995 * min(_longest(x, dx), _longest(t, dt)))
    other = min(1.0, 0.9995 * min(_longest(z, dz), _longest(w, dw)))
    return x + primal * dx, t + primal * dt, y + other * dy, z + other * dz, w + other * dw


def solve_interior(problem: Problem, tol: float, max_iterations: int, progress: bool) -> Solution:
    """Minimise game by game until the relative gap is at most ``tol``.

    Raises:
        ValueError: more than twelve players, whose normal matrix would be too large.
    """
    if problem.n > MOST_PLAYERS:
        raise ValueError(
            f'method: got "interior" for {problem.n} players, expected at most {MOST_PLAYERS}: its '
            f'matrix has 4**n entries; take method="admm"'
        )
    check_memory(2 * problem.n, bytes_per_coalition=24)
    count, size = problem.v.shape
    scale = problem.v.abs().amax(-1).clamp(min=torch.finfo(torch.float64).tiny)
    scaled = Problem(problem.v / scale[:, None], problem.kappa / scale, problem.n)
    best = Best(count, size, problem.v)
    for game in tqdm(range(count), unit="game", disable=not progress):
        one = Problem(scaled.v[game : game + 1], scaled.kappa[game : game + 1], problem.n)
        _solve_one(one, torch.tensor([game], device=scale.device), best, tol, max_iterations)
    return best.solution(scale)


def _solve_one(one: Problem, game: Tensor, best: Best, tol: float, max_iterations: int) -> None:
    v, kappa = one.v[0], float(one.kappa)
    lp = _Programme(v, kappa, one.n)
    ones = torch.ones_like
    x = torch.cat([v.new_full((2 * lp.m,), 0.1), lp.upper / 2])
    point = x, lp.upper / 2, v.new_zeros(lp.size - 1), ones(x), ones(lp.upper)
    for iteration in range(1, max_iterations + 1):
        point = _iterate(lp, point)
        if point is None:
            return
        x, y = point[0], point[2]
        effects = lp.effects(x)
        left = v - reconstruct(*effects)
        noise = left.clamp(-kappa, kappa)
        noise[0] = 0.0
        repaired = effects[0] + mobius(left - noise)  # exact again, whatever the residual was
        bounds = [lower_bound(one, torch.cat([y.new_zeros(1), y])[None])]
        residual = (left - noise).abs().max()[None]
        best.update(game, (repaired[None], effects[1:]), noise[None], bounds, iteration, residual)
        if float(best.gap(game)) <= tol:
            return
