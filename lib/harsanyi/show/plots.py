"""Plots of interactions: strongest effects, order profiles, sorted strengths. Each returns Axes.

Chapter: Harsanyi dividends and every later one.
"""

import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from harsanyi.core.compare import OrderProfile
from harsanyi.core.result import Interactions

from .style import AMBER, BLUE, GREEN, GREY, VERMILION, sign_colour


def effect_bars(interactions: Interactions, k: int = 10, ax: Axes | None = None) -> Axes:
    """Draw the k strongest interactions of one game as labelled bars, strongest on top.

    AND effects are solid and OR effects hatched; blue raises the value, vermilion lowers it.
    """
    ax = ax or plt.subplots(figsize=(7, 0.6 + 0.32 * k))[1]
    effects = interactions.top(k)
    for row, effect in enumerate(effects):
        hatch = "////" if effect.kind == "or" else None
        colour = sign_colour(effect.value)
        ax.barh(row, effect.value, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
        inside = 4 if effect.value >= 0 else -4
        ax.annotate(
            f"{effect.value:+.2f}",
            (effect.value, row),
            xytext=(inside, 0),
            textcoords="offset points",
            va="center",
            ha="left" if effect.value >= 0 else "right",
            fontsize=9,
            color=GREY,
        )
    both = interactions.and_.any() and interactions.or_.any()
    labels = [f"{e.kind.upper()} {e.label}" if both else e.label for e in effects]
    ax.set_yticks(range(len(effects)), labels)
    ax.invert_yaxis()
    ax.axvline(0, color=GREY, linewidth=0.8)
    ax.margins(x=0.2)
    ax.set_xlabel("strength of the interaction")
    return ax


def order_bars(profile: OrderProfile, ax: Axes | None = None) -> Axes:
    """Draw an order profile: summed positive strength upwards, negative downwards."""
    ax = ax or plt.subplots()[1]
    orders = range(1, profile.positive.shape[-1] + 1)
    ax.bar(orders, profile.positive.tolist(), color=BLUE, label="positive")
    ax.bar(orders, profile.negative.tolist(), color=VERMILION, label="negative")
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.set_xticks(list(orders))
    ax.set_xlabel("order (number of players)")
    ax.set_ylabel("summed strength")
    ax.legend(loc="upper right")
    return ax


def sorted_strengths(
    effects: dict[str, Tensor], threshold: float = 0.05, ax: Axes | None = None
) -> Axes:
    """Draw the sorted strengths of several tables of effects, each over its own maximum.

    The dashed line is the threshold below which an effect does not count as salient.
    """
    ax = ax or plt.subplots()[1]
    colours = (BLUE, VERMILION, GREEN, GREY)
    for (name, table), colour in zip(effects.items(), colours, strict=False):
        strength = table.abs().flatten().sort(descending=True).values
        ranks = range(1, len(strength) + 1)
        ax.plot(ranks, (strength / strength[0]).tolist(), color=colour, label=name)
    ax.axhline(threshold, color=GREY, linestyle="--", linewidth=1)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_ylim(bottom=threshold / 50)
    ax.set_xlabel("rank of the interaction")
    ax.set_ylabel("strength / strongest")
    ax.legend()
    return ax


def against_prediction(
    prediction: Tensor, measured: Tensor, ax: Axes | None = None, unit: str = ""
) -> Axes:
    """Draw measured points on the line of their prediction, both over the order (n,)."""
    ax = ax or plt.subplots()[1]
    orders = torch.arange(1, len(measured) + 1).tolist()
    ax.plot(orders, prediction.tolist(), color=GREY, linestyle="--", label="derived")
    ax.plot(orders, measured.tolist(), "o", color=BLUE, label="measured")
    ax.set_yscale("log")
    ax.set_xticks(orders)
    ax.set_xlabel("order (number of players)")
    ax.set_ylabel(unit)
    ax.legend()
    return ax


def times_against_players(times: dict[str, dict[int, float]], ax: Axes | None = None) -> Axes:
    """Draw seconds against the number of players, one line for each method, on a log scale."""
    ax = ax or plt.subplots()[1]
    for (name, seconds), colour in zip(times.items(), (BLUE, AMBER, VERMILION), strict=False):
        ax.plot(list(seconds), list(seconds.values()), "o-", color=colour, markersize=4, label=name)
    ax.set_yscale("log")
    ax.set_xlabel("players n")
    ax.set_ylabel("seconds")
    ax.legend()
    return ax
