"""Pairs of networks that are told once, with their controls."""

import pandas as pd
import pytest
import torch

from harsanyi.networks.table_sets import Source
from harsanyi.networks.tables import Tables
from harsanyi.studies import joint_figures as figures
from harsanyi.studies.planted import planted_networks

NAMES = [("a seed 0", "trained"), ("b seed 0", "trained"), ("a seed 1", "trained")]
NAMES += [("b random", "random"), ("a random", "random"), ("a shuffled", "shuffled")]


@pytest.fixture
def tables(monkeypatch):
    """Six planted networks of five players on four samples, in the place of a set."""
    values = planted_networks(5, 4, 3, len(NAMES), samples=4, highest=3).tables
    sources = tuple(
        Source(name, "x", int(name.split()[-1]) if kind == "trained" else 5, kind)
        for name, kind in NAMES
    )
    samples = tuple({"index": i, "names": [f"p{j}" for j in range(5)]} for i in range(4))
    found = Tables(values, sources, samples, "")
    monkeypatch.setattr(figures.shipped, "load_tables", lambda name: found)
    return found


def test_players_that_are_left_out_are_always_there(tables):
    """Three of five play: every mask holds the other two."""
    some = figures.take("any", "smoke", samples=2, players=3)
    assert some.values.shape == (len(NAMES), 2, 8)
    assert torch.equal(some.values, tables.values[:, ::2, 0b11000:])
    assert some.samples[1]["names"] == ["p0", "p1", "p2"]


def test_seeds_and_architectures_are_picked(tables):
    """Controls have seeds of their own and stay."""
    kept = figures.take("any", "smoke", seeds=1, networks=["a"]).networks
    assert [source.name for source in kept] == ["a seed 0", "a random", "a shuffled"]
    with pytest.raises(ValueError, match="'c'.*expected beginnings of a seed 0"):
        figures.take("any", "smoke", networks=["c"])


def test_controls_prefer_the_second_networks_architecture(tables):
    """Where it has none, that of the first will do."""
    found = figures.unrelated_to(tables, "a seed 0", "b seed 0")
    assert found == {"random": "b random", "shuffled": "a shuffled"}


def test_a_pair_is_told_with_its_controls(tables):
    """Related pairs first; controls have the spread of the network whose place they take."""
    told = figures.tell_pairs(tables, [("a seed 0", "b seed 0"), ("a seed 0", "a seed 1")])
    relations = [one.relation for one in told]
    assert relations == ["related"] * 2 + ["random", "shuffled", "permuted players"]
    for one in told:
        assert one.values[1].std(-1).tolist() == pytest.approx(
            tables.values[2 if one.pair.endswith("a seed 1") else 1].std(-1).tolist()
        )
        assert bool(one.found["joint"][0].converged.all())
    frame = figures.curves(told, [4])
    assert set(frame["telling"]) == {"joint", "separate", "AND only"}


def test_differences_are_taken_sample_by_sample():
    """What a sample adds to both cancels, so the interval has no width."""
    frame = pd.DataFrame(
        [(way, i, i + shift, 0) for way, shift in (("x", 1.0), ("y", 0.0)) for i in range(5)],
        columns=["telling", "sample", "s", "all"],
    )
    row = figures.paired(frame, "telling", "x", "y", by=("all",)).iloc[0]
    assert (row["mean"], row["low"], row["high"]) == (1.0, 1.0, 1.0)
