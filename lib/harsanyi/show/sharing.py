"""Pictures of what networks and samples share, with every control in the same axes.

All are narrow enough to be read on a phone: one panel, the legend below, lines told apart by colour
and mark. Related networks are drawn in colour, controls in grey.

Chapter: Primitives that networks share; Primitives across samples, and order.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from .style import AMBER, BLUE, CYCLE, GREEN, GREY, VERMILION

_SIZE = (5.2, 3.9)
_MARKS = "os^Dvp*"
_GREYS = (("--", "#4b5563"), (":", "#4b5563"), ("-.", "#9ca3af"), ((0, (6, 2)), "#9ca3af"))


def _below(ax: Axes, columns: int = 2) -> None:
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=columns, fontsize=9.5)


def _band(ax: Axes, part: pd.DataFrame, x: str, colour: str, **line) -> None:
    ax.plot(part[x], part["mean"], color=colour, **line)
    ax.fill_between(part[x], part["low"], part["high"], color=colour, alpha=0.15, linewidth=0)


def lines_with_bands(
    frame: pd.DataFrame,
    x: str,
    by: str,
    controls: Sequence[str] = (),
    lines: Mapping[str, Sequence[float]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw means with their intervals against x, one line for each value of a column.

    It draws overlap against k, α or m, the excess, held-out precision and prediction: whatever
    ``intervals.with_errors`` or ``controls.excess`` returned (rename its column to mean).

    Args:
        frame: columns ``by``, x, mean, low, high.
        x: what lies on the horizontal axis.
        by: what makes the lines, drawn in the order they come in.
        controls: values of ``by`` that are drawn in grey.
        lines: name to values at the x of the frame, in rising order, without an interval, such as
            the mean of the column ``chance``, which knows how large the sets really were.
        ax: where to draw; a new one when None.
    """
    ax = ax or plt.subplots(figsize=_SIZE)[1]
    names = list(dict.fromkeys(frame[by]))
    related = [name for name in names if name not in controls]
    greys = iter(_GREYS * len(names))
    for name in names:
        part = frame[frame[by] == name].sort_values(x)
        if name in related:
            i = related.index(name)
            line = {"marker": _MARKS[i % len(_MARKS)], "ms": 5}
            _band(ax, part, x, CYCLE[i % 6], label=name, **line)
        else:
            dash, colour = next(greys)
            _band(ax, part, x, colour, linestyle=dash, label=name)
    for name, values in (lines or {}).items():
        ax.plot(sorted(set(frame[x])), values, color="black", linewidth=0.9, label=name)
    ax.set_xlabel(x)
    ax.grid(axis="y")
    _below(ax)
    return ax


def shared_orders(frame: pd.DataFrame, network: int = 0, ax: Axes | None = None) -> Axes:
    """Draw salient and shared strength by order: positive upwards, negative downwards, symlog.

    The pale bar is all, the solid bar in it what is shared, the black tick what would be shared if
    the other networks' salient sets were drawn at random.

    Args:
        frame: from ``studies.orders.shared_by_order``; the mean over its samples is drawn.
        network: which of the networks.
        ax: where to draw; a new one when None.
    """
    ax = ax or plt.subplots(figsize=_SIZE)[1]
    part = frame[frame["network"] == network]
    means = part.groupby(["sign", "order"])[["all", "shared", "chance"]].mean()
    unit = float(means["all"].abs().max())
    for sign, colour, name in ((1, BLUE, "positive"), (-1, VERMILION, "negative")):
        one = means.loc[sign]
        ax.bar(one.index, one["all"], color=colour, alpha=0.3, label=f"all, {name}")
        ax.bar(one.index, one["shared"], color=colour, label=f"shared, {name}")
        ax.hlines(one["chance"], one.index - 0.4, one.index + 0.4, color="black", linewidth=1.4,
                  label="shared by chance" if sign < 0 else None)  # fmt: skip
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.set_yscale("symlog", linthresh=max(unit / 30, 1e-12))
    ax.set_ylim(1.6 * min(means["all"].min(), -unit / 30), 1.6 * max(means["all"].max(), unit / 30))
    ax.set_xticks(sorted(part["order"].unique()))
    ax.set(xlabel="order (number of players)", ylabel="summed strength")
    _below(ax)
    return ax


