r"""How unique is the shortest explanation? Exact ranges for small games, a quick test for larger.

Several explanations can be equally short. At n ≤ 8 a linear programme tells how far each effect can
move among all of them. At larger n the dual solution tells whether it can move at all: only effects
that are *tight*, :math:`|Z^\top y| = 1`, can be non-zero in any shortest explanation, so if the
tight columns of Z are linearly independent, there is only one.

Chapter: Does the solver change the science?
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..core.coalitions import sizes
from ..core.transforms import superset_sums, zeta
from .interior import solve_interior
from .problem import check_problem

MOST_PLAYERS_FOR_RANGES = 8


class Ranges(NamedTuple):
    """For each effect (2, 2**n), AND then OR, its least and greatest value among all optima."""

    low: Tensor
    high: Tensor


class Uniqueness(NamedTuple):
    """How many effects are tight, the rank of their columns, and whether that proves uniqueness."""

    tight: int
    rank: int
    unique: bool


def _trigger_matrix(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return Z (2**n - 1, m), and which effects (2, 2**n) its m columns are: no single ORs."""
    masks = np.arange(2**n)
    size = sizes(n).numpy()
    acts = np.stack([size >= 1, size >= 2])
    inside = (masks[1:, None] & masks) == masks
    meets = (masks[1:, None] & masks) != 0
    return np.hstack([inside[:, acts[0]], meets[:, acts[1]]]).astype(float), acts


def effect_ranges(
    v: Tensor, noise: float = 0.0, effects: list[tuple[str, int]] | None = None
) -> Ranges:
    """Return how far effects can move among all shortest explanations of one game.

    Args:
        v: table (2**n,), n ≤ 8.
        noise: as in :func:`harsanyi.extract`.
        effects: which, as ("and" or "or", mask) pairs; all of them by default, which takes two
            linear programmes each. The others are NaN.

    Raises:
        ValueError: more than 8 players, a batch, or an effect that does not exist.
    """
    from scipy.optimize import linprog

    problem = check_problem(v, noise, tol=1.0)
    n = problem.n
    if v.ndim != 1 or n > MOST_PLAYERS_FOR_RANGES:
        raise ValueError(
            f"v: got shape {tuple(v.shape)}, expected one game of at most "
            f"{MOST_PLAYERS_FOR_RANGES} players; for larger ones see is_unique"
        )
    z, acts = _trigger_matrix(n)
    b, kappa, m = problem.v[0, 1:].numpy(), float(problem.kappa), z.shape[1]
    rows = np.vstack([np.hstack([z, -z]), np.hstack([-z, z])])
    sides = np.concatenate([b + kappa, kappa - b])
    shortest = linprog(np.ones(2 * m), A_ub=rows, b_ub=sides).fun
    rows = np.vstack([rows, np.ones(2 * m)])
    sides = np.append(sides, shortest * (1 + 1e-9) + 1e-12)
    column = -np.ones(acts.shape, dtype=int)
    column[acts] = np.arange(m)
    low, high = (torch.full(acts.shape, torch.nan, dtype=torch.float64) for _ in range(2))
    wanted = [("and", "or").index(kind) * 2**n + mask for kind, mask in effects or []]
    for place in wanted if effects else np.flatnonzero(acts):
        kind, mask = divmod(int(place), 2**n)
        if column[kind, mask] < 0:
            raise ValueError(
                f"effects: got ({('and', 'or')[kind]!r}, {mask}), which is no effect of its own: "
                "the empty set has none, and a single player's OR counts as AND"
            )
        pick = np.zeros(m)
        pick[column[kind, mask]] = 1.0
        pick = np.concatenate([pick, -pick])
        low[kind, mask] = linprog(pick, A_ub=rows, b_ub=sides).fun
        high[kind, mask] = -linprog(-pick, A_ub=rows, b_ub=sides).fun
    return Ranges(low, high)


def is_unique(v: Tensor, noise: float = 0.0, tol: float = 1e-6) -> Uniqueness:
    """Test whether one game has only one shortest explanation, for up to 12 players.

    The test is one-sided: ``unique=True`` is a proof (up to ``tol``), False leaves it open.

    Args:
        v: table (2**n,).
        noise: as in :func:`harsanyi.extract`.
        tol: how close to 1 counts as tight, and how close to the bound κ as at the bound.

    Raises:
        ValueError: a batch, or more than 12 players.
    """
    if v.ndim != 1:
        raise ValueError(f"v: got shape {tuple(v.shape)}, expected one game, as in v[0]")
    problem = check_problem(v, noise, tol=1.0)
    found = solve_interior(problem, 1e-10, 100, progress=False)
    y = found.dual[0]
    inside = zeta(y)
    on = torch.stack([superset_sums(y), inside[-1] - inside.flip(-1)]).abs()
    acts = torch.stack([sizes(problem.n) >= 1, sizes(problem.n) >= 2])
    columns = (on[acts] >= 1 - tol).numpy()
    matrix = _trigger_matrix(problem.n)[0][:, columns]
    if noise > 0:  # where the noise is strictly inside its box, it is one more free column
        free = (y[1:].abs() <= tol).numpy()
        matrix = np.hstack([matrix, np.eye(len(free))[:, free]])
    rank = int(np.linalg.matrix_rank(matrix)) if matrix.size else 0
    return Uniqueness(int(columns.sum()), rank, rank == matrix.shape[1])
