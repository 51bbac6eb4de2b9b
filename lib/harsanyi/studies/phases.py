r"""Where one phase of training ends and the next begins, by a rule that can say «nowhere».

The claim: interactions first lose their high orders, then gain them again. Measured on strengths
(snapshots, samples, n), as ``salient_strengths(found).strength`` of ``studies.dynamics``.

Source: Ren et al., dynamics, NeurIPS 2024; Zhang et al., 2024. Chapter: Two phases.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .dynamics import check_steps, drawn_counts

LEAST_SAMPLES = 5


def mean_order(strength: Tensor) -> Tensor:
    r"""Return the mean order of strength, :math:`\sum_k k\, s_k / \sum_k s_k`: (..., n) to (...).

    NaN where all is zero.
    """
    orders = torch.arange(1, strength.shape[-1] + 1, dtype=strength.dtype)
    return (strength * orders).sum(-1) / strength.sum(-1)


class Phases(NamedTuple):
    """What the rule finds on one trajectory.

    Attributes:
        verdict: "two phases", "falls", "rises" or "no phases".
        turn: the step where the statistic is lowest, with ``low`` and ``high``, its 95 % interval
            over samples; a boundary if there are two phases.
        fall: how far the statistic falls before the turn; it exceeds ``fall_low`` in 95 % of the
            draws, judged on samples left out.
        rise: how far it rises after the turn, with ``rise_low`` likewise.
        path: the statistic at each snapshot (snapshots,).
    """

    verdict: str
    turn: float
    low: float
    high: float
    fall: float
    fall_low: float
    rise: float
    rise_low: float
    path: Tensor


def find_phases(
    strength: Tensor,
    steps: Sequence[float],
    statistic: Callable[[Tensor], Tensor] = mean_order,
    least: float = 0.1,
    seed: int = 0,
) -> Phases:
    r"""Find the boundary of two phases by a rule that can also answer that there are none.

    The boundary is where the mean order of strength is lowest. Every curve has a lowest point, so
    it is one only if the curve falls before it and rises after it, and each of the two

    * is above 0 in 95 % of bootstrap draws in which the samples drawn choose the turn and the
      samples *left out* measure the change: a minimum that one set of samples picked out of noise
      is not lower for the others;
    * is at least ``least``;
    * is steady: no move the other way within it is above half of it. This refuses curves that
      wander, in which all samples wander together so that their agreement proves nothing.

    One of the two alone gives the verdict "falls" or "rises", if the rest of the curve stays within
    ``least``. Samples say how sure the boundary is for this network. A random walk that falls and
    rises does so for all samples: only other seeds, whose turns agree or not, tell it from a phase.
    Of planted curves that jump anew at every snapshot, by 0.4 orders, about one in 25 passes; of
    those with eight snapshots that jump by 0.6, about one in five.

    Args:
        strength: (snapshots, samples, n), at least 0, as ``salient_strengths(found).strength``.
        steps: when each snapshot was taken, rising.
        statistic: from strengths (..., n) to (...).
        least: the smallest change that counts, in the statistic's units; a tenth of an order.
        seed: of the draws.

    Raises:
        ValueError: shapes that do not fit, fewer than 5 samples, or a snapshot without strength.

    Source: ours; the claim is Zhang et al., 2024. Chapter: Two phases.
    """
    _check_strength(strength, steps)
    counts = drawn_counts(strength.shape[1], seed)
    path = statistic(strength.mean(1))  # (snapshots,)
    inside, outside = (
        statistic(torch.einsum("ds,tsn->dtn", weights, strength))
        for weights in (counts, (counts == 0).double())
    )
    known = torch.isfinite(inside).all(1) & torch.isfinite(outside).all(1)
    inside, outside = inside[known], outside[known]  # (draws, snapshots) each
    turns = inside.argmin(1)
    bottom = outside.gather(1, turns[:, None])[:, 0]
    fall_low, rise_low = (float((outside[:, end] - bottom).quantile(0.05)) for end in (0, -1))
    low, high = (int(turns.double().quantile(q).round()) for q in (0.025, 0.975))
    turn = int(path.argmin())
    falls = _steady(path[: turn + 1].flip(0), least) and fall_low > 0
    rises = _steady(path[turn:], least) and rise_low > 0
    return Phases(
        _verdict(falls, rises, path, turn, least),
        *(float(steps[at]) for at in (turn, low, high)),
        float(path[0] - path[turn]),
        fall_low,
        float(path[-1] - path[turn]),
        rise_low,
        path,
    )


def _steady(path: Tensor, least: float) -> bool:
    """Whether a path rises by ``least`` or more and never falls back by over half of its rise."""
    rise = float(path[-1] - path[0])
    back = float((path.cummax(0).values - path).max())
    return rise >= least and back <= rise / 2


def _verdict(falls: bool, rises: bool, path: Tensor, turn: int, least: float) -> str:
    """Put two findings into words; one phase alone must be the whole of the path."""
    if falls and rises:
        return "two phases"
    if falls and float(path[turn:].max() - path[turn]) < least:
        return "falls"
    if rises and float(path[: turn + 1].max() - path[turn]) < least:
        return "rises"
    return "no phases"


def _check_strength(strength: Tensor, steps: Sequence[float]) -> None:
    if strength.dim() != 3 or strength.shape[1] < LEAST_SAMPLES:
        raise ValueError(
            f"strength: got shape {tuple(strength.shape)}, expected (snapshots, samples, n) with "
            f"{LEAST_SAMPLES} samples or more, as salient_strengths(found).strength"
        )
    check_steps(steps, len(strength))
    if any(after <= before for before, after in zip(steps, steps[1:], strict=False)):
        raise ValueError(f"steps: got {list(steps)}, expected them to rise")
    empty = (strength.sum((1, 2)) <= 0).nonzero().flatten().tolist()
    if empty:
        raise ValueError(f"strength: nothing is salient at snapshot(s) {empty}; leave them out")
