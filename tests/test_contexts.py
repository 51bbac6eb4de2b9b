"""Interactions in contexts of each size: their identities, their sampling and their null."""

from itertools import combinations

import pytest
import torch

import harsanyi as hs
from harsanyi.networks import MaskedGame, Players, values
from harsanyi.studies import contexts as study
from harsanyi.studies.sampled_contexts import sampled_interactions


def random_tables(*shape: int, n: int = 6, seed: int = 0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, 2**n, generator=random, dtype=torch.float64)


def by_hand(v: torch.Tensor, i: int, j: int, m: int) -> float:
    """The definition, coalition by coalition."""
    n = v.shape[-1].bit_length() - 1
    others = [k for k in range(n) if k not in (i, j)]
    found = []
    for chosen in combinations(others, m):
        s = sum(1 << k for k in chosen)
        found.append(v[s | 1 << i | 1 << j] - v[s | 1 << i] - v[s | 1 << j] + v[s])
    return float(sum(found) / len(found))


def test_the_interactions_are_those_of_the_definition_in_any_batch():
    v = random_tables(2, 3, n=5)
    found = study.interactions(v)
    assert found.shape == (2, 3, 4, 10)
    for column, (i, j) in enumerate(study.pairs_of(5).tolist()):
        for m in range(4):
            assert float(found[1, 2, m, column]) == pytest.approx(by_hand(v[1, 2], i, j, m))


def test_they_are_weighted_sums_of_dividends():
    v, n = random_tables(4), 6
    dividends = hs.and_interactions(v)
    inside, size = hs.core.coalitions.membership(n), hs.core.coalitions.sizes(n)
    first, second = study.pairs_of(n).unbind(1)
    holds = (inside[:, first] & inside[:, second]).double()  # (2**n, pairs)
    sums = torch.stack([(dividends * (size == s)) @ holds for s in range(1, n + 1)], -2)
    assert torch.allclose(study.dividend_weights(n) @ sums, study.interactions(v))


def test_a_gain_taken_twice_has_the_dividends_that_hold_both_players():
    v = random_tables(n=4)
    twice = hs.mobius(study.gain_table(study.gain_table(v, 3), 1))  # players 0 and 2 are left
    together = [0b1010 | low | high for high in (0, 4) for low in (0, 1)]
    assert torch.allclose(twice, hs.mobius(v)[together])
    with pytest.raises(ValueError, match="player"):
        study.gain_table(v, 4)


def test_the_mean_over_contexts_is_the_shapley_interaction_index():
    v = random_tables(3)
    pairs = (1 << study.pairs_of(6)).sum(1)
    index = hs.interaction_index(v, "SII", 2)[..., pairs]
    assert torch.allclose(study.interactions(v).mean(-2), index)


def test_gains_mean_the_shapley_value_and_rise_by_the_mean_interaction():
    v = random_tables(3)
    gains, found = study.player_gains(v), study.interactions(v)
    assert torch.allclose(gains.mean(-2), hs.shapley(v))
    touches = torch.zeros(15, 6, dtype=torch.float64).scatter(1, study.pairs_of(6), 1)
    assert torch.allclose(gains.diff(dim=-2), found @ touches / 5)


def test_the_output_is_made_of_single_players_and_contexts():
    v = random_tables(3)
    alone, parts = study.output_parts(v)
    assert torch.allclose(alone + parts.sum(-1), v[:, -1] - v[:, 0])
    alone, parts = study.output_parts(hs.games.and_or({(0, 1): 2.0, (2,): 3.0}, {}, 4).v)
    assert float(alone) == pytest.approx(3)
    assert parts.tolist() == pytest.approx([2 * w / 6 for w in (3, 2, 1)])  # felt in all contexts


def test_a_team_of_three_is_felt_in_contexts_that_hold_the_third():
    found = study.interactions(hs.games.and_or({(0, 1, 2): 1.0}, {}, 5).v)
    assert found[:, 0].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert found[:, -1].abs().max() == 0  # players 3 and 4


def test_strength_bounds_the_interaction_and_is_reached_where_no_sign_changes():
    v = random_tables(3)
    assert bool((study.strengths(v) >= study.interactions(v).abs() - 1e-12).all())
    and_ = random_tables(n=6, seed=1).abs()
    growing = hs.reconstruct(and_)  # positive dividends only
    assert torch.allclose(study.strengths(growing), study.interactions(growing))


def test_sampling_takes_all_contexts_where_they_are_few_and_errs_as_it_says_where_not():
    v, pairs = random_tables(n=12), study.pairs_of(12)[::3]
    exact = study.interactions(v)[:, ::3]
    found = sampled_interactions(lambda masks: v[masks], 12, pairs, contexts=50)
    few = [0, 1, 2, 8, 9, 10]
    assert torch.allclose(found.mean[few], exact[few]) and found.error[few].abs().max() == 0
    off = (found.mean - exact)[3:8] / found.error[3:8]
    assert 0.85 < float(off.square().mean()) ** 0.5 < 1.2
    again = sampled_interactions(lambda masks: v[masks], 12, pairs, contexts=50)
    assert torch.equal(found.mean, again.mean)


def test_a_masked_game_of_thirty_players_can_be_sampled():
    class Pair(torch.nn.Module):
        def forward(self, x):
            return x.sum(1) + 5 * x[:, 0] * x[:, 29] + 3 * x[:, 0] * x[:, 1] * x[:, 2]

    x, who = torch.ones(30, dtype=torch.float64), Players(torch.arange(30))
    game = MaskedGame(Pair().eval(), x, who, torch.zeros_like(x), values.output(0))
    pairs = torch.tensor([[0, 29], [3, 4], [0, 1]])
    found = sampled_interactions(game, 30, pairs, contexts=40)
    assert found.mean.shape == (29, 3)
    assert torch.allclose(found.mean[:, 0], torch.tensor(5.0).double())
    assert found.mean[:, 1].abs().max() < 1e-9
    assert found.mean[[0, -1], 2].tolist() == pytest.approx([0, 3])


@pytest.mark.parametrize("pairs", [[[0, 0]], [[0, 6]], [0, 1]])
def test_what_is_no_pair_is_refused(pairs):
    with pytest.raises(ValueError, match="pairs"):
        sampled_interactions(lambda masks: masks, 6, torch.tensor(pairs))


def test_noise_alone_has_a_bottleneck_and_the_null_foretells_it():
    v = random_tables(800, n=9)
    j = study.relative_strength(study.interactions(v))
    null = study.null_strength(9)
    assert torch.allclose(j, null, rtol=0.06) and float(j.mean()) == pytest.approx(1)
    assert null[3] < null[0] / 5 and null[0] == null[-1]
    flat = study.strengths(v).mean((0, 2))  # before the signs cancel there is no bottleneck
    assert float(flat.max() / flat.min()) < 1.05


def test_the_null_of_sampled_contexts_is_that_of_sampling():
    pairs, found = study.pairs_of(10), []
    for seed in range(8):
        v = random_tables(n=10, seed=seed)
        found.append(sampled_interactions(lambda m, v=v: v[m], 10, pairs, 9, seed).mean)
    j = study.relative_strength(torch.stack(found))
    assert torch.allclose(j, study.null_strength(10, 9), rtol=0.12)


def test_one_player_has_no_pair():
    with pytest.raises(ValueError, match="players"):
        study.interactions(torch.zeros(2, dtype=torch.float64))
