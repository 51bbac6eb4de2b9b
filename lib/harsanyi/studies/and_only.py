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
    problem = check_problem(v, noise, tol)
    scale = problem.v.abs().amax(-1).clamp(min=torch.finfo(torch.float64).tiny)
    table, kappa = problem.v / scale[:, None], (problem.kappa / scale)[:, None]
    inverse = 1 / (kronecker_diagonal(_SIGMA**2, problem.n, table) + _TIE)
    whole = mobius(table)
    wish, box = whole.clone(), torch.zeros_like(table)
    dual, tie_dual = torch.zeros_like(table), torch.zeros_like(table)
    best, kept = whole[:, 1:].abs().sum(-1), box.clone()
    bound = torch.zeros_like(best)
    for iteration in range(1, max_iterations + 1):
        right = kronecker_power(_W.T, whole - wish + dual) + _TIE * (box - tie_dual)
        error = kronecker_power(_VT.T, kronecker_power(_VT, right) * inverse)
        target = _RELAX * (whole - mobius(error)) + (1 - _RELAX) * wish + dual
        wish = torch.nn.functional.softshrink(target, 1 / _RHO)
        dual = target - wish
        target = _RELAX * error + (1 - _RELAX) * box + tie_dual
        box = torch.maximum(torch.minimum(target, kappa), -kappa)
        box[:, 0] = 0.0
        tie_dual = target - box
        if iteration % _EVERY and iteration != max_iterations:
            continue
        length = mobius(table - box)[:, 1:].abs().sum(-1)
        kept = torch.where((length < best)[:, None], box, kept)
        best = torch.minimum(best, length)
        y = kronecker_power(_W.T, (_RHO * dual).clamp(-1, 1))[:, 1:]
        proof = (y * table[:, 1:]).sum(-1) - kappa[:, 0] * y.abs().sum(-1)
        bound = torch.maximum(bound, proof)
        if bool(((best - bound) <= tol * best).all()):
            break
    return _result(v, table, kept, best, bound, scale, iteration, tol)


def _result(v, table, kept, best, bound, scale, iteration, tol) -> Interactions:
    """Scale back, and wrap the answer up with its certificate."""
    lead = v.shape[:-1]
    parts = (best * scale, bound * scale, torch.full_like(best, iteration), torch.zeros_like(best))
    proof = Certificate(*(part.reshape(lead) for part in parts), tol)
    if not bool(proof.converged.all()):
        warnings.warn(
            f"and_within_noise: relative gap up to {float(proof.gap.max()):.1e}, above {tol:g}; "
            "raise max_iterations or tol",
            RuntimeWarning,
            stacklevel=3,
        )
    and_ = (and_interactions(table - kept) * scale[:, None]).reshape(v.shape)
    noise = (kept * scale[:, None]).reshape(v.shape)
    return Interactions(and_, torch.zeros_like(and_), v[..., 0].double(), None, noise, proof)
