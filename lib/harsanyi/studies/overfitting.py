r"""Does a turn in the order of interactions announce over-fitting?

Each run has moments that can be read off without knowing the others: where the mean order turns,
where the loss gap leaves its floor, where the test loss is lowest, where the training loss has
halved (a moment that needs no interaction at all, hence the rival). One moment announces another
if, over many runs, the two belong together more than when the runs are paired anew.

Times are epochs or steps, as fine as the snapshots are. They are compared as ratios, in doublings.

Source: the claim is Ren et al., dynamics, NeurIPS 2024, Figure 2. Chapter: Two phases.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..core.result import Interactions
from .dynamics import check_steps, salient_strengths
from .phases import find_phases

PAIRINGS = 4000


def gap_onset(
    times: Sequence[float],
    train: Sequence[float],
    test: Sequence[float],
    share: float = 0.1,
    least: float = 0.05,
) -> float:
    r"""Return the moment at which the loss gap, test less train, begins its largest growth.

    The growth is the largest rise from an earlier moment to a later one, from :math:`g_0` by G;
    the onset is the first moment from which on, until its top,

    .. math:: g(t) > g_0 + share \cdot G

    With wrong labels among the training rows the gap first becomes negative, so it is not
    compared with its start.

    Args:
        times: when the losses were measured, rising.
        train: training losses, in nats.
        test: test losses.
        share: of the whole growth that still counts as no growth.
        least: a gap that grows by less than this has no onset.

    Returns:
        One of the times, or NaN where the gap does not grow.

    Raises:
        ValueError: lengths that differ.

    Chapter: Two phases.
    """
    check_steps(times, len(train))
    check_steps(times, len(test))
    gap = np.asarray(test, float) - np.asarray(train, float)
    floor = np.minimum.accumulate(gap)
    top = int((gap - floor).argmax())
    growth = gap[top] - floor[top]
    if growth < least:
        return float("nan")
    before = np.flatnonzero(gap[: top + 1] <= floor[top] + share * growth)
    return float(times[before[-1] + 1])


def halving(times: Sequence[float], loss: Sequence[float]) -> float:
    """Return the first moment at which a loss is at most half of its first value, NaN if never.

    Chapter: Two phases.
    """
    check_steps(times, len(loss))
    below = np.flatnonzero(np.asarray(loss, float) <= loss[0] / 2)
    return float(times[below[0]]) if len(below) else float("nan")


def climbed(times: Sequence[float], path: Sequence[float]) -> float:
    """Return the first moment after the lowest at which half of the rise to the end is reached.

    Args:
        times: of the snapshots.
        path: the mean order at each.

    Returns:
        One of the times, or NaN where the path ends at its lowest point.

    Chapter: Two phases.
    """
    check_steps(times, len(path))
    path = np.asarray(path, float)
    lowest = int(path.argmin())
    if lowest == len(path) - 1:
        return float("nan")
    above = np.flatnonzero(path[lowest:] >= (path[lowest] + path[-1]) / 2)
    return float(times[lowest + above[0]])


def stopping(
    times: Sequence[float], test: Sequence[float], accuracy: Sequence[float], stop: float
) -> dict[str, float]:
    """Return what is lost by stopping a training at some moment, against its best moments.

    Args:
        times: of the snapshots.
        test: test losses, in nats.
        accuracy: on test rows, 0 to 1.
        stop: one of the times.

    Returns:
        loss_cost: the test loss there less the lowest of all; accuracy_cost: the highest accuracy
        less that there; accuracy: that there.

    Raises:
        ValueError: ``stop`` is not one of the times.

    Chapter: Two phases.
    """
    if stop not in list(times):
        raise ValueError(f"stop: got {stop}, expected one of {list(times)}")
    at = list(times).index(stop)
    return {
        "loss_cost": test[at] - min(test),
        "accuracy_cost": max(accuracy) - accuracy[at],
        "accuracy": accuracy[at],
    }


def moments(
    found: Interactions,
    times: Sequence[float],
    curve: pd.DataFrame,
    time: str = "epoch",
    threshold: float = 0.03,
    seed: int = 0,
) -> dict[str, float | str]:
    r"""Return one run's moments: a row for :func:`belong_together`.

    Args:
        found: explanations (snapshots, samples, 2**n).
        times: of the snapshots, in the unit of the curve.
        curve: one row a moment at which losses were measured, more of them than snapshots or not;
            columns ``time``, train_loss, test_loss (nats) and test_accuracy (0 to 1).
        time: the curve's column of times.
        threshold: the fraction in τ.
        seed: of the bootstrap.

    Returns:
        verdict, turn, turn_low, turn_high, fall and rise as ``phases.find_phases`` has them (the
        turn is the lowest point whatever the verdict); climbed, half of the rise; onset (of the
        gap), lowest (of the test loss), halved (the training loss); and what stopping at the turn
        would cost, :func:`stopping`.

    Raises:
        ValueError: a turn that is no moment of the curve; see also ``phases.find_phases``.

    Chapter: Two phases.
    """
    strength = salient_strengths(found, threshold).strength
    phases = find_phases(strength, times, seed=seed)
    names = (time, "train_loss", "test_loss", "test_accuracy")
    when, train, test, accuracy = (curve[name].tolist() for name in names)
    return {
        "verdict": phases.verdict,
        "turn": phases.turn,
        "turn_low": phases.low,
        "turn_high": phases.high,
        "fall": phases.fall,
        "rise": phases.rise,
        "climbed": climbed(times, phases.path.tolist()),
        "onset": gap_onset(when, train, test),
        "lowest": float(when[int(np.argmin(test))]),
        "halved": halving(when, train),
        **stopping(when, test, accuracy, phases.turn),
    }


def belong_together(
    runs: pd.DataFrame,
    first: str,
    second: str,
    within: str | None = None,
    seed: int = 0,
) -> pd.Series:
    r"""Say whether two moments belong together, against runs that are paired anew.

    .. math:: d = \frac1R \sum_r \Big| \log_2 \frac{second_r}{first_r} - m \Big|

    with m the median of the ratios' logarithms: «always twice as late» is as good an announcement
    as «at the same time», so a constant delay costs nothing. The same with the second moments dealt
    to other runs says what any two lists of such times give. Where all runs have one time in
    common, pairing cannot matter, and the p-value is 1.

    Args:
        runs: one row a run; rows with a missing moment are left out.
        first: column of the moment that announces; times of 0 count as half the smallest above 0.
        second: column of what is announced.
        within: a column, for instance the architecture: runs are paired anew within its groups.
        seed: of the pairings.

    Returns:
        Series with runs, before (the share of runs in which the first is not later than the
        second), factor (:math:`2^m`), distance (d, in doublings), paired_anew (its mean over
        pairings), p (the share of pairings, the true one among them, that are at least as near),
        rank (Spearman's correlation, NaN where one of the two is the same for all).

    Raises:
        ValueError: fewer than three runs with both moments.

    Source: ours, a control. Chapter: Two phases.
    """
    runs = runs.dropna(subset=[first, second] + ([within] if within else []))
    if len(runs) < 3:
        raise ValueError(f"runs: got {len(runs)} with {first!r} and {second!r}, expected 3 or more")
    one, two = (_doublings(runs[[first, second]].to_numpy(float)[:, at]) for at in (0, 1))
    groups = [np.arange(len(runs))]
    if within is not None:
        groups = list(runs.reset_index(drop=True).groupby(within).indices.values())
    anew = two[_pairings(groups, len(runs), seed)]  # (PAIRINGS, runs)
    distance, dealt = float(_spread(two - one)), _spread(anew - one)
    ranks = runs[[first, second]].rank()
    return pd.Series(
        {
            "runs": len(runs),
            "before": float((one <= two).mean()),
            "factor": 2 ** float(np.median(two - one)),
            "distance": distance,
            "paired_anew": float(dealt.mean()),
            "p": float((1 + (dealt <= distance + 1e-9).sum()) / (1 + PAIRINGS)),
            "rank": float(ranks[first].corr(ranks[second])) if _vary(ranks) else float("nan"),
        }
    )


def _doublings(times: np.ndarray) -> np.ndarray:
    """Logarithm to the base 2; 0 counts as half of the smallest time above it."""
    above = times[times > 0]
    floor = above.min() / 2 if len(above) else 1.0
    return np.log2(np.maximum(times, floor))


def _spread(ratios: np.ndarray) -> np.ndarray:
    """Mean distance from the median, over the last axis."""
    return np.abs(ratios - np.median(ratios, -1, keepdims=True)).mean(-1)


def _vary(ranks: pd.DataFrame) -> bool:
    return bool((ranks.nunique() > 1).all())


def _pairings(groups: Sequence[np.ndarray], runs: int, seed: int) -> np.ndarray:
    """Positions of the runs dealt anew within each group: (PAIRINGS, runs)."""
    random, dealt = np.random.default_rng(seed), np.empty((PAIRINGS, runs), int)
    for rows in groups:
        dealt[:, rows] = random.permuted(np.tile(rows, (PAIRINGS, 1)), axis=1)
    return dealt
