"""Primitives across samples: dictionaries, coverage, discrimination, transfer by order."""

import pytest
import torch

import harsanyi as hs
from harsanyi.core.coalitions import mask_of, sizes
from harsanyi.studies import dictionaries, discrimination, orders, sharing

N = 6


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=random, dtype=torch.float64)


def explained(effects: torch.Tensor) -> hs.Interactions:
    effects = effects * sharing.room(effects.shape[-1].bit_length() - 1)
    and_, or_ = effects.unbind(-2)
    return hs.Interactions(and_, or_, torch.zeros(len(effects), dtype=torch.float64))


def noise(samples: int, seed: int = 0, low_orders: bool = False) -> hs.Interactions:
    """Random effects with heavy tails, so that few are salient."""
    effects = drawn(samples, 2, 2**N, seed=seed) ** 5
    return explained(effects * 0.05 ** sizes(N).double() if low_orders else effects)


@pytest.fixture(scope="module")
def recurring():
    """Ten interactions in most samples, with one sign each, and weaker ones of the sample's own."""
    random = torch.Generator().manual_seed(4)
    places = sharing.room(N).flatten().nonzero().flatten()
    core = places[torch.randperm(len(places), generator=random)[:10]]
    effects = torch.zeros(40, 2 * 2**N, dtype=torch.float64)
    for row in effects:
        own = places[torch.randperm(len(places), generator=random)[:6]]
        row[own] = 0.3 * torch.randn(6, generator=random, dtype=torch.float64).sign()
        present = core[torch.rand(10, generator=random) < 0.8]
        row[present] = 1.0 - 2.0 * (present % 2).double()
    planted = torch.zeros(2 * 2**N, dtype=torch.bool).scatter(0, core, True).view(2, 2**N)
    return explained(effects.view(40, 2, 2**N)), planted


def test_a_dictionary_holds_what_recurs(recurring):
    found, planted = recurring
    assert torch.equal(dictionaries.dictionary(found, 10), planted)
    small, large = (dictionaries.dictionary(found, k) for k in (4, 12))
    assert bool((small <= planted).all()) and bool((planted <= large).all())
    assert dictionaries.frequencies(found)[planted].min() > 0.5
    with pytest.raises(ValueError, match="expected 1 or more"):
        dictionaries.dictionary(found, 0)


def test_a_dictionary_never_holds_what_is_never_salient():
    effects = torch.zeros(3, 2, 2**N, dtype=torch.float64)
    effects[:, 0, 3], effects[0, 1, 5] = 1.0, 1.0
    assert dictionaries.dictionary(explained(effects), 50).sum() == 2


def test_among_equally_frequent_entries_the_stronger_enters_and_not_the_first():
    effects = torch.zeros(2, 2, 2**N, dtype=torch.float64)
    effects[:, 0, 1], effects[:, 0, 40] = 0.5, 1.0
    chosen = dictionaries.dictionary(explained(effects), 1)
    assert chosen[0, 40] and chosen.sum() == 1


def test_coverage_rises_to_one_and_beats_random_sets_only_where_something_recurs(recurring):
    found, _ = recurring
    curves = dictionaries.coverage_curves(found[:20], found[20:], [2, 5, 10, 200])
    means = curves.groupby("k").mean()
    assert means.ratio.is_monotonic_increasing
    assert means.ratio[10] > means.chance_by_order[10] + 0.4
    nothing = dictionaries.coverage_curves(noise(60, 1), noise(60, 2), [10, 30])
    means = nothing.groupby("k").mean()
    assert (means.ratio - means.chance).abs().max() < 0.08


def test_random_sets_of_the_same_orders_explain_a_network_with_low_orders():
    curves = dictionaries.coverage_curves(noise(60, 3, True), noise(60, 5, True), [6])
    row = curves.drop(columns="sample").groupby("k").mean().loc[6]
    assert row.ratio > 3 * row.chance  # looks like knowledge
    assert row.ratio - row.chance_by_order < 0.1  # and is order


