"""Studies of sparsity: counts, matches, allowances, the theory's conditions and its bound."""

from math import comb, log

import pytest
import torch

import harsanyi as hs
from harsanyi.core.compare import salient_mask
from harsanyi.networks import data, recipes
from harsanyi.studies import conditions, samples, sparsity
from harsanyi.studies.and_only import and_within_noise


def drawn(count: int, n: int, seed: int = 0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(count, 2**n, generator=random, dtype=torch.float64)


def explained(v: torch.Tensor) -> hs.Interactions:
    return hs.Interactions.from_table(v)


def test_the_four_thresholds_are_those_of_the_papers():
    v = drawn(4, 5)
    found = explained(v)
    strength = found.effects.flatten(-2).abs()
    rise = (v[:, -1] - v[:, 0]).abs()
    expected = [
        0.05 * strength.amax(-1),
        0.05 * strength.max().expand(4),
        0.03 * rise.mean().expand(4),
        0.02 * rise,
    ]
    taus = sparsity.thresholds(found, v)
    assert list(taus) == list(sparsity.THRESHOLDS)
    for tau, wanted in zip(taus.values(), expected, strict=True):
        assert torch.allclose(tau, wanted)
    counts = sparsity.salient_counts(found, v)
    assert len(counts) == 16
    own = counts[counts.threshold == "5 % of own max"].salient.tolist()
    assert own == salient_mask(strength).sum(-1).tolist()


def test_the_first_threshold_is_the_results_own():
    v = drawn(3, 6, 1)
    found = explained(v)
    assert [len(found[i].salient(0.05)) for i in range(3)] == (
        sparsity.salient_counts(found, v).query("threshold == '5 % of own max'").salient.tolist()
    )


@pytest.mark.parametrize("scale", [0.01, 1.0, 300.0])
def test_counts_do_not_depend_on_the_unit_of_v(scale):
    v = drawn(3, 5, 2)
    one, other = (sparsity.salient_counts(explained(t), t).salient for t in (v, scale * v))
    assert one.tolist() == other.tolist()


def test_carrying_is_the_smallest_number():
    found = explained(drawn(4, 6, 3))
    ordered = sparsity.sorted_strengths(found)
    for share in (0.3, 0.9):
        for row, k in zip(ordered, sparsity.carrying(found, share).tolist(), strict=True):
            assert row[:k].sum() >= share * row.sum() - 1e-9
            assert row[: k - 1].sum() < share * row.sum() + 1e-9


def test_all_interactions_match_and_none_is_a_constant():
    v = drawn(3, 6, 4)
    found = explained(v)
    assert float(sparsity.matching_error(found, v).max()) < 1e-12
    assert torch.allclose(sparsity.explained_ratio(found, v), torch.ones(3, dtype=torch.float64))
    mean = hs.Interactions(0 * found.and_, found.or_, v.mean(-1))
    assert torch.allclose(sparsity.matching_error(mean, v), torch.ones(3, dtype=torch.float64))


def test_the_ratio_is_blind_to_what_cancels_in_the_whole_input():
    game = hs.games.and_or({(0,): 1.0, (1,): 5.0, (2,): -5.0}, {}, n=3)
    only = explained(hs.games.and_or({(0,): 1.0}, {}, n=3).v[None])
    assert float(sparsity.explained_ratio(only, game.v[None])) == 1
    assert float(sparsity.matching_error(only, game.v[None])) > 0.9


def test_strongest_keeps_the_strongest():
    found = explained(drawn(2, 5, 5))
    kept = sparsity.strongest(found, 7)
    assert [len(kept[i]) for i in range(2)] == [7, 7]
    sums = kept.effects.abs().sum((-1, -2))
    assert torch.allclose(sums, sparsity.sorted_strengths(found)[:, :7].sum(-1))


def test_match_curves_end_at_a_perfect_match():
    v = drawn(2, 4, 6)
    curve = sparsity.match_curves(explained(v), v, [1, 5, 32])
    assert curve[curve.kept == 32].error.max() < 1e-9
    assert len(curve) == 6


def test_an_allowance_of_ones_own_equals_extract_where_it_is_the_papers():
    v = drawn(3, 5, 7)
    one = hs.extract(v, noise=0.04, tol=1e-3)
    other = sparsity.extract_within(v, sparsity.of_rise(v), tol=1e-3)
    assert torch.allclose(one.objective, other.objective, rtol=3e-3)
    wide = sparsity.extract_within(v, sparsity.of_range(v), tol=1e-3)
    assert bool((wide.objective < one.objective).all())
    assert bool((wide.noise.abs().amax(-1) <= sparsity.of_range(v) + 1e-9).all())


def test_a_planted_game_under_noise_is_found_with_the_allowance_that_fits():
    random = torch.Generator().manual_seed(3)
    planted = hs.games.and_or({(0, 1): 1.0, (2, 3, 4): 1.5}, {(1, 5): 1.0, (0, 6, 7): 2.0}, n=8)
    v = planted.v + 0.01 * torch.randn(256, generator=random, dtype=torch.float64)
    v = v.clamp(planted.v - 0.03, planted.v + 0.03)[None]
    found = sparsity.extract_within(v, torch.tensor([0.03]))
    truth = torch.stack([planted.and_, planted.or_]) != 0
    assert torch.equal(found.salient(0.05).effects[0] != 0, truth)


def test_the_survey_counts_each_source_by_itself():
    tables = {"a": drawn(2, 5, 8), "b": 3 * drawn(3, 5, 9)}
    both = sparsity.survey(tables)
    alone = sparsity.survey({"b": tables["b"]})
    assert both.source.tolist() == ["a"] * 2 + ["b"] * 3
    assert both.gap.max() <= sparsity.TOL
    got, expected = both[both.source == "b"], alone
    assert (got["5 % of own max"].to_numpy() == expected["5 % of own max"].to_numpy()).all()
    table = sparsity.averages(both, "carry 90 %")
    assert list(table.index) == ["a", "b"]
    assert (table.low <= table["mean"]).all() and (table["mean"] <= table.high).all()


def test_a_paired_factor_is_exact_where_there_is_no_scatter():
    import pandas as pd

    frame = pd.DataFrame(
        {"source": list("aabb"), "sample": [0, 1, 0, 1], "x": [1.0, 10.0, 2.0, 20.0]}
    )
    assert sparsity.paired_factor(frame, "x", "a", "b") == pytest.approx((2, 2, 2))


def test_and_within_noise_is_certified_and_keeps_to_its_box():
    v = drawn(3, 6, 10)
    found = and_within_noise(v, 0.04, tol=1e-3)
    kappa = 0.04 * (v[:, -1] - v[:, 0]).abs()
    assert bool(found.converged.all())
    assert bool((found.noise.abs().amax(-1) <= kappa + 1e-12).all())
    assert torch.allclose(found.reconstruct() + found.noise, v)
    assert torch.allclose(found.objective, found.and_.abs().sum(-1))
    assert torch.allclose(and_within_noise(v, 0.0).and_, hs.and_interactions(v), atol=1e-9)


def test_and_within_noise_agrees_with_a_linear_programme():
    import numpy as np
    from scipy.optimize import linprog

    v = drawn(1, 4, 11)[0]
    kappa = 0.04 * float((v[-1] - v[0]).abs())
    masks = np.arange(16)
    z = ((masks[1:, None] & masks[None, 1:]) == masks[None, 1:]).astype(float)
    u = (v - v[0]).numpy()[1:]
    rows = np.vstack([np.hstack([z, -z]), np.hstack([-z, z])])
    best = linprog(np.ones(30), A_ub=rows, b_ub=np.concatenate([u + kappa, kappa - u])).fun
    found = and_within_noise(v, 0.04, tol=1e-5)
    assert float(found.objective) == pytest.approx(best, rel=2e-5)
    assert float(found.lower_bound) <= best + 1e-9


def test_size_means_of_known_games():
    means = conditions.size_means(hs.games.and_or({(0, 1, 2): 1.0}, {}, 5).v + 3)
    expected = [comb(2, m - 3) / comb(5, m) if m >= 3 else 0 for m in range(6)]
    assert means.tolist() == pytest.approx(expected)
    assert conditions.size_means(hs.games.parity(4).v).tolist() == [0, 1, 0, 1, 0]


def test_conditions_of_known_games():
    assert bool(conditions.is_monotone(hs.games.majority(5).v))
    assert not bool(conditions.is_monotone(hs.games.parity(5).v))
    additive = hs.games.and_or({(i,): 2.0 for i in range(6)}, {}, 6).v
    assert float(conditions.fitted_p(additive)) == pytest.approx(1)
    pairs = hs.games.and_or({(i, j): 1.0 for i in range(5) for j in range(i)} | {(0,): 1e-9}, {}, 5)
    assert float(conditions.fitted_p(pairs.v)) > 2
    assert bool(conditions.fitted_p(hs.games.parity(4).v).isnan())


def test_p_of_all_pairs_is_never_smaller_and_fits():
    v = hs.zeta(drawn(20, 6, 12).abs())  # positive dividends: monotone
    p, one = conditions.fitted_p(v), conditions.fitted_p(v, all_pairs=False)
    assert bool((p >= one - 1e-12).all())
    means = conditions.size_means(v)
    for small in range(1, 7):
        for large in range(small, 7):
            least = (small / large) ** p * means[:, large]
            assert bool((means[:, small] >= least - 1e-9).all())


@pytest.mark.parametrize("p", [0.4, 1.3, 2.0, 3.7])
def test_the_bound_with_its_own_delta_is_markovs_inequality(p):
    for v in drawn(8, 6, 13):
        effects = hs.and_interactions(v)
        found = conditions.theorem_bounds(effects, conditions.size_means(v), p, 0.3, 5)
        assert found["true δ"] == pytest.approx(found["markov"], rel=1e-9)
        inside = torch.tensor([1 <= m.bit_count() <= 5 for m in range(64)])
        assert found["markov"] >= int((effects.abs() >= 0.3)[inside].sum())


def test_the_limit_on_delta_is_one_where_the_conditions_hold():
    checked = 0
    weight = torch.tensor([0.3 ** (m.bit_count() - 1) * (m < 31) for m in range(32)])
    for v in hs.zeta(drawn(30, 5, 14).abs() * weight):
        effects, means = hs.and_interactions(v), conditions.size_means(v)
        p = float(conditions.fitted_p(v))
        found = conditions.theorem_bounds(effects, means, p, 0.1, 4)
        if found["published"] == found["published"]:
            checked += 1
            assert found["published"] >= found["true δ"] * (1 - 1e-9)
    assert checked > 5


@pytest.mark.parametrize("value", [0.37, -5.25, 123.0, 1e4 + 0.5])
def test_digits_add_up(value):
    digits, rest = conditions.digits_of(value, 10, 2)
    assert sum(d * 10**i for i, d in enumerate(digits)) + rest == pytest.approx(value)
    assert all(abs(d) < 10 for d in digits)
    assert rest == pytest.approx(0) or log(abs(rest), 10) >= 2 - 1e-9


def test_the_counterexample_to_case_two():
    size = torch.tensor([m.bit_count() for m in range(128)])
    effects = (size == 1).double()
    effects[size == 2] = torch.tensor([1.0] * 10 + [-1.0] * 11, dtype=torch.float64)
    v = hs.reconstruct(effects)
    assert bool(conditions.is_monotone(v)) and float(conditions.fitted_p(v)) <= 1 + 1e-12
    assert float(conditions.signed_share(effects)[1]) == pytest.approx(-1 / 21)
    assert int(salient_mask(effects)[size == 2].sum()) == 21
    assert int(conditions.highest_salient(effects)) == 2


def test_rows_are_spread_and_can_play():
    digits = data.load("mnist", "test")
    rows = samples.spread_rows(digits, 6, 10)
    assert rows == sorted(set(rows)) and len(rows) == 6
    assert rows[-1] > len(digits.y) // 2
    with pytest.raises(ValueError, match="count"):
        samples.spread_rows(digits, 0, 10)
    texts = data.load("movie-sentences", "test")
    assert all(len(texts.texts[i].split()) == 10 for i in samples.spread_rows(texts, 4, 10))


@pytest.mark.parametrize("name", ["lenet-mnist", "mlp-census", "mlp-bikes", "cnn-sentences"])
def test_controls_play_the_same_samples(name):
    first, second = (
        samples.sample_tables(name, "smoke", 2, n=4, make=lambda a, b, s=s: weights(a, b, s))
        for s in (0, 1)
    )
    assert first.v.shape == (2, 16) and first.v.isfinite().all()
    assert torch.equal(first.picks, second.picks) and first.names == second.names
    assert not torch.equal(first.v, second.v)


def weights(name, scale, seed):
    return samples.random_weights(name, scale, seed)


def test_a_network_can_learn_shuffled_labels_by_heart():
    train = recipes.load_split(recipes.find("lenet-mnist", "smoke"), "smoke", "train")
    labels = train.y[:20][torch.randperm(20, generator=torch.Generator().manual_seed(0))]
    net = samples.memorise("lenet-mnist", "smoke", labels, epochs=80, batch=5, data=train)
    assert not net.training
    assert (net(train.x[:20]).argmax(1) == labels).double().mean() > 0.9


def test_noise_has_the_spread_of_what_it_stands_beside():
    like = torch.tensor([1.0, 50.0])[:, None] * drawn(2, 10, 15)
    noise = samples.noise_tables(like)
    assert torch.allclose(noise.std(-1), like.std(-1), rtol=0.1)
