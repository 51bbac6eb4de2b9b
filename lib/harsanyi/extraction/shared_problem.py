r"""The joint AND-OR problem of several networks: what is minimised, its certificate, its refusals.

For each sample, over the splits γ and the noise ε of its m networks,

.. math::
    \min \sum_S g\bigl(I^{(1)}_S, \dots, I^{(m)}_S\bigr), \qquad
    g(x) = w \max_i |x_i| + a \sum_i |x_i|,

summed over AND and OR effects S, each network's effects, split and noise tied as in ``problem``.
The splits may differ by little: :math:`|\gamma^{(i)}_T - \bar\gamma_T| \le b_i`, the
:math:`\bar\gamma` free. A single player's AND and OR are one function, so γ may change by a sum of
such functions, for each network its own, and nothing else changes: the box asks that some such γ
lies in it.

Source: Chen et al., ICLR 2024, Eqs. 5 and 6. Chapter: Primitives that networks share.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ..core.coalitions import check_memory
from ..core.transforms import superset_sums, zeta
from .problem import check_problem, singles

_COPIES = 24  # tables of a network that the solver holds at once


class Weights(NamedTuple):
    """What a row of effects costs: ``most`` on its largest, ``each`` on all, in absolute value."""

    most: float
    each: float


def eq6(alpha: float) -> Weights:
    """The form in print: the largest effect of a row, plus α times all; α = 0 gives Eq. 5.

    Source: Chen et al., ICLR 2024, Eq. 6. Chapter: Primitives that networks share.
    """
    return Weights(1.0, alpha)


def released(alpha: float) -> Weights:
    """The form of the code published with it, a mean: α = 1 extracts each network by itself.

    Source: Chen et al., ICLR 2024, released code. Chapter: Primitives that networks share.
    """
    return Weights(1.0 - alpha, alpha)


class SharedProblem(NamedTuple):
    """B samples of m networks: centred tables, bounds on noise and on splits, the row's weights."""

    v: Tensor  # (B, m, 2**n), float64
    kappa: Tensor  # (B, m)
    box: Tensor  # (B, m), infinite where there is none
    weights: Weights
    n: int

    def pick(self, samples: Tensor) -> "SharedProblem":
        """Return the same problem of some samples, by a mask or indices."""
        return self._replace(v=self.v[samples], kappa=self.kappa[samples], box=self.box[samples])


def check_shared(
    tables: Sequence[Tensor],
    alpha: float,
    noise: float,
    tol: float,
    form: Callable[[float], Weights],
    box: float | None,
) -> SharedProblem:
    """Flatten, centre and check what :func:`harsanyi.extract_shared` was given.

    Raises:
        TypeError, ValueError: see there.
    """
    tables = list(tables)
    if len(tables) < 2:
        raise ValueError(
            f"tables: got {len(tables)}, expected two or more, one for each network; for a single "
            "network take extract"
        )
    games = [check_problem(v, noise, tol) for v in tables]
    shapes = [tuple(v.shape) for v in tables]
    if len(set(shapes)) > 1:
        raise ValueError(
            f"tables: got shapes {', '.join(map(str, shapes))}, expected one shape (..., 2**n): "
            "the same samples and players for every network"
        )
    if not 0 <= alpha < float("inf"):
        raise ValueError(f"alpha: got {alpha}, expected a weight of 0 or more, 0.1 in the paper")
    weights = form(alpha)
    if not (min(weights) >= 0 and max(weights) > 0):
        raise ValueError(
            f"form, alpha: got weights {tuple(weights)}, expected none below 0 and one above; "
            "the released form takes alpha from 0 to 1"
        )
    if box is not None and not box > 0:
        raise ValueError(
            f"box: got {box}, expected None (no bound) or a positive fraction of the mean "
            "|v(N) - v(∅)|, 0.5 in the paper"
        )
    n, count = games[0].n, len(games[0].v)
    check_memory(n, 8 * _COPIES * count * len(games))
    v = torch.stack([game.v for game in games], 1)
    rise = v[..., -1].abs().mean(0).expand(count, -1)
    most = torch.full_like(rise, torch.inf) if box is None else box * rise
    return SharedProblem(v, torch.stack([game.kappa for game in games], 1), most, weights, n)


def joint_length(weights: Weights, and_: Tensor, or_: Tensor) -> Tensor:
    """Return the objective (B,) of merged effects, each (B, m, 2**n)."""
    size = torch.stack([and_, or_], -2).abs()
    return (weights.most * size.amax(1) + weights.each * size.sum(1)).sum((-1, -2))


