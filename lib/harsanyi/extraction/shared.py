"""The joint call: from several networks' tables to the explanations that share the most.

Chapter: Primitives that networks share.
"""

import warnings
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..core.certificate import Certificate
from ..core.result import Interactions
from .shared_admm import solve_shared
from .shared_problem import Weights, check_shared, eq6

_USUAL = 20_000


def extract_shared(
    tables: Sequence[Tensor],
    alpha: float = 0.1,
    noise: float = 0.02,
    tol: float = 1e-3,
    form: Callable[[float], Weights] = eq6,
    box: float | None = 0.5,
    names: Sequence[str] | None = None,
    max_iterations: int | None = None,
    progress: bool = False,
) -> tuple[Interactions, ...]:
    r"""Explain the same samples in several networks by interactions that as many as can share.

    .. math::
        \min \sum_{S \ne \varnothing} \max_i |I^{(i)}_S| + \alpha \sum_{i,\, S} |I^{(i)}_S|

    over AND and OR interactions S of the networks i, each network's tied to its game as in
    :func:`harsanyi.extract`: a row costs what its largest entry costs, so an interaction that one
    network needs is nearly free for the others. The splits
    :math:`v_{and} = \tfrac12 (v - \varepsilon) + \gamma` of the networks may differ by little:
    :math:`\gamma^{(i)} = \bar\gamma + \hat\gamma^{(i)}` with
    :math:`|\hat\gamma^{(i)}_T| \le box \cdot E_x |v^{(i)}(N) - v^{(i)}(\varnothing)|`, the mean
    over the samples given, so their choice matters where the box does. A single player's AND and
    OR are the same function and count once, as AND; moving one to the other is no change of γ.

    The optimum can be shared by several explanations, most of all at α = 0, where only the largest
    entry of a row costs anything.

    Args:
        tables: m ≥ 2 tables (..., 2**n) of one shape, float64 or float32, in the units of the value
            functions, or one tensor (m, ..., 2**n); leading axes are solved together.
        alpha: the weight of all interactions beside the largest of each row; 0 gives Eq. 5.
        noise: bound on what may stay unexplained, a fraction of :math:`|v(N) - v(\varnothing)|`,
            each network's own.
        tol: relative gap between the joint length found and the proven bound at which to stop.
        form: from α to the weights of a row: :func:`~harsanyi.extraction.eq6`, as above, or
            :func:`~harsanyi.extraction.released`, with 1 - α before the maximum.
        box: the bound on the splits' differences, or None for no bound.
        names: the players' names.
        max_iterations: when to give up; by default what is usually needed and more.
        progress: whether to show a bar.

    Returns:
        A tuple of m Interactions (..., 2**n), float64, with ``noise``. They share one
        ``certificate``: its ``objective`` and ``lower_bound`` are those of the joint length.

    Warns:
        RuntimeWarning: a gap was not reached; ``converged`` says where.

    Raises:
        TypeError, ValueError: fewer than two tables, shapes that differ, a table that is none, or
            any other argument out of its range.

    Source: Chen et al., ICLR 2024, Eqs. 5 and 6; the solver and certificate are this library's.
    Chapter: Primitives that networks share.
    """
    tables = list(tables)
    problem = check_shared(tables, alpha, noise, tol, form, box)
    limit = _USUAL if max_iterations is None else max_iterations
    if limit < 1:
        raise ValueError(f"max_iterations: got {limit}, expected 1 or more")
    with torch.no_grad():
        found = solve_shared(problem, tol, limit, progress)
    shape = tables[0].shape
    proof = Certificate(*(part.reshape(shape[:-1]) for part in found[3:7]), tol)
    short = int((~proof.converged).sum())
    if short:
        warnings.warn(
            f"extract_shared: {short} of {proof.gap.numel()} samples stopped at a relative gap of "
            f"up to {float(proof.gap.max()):.1e}, above tol = {tol:g}; raise max_iterations or tol",
            RuntimeWarning,
            stacklevel=2,
        )
    return tuple(
        Interactions(
            found.and_[:, i].reshape(shape),
            found.or_[:, i].reshape(shape),
            v[..., 0].double(),
            names,
            found.noise[:, i].reshape(shape),
            proof,
        )
        for i, v in enumerate(tables)
    )
