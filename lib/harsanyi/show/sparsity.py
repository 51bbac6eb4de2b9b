"""Pictures of how few interactions there are, and of the theory that says why.

Chapter: Sparsity; Why sparse?
"""

from collections.abc import Mapping

import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from .style import AMBER, BLUE, CYCLE, GREEN, GREY, VERMILION

_DASHES = ("-", "--", ":", "-.")
_BAND = torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64)


def _plain(axis) -> None:
    """Label a logarithmic axis at 1, 3, 10, 30, … in plain numbers."""
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    axis.set_major_locator(LogLocator(10, subs=(1.0, 3.0)))
    axis.set_major_formatter(ScalarFormatter())
    axis.set_minor_formatter(NullFormatter())


def strengths_with_thresholds(
    curves: Mapping[str, Tensor], taus: Mapping[str, float], ax: Axes | None = None
) -> Axes:
    """Draw sorted strengths on two logarithmic scales, and thresholds as horizontal lines.

    Args:
        curves: name to sorted strengths (count, m), in the units of v; drawn as the median over
            samples with a band between the quartiles.
        taus: name to threshold, in the same units.
    """
    ax = ax or plt.subplots(figsize=(7, 5.0))[1]
    for (name, strength), colour in zip(curves.items(), CYCLE, strict=False):
        low, middle, high = strength.double().quantile(_BAND, dim=0).clamp(min=1e-9)
        rank = range(1, len(middle) + 1)
        ax.plot(rank, middle, color=colour, label=name)
        ax.fill_between(rank, low, high, color=colour, alpha=0.15, linewidth=0)
    for (name, tau), dash in zip(taus.items(), _DASHES, strict=False):
        ax.axhline(tau, color=GREY, linestyle=dash, linewidth=1, label=f"τ: {name}")
    top = max(float(s.max()) for s in curves.values())
    ax.set(xscale="log", yscale="log", ylim=(1e-3 * top, 1.5 * top))
    ax.set(xlabel="rank of the interaction", ylabel="strength")
    ax.legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)
    return ax


def carried_shares(curves: Mapping[str, Tensor], ax: Axes | None = None) -> Axes:
    """Draw the share of all strength in the k strongest; curves (count, m) fall along m."""
    ax = ax or plt.subplots(figsize=(7, 3.4))[1]
    for (name, strength), colour in zip(curves.items(), CYCLE, strict=False):
        share = strength.double().cumsum(-1) / strength.sum(-1, keepdim=True)
        low, middle, high = share.quantile(_BAND, dim=0)
        rank = range(1, len(middle) + 1)
        ax.plot(rank, middle, color=colour, label=name)
        ax.fill_between(rank, low, high, color=colour, alpha=0.15, linewidth=0)
    ax.axhline(0.9, color=GREY, linewidth=1, linestyle="--")
    ax.set(
        xscale="log", ylim=(0, 1.02), xlabel="k", ylabel="share of the strength in the k strongest"
    )
    ax.legend(loc="upper left")
    return ax


def dots_with_errors(kinds: Mapping[str, object], ax: Axes | None = None) -> Axes:
    """Draw means with their intervals, several kinds under each other in each row.

    Args:
        kinds: name to a table with the same rows and the columns mean, low, high.
    """
    rows = list(next(iter(kinds.values())).index)
    ax = ax or plt.subplots(figsize=(7, 1.2 + 0.4 * len(rows)))[1]
    for j, (name, table) in enumerate(kinds.items()):
        at = [i + 0.3 * (j - (len(kinds) - 1) / 2) for i in range(len(rows))]
        colour = (BLUE, AMBER, GREEN)[j % 3]
        ax.hlines(at, table["low"], table["high"], color=colour, linewidth=2)
        ax.plot(table["mean"], at, "os^"[j % 3], color=colour, markersize=5, label=name)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.grid(axis="x")
    ax.legend(ncols=len(kinds), loc="lower center", bbox_to_anchor=(0.4, 1.0))
    return ax


