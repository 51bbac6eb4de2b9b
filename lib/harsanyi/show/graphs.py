"""And-Or graphs, drawn so that one can follow each effect down to its players.

Chapter: Sparsity.
"""

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from .style import BLUE, GREEN, GREY, VERMILION

_KIND = {"and": ("∧", BLUE), "or": ("∨", GREEN)}


def _rows(graph, most: int) -> list[list]:
    """Return the strongest effects, the groups they use and the players, each sorted for few
    crossings: a node stands where its children stand on average."""
    players = [node for node in graph if node[0] == "player"]
    effects = [node for node in graph if node[0] == "effect"]
    effects = sorted(effects, key=lambda e: -abs(graph.nodes[e]["value"]))[:most]
    groups = {child for e in effects for child in graph.successors(e) if child[0] == "group"}

    def centre(node) -> tuple:
        mask = node[2]
        ones = [i for i in range(len(players)) if mask >> i & 1]
        return sum(ones) / len(ones), node[1], mask

    return [sorted(effects, key=centre), sorted(groups, key=centre), players]


def _spread(nodes: list, width: float) -> dict:
    return {node: (i + 0.5) * width / len(nodes) for i, node in enumerate(nodes)}


def and_or_graph(graph, most: int = 10, ax: Axes | None = None) -> Axes:
    """Draw an And-Or graph in three rows: effects above, shared groups, players below.

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
    rows = _rows(graph, most)
    width = max(len(row) for row in rows)
    ax = ax or plt.subplots(figsize=(7, 4.2))[1]
    spots = {}
    for height, row in zip((2.0, 1.0, 0.0), rows, strict=True):
        spots |= {node: (x, height) for node, x in _spread(row, width).items()}
    strongest = max(abs(graph.nodes[e]["value"]) for e in rows[0])
    for node in rows[0] + rows[1]:
        value = graph.nodes[node].get("value")
        weight = 1.0 if value is None else 0.6 + 2.4 * abs(value) / strongest
        for child in graph.successors(node):
            (x, y), (cx, cy) = spots[node], spots[child]
            ax.plot([x, cx], [y, cy], color=_KIND[node[1]][1], lw=weight, alpha=0.45, zorder=1)
    for node, (x, y) in spots.items():
        _box(ax, graph, node, x, y, 9.5 if width <= 10 else 8)
    effects = sum(node[0] == "effect" for node in graph)
    about = graph.graph
    ax.set_title(
        f"{len(rows[0])} of {effects} effects; description length {about['length_before']:.2f} "
        f"→ {about['length_after']:.2f}",
        fontsize=10.5,
    )
    ax.set_xlim(0, width)
    ax.set_ylim(-0.35, 2.35)
    ax.axis("off")
    return ax


def _box(ax: Axes, graph, node: tuple, x: float, y: float, size: float) -> None:
    kind, about = node[0], graph.nodes[node]
    text, fill, edge, ink = about["label"], "#f3f4f6", GREY, "#111827"
    if kind == "effect":
        sign, fill = _KIND[node[1]]
        text, ink = f"{sign}\n{about['value']:+.2g}".replace("-", "−"), "white"
        edge = VERMILION if about["value"] < 0 else fill
    elif kind == "group":
        text, edge = _KIND[node[1]]
        fill = "white"
    shape = {"boxstyle": "round,pad=0.25", "facecolor": fill, "edgecolor": edge, "linewidth": 1.8}
    ax.text(x, y, text, ha="center", va="center", fontsize=size, color=ink, bbox=shape, zorder=3)
