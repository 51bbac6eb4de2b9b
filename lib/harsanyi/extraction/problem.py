r"""The AND-OR problem: what is minimised, over what, and which inputs are refused.

.. math::
    \min_{\gamma,\, \varepsilon}\; \sum_{S} |I_{and}(S)| + |I_{or}(S)|, \qquad
    v - \varepsilon = v_{and} + v_{or}, \quad v_{and} = \tfrac12 (v - \varepsilon) + \gamma, \quad
    |\varepsilon_T| \le \kappa

The game is centred. The AND and the OR of a single player are one function and count as one.

Source: Chen et al., ICLR 2024, Eq. 4. Chapter: Does the solver change the science?
"""

from typing import NamedTuple

import torch
from torch import Tensor

from ..core.coalitions import n_players
from ..core.transforms import and_interactions, or_interactions, superset_sums, zeta


class Problem(NamedTuple):
    """Games to explain: centred tables v (B, 2**n) float64, the noise bound κ (B,), players n."""

    v: Tensor
    kappa: Tensor
    n: int


class Solution(NamedTuple):
    """What a solver returns: effects, noise, dual (B, 2**n); how good they are, each (B,)."""

    and_: Tensor
    or_: Tensor
    noise: Tensor
    objective: Tensor
    lower_bound: Tensor
    iterations: Tensor
    residual: Tensor
    dual: Tensor


def check_problem(v: Tensor, noise: float, tol: float) -> Problem:
    """Flatten, centre and check what :func:`harsanyi.extract` was given.

    Raises:
        TypeError, ValueError: a table that is none, noise < 0, or tol ≤ 0.
    """
    n = n_players(v, "v")
    if n < 1:
        raise ValueError("v: got a table of 0 players, expected 1 or more: nothing to explain")
    if not 0 <= noise < 1:
        raise ValueError(
            f"noise: got {noise}, expected 0 (none) or a fraction below 1 of |v(N) - v(∅)|, "
            "0.02 to 0.05 in the papers"
        )
    if not tol > 0:
        raise ValueError(f"tol: got {tol}, expected a positive relative gap, such as 1e-3")
    tables = v.detach().double().reshape(-1, 2**n)
    centred = tables - tables[:, :1]
    return Problem(centred, noise * centred[:, -1].abs(), n)


def singles(n: int) -> list[int]:
    """The masks of the single players."""
    return [1 << i for i in range(n)]


def merge_singles(and_: Tensor, or_: Tensor) -> tuple[Tensor, Tensor]:
    """Count the OR of a single player as the AND that it is; tables (..., 2**n), new ones."""
    one = singles(and_.shape[-1].bit_length() - 1)
    and_, or_ = and_.clone(), or_.clone()
    and_[..., one] += or_[..., one]
    or_[..., one] = 0.0
    return and_, or_


def effects_of(v: Tensor, gamma: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Return the AND and OR effects of a split, single players merged; all (B, 2**n)."""
    half = (v - noise) / 2
    return merge_singles(and_interactions(half + gamma), or_interactions(half - gamma))


def length(and_: Tensor, or_: Tensor) -> Tensor:
    """Return the objective (B,) of merged effects: the sum of their absolute values."""
    return and_.abs().sum(-1) + or_.abs().sum(-1)


def lower_bound(problem: Problem, y: Tensor) -> tuple[Tensor, Tensor]:
    r"""Return a rigorous lower bound (B,) on every explanation's length, and the scaled y.

    By duality: whatever y is, once it is scaled so that
    :math:`\lVert Z_{and}^\top y \rVert_\infty \le 1` and
    :math:`\lVert Z_{or}^\top y \rVert_\infty \le 1`,

    .. math:: v^\top y - \kappa \lVert y \rVert_1 \;\le\; \text{length of any explanation.}

    Args:
        problem: the games.
        y: (B, 2**n) float64, any numbers; entry 0 is ignored.
    """
    y = y.clone()
    y[:, 0] = 0.0
    inside = zeta(y)  # sums over T ⊆ S
    on_and = superset_sums(y)[:, 1:].abs().amax(-1)
    on_or = (inside[:, -1:] - inside.flip(-1))[:, 1:].abs().amax(-1)
    scale = torch.maximum(on_and, on_or).clamp(min=1.0)
    y /= scale[:, None]
    return (problem.v * y).sum(-1) - problem.kappa * y.abs().sum(-1), y
