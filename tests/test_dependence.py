"""What changes when a choice changes: measures with known ends, tables that are tidy."""

import pytest
import torch

from harsanyi.core.games import add_mul, and_or, majority, seed_example
from harsanyi.core.indices import shapley
from harsanyi.core.result import Interactions
from harsanyi.studies import dependence as dep


@pytest.fixture(scope="module")
def tables():
    """Three planted games of five players, (3, 32)."""
    return torch.stack([seed_example().v, majority(5).v, add_mul(5, terms=6, seed=3).v])


def told(*games):
    """Stack AND-OR games given by their terms."""
    parts = [and_or(*terms, 3) for terms in games]
    and_, or_ = (torch.stack([getattr(g, name) for g in parts]) for name in ("and_", "or_"))
    return Interactions(and_, or_, torch.zeros(len(games)).double())


def test_agreement_has_the_ends_it_promises():
    one = told(({(0, 1): 2.0}, {(1, 2): 1.0}))
    triple = told(({(0, 1): 6.0}, {(1, 2): 3.0}))
    opposite = told(({(0, 1): -2.0}, {(1, 2): -1.0}))
    other_kind = told(({(1, 2): 1.0}, {(0, 1): 2.0}))
    assert dep.agreement(one, one).item() == pytest.approx(1)
    assert dep.agreement(one, triple).item() == pytest.approx(1)
    assert dep.agreement(one, opposite).item() == dep.agreement(one, other_kind).item() == 0


def test_agreement_by_hand():
    one = told(({(0,): 3.0, (1,): 1.0}, {}))
    other = told(({(0,): 1.0, (1,): 3.0}, {}))
    assert dep.agreement(one, other).item() == pytest.approx(1 / 3)


def test_shared_top_minds_kind_and_sign():
    one = told(({(0,): 3.0, (1, 2): 2.0}, {(0, 1): 1.0}))
    other = told(({(0,): 1.0, (1, 2): -2.0}, {(0, 1): 3.0}))
    assert dep.shared_top(one, other, k=3).item() == pytest.approx(2 / 3)


def test_chance_keeps_how_strong_and_of_which_order(tables):
    found = dep.explain({"a": tables}, noise=0.0)["a"]
    dealt = dep.by_chance(found, seed=1)
    for one, other in zip(found.effects.unbind(-2), dealt.effects.unbind(-2), strict=True):
        assert torch.equal(one.sort(-1).values, other.sort(-1).values)
    assert torch.allclose(dep.mean_order(found), dep.mean_order(dealt))
    for one, other in zip(found.by_order(), dealt.by_order(), strict=True):
        assert torch.allclose(one, other)
    assert not torch.equal(found.effects, dealt.effects)
    assert torch.equal(dealt.effects, dep.by_chance(found, seed=1).effects)


def test_chance_moves_every_order(tables):
    effects = torch.arange(1, 33).double()
    effects[0] = 0
    found = Interactions(effects[None], torch.zeros(1, 32).double(), torch.zeros(1))
    moved = dep.by_chance(found).and_ != found.and_
    assert moved[0, 1:31].double().mean() > 0.5 and not moved[0, 0] and not moved[0, 31]


def test_same_again_agrees_where_the_answer_is_unique():
    v = seed_example().v[None]
    found = dep.explain({"a": v}, noise=0.0)["a"]
    assert dep.agreement(found, dep.same_again(v, noise=0.0)).item() > 0.99


def test_explain_keeps_order_of_levels_and_sizes(tables):
    small = majority(3).v.expand(2, -1)
    found = dep.explain({"a": tables, "small": small, "b": -tables}, noise=0.0)
    assert list(found) == ["a", "small", "b"]
    assert [f.n for f in found.values()] == [5, 3, 5]
    for level, v in (("a", tables), ("small", small), ("b", -tables)):
        assert torch.allclose(found[level].reconstruct() + found[level].noise, v)


def test_mean_order_by_hand():
    found = told(({(0,): 3.0}, {(0, 1, 2): -1.0}))
    assert dep.mean_order(found).item() == pytest.approx((3 * 1 + 1 * 3) / 4)


def test_tables_are_tidy_and_effects_have_their_ends(tables):
    found = dep.explain({"a": tables, "b": 2 * tables}, noise=0.0)
    again, chance = dep.agreement(found["a"], found["a"]), torch.zeros(3).double()
    rows = dep.vary(found)
    assert list(rows.columns) == [
        "sample", "level", "salient", "carry 90 %", "order", "agreement", "top 10"
    ]  # fmt: skip
    assert len(rows) == 6 and not rows.isna().any().any()
    sizes = dep.effect_sizes("units", rows, again, chance)
    assert sizes[["choice", "level"]].values.tolist() == [["units", "b"]]
    assert sizes.effect.item() == pytest.approx(0, abs=0.01)
    assert sizes["salient ×"].item() == 1 and abs(sizes["order ±"].item()) < 1e-6
    rows.loc[rows.level == "b", "agreement"] = 0.0
    assert dep.effect_sizes("units", rows, again, chance).effect.item() == pytest.approx(1)


def test_other_players_are_refused():
    with pytest.raises(ValueError, match="pixel_map"):
        dep.vary(
            dep.explain(
                {"a": majority(3).v[None], "b": majority(4).v[None]},
            )
        )


def test_pixel_map_spreads_the_whole_rise(tables):
    owner = torch.tensor([[0, 1, 1, -1], [2, 3, 4, 4]])
    shown = dep.pixel_map(tables[0], owner)
    assert shown.sum().item() == pytest.approx((tables[0][-1] - tables[0][0]).item())
    assert shown[0, 3] == 0 and shown[0, 1] == shown[0, 2] == shapley(tables[0])[1] / 2
    assert dep.correlation(shown, 3 * shown + 1) == pytest.approx(1)
    assert dep.correlation(shown, -shown) == pytest.approx(-1)
