"""The accounting of knowledge: identities, thresholds, chance, a planted network."""

import itertools

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import harsanyi as hs
from harsanyi.core.coalitions import sizes
from harsanyi.networks import layers, pooling, values
from harsanyi.networks.players import Players
from harsanyi.studies import layer_tables, layerwise
from harsanyi.studies.planted_layers import GROUP, PAIR, planted_layers, planted_readings

RULES = [layerwise.salient_in_sample, layerwise.salient_in_layer]


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    """Heavy-tailed effects that are whole multiples of 2⁻¹⁰, so that their sums are exact."""
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(*shape, generator=random, dtype=torch.float64) ** 3
    return (x * 1024).round() / 1024


def explained(layer_count: int, samples: int, n: int, seed: int = 0) -> hs.Interactions:
    effects = drawn(2, layer_count, samples, 2**n, seed=seed) * (sizes(n) > 0)
    return hs.Interactions(*effects, torch.zeros(layer_count, samples, dtype=torch.float64))


def by_order(values: torch.Tensor) -> torch.Tensor:
    n = values.shape[-1].bit_length() - 1
    return torch.stack([values[..., sizes(n) == o].sum(-1) for o in range(1, n + 1)], -1)


@given(st.integers(0, 10**6), st.integers(2, 5), st.sampled_from(RULES), st.floats(0, 1))
def test_all_is_overlap_plus_forget_and_overlap_plus_new_exactly(seed, n, salient, threshold):
    effects = layerwise.effects_of(explained(3, 4, n, seed))
    sets = salient(effects, threshold)
    for at, later in itertools.permutations(range(3), 2):
        got = layerwise.change(effects[at], effects[later], sets[at], sets[later])
        assert torch.equal(got.before, by_order(effects[at].abs() * sets[at]))
        assert torch.equal(got.after, by_order(effects[later].abs() * sets[later]))
        assert all((part >= 0).all() for part in got)
        back = layerwise.change(effects[later], effects[at], sets[later], sets[at])
        assert torch.equal(back.overlap, got.overlap) and torch.equal(back.new, got.forget)


def test_what_the_paper_prints_fails_where_ours_holds():
    one, other = torch.tensor([[0.0, 0.5, 0.5], [0, 1 / 101, 100 / 101]]).double()
    one, other = (torch.cat([v, v.new_zeros(1)]) for v in (one, other))
    known, kept = (layerwise.salient_in_sample(v[None, None, None]).view(-1) for v in (one, other))
    weaker = torch.minimum(one, other)  # not set to zero where one alone is salient
    printed = (weaker * known * kept).sum() + ((one - weaker) * known).sum()
    assert printed == pytest.approx(100 / 101) and one.sum() == 1
    assert layerwise.change(one, other, known, kept).before.sum() == 1


@given(st.integers(0, 10**6))
def test_shared_effects_are_the_weaker_of_two_with_one_sign(seed):
    one, other = drawn(2, 64, seed=seed)
    both = torch.ones(64, dtype=torch.bool)
    shared = layerwise.shared_effects(one, other, both)
    for i, (a, b) in enumerate(zip(one.tolist(), other.tolist(), strict=True)):
        expected = 0 if a * b <= 0 else np.sign(a) * min(abs(a), abs(b))
        assert shared[i] == expected
    assert (layerwise.shared_effects(one, other, ~both) == 0).all()


def test_the_thresholds_look_at_one_sample_or_at_all_of_a_layer():
    effects = torch.zeros(2, 2, 2, 4, dtype=torch.float64)
    effects[0, 0, 0, 1], effects[0, 1, 1, 3], effects[0, 1, 0, 2] = 100, 4.0, 0.1
    effects[1, 1, 0, 1] = 1e-9  # another layer has a scale of its own
    per_sample, pooled = (rule(effects) for rule in RULES)
    assert per_sample.nonzero().tolist() == [[0, 0, 0, 1], [0, 1, 1, 3], [1, 1, 0, 1]]
    assert pooled.nonzero().tolist() == [[0, 0, 0, 1], [1, 1, 0, 1]]


def test_single_ors_count_as_ands_and_nothing_is_lost():
    found = explained(2, 3, 4)
    effects = layerwise.effects_of(found)
    assert (effects[..., 1, sizes(4) == 1] == 0).all()
    merged = hs.Interactions(*effects.unbind(-2), found.empty)
    assert torch.allclose(merged.reconstruct(), found.reconstruct())


@given(st.integers(0, 10**6), st.integers(2, 3))
def test_chance_is_the_mean_over_all_ways_to_shuffle_an_order(seed, n):
    one, other = drawn(2, 2**n, seed=seed) * (sizes(n) > 0)
    known, kept = one.abs() > 0.3, other.abs() > 0.3
    got = layerwise.chance_change(one, other, known, kept)
    for order in range(1, n + 1):
        places = (sizes(n) == order).nonzero().flatten()
        overlaps = []
        for shuffle in itertools.permutations(places.tolist()):
            moved, at = other.clone(), kept.clone()
            moved[places], at[places] = other[list(shuffle)], kept[list(shuffle)]
            overlaps.append(layerwise.change(one, moved, known, at).overlap[order - 1])
        assert got.overlap[order - 1] == pytest.approx(float(torch.stack(overlaps).mean()))
    real = layerwise.change(one, other, known, kept)
    assert torch.allclose(got.before, real.before) and torch.allclose(got.after, real.after)