def four_counts(frames: Mapping[str, object], ax: Axes | None = None) -> Axes:
    """Draw salient counts under several thresholds, side by side for each source.

    Args:
        frames: threshold to a table of averages (columns mean, low, high), a row a source.
    """
    first = next(iter(frames.values()))
    ax = ax or plt.subplots(figsize=(7, 1.2 + 0.5 * len(first)))[1]
    colours, marks = (BLUE, VERMILION, GREEN, AMBER), "osD^"
    for j, (name, table) in enumerate(frames.items()):
        at = [i + 0.17 * (j - 1.5) for i in range(len(table))]
        low = table["low"].clip(lower=0.5)
        ax.hlines(at, low, table["high"], color=colours[j % 4], linewidth=2)
        shown = table["mean"].clip(lower=0.5)
        ax.plot(shown, at, marks[j % 4], color=colours[j % 4], ms=5, label=name)
    ax.set_yticks(range(len(first)), list(first.index))
    ax.invert_yaxis()
    ax.grid(axis="x")
    ax.set(xscale="log", xlabel="salient interactions per sample")
    _plain(ax.xaxis)
    ax.legend(ncols=2, fontsize=9, loc="lower center", bbox_to_anchor=(0.4, 1.0))
    return ax


def matched_outputs(v: Tensor, rebuilt: Mapping[str, Tensor], ax: Axes | None = None) -> Axes:
    """Draw all outputs in rising order, and what a few interactions make of each of them.

    Args:
        v: table (2**n,).
        rebuilt: name to table (2**n,).
    """
    ax = ax or plt.subplots(figsize=(7, 3.6))[1]
    order = v.argsort()
    rank = range(1, len(v) + 1)
    for (name, table), colour in zip(rebuilt.items(), (VERMILION, GREEN, AMBER), strict=False):
        ax.plot(rank, table[order], ".", color=colour, ms=3, alpha=0.6, mec="none", label=name)
    ax.plot(rank, v[order], color=BLUE, label="the network")
    low, high = float(v.min()), float(v.max())
    pad = 0.2 * (high - low)
    ax.set(ylim=(low - pad, high + pad), xlabel="masked inputs, sorted", ylabel="output")
    ax.legend(markerscale=3)
    return ax


def ratio_and_error(frame, ax: Axes | None = None) -> Axes:
    """Draw both measures of a match against the number of effects kept, medians and quartiles.

    Args:
        frame: columns sample, kept, ratio, error, as ``studies.sparsity.match_curves`` returns.
    """
    ax = ax or plt.subplots(figsize=(7, 3.6))[1]
    shown = (
        ("ratio", "R, sees the whole input only", BLUE),
        ("error", "error of all outputs", VERMILION),
    )
    for column, name, colour in shown:
        band = frame.groupby("kept")[column].quantile([0.25, 0.5, 0.75]).unstack()
        ax.plot(band.index, band[0.5], color=colour, label=name)
        ax.fill_between(band.index, band[0.25], band[0.75], color=colour, alpha=0.15, linewidth=0)
    ax.axhline(1, color=GREY, linewidth=0.8)
    ax.set(xscale="log", ylim=(0, 1.5), xlabel="interactions kept, strongest first")
    ax.legend()
    return ax


def size_means(means: Mapping[str, Tensor], ax: Axes | None = None, title: str = "") -> Axes:
    """Draw mean outputs over coalition sizes, a line a sample, each over its largest absolute mean.

    Args:
        means: name to (count, n+1).
    """
    ax = ax or plt.subplots(figsize=(7, 3.2))[1]
    for (name, lines), colour in zip(means.items(), CYCLE, strict=False):
        scaled = lines / lines.abs().amax(-1, keepdim=True)
        for i, line in enumerate(scaled):
            ax.plot(range(len(line)), line, color=colour, alpha=0.7, lw=1.2,
                    label=name if not i else None)  # fmt: skip
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.set(xlabel="players present m", ylabel="mean output, scaled", title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


def bound_against_count(frame, ax: Axes | None = None) -> Axes:
    """Draw the bounds of the theory against the counts they bound, on two logarithmic scales.

    Args:
        frame: columns real, true δ, markov, published, as ``studies.conditions.bound_table``.
    """
    ax = ax or plt.subplots(figsize=(6, 4.2))[1]
    ax.plot(
        frame["real"], frame["markov"], "o", ms=9, mfc="none", color=GREY, label="Markov: Σ|I|/τ"
    )
    ax.plot(frame["real"], frame["true δ"], ".", color=BLUE, label="theorem, true δ")
    ax.plot(frame["real"], frame["published"], "x", color=VERMILION, label="theorem, limit on δ")
    ends = [float(frame["real"].min()), float(frame["real"].max())]
    ax.plot(ends, ends, color=GREY, linewidth=1, label="bound = count")
    ax.set(xscale="log", yscale="log", xlabel="salient interactions counted", ylabel="bound")
    _plain(ax.xaxis), _plain(ax.yaxis)
    ax.legend(fontsize=9)
    return ax
