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

The scaled dual variables of the shrinking step give the certificate, see ``problem.lower_bound``.

Source: Boyd et al. 2011, section 6.1 (least absolute deviations); Chen, Sun & Toh 2017 (symmetric
Gauss-Seidel). Chapter: Does the solver change the science?
"""

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from ..core.transforms import mobius, zeta
from .best import Best
from .kronecker import kronecker_diagonal, kronecker_power
from .problem import Problem, Solution, effects_of, lower_bound, singles

_W = np.array([[1.0, 0.0], [-1.0, 1.0]])
_J = np.array([[0.0, 1.0], [1.0, 0.0]])
_U, _SIGMA, _VT = np.linalg.svd(_W)
_RHO = 40.0  # the step's penalty, for tables scaled to a largest value of 1
_TIE = 0.5  # how much the noise's penalty weighs beside it
_RELAX = 1.6
_CHECK_EVERY = 25


def _congruence() -> tuple[np.ndarray, np.ndarray]:
    """Return P and d with PᵀJKJP = I and PᵀKP = diag(d), d = (φ⁻², φ²)."""
    k = _W.T @ _W
    root = np.linalg.inv(np.linalg.cholesky(_J @ k @ _J)).T
    d, q = np.linalg.eigh(root.T @ k @ root)
    return root @ q, d


def _shrink(wish: Tensor, threshold: float, one: list[int]) -> Tensor:
    """The proximal step on effects (B, 2, 2**n): a single player's two effects shrink as one."""
    out = torch.nn.functional.softshrink(wish, threshold)
    pair = wish[..., one]  # (B, 2, n)
    both = pair.sum(1, keepdim=True)
    cut = both - torch.nn.functional.softshrink(both, 2 * threshold)
    out[..., one] = pair - cut / 2
    out[:, 0, 0] = 0.0  # the AND part is centred
    out[:, 1, 0] = wish[:, 1, 0]  # the empty OR is no effect, and free
    return out


def _exact_step(n: int, like: Tensor):
    """Return the linear step without noise: the effects in reach, nearest to the wished-for."""
    p, d = _congruence()
    to_and, to_or = _W @ p, _W @ _J @ p
    inverse = 1 / (1 + kronecker_diagonal(d, n, like))

    def step(wish: Tensor, box: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        g = kronecker_power(to_and.T, wish[:, 0]) + kronecker_power(to_or.T, wish[:, 1])
        g *= inverse
        effects = torch.stack([kronecker_power(to_and, g), kronecker_power(to_or, g)], 1)
        return effects, box, alpha

    return step


def _noisy_step(n: int, like: Tensor):
    """Return the linear step with noise: β, α, β in turn, tied to the wished-for difference."""
    inverse = 1 / (kronecker_diagonal(_SIGMA**2, n, like) + _TIE)

    def solve(right: Tensor) -> Tensor:
        return kronecker_power(_VT.T, kronecker_power(_VT, right) * inverse)

    def step(wish: Tensor, box: Tensor, alpha: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        for_alpha, for_beta = kronecker_power(_W.T, wish).unbind(1)
        backwards = solve(for_beta + _TIE * (alpha + box).flip(-1))  # β, its table reversed
        alpha = solve(for_alpha + _TIE * (backwards.flip(-1) - box))
        backwards = solve(for_beta + _TIE * (alpha + box).flip(-1))
        effects = kronecker_power(_W, torch.stack([alpha, backwards], 1))
        return effects, backwards.flip(-1) - alpha, alpha

    return step


def _primal(v: Tensor, effects: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Return exact effects near the fitted ones: read α and β off them, and split at their mean."""
    inside = zeta(effects)
    gamma = (inside[:, 0] + inside[:, 1].flip(-1)) / 2
    gamma[:, 0] = 0.0
    return effects_of(v, gamma, noise)


def _bounds(problem: Problem, multipliers: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Return the lower bounds (B,) of the three dual tables that the multipliers suggest."""
    from_and, from_or = kronecker_power(_W.T, multipliers).unbind(1)
    from_or = -from_or.flip(-1)
    tables = (from_and, from_or, (from_and + from_or) / 2)
    return [lower_bound(problem, y) for y in tables]


def solve_admm(problem: Problem, tol: float, max_iterations: int, progress: bool) -> Solution:
    """Minimise until each game's relative gap is at most ``tol``, or the iterations are spent.

    Games that are done leave the batch, so that the last ones do not pay for the others.
    """
    count, size = problem.v.shape
    scale = problem.v.abs().amax(-1).clamp(min=torch.finfo(torch.float64).tiny)
    v, kappa = problem.v / scale[:, None], problem.kappa / scale
    noisy = bool((kappa > 0).any())
    step = (_noisy_step if noisy else _exact_step)(problem.n, v)
    shift = torch.stack([mobius(v / 2), -mobius(v.flip(-1) / 2)], 1)  # (B, 2, 2**n)
    wish, dual = torch.zeros_like(shift), torch.zeros_like(shift)
    box, tie_dual, alpha = torch.zeros_like(v), torch.zeros_like(v), torch.zeros_like(v)
    best = Best(count, size, v)
    live = torch.arange(count, device=v.device)
    one = singles(problem.n)
    with tqdm(total=count, unit="game", disable=not progress) as bar:
        for iteration in range(1, max_iterations + 1):
            fitted, difference, alpha = step(wish - dual - shift, box - tie_dual, alpha)
            fitted += shift
            target = _RELAX * fitted + (1 - _RELAX) * wish + dual
            wish = _shrink(target, 1 / _RHO, one)
            dual = target - wish
            if noisy:
                target = _RELAX * difference + (1 - _RELAX) * box + tie_dual
                box = target.clamp(-kappa[:, None], kappa[:, None])
                box[:, 0] = 0.0
                tie_dual = target - box
            if iteration % _CHECK_EVERY and iteration != max_iterations:
                continue
            now = Problem(v, kappa, problem.n)
            residual = (fitted - wish).abs().amax((1, 2))
            found, bounds = _primal(v, fitted, box), _bounds(now, _RHO * dual)
            best.update(live, found, box, bounds, iteration, residual)
            open_ = best.gap(live) > tol
            if not open_.all():
                bar.update(int((~open_).sum()))
                live, v, kappa, shift, wish, dual, box, tie_dual, alpha = (
                    t[open_] for t in (live, v, kappa, shift, wish, dual, box, tie_dual, alpha)
                )
            if not len(live):
                break
    return best.solution(scale)