def test_the_chance_of_a_cover_is_the_mean_over_random_covers():
    random = torch.Generator().manual_seed(0)
    places = sharing.room(N).flatten().nonzero().flatten()
    sets = torch.zeros(2 * 2**N, dtype=torch.bool)
    sets[places[torch.randperm(len(places), generator=random)[:15]]] = True
    by = torch.zeros(4000, 2 * 2**N, dtype=torch.bool)
    draws = torch.rand(4000, len(places), generator=random).argsort(-1)[:, :20]
    by.scatter_(-1, places[draws], True)
    got = dictionaries.cover(sets.view(2, -1), by.view(4000, 2, -1))
    assert float(got.ratio.mean()) == pytest.approx(float(got.chance[0]), abs=0.005)
    assert float(got.ratio.mean()) == pytest.approx(float(got.chance_by_order.mean()), abs=0.01)
    assert dictionaries.cover(torch.zeros(2, 2**N, dtype=torch.bool), by[0].view(2, -1))[0].isnan()


def test_networks_that_know_the_same_cover_each_other(recurring):
    found, _ = recurring
    other = explained(found.effects * (1 + 0.1 * drawn(40, 2, 2**N, seed=8)).abs())
    same = dictionaries.dictionary_cover(found, other, [5, 10]).set_index("k")
    assert same.ratio[10] == 1 and same.chance_by_order[10] < 0.6
    assert dictionaries.network_cover(found, other, [5]).ratio.mean() > 0.95
    strange = dictionaries.network_cover(noise(60, 6), noise(60, 7), [10])
    assert abs(strange.ratio.mean() - strange.chance.mean()) < 0.04


@pytest.mark.parametrize("m,beta", [(1, 1.0), (2, 0.75), (3, 0.75), (10, 0.623)])
def test_coins_are_one_sided_when_they_are_few(m, beta):
    assert discrimination.one_sided(m) == pytest.approx(beta, abs=1e-3)
    assert discrimination.one_sided(m, 1.0) == 1
    assert discrimination.one_sided(m, 0.8) >= discrimination.one_sided(m) - 1e-12


def test_many_coins_are_even_and_no_coin_is_refused():
    assert discrimination.one_sided(2000) == pytest.approx(0.5, abs=0.02)
    with pytest.raises(ValueError, match="expected 1 or more"):
        discrimination.one_sided(0)


def test_random_signs_discriminate_like_coins():
    frame = discrimination.discrimination(noise(50, 11), threshold=0.01)
    busy = frame[frame["count"] >= 4]
    assert busy.beta.mean() == pytest.approx(busy.coin.mean(), abs=0.02)
    assert busy.beta.mean() == pytest.approx(busy.biased.mean(), abs=0.02)
    assert frame.beta.mean() > 0.55  # above one half without any knowledge


def test_a_bias_of_all_effects_is_no_discrimination():
    found = noise(50, 12)
    tilted = explained(torch.where(drawn(50, 2, 2**N, seed=1) > 0.8, -1, 1) * found.effects.abs())
    frame = discrimination.discrimination(tilted, threshold=0.01)
    busy = frame[frame["count"] >= 4]
    assert busy.beta.mean() > busy.coin.mean() + 0.1
    assert busy.beta.mean() == pytest.approx(busy.biased.mean(), abs=0.02)


def test_what_recurs_with_one_sign_discriminates(recurring):
    found, planted = recurring
    frame = discrimination.discrimination(found)
    often = frame[frame["count"] > 20]
    assert len(often) == 10 and (often.beta > 0.9).all() and (often.coin < 0.65).all()
    bins = discrimination.discrimination_by_frequency(frame, bins=4)
    assert bins.interactions.sum() == len(frame)
    assert bins.beta.iloc[-1] - bins.coin.iloc[-1] > bins.beta.iloc[0] - bins.coin.iloc[0]
    assert frame["count"].sum() == dictionaries.entries(found).sum()