def nearest_dual(weights: Weights, x: Tensor) -> Tensor:
    r"""Return the multipliers nearest to x, row by row of m networks along dimension 1.

    They are the p with :math:`\sum_i \max(|p_i| - a, 0) \le w`. What is left, x - p, is the row
    that shrinking makes of x: pulled towards 0 by a, then its largest entries cut off at a level.

    Args:
        weights: w and a, divided by the step's penalty.
        x: (B, m, ...), float64.
    """
    left = (x.abs() - weights.each).clamp(min=0)
    ranked = left.sort(1, descending=True).values.cumsum(1) - weights.most
    share = torch.arange(1, x.shape[1] + 1, device=x.device).view(-1, *[1] * (x.ndim - 2))
    level = (ranked / share).amax(1, keepdim=True).clamp(min=0)
    return x - torch.minimum(left, level).copysign(x)


def _dual_size(weights: Weights, p: Tensor) -> Tensor:
    """Return by what to divide multipliers (B, m, 2**n), so that each row is allowed (B,)."""
    ranked = p.abs().sort(1, descending=True).values.cumsum(1)
    k = torch.arange(1, p.shape[1] + 1, device=p.device)[:, None]
    return (ranked / (weights.most + k * weights.each)).amax((1, 2))


def shared_bound(problem: SharedProblem, y: Tensor, r: Tensor | None = None):
    r"""Return a rigorous lower bound (B,) on the joint length of any explanations, and scaled y, r.

    By duality: whatever y and r are, once :math:`\sum_i r_i = 0`, each :math:`r_i` sums to 0 over
    the coalitions that hold a player, and all are scaled so that
    :math:`p_i = Z_{and}^\top (y_i + r_i/2)` and :math:`q_i = Z_{or}^\top (y_i - r_i/2)` are
    multipliers as in :func:`nearest_dual`, row by row,

    .. math:: \sum_i v_i^\top y_i - \kappa_i \lVert y_i \rVert_1 - b_i \lVert r_i \rVert_1
        \;\le\; \text{joint length of any explanations.}

    Args:
        problem: the samples.
        y: (B, m, 2**n) float64, any numbers; entry 0 is ignored.
        r: the same for the box; without it the box is left aside, which only lowers the bound.
    """
    y = y.clone()
    y[..., 0] = 0.0
    r = torch.zeros_like(y) if r is None else r - r.mean(1, keepdim=True)
    r[..., 0] = 0.0
    one = singles(problem.n)
    r[..., one] -= superset_sums(r)[..., one]
    on_and, inside = superset_sums(y + r / 2), zeta(y - r / 2)
    on_or = inside[..., -1:] - inside.flip(-1)
    sizes = [_dual_size(problem.weights, p[..., 1:]) for p in (on_and, on_or)]
    scale = torch.maximum(*sizes).clamp(min=torch.finfo(torch.float64).tiny)[:, None, None]
    y, r = y / scale, r / scale
    price = torch.where(r == 0, 0.0, problem.box[..., None] * r.abs())
    paid = problem.v * y - problem.kappa[..., None] * y.abs() - price
    return paid.sum((1, 2)).clamp(min=0), y, r


def into_box(box: Tensor, gamma: Tensor) -> Tensor:
    r"""Return the splits nearest to the given that lie within the box, coalition by coalition.

    The :math:`\bar\gamma` of a coalition is where the pulls of those outside it balance.

    Args:
        box: b (B, m), in the units of γ; may be infinite.
        gamma: (B, m, 2**n), float64.
    """
    low, high = gamma - box[..., None], gamma + box[..., None]
    if not (low.amax(1) > high.amin(1)).any():
        return gamma

    def pull(centre: Tensor) -> Tensor:  # (B, k, 2**n) -> the same, rising in the centre
        up = (centre[:, :, None] - high[:, None]).clamp(min=0).sum(2)
        return up - (low[:, None] - centre[:, :, None]).clamp(min=0).sum(2)

    knots = torch.cat([low, high], 1).sort(1).values  # (B, 2m, 2**n)
    pulls = pull(knots)
    first = (pulls <= 0).sum(1, keepdim=True).clamp(1, knots.shape[1] - 1) - 1
    (x0, x1), (p0, p1) = ((t.gather(1, first), t.gather(1, first + 1)) for t in (knots, pulls))
    centre = x0 + (x1 - x0) * (-p0 / (p1 - p0).clamp(min=torch.finfo(p0.dtype).tiny))
    return torch.minimum(torch.maximum(gamma, centre - box[..., None]), centre + box[..., None])


def without_additive(gamma: Tensor) -> Tensor:
    """Take from γ (..., 2**n) its nearest sum of single-player functions."""
    n = gamma.shape[-1].bit_length() - 1
    one, part = singles(n), torch.zeros_like(gamma)
    held = superset_sums(gamma)[..., one]
    part[..., one] = (held - held.sum(-1, keepdim=True) / (n + 1)) * 2.0 ** (2 - n)
    return gamma - zeta(part)


def in_box(box: Tensor, gamma: Tensor) -> Tensor:
    """Whether splits (B, m, 2**n) have a common centre within the box of each, bool (B,)."""
    low, high = gamma - box[..., None], gamma + box[..., None]
    return (low.amax(1) <= high.amin(1)).all(-1)
