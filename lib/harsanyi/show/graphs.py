"""And-Or graphs, drawn so that one can follow each effect down to its players.

Chapter: Sparsity.
"""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from .style import BLUE, GREEN, GREY, VERMILION

_KIND = {"and": ("∧", BLUE), "or": ("∨", GREEN)}
_PLAYERS, _GROUPS, _EFFECTS = 0.0, 0.55, 1.0  # the three columns


def _columns(graph, most: int) -> list[list]:
    """Return players in their order, then the groups of the strongest effects, and these effects,
    both sorted for few crossings: a node stands where its players stand on average."""
    players = [node for node in graph if node[0] == "player"]
    effects = [node for node in graph if node[0] == "effect"]
    effects = sorted(effects, key=lambda e: -abs(graph.nodes[e]["value"]))[:most]
    groups = {child for e in effects for child in graph.successors(e) if child[0] == "group"}

    def centre(node) -> tuple:
        mask = node[2]
        ones = [i for i in range(len(players)) if mask >> i & 1]
        return sum(ones) / len(ones), node[1], mask

    return [players, sorted(groups, key=centre), sorted(effects, key=centre)]


def _spread(column: list, x: float, height: float) -> dict:
    """Place a column evenly over the height."""
    return {node: (x, (i + 0.5) * height / len(column)) for i, node in enumerate(column)}


def _beside_players(groups: list, spots: dict, graph) -> dict:
    """Place each group at the mean height of its players, below the one before."""
    placed, least = {}, -np.inf
    for group in groups:
        own = np.mean([spots[player][1] for player in graph.successors(group)])
        least = max(own, least + 0.9)
        placed[group] = (_GROUPS, least)
    return placed


def _line(ax: Axes, a: tuple, b: tuple, colour: str, width: float) -> None:
    """Draw a line that leaves a and enters b level, so that neighbours can be told apart."""
    t = np.linspace(0, 1, 40)
    rise = t * t * (3 - 2 * t)
    x, y = a[0] + t * (b[0] - a[0]), a[1] + rise * (b[1] - a[1])
    ax.plot(x, y, color=colour, lw=width, alpha=0.5, zorder=1, solid_capstyle="round")


def and_or_graph(graph, most: int = 10, ax: Axes | None = None) -> Axes:
    """Draw an And-Or graph in three columns: players, groups that effects share, effects.

    Args:
        graph: made by :func:`harsanyi.extraction.and_or_graph`.
        most: how many effects to draw, the strongest; the title says how many there are.

    Blue and ∧ is AND, green and ∨ is OR; an effect's box has its strength and a vermilion frame
    where it lowers the value. Lines are as wide as their effect is strong.

    Raises:
        ValueError: ``most`` below 1.
    """
    if most < 1:
        raise ValueError(f"most: got {most}, expected 1 or more effects to draw")
    columns = _columns(graph, most)
    height = max(len(column) for column in columns)
    ax = ax or plt.subplots(figsize=(5.4, 1.0 + 0.42 * height))[1]
    spots = _spread(columns[0], _PLAYERS, height) | _spread(columns[2], _EFFECTS, height)
    spots |= _beside_players(columns[1], spots, graph)
    strongest = max(abs(graph.nodes[e]["value"]) for e in columns[2])
    for node in columns[1] + columns[2]:
        value = graph.nodes[node].get("value")
        width = 1.2 if value is None else 0.7 + 2.3 * abs(value) / strongest
        for child in graph.successors(node):
            _line(ax, spots[child], spots[node], _KIND[node[1]][1], width)
    for node, spot in spots.items():
        _box(ax, graph, node, spot)
    effects, about = sum(node[0] == "effect" for node in graph), graph.graph
    drawn = f"{len(columns[2])} of {effects} effects" if len(columns[2]) < effects else (
        f"{effects} effects")  # fmt: skip
    ax.set_title(
        f"{drawn}; description length {about['length_before']:.2f} → {about['length_after']:.2f}",
        fontsize=10.5, weight="normal",
    )  # fmt: skip
    ax.set(xlim=(-0.42, 1.16), ylim=(height + 0.1, -0.1))
    ax.axis("off")
    return ax


def _box(ax: Axes, graph, node: tuple, spot: tuple) -> None:
    """Write a node: a player's name to the left of its spot, a group or an effect on it."""
    kind, about = node[0], graph.nodes[node]
    text, fill, edge, ink, align = about["label"], "#f3f4f6", GREY, "#111827", "right"
    if kind != "player":
        sign, colour = _KIND[node[1]]
        align = "center"
    if kind == "effect":
        text = f"{sign} {about['value']:+.2g}".replace("-", "−")
        fill, ink, edge = colour, "white", VERMILION if about["value"] < 0 else colour
    elif kind == "group":
        text, fill, edge, ink = sign, "white", colour, colour
    shape = {"boxstyle": "round,pad=0.3", "facecolor": fill, "edgecolor": edge, "linewidth": 2}
    ax.text(*spot, text, ha=align, va="center", fontsize=10.5, color=ink, bbox=shape, zorder=3)
