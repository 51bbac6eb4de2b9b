"""And-Or graphs: nothing is lost, shared groups are found, and they shorten the description."""

import math

import pytest
import torch

import harsanyi as hs
from harsanyi.extraction.graph import and_or_graph, effects_of_graph, graph_size


def interactions(and_terms, or_terms, n):
    game = hs.games.and_or(and_terms, or_terms, n)
    return hs.Interactions(game.and_, game.or_, 0.0)


SHARING = interactions(
    {(0, 1, 2): 2.0, (0, 1, 2, 3): -1.5, (0, 1, 2, 4): 1.0, (0, 1, 2, 5): 1.0, (4, 5): 1.0},
    {(3, 4, 5): 1.0},
    6,
)


def test_the_length_by_hand():
    graph = and_or_graph(interactions({(0, 1): 1.0, (0, 2): 1.0}, {}, 3))
    p = [0.5, 0.25, 0.25]  # counts 2, 1, 1
    entropy = -sum(x * math.log(x) for x in p)
    spoken = -sum(math.log(0.5) + math.log(0.25) for _ in range(2)) / 2
    assert graph.graph["length_before"] == pytest.approx(10 / 2 * entropy + spoken)


def test_a_shared_group_is_found_and_shortens():
    graph = and_or_graph(SHARING)
    assert ("group", "and", 0b111) in graph
    assert graph.graph["length_after"] < graph.graph["length_before"]
    assert ("player", 0) not in graph.successors(("effect", "and", 0b1111))


def test_groups_belong_to_one_kind():
    graph = and_or_graph(interactions({(0, 1, 2): 1.0}, {(0, 1, 3): 1.0}, 4))
    assert not [node for node in graph if node[0] == "group"]


def test_every_group_is_shared():
    graph = and_or_graph(SHARING)
    for node in graph:
        if node[0] == "group":
            assert graph.in_degree(node) >= 2


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost(seed):
    draw = torch.Generator().manual_seed(seed)
    effects = torch.randn(2, 64, generator=draw, dtype=torch.float64)
    effects[torch.rand(2, 64, generator=draw) < 0.8] = 0.0
    effects[:, 0] = 0.0
    graph = and_or_graph(hs.Interactions(*effects, 0.0))
    assert torch.equal(effects_of_graph(graph, 6), effects)
    assert graph.graph["length_after"] <= graph.graph["length_before"]
    assert graph.number_of_edges() > 0


def test_it_is_drawn_with_every_label(tmp_path):
    import matplotlib

    matplotlib.use("Agg")
    from harsanyi.show import graphs

    ax = graphs.and_or_graph(and_or_graph(SHARING), most=4)
    words = " ".join(text.get_text() for text in ax.texts)
    assert all(f"x{i + 1}" in words for i in range(6)) and "+2" in words
    assert "4 of 6 effects" in ax.get_title(loc="left") + ax.get_title()
    with pytest.raises(ValueError, match="most: got 0"):
        graphs.and_or_graph(and_or_graph(SHARING), most=0)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="got 0 effects"):
        and_or_graph(hs.Interactions(torch.zeros(8), torch.zeros(8), 0.0))
    with pytest.raises(ValueError, match="salient"):
        and_or_graph(hs.Interactions.from_table(torch.randn(1024).double()))
    with pytest.raises(ValueError, match="pick one"):
        and_or_graph(hs.Interactions(torch.ones(2, 8), torch.ones(2, 8), torch.zeros(2)))


def test_nodes_and_edges_are_counted_by_hand():
    graph = and_or_graph(SHARING)
    assert ("group", "and", 0b111) in graph
    # the sum, 6 effects, 1 group, 6 players; 6 edges to the sum, 12 children, 3 members
    assert graph_size(graph) == (14, 6 + 12 + 3, 6 + 3 + 4 + 4 + 4 + 2 + 3)


def test_players_without_an_effect_do_not_count():
    graph = and_or_graph(interactions({(0, 1): 1.0}, {}, 5))
    assert graph_size(graph) == (1 + 1 + 2, 1 + 2, 1 + 2)