def coverage_lines(frames: Mapping[str, pd.DataFrame], ax: Axes | None = None) -> Axes:
    """Draw the coverage of dictionaries against their size, and of random sets of the same orders.

    Args:
        frames: name to a frame of ``studies.dictionaries.coverage_curves`` (or another of that
            module); its mean over samples is drawn, the control dashed in the same colour.
        ax: where to draw; a new one when None.
    """
    ax = ax or plt.subplots(figsize=_SIZE)[1]
    for i, (name, frame) in enumerate(frames.items()):
        means = frame.groupby("k")[["ratio", "chance_by_order"]].mean()
        mark = _MARKS[i % len(_MARKS)]
        ax.plot(means.index, means["ratio"], color=CYCLE[i % 6], marker=mark, ms=5, label=name)
        ax.plot(means.index, means["chance_by_order"], color=CYCLE[i % 6], linestyle="--", lw=1.2)
    ax.plot([], [], color=GREY, linestyle="--", lw=1.2, label="random, same orders")
    ax.set(ylim=(0, 1.02), xlabel="size of the dictionary, k", ylabel="share covered")
    ax.grid(axis="y")
    _below(ax)
    return ax


def discrimination_lines(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw β against frequency, with the β of fair and of biased coins.

    Args:
        frame: from ``studies.discrimination.discrimination_by_frequency``.
        ax: where to draw; a new one when None.
    """
    ax = ax or plt.subplots(figsize=_SIZE)[1]
    x = frame["frequency"]
    ax.plot(x, frame["beta"], color=BLUE, marker="o", ms=6, label="interactions, β")
    ax.plot(x, frame["biased"], color="#4b5563", linestyle="--", label="coins, biased alike")
    ax.plot(x, frame["coin"], color="#4b5563", linestyle=":", label="fair coins")
    for at, beta, many in zip(x, frame["beta"], frame["interactions"], strict=True):
        ax.annotate(f"{many:.0f}", (at, beta), xytext=(0, 7), textcoords="offset points",
                    ha="center", fontsize=9, color=GREY)  # fmt: skip
    ax.set(xlim=(0, 1), ylim=(0.48, 1.06), xlabel="share of samples in which it is salient")
    ax.set_ylabel("one-sidedness β")
    _below(ax)
    return ax


def precision_and_error(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw each network's matching precision (solid) and what it does not see (dashed) against k.

    Args:
        frame: from ``studies.pooled.precision_curves``; medians over samples are drawn.
        ax: where to draw; a new one when None.
    """
    ax = ax or plt.subplots(figsize=_SIZE)[1]
    for i, (name, part) in enumerate(frame.groupby("network", sort=False)):
        middle = part.groupby("kept")[["ratio", "error"]].median()
        mark = _MARKS[i % len(_MARKS)]
        ax.plot(middle.index, middle["ratio"], color=CYCLE[i % 6], marker=mark, ms=4, label=name)
        ax.plot(
            middle.index, middle["error"], color=CYCLE[i % 6], linestyle="--", marker=mark, ms=4
        )
    ax.plot([], [], color=GREY, label="matching precision")
    ax.plot([], [], color=GREY, linestyle="--", label="error over all masks")
    kept = sorted(set(frame["kept"]))
    ax.set(xscale="log", ylim=(0, 1.5), xlabel="interactions kept, k")
    ax.set_xticks(kept, kept)
    ax.minorticks_off()
    ax.grid(axis="y")
    _below(ax)
    return ax


def primitive_dots(frame: pd.DataFrame, networks: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw primitives as rows and their strength in each network as a mark; OR rows are green.

    Args:
        frame: from ``studies.orders.most_shared``, the first row on top.
        networks: the columns that hold strengths.
        ax: where to draw; a new one when None.
    """
    ax = ax or plt.subplots(figsize=(5.6, 1.4 + 0.36 * len(frame)))[1]
    rows = range(len(frame))
    for i, name in enumerate(networks):
        colour = (BLUE, VERMILION, AMBER, "#CC79A7", "#56B4E9", GREY)[i % 6]
        ax.plot(
            frame[name], rows, _MARKS[i % len(_MARKS)], color=colour, ms=6, label=name, alpha=0.85
        )
    labels = [
        f"{kind.upper()} {who}" for kind, who in zip(frame["kind"], frame["coalition"], strict=True)
    ]
    ax.set_yticks(rows, labels)
    for tick, kind in zip(ax.get_yticklabels(), frame["kind"], strict=True):
        tick.set_color(GREEN if kind == "or" else BLUE)
    ax.axvline(0, color=GREY, linewidth=0.8)
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.set_xlabel("effect / the network's strongest")
    ax.grid(axis="y")
    ax.legend(loc="upper center", bbox_to_anchor=(0.3, -0.5 / (0.36 * len(frame) + 0.6)), ncols=2)
    return ax
