"""Plots of a table of values: against the number of players present, by class, and what it costs.

Chapter: A network as a game.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor

from harsanyi.core.coalitions import n_players, sizes

from . import style

_SINGLE = (5.4, 3.2)  # inches: letters stay readable on a phone
_UNITS = (("years", 365.25 * 86_400), ("days", 86_400), ("hours", 3_600), ("minutes", 60))


def values_by_size(v: Tensor, ax: Axes | None = None, title: str = "") -> Axes:
    """Plot every value of a game against the number of players present, with the mean of each.

    Args:
        v: table (2**n,), in the units of the value function.
        ax: where to draw; a new one when None.
        title: of the axes.

    Returns:
        The axes.

    Raises:
        TypeError, ValueError: no table, or a batch of them.

    Chapter: A network as a game.
    """
    n = _one_table(v)
    if ax is None:
        _, ax = plt.subplots(figsize=_SINGLE)
    means = [float(v[sizes(n) == k].mean()) for k in range(n + 1)]
    for k in range(n + 1):
        column = v[sizes(n) == k]
        aside = torch.linspace(-0.3, 0.3, len(column)) if len(column) > 1 else torch.zeros(1)
        ax.plot(k + aside, column, ".", ms=3, color=style.GREY, alpha=0.45, mec="none")
    ax.plot(range(n + 1), means, "o-", ms=4, color=style.BLUE, label="mean")
    ax.set(xlabel="players present", xticks=range(0, n + 1, 2), title=title)
    ax.grid(axis="y")
    return ax


def class_shares(
    classes: Tensor, names: Sequence[str], target: int, ax: Axes | None = None
) -> Axes:
    """Plot which classes win, by the number of players present, as shares that add up to 1.

    The target's share stands at the bottom, above it the three other classes that win most often,
    each by itself, and all the rest.

    Args:
        classes: (2**n,) int64, the winning class of every coalition.
        names: the classes' names.
        target: the class of the whole input.
        ax: where to draw; a new one when None.

    Returns:
        The axes.

    Raises:
        TypeError, ValueError: no table, or classes without a name.

    Chapter: A network as a game.
    """
    n = _one_table(classes.double())
    if not 0 <= int(classes.min()) <= int(classes.max()) < len(names):
        raise ValueError(f"classes: got {int(classes.max())}, expected 0 to {len(names) - 1}")
    if ax is None:
        _, ax = plt.subplots(figsize=_SINGLE)
    wins = classes.bincount(minlength=len(names))
    wins[target] = -1
    rivals = [int(c) for c in wins.argsort(descending=True, stable=True)[:3] if wins[c] > 0]
    groups = [(f"«{names[c]}»", classes == c) for c in [target, *rivals]]
    groups.append(("others", ~torch.isin(classes, torch.tensor([target, *rivals]))))
    bottom = torch.zeros(n + 1)
    colours = (style.BLUE, style.AMBER, style.VERMILION, "#CC79A7")
    for (name, where), colour in zip(groups, [*colours[: len(groups) - 1], "#c4c9d1"], strict=True):
        share = torch.stack([where[sizes(n) == k].float().mean() for k in range(n + 1)])
        ax.bar(range(n + 1), share, 0.86, bottom=bottom, color=colour, label=name)
        bottom += share
    ax.set(xlabel="players present", ylabel="share of the pictures", ylim=(0, 1))
    ax.set_xticks(range(n + 1))
    ax.legend(ncols=len(groups), loc="lower center", bbox_to_anchor=(0.5, 1.0), handlelength=1)
    return ax


def cost_line(ns: Sequence[int], seconds: Sequence[float], ax: Axes | None = None) -> Axes:
    r"""Plot measured times against n, and the line :math:`2^n` through the last of them to n = 40.

    Args:
        ns: numbers of players.
        seconds: the time of a whole table for each.
        ax: where to draw; a new one when None.

    Returns:
        The axes, with a logarithmic time axis and waymarks in words.

    Raises:
        ValueError: lists that are empty or of different lengths.

    Chapter: A network as a game.
    """
    if not len(ns) == len(seconds) > 0:
        raise ValueError(f"ns, seconds: got {len(ns)} and {len(seconds)}, expected as many of each")
    if ax is None:
        _, ax = plt.subplots(figsize=_SINGLE)
    each = seconds[-1] / 2.0 ** ns[-1]
    line = range(min(ns), 41)
    ax.semilogy(line, [each * 2.0**n for n in line], color=style.GREY, lw=1.2, zorder=1)
    ax.semilogy(ns, seconds, "o", color=style.BLUE)
    for n in (20, 30, 40):
        ax.semilogy(n, each * 2.0**n, "o", mfc="white", color=style.VERMILION)
        ax.annotate(f"n = {n}: {duration(each * 2.0**n)}", (n, each * 2.0**n), (-8, 4),
                    textcoords="offset points", ha="right")  # fmt: skip
    ax.set(xlabel="players n", ylabel="seconds for the table")
    ax.grid(axis="y")
    return ax


def duration(seconds: float) -> str:
    """Write a time in the largest unit that fits: ``"18 minutes"``, ``"10^44 years"``."""
    for unit, length in _UNITS:
        if seconds >= 2 * length:
            amount = seconds / length
            return f"10^{len(str(int(amount))) - 1} {unit}" if amount >= 1e6 else (
                f"{amount:,.0f} {unit}"
            )  # fmt: skip
    return f"{seconds:.2g} seconds"


def storage(count: int) -> str:
    """Write a number of bytes in the largest binary unit that fits: ``"8 GiB"``."""
    for power, unit in ((80, "YiB"), (40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")):
        if count >= 2**power:
            amount = count / 2**power
            return (
                f"10^{len(str(int(amount))) - 1} {unit}"
                if amount >= 1e6
                else (f"{amount:,.0f} {unit}")
            )
    return f"{count} bytes"


def _one_table(v: Tensor) -> int:
    """Return n, having refused a batch of tables."""
    n = n_players(v, "v")
    if v.dim() != 1:
        raise ValueError(f"v: got a batch of shape {tuple(v.shape)}, expected one game's (2**n,)")
    return n