def test_transfer_is_one_with_itself_zero_against_the_opposite_and_symmetric():
    one, other = noise(3, 20), noise(3, 21)
    same = orders.order_transfer(one, one)
    assert same.similarity.dropna().eq(1).all() and same.iou.dropna().eq(1).all()
    opposite = orders.order_transfer(one, explained(-one.effects))
    assert opposite.similarity.dropna().eq(0).all() and opposite.iou.dropna().eq(1).all()
    there, back = orders.order_transfer(one, other), orders.order_transfer(other, one)
    assert there.fillna(-1).equals(back.fillna(-1))
    assert there[(there.kind == "or") & (there["order"] == 1)].iou.isna().all()


def test_transfer_agrees_with_similarity_where_one_order_is_all_there_is():
    pairs = (sizes(N) == 2).double()
    one, other = (explained(drawn(2, 2, 2**N, seed=s) * pairs) for s in (1, 2))
    frame = orders.order_transfer(one, other)
    got = frame[(frame.kind == "and") & (frame["order"] == 2)].similarity.tolist()
    assert got == pytest.approx(hs.compare.similarity(one.and_, other.and_).tolist())


def test_random_salient_sets_overlap_by_the_chance_of_their_density():
    frame = orders.order_transfer(noise(400, 30), noise(400, 31), threshold=0.01)
    middle = (
        frame[frame["order"].between(2, 4)].groupby(["kind", "order"])[["iou", "chance"]].mean()
    )
    assert (middle.iou - middle.chance).abs().max() < 0.02


def test_pairs_of_samples_are_of_one_class_or_of_two():
    labels = torch.tensor([0, 0, 1, 1, 1, 2])
    for same, most in ((True, 4), (False, 11)):
        first, second = orders.sample_pairs(labels, same, 100)
        assert len(first) == len(second) == most
        assert all((labels[i] == labels[j]).item() == same for i, j in zip(first, second))  # noqa: B905
    assert len(orders.sample_pairs(labels, False, 3)[0]) == 3


def test_mean_effects_are_the_effects_of_the_mean_table():
    labels = torch.tensor([1, 0, 1])
    v = drawn(3, 2**N)
    means = orders.mean_effects(hs.Interactions.from_table(v), labels)
    assert torch.allclose(means.and_[1], hs.and_interactions(v[[0, 2]].mean(0)))
    assert means.and_.shape == (2, 2**N)


def test_the_most_shared_are_what_all_networks_have_with_one_sign():
    effects = 0.2 * drawn(2, 3, 2, 2**N).clamp(-0.2, 0.2)
    everywhere, flips = mask_of((0, 1, 2)), mask_of((3, 4))
    effects[:, :, 1, everywhere] = -1.0
    effects[0, :, 0, flips], effects[1, :, 0, flips] = 0.9, -0.9
    found = [explained(e) for e in effects]
    frame = orders.most_shared(found, ["a", "b"], k=5, threshold=0.5)
    first = frame.iloc[0]
    assert (first.kind, first.players, first.order, first.share) == ("or", (0, 1, 2), 3, 1.0)
    assert first.a == first.b == -1.0
    assert frame.iloc[1].share == 0.5 and len(frame) == 2
    alone = orders.most_shared(found[:1], ["a"], k=1, threshold=0.5)
    assert alone.share[0] == 1.0


def test_the_pictures_of_coverage_and_discrimination(recurring):
    import matplotlib

    matplotlib.use("Agg")
    from harsanyi.show import sharing as pictures

    found, _ = recurring
    curves = dictionaries.coverage_curves(found[:20], found[20:], [2, 10])
    ax = pictures.coverage_lines({"trained": curves, "other": curves})
    assert len(ax.get_legend().get_texts()) == 3
    frame = discrimination.discrimination_by_frequency(discrimination.discrimination(found))
    ax = pictures.discrimination_lines(frame)
    assert len(ax.texts) == len(frame)
