r"""The shortest AND-only explanation within a noise allowance, with a certificate.

.. math:: \min_{\varepsilon} \; \lVert W (v - \varepsilon) \rVert_1 \quad \text{s.t.} \quad
          |\varepsilon_T| \le \kappa, \; \varepsilon_\varnothing = 0

W is the Möbius transform. ADMM splits the effects and the box; its linear step is exact in the
basis of W's singular vectors, and each clipped dual proves a lower bound.

Source: the problem, Ren et al., ICLR 2024, appendix; the certificate is ours.
Chapter: Why sparse?
"""

import warnings

import numpy as np
import torch
from torch import Tensor

from ..core.certificate import Certificate
from ..core.result import Interactions
from ..core.transforms import and_interactions, mobius
from ..extraction.kronecker import kronecker_diagonal, kronecker_power
from ..extraction.problem import check_problem

_W = np.array([[1.0, 0.0], [-1.0, 1.0]])
_, _SIGMA, _VT = np.linalg.svd(_W)
_RHO, _TIE, _RELAX, _EVERY = 40.0, 0.5, 1.6, 25


def and_within_noise(
    v: Tensor, noise: float = 0.04, tol: float = 1e-2, max_iterations: int = 20_000
) -> Interactions:
    r"""Return the shortest AND-only explanation that misses no value by more than the noise.

    Args:
        v: table (..., 2**n).
        noise: the allowance κ as a fraction of :math:`|v(N) - v(\varnothing)|`; 0 gives the
            dividends.
        tol: relative gap at which to stop.
        max_iterations: when to give up.

    Returns:
        Interactions (..., 2**n) with noise and certificate; the OR part is zero.

    Warns:
        RuntimeWarning: a gap was not reached.

    Raises:
        TypeError, ValueError: as :func:`harsanyi.extract`.
    """
    check_problem(v, noise, tol)
    kappa = noise * (v[..., -1] - v[..., 0]).abs().double()
    return and_within(v, kappa, tol, max_iterations)


def and_within(
    v: Tensor, kappa: Tensor, tol: float = 1e-2, max_iterations: int = 20_000
) -> Interactions:
    """Do the same with an allowance κ (...) of one's own for each table, in the units of v."""
    problem = check_problem(v, 0.0, tol)
    problem = problem._replace(kappa=kappa.double().reshape(-1))
    scale = problem.v.abs().amax(-1).clamp(min=torch.finfo(torch.float64).tiny)
    table, kappa = problem.v / scale[:, None], (problem.kappa / scale)[:, None]
    kept, length, bound, steps = _solve(table, kappa, tol, max_iterations)
    lead = v.shape[:-1]
    parts = (length * scale, bound * scale, steps, torch.zeros_like(length))
    proof = Certificate(*(part.reshape(lead) for part in parts), tol)
    if not bool(proof.converged.all()):
        warnings.warn(
            f"and_within: relative gap up to {float(proof.gap.max()):.1e}, above {tol:g}; "
            "raise max_iterations or tol",
            RuntimeWarning,
            stacklevel=2,
        )
    and_ = (and_interactions(table - kept) * scale[:, None]).reshape(v.shape)
    left = (kept * scale[:, None]).reshape(v.shape)
    return Interactions(and_, torch.zeros_like(and_), v[..., 0].double(), None, left, proof)


def _solve(table: Tensor, kappa: Tensor, tol: float, limit: int):
    """Return noise (B, 2**n), length, lower bound and iterations (B,); done games leave early."""
    kept, bound = torch.zeros_like(table), torch.zeros_like(table[:, 0])
    length, steps = mobius(table)[:, 1:].abs().sum(-1), torch.zeros_like(bound)
    live = torch.arange(len(table))
    nothing = torch.zeros_like(table)
    state = (mobius(table), kappa, mobius(table), nothing, nothing, nothing)
    inverse = 1 / (kronecker_diagonal(_SIGMA**2, table.shape[1].bit_length() - 1, table) + _TIE)
    for iteration in range(1, limit + 1):
        state = _step(state, inverse)
        if iteration % _EVERY and iteration != limit:
            continue
        box, dual = state[4], state[3]
        now = mobius(table[live] - box)[:, 1:].abs().sum(-1)
        better = now < length[live]
        kept[live[better]], length[live[better]] = box[better], now[better]
        bound[live] = torch.maximum(bound[live], _lower_bound(table[live], kappa[live, 0], dual))
        steps[live] = iteration
        open_ = length[live] - bound[live] > tol * length[live]
        live, state = live[open_], tuple(part[open_] for part in state)
        if not len(live):
            break
    return kept, length, bound, steps


def _step(state: tuple[Tensor, ...], inverse: Tensor) -> tuple[Tensor, ...]:
    """One iteration: fit the noise to both wishes, shrink the effects, clip the noise."""
    whole, kappa, wish, dual, box, tie_dual = state  # whole: the dividends of the table
    right = kronecker_power(_W.T, whole - wish + dual) + _TIE * (box - tie_dual)
    error = kronecker_power(_VT.T, kronecker_power(_VT, right) * inverse)
    target = _RELAX * (whole - mobius(error)) + (1 - _RELAX) * wish + dual
    wish = torch.nn.functional.softshrink(target, 1 / _RHO)
    dual = target - wish
    target = _RELAX * error + (1 - _RELAX) * box + tie_dual
    box = torch.maximum(torch.minimum(target, kappa), -kappa)
    box[:, 0] = 0.0
    return whole, kappa, wish, dual, box, target - box


def _lower_bound(table: Tensor, kappa: Tensor, dual: Tensor) -> Tensor:
    r"""Return :math:`y^\top v - \kappa \lVert y\rVert_1` (B,), y the clipped dual under Wᵀ."""
    y = kronecker_power(_W.T, (_RHO * dual).clamp(-1, 1))[:, 1:]
    return (y * table[:, 1:]).sum(-1) - kappa * y.abs().sum(-1)
