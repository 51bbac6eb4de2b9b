"""The one call: from the table of a game to its shortest AND-OR explanation, with a proof.

Chapter: Sparsity; Does the solver change the science?
"""

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from ..core.certificate import Certificate
from ..core.result import Interactions
from .admm import solve_admm
from .interior import solve_interior
from .problem import check_problem
from .sgd import solve_sgd

_METHODS = {
    "admm": (solve_admm, 20_000),
    "interior": (solve_interior, 100),
    "sgd": (solve_sgd, 20_000),
}


def extract(
    v: Tensor,
    noise: float = 0.04,
    tol: float = 1e-3,
    method: str = "admm",
    names: Sequence[str] | None = None,
    max_iterations: int | None = None,
    progress: bool = False,
) -> Interactions:
    r"""Return the shortest AND-OR explanation of a game, with a certificate of how short.

    .. math::
        \min \sum_{S \ne \varnothing} |I_{and}(S)| + |I_{or}(S)| \quad \text{s.t.} \quad
        \Bigl| v(T) - v(\varnothing) - \sum_{S \subseteq T} I_{and}(S)
        - \sum_{S \cap T \ne \varnothing} I_{or}(S) \Bigr| \le \kappa

    with :math:`\kappa = noise \cdot |v(N) - v(\varnothing)|`. A single player's AND and OR are the
    same function and count once, as AND. The optimum can be shared by several explanations.

    Args:
        v: table (..., 2**n), in the units of the value function; leading axes are solved together.
        noise: bound on what may stay unexplained, a fraction of :math:`|v(N) - v(\varnothing)|`.
        tol: relative gap between the length found and the proven lower bound at which to stop.
        method: "admm" (any n), "interior" (n ≤ 12, for very small gaps) or "sgd" (the descent of
            the papers, for comparison only: it proves nothing).
        names: the players' names.
        max_iterations: when to give up; by default what the method usually needs and more.
        progress: whether to show a bar.

    Returns:
        Interactions (..., 2**n), float64, with ``noise`` and a ``certificate``: ``objective``,
        ``lower_bound``, ``gap``, ``converged``. Effects plus noise give v back to rounding.

    Warns:
        RuntimeWarning: a gap was not reached; ``converged`` says where.

    Raises:
        TypeError, ValueError: a table that is none, noise outside 0…1, tol ≤ 0, an unknown method,
            too many players for it, or iterations below 1.

    Source: the problem, Chen et al., ICLR 2024, Eq. 4; the solver and certificate are this
    library's. Chapter: Sparsity; Does the solver change the science?
    """
    problem = check_problem(v, noise, tol)
    if method not in _METHODS:
        raise ValueError(f"method: got {method!r}, expected one of {', '.join(_METHODS)}")
    solve, usual = _METHODS[method]
    limit = usual if max_iterations is None else max_iterations
    if limit < 1:
        raise ValueError(f"max_iterations: got {limit}, expected 1 or more")
    with torch.no_grad():
        found = solve(problem, tol, limit, progress)
    lead = v.shape[:-1]
    proof = Certificate(*(part.reshape(lead) for part in found[3:7]), tol)
    result = Interactions(
        found.and_.reshape(v.shape),
        found.or_.reshape(v.shape),
        v[..., 0].double(),
        names,
        found.noise.reshape(v.shape),
        proof,
    )
    short = int((~proof.converged).sum())
    if short and method != "sgd":
        warnings.warn(
            f"extract: {short} of {proof.gap.numel()} games stopped at a relative gap of up to "
            f"{float(proof.gap.max()):.1e}, above tol = {tol:g}; raise max_iterations or tol",
            RuntimeWarning,
            stacklevel=2,
        )
    return result
