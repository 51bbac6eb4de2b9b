"""Lines along training: losses with the turn, the path of the mean order, turns of many runs.

Chapter: Two phases.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from harsanyi.studies.dynamics import check_steps
from harsanyi.studies.phases import Phases, mean_order

from .layer_frame import GREYS, MARKS, checked, legend_below
from .style import BLUE, CYCLE, GREY, VERMILION
from .training_frame import drawn_band, mark_turn, plain_numbers, time_axis

_SIZE = (5.2, 3.2)


def loss_lines(
    steps: Sequence[float],
    train: Sequence[float],
    test: Sequence[float],
    phases: Phases | None = None,
    unit: str = "epoch",
    ax: Axes | None = None,
) -> Axes:
    """Draw losses on training and on test data, their gap, and the turn if there is one.

    Args:
        steps: when they were measured.
        train: losses, in nats.
        test: likewise.
        phases: of the same training, whose turn is marked if it has two.
        unit: what the steps are.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: other than one loss of each kind for each step.

    Source: Ren et al., dynamics, NeurIPS 2024, Figures 2 and 7. Chapter: Two phases.
    """
    for losses in (train, test):
        check_steps(steps, len(losses))
    new = ax is None
    ax = plt.subplots(figsize=_SIZE, layout="constrained")[1] if new else ax
    ax.fill_between(steps, train, test, color=GREY, alpha=0.2, lw=0, label="gap")
    ax.plot(steps, test, color=VERMILION, marker="s", ms=4.5, label="test loss")
    ax.plot(steps, train, color=BLUE, marker="o", ms=4.5, label="training loss")
    mark_turn(ax, phases)
    time_axis(ax, steps, unit)
    ax.set(ylabel="loss (nats)", ylim=(0, None))
    ax.grid(axis="y")
    legend_below(ax, 4, new)
    return ax


def order_lines(
    runs: Mapping[str, tuple[Sequence[float], Tensor]],
    phases: Mapping[str, Phases] | None = None,
    controls: Sequence[str] = (),
    unit: str = "epoch",
    ax: Axes | None = None,
) -> Axes:
    """Draw the mean order of strength along training, a line a run, with 95 % over samples.

    A diamond stands at the turn of a run with two phases; runs of another verdict have none.

    Args:
        runs: name to steps and strengths (snapshots, samples, n), as
            ``salient_strengths(found).strength``.
        phases: name to what :func:`harsanyi.studies.phases.find_phases` says of it.
        controls: runs that are drawn in grey, without a band.
        unit: what the steps are.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: no run, as many steps as snapshots were expected, or an unknown control.

    Source: Zhang et al., 2024; the statistic is ours. Chapter: Two phases.
    """
    if not runs or (set(controls) | set(phases or {})) - set(runs):
        raise ValueError(
            f"runs: got {list(runs)}, expected one or more, among them the controls "
            f"{list(controls)} and the phases {list(phases or {})}"
        )
    new = ax is None
    ax = plt.subplots(figsize=_SIZE, layout="constrained")[1] if new else ax
    greys, colours = iter(GREYS * len(runs)), iter(CYCLE[:6] * len(runs))
    for i, (name, (steps, strength)) in enumerate(runs.items()):
        check_steps(steps, len(strength))
        dash, colour = next(greys) if name in controls else ("-", next(colours))
        mean, low, high = drawn_band(strength.transpose(0, 1), mean_order)
        ax.plot(steps, mean, ls=dash, color=colour, marker=MARKS[i % 10], ms=4.5, label=name)
        if name not in controls:
            ax.fill_between(steps, low, high, color=colour, alpha=0.15, lw=0)
        found = (phases or {}).get(name)
        if found is not None and found.verdict == "two phases":
            ax.plot(found.turn, float(found.path.min()), "D", ms=9, mfc="none", mec="black")
    time_axis(ax, [step for steps, _ in runs.values() for step in steps], unit)
    ax.set_ylabel("mean order of strength")
    ax.grid(axis="y")
    if len(runs) > 1:
        legend_below(ax, 2, new)
    return ax


def course_panels(
    steps: Sequence[float],
    train: Sequence[float],
    test: Sequence[float],
    strength: Tensor,
    phases: Phases | None = None,
    unit: str = "epoch",
) -> Figure:
    """Draw one training: losses above, mean order below, on one axis of time.

    The turn goes through both; the rule's verdict stands in the lower panel. Arguments as for
    :func:`loss_lines` and :func:`order_lines`.

    Source: Ren et al., dynamics, NeurIPS 2024, Figure 2. Chapter: Two phases.
    """
    figure, axes = plt.subplots(2, 1, figsize=(5.2, 4.6), sharex=True, layout="constrained")
    order_lines({"mean order": (steps, strength)}, unit=unit, ax=axes[1])
    mark_turn(axes[1], phases, label=False)
    if phases is not None:
        words = {"xycoords": "axes fraction", "ha": "right", "va": "bottom", "fontsize": 9.5}
        axes[1].annotate(f"the rule: {phases.verdict}", (1, 1.01), **words)
    loss_lines(steps, train, test, phases, unit, axes[0])
    axes[0].set_xlabel("")
    axes[0].get_legend().remove()
    legend_below(axes[0], 4, True)
    return figure


def turn_scatter(
    frame: pd.DataFrame,
    x: str = "onset",
    y: str = "turn",
    by: str | None = None,
    unit: str = "epoch",
    ax: Axes | None = None,
) -> Axes:
    """Draw one moment of each run against another one, with the line where both are equal.

    Args:
        frame: one row a run; where columns x_low, x_high, y_low and y_high stand beside a column x
            or y (such as turn_low), they are drawn as whiskers. Runs without a moment (NaN) are
            left out.
        x: the column of the horizontal axis.
        y: that of the vertical one.
        by: a column whose values are told apart by colours.
        unit: what the moments are measured in.
        ax: where to draw; a new one when None.

    Raises:
        ValueError: missing columns, or no run that has both moments.

    Chapter: Two phases.
    """
    frame = checked(frame, [x, y, *([by] if by else [])], "runs").dropna(subset=[x, y])
    frame, new = checked(frame, (), "runs"), ax is None
    ax = plt.subplots(figsize=(4.6, 4.2), layout="constrained")[1] if new else ax
    groups = frame.groupby(by, sort=False) if by else [("", frame)]
    for i, (name, part) in enumerate(groups):
        whiskers = {
            f"{axis}err": np.stack([part[column] - part[f"{column}_low"],
                                    part[f"{column}_high"] - part[column]]).clip(min=0)
            for axis, column in (("x", x), ("y", y)) if f"{column}_low" in part
        }  # fmt: skip
        look = {"fmt": MARKS[i % 10], "color": CYCLE[i % 6], "ms": 7, "mec": "white", "lw": 1.2}
        ax.errorbar(part[x], part[y], **whiskers, **look, label=str(name))
    span = np.concatenate([frame[x], frame[y]])
    ax.axline((span.min(),) * 2, (span.max() + 1e-9,) * 2, color=GREY, lw=1, ls="--")
    if span.min() > 0 and span.max() > 5 * span.min():
        ax.set(xscale="log", yscale="log")
    for axis, name in ((ax.xaxis, x), (ax.yaxis, y)):
        plain_numbers(axis)
        axis.set_label_text(f"{name} ({unit})")
    ax.grid()
    if by:
        legend_below(ax, 2, new)
    return ax
