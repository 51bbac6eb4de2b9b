"""What pictures of training have in common: an axis of time, panels, bands, a turn's mark.

Chapter: Two phases.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    LogLocator,
    NullFormatter,
    NullLocator,
    StrMethodFormatter,
)
from torch import Tensor

from harsanyi.studies.dynamics import drawn_counts
from harsanyi.studies.phases import Phases

from .style import AMBER

WIDE = 20  # how many times the first step above 0 the last is, for a logarithmic axis


def time_axis(ax: Axes, steps: Sequence[float], unit: str) -> None:
    """Make the horizontal axis one of training time: logarithmic where steps are, 0 included.

    Args:
        ax: its axis.
        steps: when something was measured, in units.
        unit: "epoch" or "step".
    """
    positive = sorted(float(step) for step in steps if step > 0)
    if positive and positive[-1] > WIDE * positive[0]:
        ax.set_xscale("symlog", linthresh=positive[0], linscale=0.6)
        ticks = _plain_ticks(positive[0], positive[-1])
        ax.xaxis.set_major_locator(FixedLocator([0.0, *ticks] if min(steps) == 0 else ticks))
        ax.xaxis.set_minor_locator(NullLocator())
        left = -0.4 * positive[0] if min(steps) <= 0 else 0.8 * positive[0]
        ax.set_xlim(left, 1.35 * positive[-1])
    plain_numbers(ax.xaxis)
    ax.set_xlabel(unit)


def _plain_ticks(low: float, high: float) -> list[float]:
    """Powers of ten from low to high; with their threefold where there are few."""
    ends = math.floor(math.log10(low)), math.ceil(math.log10(high))
    tens = [10.0**power for power in range(ends[0], ends[1] + 1)]
    ticks = [tick for tick in tens if low <= tick <= 1.001 * high]
    if len(ticks) < 3:
        ticks = sorted([*ticks, *(3 * ten for ten in tens if low <= 3 * ten <= 1.001 * high)])
    return ticks


def plain_numbers(axis) -> None:
    """Write an axis' ticks as plain numbers, at 1, 2, 5, 10 … where it is logarithmic."""
    if axis.get_scale() == "log":
        axis.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def time_name(step: float, unit: str) -> str:
    """Name a moment in a few letters, "epoch 3" or "step 1,200"."""
    if step >= 1000:
        return f"{unit} {step:,.0f}"
    return f"{unit} {step:.2g}" if step < 10 else f"{unit} {step:.3g}"


def mark_turn(ax: Axes, phases: Phases | None, label: bool = True) -> None:
    """Mark where two phases meet, with the 95 % interval; nothing where there are not two."""
    if phases is None or phases.verdict != "two phases":
        return
    if phases.high > phases.low:
        ax.axvspan(phases.low, phases.high, color=AMBER, alpha=0.2, lw=0)
    ax.axvline(phases.turn, color=AMBER, lw=2, label="turn, 95 %" if label else None)


def panels(count: int, columns: int, height: float = 1.6) -> tuple[Figure, list[Axes]]:
    """Make as many panels as needed, on common axes, with room for a legend below.

    Args:
        count: how many.
        columns: in a row.
        height: of a row, in inches.
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    size = (1.8 * columns + 0.4, height * rows + 0.7)
    figure, grid = plt.subplots(
        rows, columns, figsize=size, sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    for ax in grid.flat[count:]:
        ax.set_axis_off()
    for ax in list(grid.flat)[max(0, count - columns) : count]:
        ax.tick_params(labelbottom=True)
    return figure, list(grid.flat)[:count]


def drawn_band(strength: Tensor, statistic) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a statistic of the samples' mean, and its 95 % interval, samples drawn anew.

    Args:
        strength: (samples, ...), float64.
        statistic: from means (..., \\*shape) to (..., \\*result).

    Returns:
        The statistic, low and high, of the result's shape each.
    """
    weights = drawn_counts(len(strength)) / len(strength)  # (DRAWS, samples)
    drawn = statistic(torch.tensordot(weights, strength.double(), 1))
    low, high = drawn.nanquantile(torch.tensor([0.025, 0.975], dtype=drawn.dtype), dim=0)
    return statistic(strength.double().mean(0)).numpy(), low.numpy(), high.numpy()
