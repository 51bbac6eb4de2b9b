"""Planted games hold what was planted; what networks learn of them is measured in their terms."""

import math

import pytest
import torch

import harsanyi as hs
from harsanyi.core.coalitions import sizes
from harsanyi.studies import detours, planted_terms
from harsanyi.studies.planted_terms import and_term, parity_term, planted_games, walsh


@pytest.mark.parametrize("term", [and_term, parity_term])
def test_planted_terms_are_found_again_and_nothing_else(term):
    planted = planted_games([[1, 3], [2, 4]], n=5, term=term)
    found = planted.coefficients(planted.tables)
    assert torch.allclose(found.gather(1, planted.terms), planted.weights)
    assert ((found.abs() > 1e-12).sum(1) == 2).all()
    assert sizes(5)[planted.terms].tolist() == [[1, 3], [2, 4]]
    assert set(planted.weights.abs().flatten().tolist()) == {1.0}
    with pytest.raises(ValueError, match="from 1 to 5"):
        planted_games([[6]], n=5)


def test_parities_are_orthogonal_and_ands_are_rarer_the_higher_their_order():
    v = torch.randn(3, 16, dtype=torch.float64)
    assert torch.allclose(walsh(v).square().sum(-1), v.square().mean(-1))
    assert [float(and_term(4, 2**k - 1).mean()) for k in (1, 2, 3)] == [0.5, 0.25, 0.125]
    weight = planted_terms.unit_variance
    equal = planted_games([[1], [3]], n=5, weight=weight)
    assert equal.tables.std(-1, correction=0).tolist() == pytest.approx([1.0, 1.0])
    assert weight(parity_term(4, 7)) == pytest.approx(1.0)


def test_codings_agree_on_who_is_there():
    assert torch.equal(2 * detours.zero_one(3) - 1, detours.plus_minus(3))
    assert detours.zero_one(3)[5].tolist() == [1, 0, 1]


def test_networks_learn_side_by_side_what_each_learns_alone():
    planted = planted_games([[1], [2]], n=4)
    both = detours.learn(planted.tables, steps=40, width=16)
    assert both.tables.shape == (len(both.steps), 2, 16) and both.steps[-1] == 40
    assert both.seen.all()
    frame = detours.half_times(both, planted)
    assert (frame["seen"] > 0.2).all() and frame["unseen"].isna().all()
    loss = (both.tables - planted.tables).square().mean(-1)
    assert (loss[-1] < loss[0]).all()


def test_a_share_is_kept_out_and_is_told_apart():
    planted = planted_games([[1]] * 2, n=5)
    learned = detours.learn(planted.tables, share=0.5, steps=120, width=16)
    assert learned.seen.sum(1).tolist() == [16, 16]
    frame = detours.half_times(learned, planted)
    assert (frame["unseen"] > 0.8).all()  # a term of order 1 holds where it was not seen
    with pytest.raises(ValueError, match="share"):
        detours.learn(planted.tables, share=0.0)


def learned_path(planted, shares):
    """A network that has some shares of the truth, moment by moment."""
    tables = torch.tensor(shares, dtype=torch.float64)[:, None, None] * planted.tables
    return detours.Learned(tuple(range(len(shares))), tables, tables[0] == tables[0])


def test_half_time_is_where_a_term_comes_to_half_for_good():
    planted = planted_games([[2]], n=4)
    read = lambda shares: detours.half_times(learned_path(planted, shares), planted)["step"][0]  # noqa: E731
    assert read([0, 0.25, 0.75, 1]) == pytest.approx(1.5)
    assert read([0, 0.8, 0.2, 0.6]) == pytest.approx(2.75)
    assert read([0.7, 1, 1, 1]) == 0 and math.isnan(read([0, 1, 1, 0.4]))


def test_a_path_straight_to_the_truth_has_no_detour_and_one_by_parts_has():
    planted = planted_games([[3], [1]], n=5)
    straight = detours.detour(learned_path(planted, [0, 0.5, 1]), planted)
    high = straight[straight["order"] == 3]
    assert high["own"].tolist() == pytest.approx([0, 0.5, 1])
    assert high["below"].max() < 1e-12 and high["beside"].max() < 1e-12
    assert straight[straight["order"] == 1]["below"].isna().all()
    mask = int(planted.terms[0, 0])
    inside = torch.arange(32)[(torch.arange(32) & ~mask == 0) & (sizes(5) == 1)]
    effects = torch.zeros(32, dtype=torch.float64)
    effects[inside] = 1 / 3
    table = torch.stack([hs.zeta(effects), planted.tables[1]])
    by_parts = detours.Learned((0,), table[None], torch.ones(2, 32, dtype=torch.bool))
    row = detours.detour(by_parts, planted).iloc[0]
    assert row["below"] == pytest.approx(1 / 6) and row["beside"] < 1e-12 and row["own"] < 1e-12
