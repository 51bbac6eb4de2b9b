"""Pictures of training: signed profiles of moments, and the lines of ``training_lines``.

Blue bars add, vermilion ones take away; black outlines are the profile of no knowledge at all. All
are narrow enough to be read on a phone.

Chapter: Two phases.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from harsanyi.studies.dynamics import spindle

from .layer_frame import checked, legend_below
from .style import BLUE, GREY, VERMILION
from .training_frame import panels, time_name
from .training_lines import course_panels, loss_lines, order_lines, turn_scatter

__all__ = ["course_panels", "loss_lines", "order_lines", "profile_bars", "turn_scatter"]


def profile_bars(
    frame: pd.DataFrame,
    steps: Sequence[float] | None = None,
    null: Tensor | None = None,
    unit: str = "epoch",
    columns: int = 3,
) -> Figure:
    """Draw the strength of each order at several moments, positive upwards, negative downwards.

    One panel a moment, all on one scale. Whiskers are 95 % intervals over samples. The outline is
    a null, half of it up and half down.

    Args:
        frame: from :func:`harsanyi.studies.dynamics.profiles`.
        steps: which moments, out of the frame's; all when None.
        null: profile (n,) that adds up to n; the spindle when None.
        unit: what the steps are.
        columns: panels in a row; 3 read well on a phone.

    Raises:
        ValueError: missing columns, or no such moment.

    Source: Ren et al., dynamics, NeurIPS 2024, Figure 2. Chapter: Two phases.
    """
    frame = checked(frame, ["step", "order", "sign", "mean", "low", "high"], "profiles")
    steps = list(dict.fromkeys(frame["step"])) if steps is None else list(steps)
    if missing := [step for step in steps if step not in set(frame["step"])]:
        raise ValueError(f"steps: got {missing}, expected some of {sorted(set(frame['step']))}")
    n = int(frame["order"].max())
    null = spindle(n) if null is None else null
    figure, axes = panels(len(steps), columns)
    for ax, step in zip(axes, steps, strict=True):
        _signed_bars(ax, frame[frame["step"] == step])
        _outline(ax, null.numpy() / 2)
        ax.set_title(time_name(step, unit), fontsize=10.5)
        ax.set_xticks(range(1, n + 1, 1 if n < 7 else 3))
    for ax in axes[-columns:]:
        ax.set_xlabel("order")
    figure.supylabel("strength over its mean", fontsize="medium")
    legend_below(axes[0], 3, True)
    return figure


def _signed_bars(ax: Axes, part: pd.DataFrame) -> None:
    """One panel: bars of both signs with their whiskers."""
    for sign, colour, name in ((1, BLUE, "positive"), (-1, VERMILION, "negative")):
        rows = part[part["sign"] == sign]
        ax.bar(rows["order"], rows["mean"], color=colour, label=name, width=0.8)
        ax.vlines(rows["order"], rows["low"], rows["high"], color="black", lw=1)
    ax.axhline(0, color=GREY, lw=0.8)
    ax.grid(axis="y")


def _outline(ax: Axes, half: np.ndarray) -> None:
    """The outline of bars at the orders 1 to n, both upwards and downwards."""
    edges = np.repeat(np.arange(len(half) + 1) + 0.5, 2)
    heights = np.concatenate([[0.0], np.repeat(half, 2), [0.0]])
    ax.plot(edges, heights, color="black", lw=1.1, label="no knowledge")
    ax.plot(edges, -heights, color="black", lw=1.1)
