r"""The same tables told in several ways, and what an explanation is allowed to leave out.

Chapter: Sparsity.
"""

from torch import Tensor

from ..core.certificate import Certificate
from ..core.result import Interactions
from ..extraction import extract
from ..extraction.admm import solve_admm
from ..extraction.problem import check_problem
from .and_only import and_within_noise

NOISE, TOL = 0.04, 0.01  # the allowance of Cheng et al., and a certified 1 %


def rises(v: Tensor) -> Tensor:
    r"""Return :math:`|v(N) - v(\\varnothing)|`, (count,)."""
    return (v[..., -1] - v[..., 0]).abs()


def tellings(v: Tensor, noise: float = NOISE, tol: float = TOL) -> dict[str, Interactions]:
    """Return four explanations of the same tables: AND only and AND–OR, without noise and with.

    The last three are certified to be shortest within the relative gap.

    Args:
        v: tables (count, 2**n).
        noise: the allowance of the second and fourth, see :func:`harsanyi.extract`.
        tol: relative gap of the certificates.
    """
    return {
        "AND only": Interactions.from_table(v),
        "AND only, noise": and_within_noise(v, noise, tol),
        "AND–OR": extract(v, noise=0.0, tol=tol),
        "AND–OR, noise": extract(v, noise=noise, tol=tol),
    }


def of_rise(v: Tensor) -> Tensor:
    r"""Return the papers' allowance κ (count,): 4 % of :math:`|v(N) - v(\varnothing)|`."""
    return NOISE * rises(v)


def of_range(v: Tensor) -> Tensor:
    r"""Return an allowance that is fair to games whose N is nothing special: 4 % of max v − min v.

    Returns:
        Tensor (count,).
    """
    return NOISE * (v.amax(-1) - v.amin(-1))


def extract_within(v: Tensor, kappa: Tensor, tol: float = TOL) -> Interactions:
    r"""Extract as :func:`harsanyi.extract` does, with an allowance of one's own for each sample.

    Args:
        v: tables (count, 2**n).
        kappa: (count,), in the units of v.
        tol: relative gap of the certificates.
    """
    problem = check_problem(v, 0.0, tol)._replace(kappa=kappa.double())
    found = solve_admm(problem, tol, 20_000, False)
    proof = Certificate(*found[3:7], tol)
    return Interactions(found.and_, found.or_, v[:, 0], None, found.noise, proof)
