"""Layers of several networks that are explained once, controls in the place of what they test."""

import pytest
import torch

from harsanyi.networks.table_plans import Source
from harsanyi.networks.tables import Tables
from harsanyi.studies import layer_figures as figures
from harsanyi.studies.planted import planted_networks
from harsanyi.studies.tellings import NOISE

LAYERS = ("low", "high")
READ = [("a seed 0", "trained", ("probe", "early", "dealt")), ("a seed 1", "trained", ("probe",)),
        ("b seed 0", "trained", ("probe",)), ("a random", "random", ("probe",))]  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Three trained networks of two layers and a random one, five players, four samples."""
    sources = []
    for name, kind, readings in READ:
        seed = int(name.split()[-1]) if kind == "trained" else 5
        more = [(how, layer) for how in readings for layer in LAYERS] + [("head", "output")]
        sources += [Source(name, "x", seed, kind, layer=at, reading=how) for how, at in more]
    values = planted_networks(5, 4, 2, len(sources), samples=4, highest=3).tables
    values = values * torch.linspace(0.1, 3, len(sources))[:, None, None]  # some speak louder
    samples = tuple({"index": i, "names": [f"p{j}" for j in range(5)]} for i in range(4))
    return Tables(values, tuple(sources), samples, "")


@pytest.fixture(scope="module")
def reads(tables) -> list[figures.Read]:
    return figures.read_layers(tables, "toys")


def test_every_reading_of_the_set_is_explained_within_its_allowance(reads):
    assert [(r.network, r.reading) for r in reads] == [
        ("a seed 0", "trained"), ("a seed 1", "trained"), ("b seed 0", "trained"),
        ("a seed 0", "early"), ("a random", "random"), ("a seed 0", "dealt"),
    ]  # fmt: skip
    for one in reads:
        assert one.layers == (*LAYERS, "output")
        assert one.found.and_.shape == (3, 4, 32)
        place = reads[0] if one.reading in figures.CONTROLS else one
        told = one.found.reconstruct()[: len(one.values)]
        allowed = NOISE * (place.values[..., -1] - place.values[..., 0]).abs()[: len(one.values)]
        assert ((told - one.values).abs().amax(-1) <= allowed * (1 + 1e-6) + 1e-9).all()


def test_a_control_takes_a_trained_networks_place(reads):
    """As loud as its layers, sample by sample, and compared with its output."""
    trained = reads[0]
    for one in reads:
        if one.reading in figures.CONTROLS:
            spread = trained.values[:-1].std(-1)
            assert one.values.std(-1) == pytest.approx(spread)
            assert torch.equal(one.at("output").effects, trained.at("output").effects)
            assert not torch.equal(one.at("low").effects, trained.at("low").effects)


def test_readings_that_are_not_asked_for_are_left_out(tables):
    assert {r.reading for r in figures.read_layers(tables, "toys", ())} == {"trained"}
    with pytest.raises(ValueError, match=r"kind \['random'\], expected trained"):
        figures.read_layers(tables.of("random"), "toys")


def test_changes_name_their_network_and_keep_the_accounts(reads):
    frame = figures.changes(reads)
    assert set(frame["network"]) == {"a seed 0", "a seed 1", "b seed 0", "a random"}
    mean = figures.by_network(frame)
    assert set(zip(mean["stem"], mean["reading"], strict=True)) == {
        ("a", "trained"), ("b", "trained"), ("a", "early"), ("a", "random"), ("a", "dealt"),
    }  # fmt: skip
    assert mean["completeness"].between(0, 1).all() and mean["redundancy"].between(0, 1).all()


def test_pairs_are_of_two_architectures_or_of_two_seeds(reads):
    last = lambda layers: layers[-1]  # noqa: E731
    assert list(figures.pairs_at(reads, last)) == ["a seed 0 × b seed 0"]
    seeds = figures.pairs_at(reads, figures.middle, same_stem=True)
    assert list(seeds) == ["a seed 0 × a seed 1"]
    one, other = seeds["a seed 0 × a seed 1"]
    assert torch.equal(other.and_, reads[1].at("low").and_) and one.and_.shape == (4, 32)


@pytest.mark.parametrize(
    "layers,expected",
    [(7, "4"), (5, "3"), (6, "3"), (2, "1")],
)
def test_the_middle_layer_is_two_thirds_of_the_way(layers, expected):
    assert figures.middle([*map(str, range(1, layers)), "output"]) == expected


def test_a_line_rises_and_falls_when_it_is_higher_inside():
    nan = float("nan")
    assert figures.rises_then_falls([0.1, 0.5, 0.2])
    assert figures.rises_then_falls([nan, 0.1, 0.3, 0.5, 0.2])
    assert not figures.rises_then_falls([0.1, 0.2, 0.5])
    assert not figures.rises_then_falls([0.5, 0.52, 0.5])
    assert not figures.rises_then_falls([nan, 0.5, nan])
