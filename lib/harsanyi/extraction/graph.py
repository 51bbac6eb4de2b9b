r"""And-Or graphs: the salient few effects with the groups of players that several of them share.

An effect is described by its children, players or groups. Common children have short names, as in
any good code: with :math:`c_m` the summed strength of the effects that have the child m, and
:math:`p_m = c_m / \sum c`, the description length is

.. math:: L = \kappa H(p) - \mathbb{E}_{S \sim |I(S)|} \sum_{m \in \mathrm{child}(S)} \log p_m
            = \Bigl(\kappa + \frac{\sum_m c_m}{\sum_S |I(S)|}\Bigr) H(p), \qquad
          H(p) = -\sum_m p_m \log p_m, \quad \kappa = \frac{10}{\sum_S |I(S)|},

the second form since the expectation counts each child by :math:`c_m`. Groups are added greedily.

Source: Ren et al., CVPR 2023, Section 3.4. The paper leaves open which groups to try, and which
to use where they overlap; here they are the intersections of two effects of one kind, and an effect
takes its largest groups first. Chapter: Sparsity.
"""

from typing import NamedTuple

import numpy as np
import torch

from ..core.coalitions import label, members
from ..core.result import Interactions

MOST_EFFECTS = 300
_KINDS = ("and", "or")


class _Description:
    """The children of every effect under a list of groups, and the length of saying them."""

    def __init__(self, effects: list[tuple[int, int, float]], n: int):
        self.effects, self.n = effects, n  # (kind, mask, strength)
        self.groups: list[tuple[int, int]] = []  # (kind, mask)
        self.total = sum(strength for _, _, strength in effects)

    def children(self, kind: int, mask: int, extra: tuple[int, int] | None = None):
        """Cover a mask by groups of its kind, largest first, and single players (-1, 1 << i)."""
        groups = [*self.groups, extra] if extra else self.groups
        usable = [g for g in groups if g[0] == kind and g[1] & mask == g[1]]
        found, left = [], mask
        for group in sorted(usable, key=lambda g: (-g[1].bit_count(), g[1])):
            if group[1] & left == group[1]:
                found.append(group)
                left &= ~group[1]
        return found + [(-1, 1 << i) for i in members(left)]

    def counts(self) -> dict[tuple[int, int], float]:
        """Return the summed strength of the effects that have each child."""
        counts: dict[tuple[int, int], float] = {}
        for kind, mask, strength in self.effects:
            for child in self.children(kind, mask):
                counts[child] = counts.get(child, 0.0) + strength
        return counts

    def length(self, counts: dict) -> float:
        """Return L from the children's counts."""
        c = np.array(list(counts.values()))
        p = c / c.sum()
        return float((10.0 + c.sum()) / self.total * -(p * np.log(p)).sum())

    def with_group(self, counts: dict, group: tuple[int, int]) -> dict:
        """Return the counts after one more group: only the effects that contain it change."""
        counts = dict(counts)
        for kind, mask, strength in self.effects:
            if kind == group[0] and mask & group[1] == group[1]:
                for child in self.children(kind, mask):
                    counts[child] -= strength
                for child in self.children(kind, mask, group):
                    counts[child] = counts.get(child, 0.0) + strength
        return {
            child: strength for child, strength in counts.items() if strength > 1e-12 * self.total
        }

    def users(self, group: tuple[int, int]) -> int:
        """How many effects would have this group as a child."""
        return sum(group in self.children(k, m, group) for k, m, _ in self.effects)

    def grow(self) -> None:
        """Add the group that shortens most for each of its players, until none does."""
        candidates = {
            (k, m & other)
            for k, m, _ in self.effects
            for kind, other, _ in self.effects
            if kind == k and other != m and (m & other).bit_count() > 1
        }
        while candidates:
            counts = self.counts()
            now, saved = self.length(counts), {}
            for group in sorted(candidates):
                after = self.length(self.with_group(counts, group))
                saved[group] = (now - after) / group[1].bit_count()
            best = max(saved, key=saved.get)
            if saved[best] <= 1e-12 or self.users(best) < 2:
                return
            self.groups.append(best)
            candidates.remove(best)


def and_or_graph(interactions: Interactions):
    """Return the And-Or graph of one game's effects: what they share, and what that saves.

    Args:
        interactions: one game, cut down to its salient effects by ``salient()``.

    Returns:
        A ``networkx.DiGraph`` from effects over groups to players. Nodes are ("effect", kind,
        mask), ("group", kind, mask) and ("player", i); every node has a ``label``, effects also
        a ``value``. ``graph.graph`` has ``length_before`` (players only) and ``length_after``,
        and ``edges_before``.

    Raises:
        ValueError: a batch, no effect at all, or more than 300 of them.

    Source: Ren et al., CVPR 2023, Section 3.4. Chapter: Sparsity.
    """
    import networkx

    count = len(interactions) if interactions.and_.ndim == 1 else 1
    if not 1 <= count <= MOST_EFFECTS:
        raise ValueError(
            f"interactions: got {count} effects, expected 1 to {MOST_EFFECTS}; keep the salient "
            "few, as in result.salient()"
        )
    top = interactions.top(2 * interactions.and_.shape[-1])
    mask_of = {e: sum(1 << i for i in e.players) for e in top}
    plain = [(_KINDS.index(e.kind), mask_of[e], abs(e.value)) for e in top]
    description = _Description(plain, interactions.n)
    before = description.length(description.counts())
    description.grow()
    graph = networkx.DiGraph(
        length_before=before,
        length_after=description.length(description.counts()),
        edges_before=sum(len(e.players) for e in top),
    )
    for i, name in enumerate(interactions.names):
        graph.add_node(("player", i), label=name)
    for effect in top:
        node = ("effect", effect.kind, mask_of[effect])
        graph.add_node(node, label=effect.label, value=effect.value)
        for child in description.children(_KINDS.index(effect.kind), mask_of[effect]):
            graph.add_edge(node, _node(child))
    for group in [node for node in graph if node[0] == "group"]:
        graph.nodes[group]["label"] = label(group[2], interactions.names)
        graph.add_edges_from((group, ("player", i)) for i in members(group[2]))
    return graph


def _node(child: tuple[int, int]) -> tuple:
    kind, mask = child
    return ("player", members(mask)[0]) if kind < 0 else ("group", _KINDS[kind], mask)


def effects_of_graph(graph, n: int) -> torch.Tensor:
    """Return the effects (2, 2**n) that a graph describes, by following its edges to the players.

    The graph loses nothing: this gives back what :func:`and_or_graph` was given.
    """
    import networkx

    table = torch.zeros(2, 2**n, dtype=torch.float64)
    for node, value in graph.nodes(data="value"):
        if node[0] == "effect":
            players = [m[1] for m in networkx.descendants(graph, node) if m[0] == "player"]
            table[_KINDS.index(node[1]), sum(1 << i for i in players)] = value
    return table


class GraphSize(NamedTuple):
    """What a graph takes to draw: nodes, edges, and the edges it would take without groups."""

    nodes: int
    edges: int
    edges_without_groups: int


def graph_size(graph) -> GraphSize:
    """Count the nodes and edges of a graph from :func:`and_or_graph`, the sum on top included.

    Every effect has an edge to the sum, which is a node; players without any effect do not count.

    Source: Ren et al., CVPR 2023, Figure 6, counted as in its released code.
    """
    effects = sum(node[0] == "effect" for node in graph)
    used = sum(graph.degree(node) > 0 for node in graph)
    plain = graph.graph["edges_before"]
    return GraphSize(1 + used, effects + graph.number_of_edges(), effects + plain)