def test_normalised_layers_change_by_one_on_average_and_silent_ones_are_refused():
    v = drawn(3, 5, 16)
    scaled = layerwise.normalised(v)
    assert torch.allclose((scaled[..., -1] - scaled[..., 0]).abs().mean(1), torch.ones(3).double())
    assert torch.allclose(layerwise.normalised(v * 7), scaled)
    v[1] = 2.0
    with pytest.raises(ValueError, match=r"layer\(s\) \[1\]"):
        layerwise.normalised(v)
    with pytest.raises(ValueError, match="expected .layers, samples"):
        layerwise.normalised(v[0])


@pytest.mark.parametrize("pairs", [layer_tables.to_final, layer_tables.adjacent])
def test_the_frame_has_a_row_for_each_pair_sample_kind_and_order(pairs):
    found, names = explained(4, 3, 3), ["a", "b", "c", "d"]
    frame = layer_tables.knowledge_change(found, names, pairs)
    assert len(frame) == 3 * 3 * 2 * 3
    later = {"a": "d", "b": "d", "c": "d"} if pairs is layer_tables.to_final else {}
    for layer, part in frame.groupby("layer"):
        assert set(part["later"]) == {later.get(layer, chr(ord(layer) + 1))}
    effects = layerwise.effects_of(found)
    sets = layerwise.salient_in_sample(effects)
    got = layerwise.change(effects[1], effects[2], sets[1], sets[2])
    row = layer_tables.knowledge_change(found, names, layer_tables.adjacent).set_index(
        ["layer", "sample", "kind", "order"]
    )
    assert row.loc["b", 2, "or", 3]["new"] == got.new[2, 1, 2]
    held = layer_tables.layer_strengths(found, names).set_index(
        ["layer", "sample", "kind", "order"]
    )
    assert held.loc["b", 0, "and", 2]["strength"] == got.before[0, 0, 1]


def test_a_ratio_without_a_value_is_nan_and_says_why():
    zero = torch.zeros(2, 1, 8, dtype=torch.float64)
    and_ = zero.clone()
    and_[0, 0, 1], and_[1, 0, 3] = 1.0, 1.0  # order 1 in the first layer, order 2 in the last
    found = hs.Interactions(and_, zero, zero[..., 0])
    frame = layer_tables.knowledge_change(found, ["one", "last"])
    frame = frame[frame["kind"] == "and"].set_index("order")
    assert frame["undefined"].tolist() == [
        "nothing salient in the later layer",
        "nothing salient in the layer",
        "nothing salient in either layer",
    ]
    assert frame["redundancy"].isna().tolist() == [False, True, True]
    assert frame.loc[1, "redundancy"] == 1 and frame.loc[2, "completeness"] == 0
    curves = layer_tables.curves(frame.reset_index())
    assert curves["completeness"].isna().tolist() == [True, False, True]
    with pytest.raises(ValueError, match="for 3 layers"):
        layer_tables.knowledge_change(found, ["one", "two", "last"])


def test_curves_are_ratios_of_sums_with_an_interval_around_them():
    frame = layer_tables.knowledge_change(explained(3, 12, 4), ["a", "b", "c"])
    curve = layer_tables.curves(frame).set_index(["layer", "kind", "order"]).loc["a", "and", 2]
    part = frame[(frame.layer == "a") & (frame.kind == "and") & (frame.order == 2)]
    assert curve["completeness"] == pytest.approx(
        part["overlap"].sum() / (part["overlap"] + part["new"]).sum()
    )
    assert curve["completeness_low"] <= curve["completeness"] <= curve["completeness_high"]
    assert curve["samples"] == 12 and 0 < curve["completeness_chance"] < 1
    bare = layer_tables.knowledge_change(explained(2, 2, 3), ["a", "b"], chance=False)
    assert "chance" not in bare and "completeness_chance" not in layer_tables.curves(bare)


def test_the_planted_network_learns_a_triple_and_drops_it():
    x = torch.ones(4, dtype=torch.float64)
    game = layers.LayeredGame(
        planted_layers(), x, Players(torch.arange(4)), torch.zeros_like(x), values.output(),
        planted_readings(), pooling.flat,
    )  # fmt: skip
    table = layerwise.normalised(game.table()[:, None])  # one sample
    found = hs.Interactions.from_table(table)
    step = layer_tables.knowledge_change(found, game.layers, layer_tables.adjacent)
    step = step[step["kind"] == "and"].set_index(["layer", "order"])
    triple, pair = len(GROUP), len(PAIR)
    assert step.loc[("first", triple), "new"] > 0 == step.loc[("first", triple), "overlap"]
    assert step.loc[("second", triple), "overlap"] > 0 == step.loc[("second", pair), "overlap"]
    assert step.loc[("second", pair), "new"] > 0
    assert step.loc[("third", triple), "forget"] > 0 == step.loc[("third", triple), "overlap"]
    assert step.loc[("fourth", pair), "redundancy"] == 0
    final = layer_tables.knowledge_change(found, game.layers)
    assert isinstance(final, pd.DataFrame)
    final = final[final["kind"] == "and"].set_index(["layer", "order"])
    assert final.loc[("second", triple), "redundancy"] == 1
    assert final.loc[("fourth", pair), "completeness"] == 1
