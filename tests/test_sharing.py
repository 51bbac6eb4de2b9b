"""Sharing between networks: overlap and its chance, controls, held-out networks, planted truth."""

from types import SimpleNamespace

import pandas as pd
import pytest
import torch

import harsanyi as hs
from harsanyi.studies import (
    controls,
    held_out,
    intervals,
    joint,
    orders,
    pairs,
    planted,
    pooled,
    sharing,
)


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=random, dtype=torch.float64)


def explained(effects: torch.Tensor) -> hs.Interactions:
    """Interactions from effects (samples, 2, 2**n); what cannot differ from zero is set to it."""
    n = effects.shape[-1].bit_length() - 1
    and_, or_ = (effects * sharing.room(n)).unbind(-2)
    return hs.Interactions(and_, or_, torch.zeros(len(effects), dtype=torch.float64))


def random_networks(m: int, samples: int, n: int, seed: int = 0) -> list[hs.Interactions]:
    return [explained(drawn(samples, 2, 2**n, seed=seed + i)) for i in range(m)]


@pytest.fixture(scope="module")
def game():
    return planted.planted_networks(7, shared=6, own=4, networks=3, samples=4, noise=0.01)


@pytest.fixture(scope="module")
def foreign():
    return planted.planted_networks(7, shared=0, own=10, networks=1, samples=4, seed=9)


@pytest.fixture(scope="module")
def told(game):
    return joint.tellings(list(game.tables))


@pytest.mark.parametrize("m", [2, 3])
def test_random_sets_overlap_as_the_chance_line_says(m):
    n, ks = 6, [10, 25]
    curves = sharing.overlap_curves(random_networks(m, 400, n), ks)
    for kind in sharing.KINDS:
        part = curves[curves.kind == kind].groupby("k")
        line = sharing.chance_line(ks, n, kind, m)
        assert part.s.mean().tolist() == pytest.approx(line, abs=0.012)
        assert part.chance.mean().tolist() == pytest.approx(line)
        assert set(curves.members) == set(ks)


def test_an_or_has_no_single_players_to_choose_from():
    assert sharing.room(5).sum(-1).tolist() == [31, 26]
    singles = hs.Interactions.from_table_or(drawn(2, 32))
    assert not sharing.top_sets([singles], 31)[0][:, 1, [0, 1, 2, 4, 8, 16]].any()


def test_with_k_effects_the_overlap_is_the_papers():
    found = random_networks(2, 5, 5)
    curves = sharing.overlap_curves(found, [4, 9])
    for kind in sharing.KINDS:
        tables = [getattr(one, kind + "_") for one in found]
        for k in (4, 9):
            got = curves[(curves.kind == kind) & (curves.k == k)].s.tolist()
            assert got == pytest.approx(hs.compare.overlap(*tables, k=k).tolist())


def test_zeros_never_count_as_shared():
    one, other = torch.zeros(2, 1, 2, 32, dtype=torch.float64)
    one[0, 0, [3, 5, 9]], other[0, 0, [3, 17]] = 1.0, 2.0
    curves = sharing.overlap_curves([explained(one), explained(other)], [10])
    row = curves[curves.kind == "and"].iloc[0]
    assert (row.s, row.members) == (pytest.approx(1 / 3), 3)
    assert row.chance == pytest.approx(31 * (3 / 31) * (2 / 31) / 3)
    assert curves[curves.kind == "or"].s.isna().all()
    assert hs.compare.overlap(one[:, 0], other[:, 0], k=10) > 0.5  # filled up with zeros


def test_what_a_solver_leaves_near_zero_does_not_count_and_ties_stay_out():
    strength = torch.tensor([[5.0, 3.0, 3.0, 1.0, 0.0, 0.0]])
    assert sharing.top_mask(strength, 1).tolist()[0] == [True] + 5 * [False]
    assert sharing.top_mask(strength, 2).sum() == 1  # ranks 2 and 3 tie
    assert sharing.top_mask(strength, 3).sum() == 3
    assert sharing.top_mask(strength, 6).sum() == 4
    assert sharing.top_mask(strength, 6, torch.tensor([1.5])).sum() == 3
    with pytest.raises(ValueError, match="expected 1 or more"):
        sharing.top_mask(strength, 0)


def test_top_sets_grow_with_k_and_do_not_know_the_unit():
    found = random_networks(2, 3, 6)
    scaled = [explained(1000 * one.effects) for one in found]
    before = torch.zeros(2, 3, 2, 64, dtype=torch.bool)
    for k in (1, 5, 20, 63):
        sets = sharing.top_sets(found, k)
        assert bool((before <= sets).all())
        assert torch.equal(sets, sharing.top_sets(scaled, k))
        before = sets


def test_networks_on_different_samples_are_refused():
    with pytest.raises(ValueError, match="on the same samples"):
        sharing.overlap_curves([*random_networks(1, 3, 4), *random_networks(1, 2, 4)], [3])
    with pytest.raises(ValueError, match="got 1 network"):
        sharing.overlap_curves(random_networks(1, 3, 4), [3])


def test_pooled_counts_and_names_agree(told):
    found = told["separate"][:2]
    counts = pooled.pooled_counts(found, 12)
    named = pooled.shared_and_own(found, 1, ["one", "two"], 12)
    shared = named[named["where"] == "shared"]
    assert len(shared) == counts.shared[1] and counts.shared[1] + counts.own[1] == 12
    assert set(named["where"]) == {"shared", "one", "two"}
    assert (named["where"][: len(shared)] == "shared").all()
    assert (counts.chance < 2).all()


def test_matching_precision_is_blind_where_the_error_is_not():
    v = hs.games.and_or({(0,): 1.0, (1,): 5.0, (2,): -5.0}, {}, n=3).v[None]
    only = hs.Interactions.from_table(hs.games.and_or({(0,): 1.0}, {}, n=3).v[None])
    row = pooled.precision_curves({"a": only}, {"a": v}, [4]).iloc[0]
    assert row.ratio == 1 and row.error > 0.9


def test_a_planted_common_part_is_found_by_the_joint_telling(game, told):
    found, truth = told["joint"], game.shared
    both = pooled.pooled_sets(found, 8).all(0)
    hit = (both & truth).sum((-1, -2)) / truth.sum((-1, -2))
    assert float(hit.double().mean()) > 0.7


def test_planted_truth_is_what_it_says(game, foreign):
    assert torch.equal(game.shared.sum((-1, -2)), torch.full((4,), 6))
    assert torch.equal(game.own.sum((-1, -2)), torch.full((3, 4), 4))
    assert not (game.own.sum(0) > 1).any() and not (game.own & game.shared).any()
    exact = planted.planted_networks(7, 6, 4, networks=3, samples=4)
    for table, truth in zip(exact.tables, exact.truth, strict=True):
        assert torch.allclose(truth.reconstruct(), table)
    assert not foreign.shared.any()
    assert planted.planted_pair(6, 3, 2, seed=1).tables.shape == (2, 1, 64)
    with pytest.raises(ValueError, match="plant fewer"):
        planted.planted_networks(3, shared=20)


def test_the_truth_has_the_overlap_that_was_planted(game):
    curves = sharing.overlap_curves(game.truth[:2], [64])
    pooled_ = pooled.pooled_counts(game.truth[:2], 64)
    assert pooled_.shared.tolist() == [6.0] * 4 and pooled_.own.tolist() == [4.0] * 4
    assert curves.s.mean() > 10 * curves.chance.mean()


def test_the_joint_telling_raises_the_overlap_of_unrelated_networks_too(game, foreign):
    tables = [game.tables[0], foreign.tables[0]]
    apart, together = (sharing.overlap_curves(tell(tables), [20]).s for tell in
                       (joint.separate, joint.joint))  # fmt: skip
    assert together.mean() > apart.mean() + 0.2


def test_the_excess_is_there_for_related_and_near_zero_for_unrelated_networks():
    ks, samples = [6], 10
    related = planted.planted_networks(7, 8, 3, samples=samples).tables
    strange = planted.planted_networks(7, 0, 11, networks=3, samples=samples, seed=3).tables
    curves = [
        sharing.overlap_curves(joint.separate(pair), ks)
        for pair in ([*related], [related[0], strange[0]], [strange[1], strange[2]])
    ]
    found = controls.excess(curves[0], curves[1])
    nothing = controls.excess(curves[2], curves[1])
    assert (found.excess > 0.3).all() and (found.low > 0).all()
    assert (nothing.excess.abs() < 0.2).all()


def test_the_excess_is_one_and_zero_where_it_must_be():
    def frame(*s):
        return pd.DataFrame({"kind": "and", "k": 5, "sample": range(len(s)), "s": s})

    base = frame(0.2, 0.4)
    for other, wanted in ((frame(1.0, 1.0), 1), (base, 0)):
        got = controls.excess(other, base).iloc[0]
        assert got.excess == pytest.approx(wanted) and got.low == pytest.approx(wanted)
    assert controls.excess(frame(0.1, 0.3), base).gain_low[0] == pytest.approx(-0.1)
    assert controls.excess(frame(0.5, 0.6), base).excess[0] == pytest.approx(0.25 / 0.7)
    with pytest.raises(ValueError, match="the same samples"):
        controls.excess(base, frame(0.1, 0.2, 0.3))


def test_permuted_players_keep_everything_but_who_plays():
    v = drawn(3, 2, 32)
    moved = controls.permuted(v, seed=1)
    assert torch.equal(moved[..., [0, -1]], v[..., [0, -1]])
    assert torch.allclose(moved.sort(-1).values, v.sort(-1).values)
    profiles = [hs.compare.order_profile(hs.mobius(t)).positive for t in (v, moved)]
    assert torch.allclose(*profiles)
    singles = [hs.mobius(t)[..., [1, 2, 4, 8, 16]] for t in (v, moved)]
    assert not torch.isclose(*singles).any()
    assert torch.equal(controls.permuted(v, seed=1), moved)


def test_a_network_at_scale_is_as_loud_as_the_others_and_otherwise_the_same():
    v, like = drawn(3, 32), 50 * drawn(2, 3, 32, seed=1)
    loud = controls.at_scale(v, like)
    assert torch.allclose(loud.std(-1), like.std(-1).mean(0))
    assert torch.equal(loud[:, 0], v[:, 0])
    effects = [hs.and_interactions(t) for t in (v, loud)]
    assert torch.allclose(*(e / e.abs().amax(-1, keepdim=True) for e in effects))
    with pytest.raises(ValueError, match="values that differ"):
        controls.at_scale(torch.ones(1, 4), like)


def test_pairs_are_sorted_by_what_they_have_in_common():
    def source(network, seed, kind="trained"):
        return SimpleNamespace(network=network, seed=seed, kind=kind)

    sources = [source("a", 0), source("a", 1), source("b", 0), source("a", 0, "random")]
    assert controls.pairs_by_kind(sources) == {
        "other seed": [(0, 1)],
        "other architecture": [(0, 2), (1, 2)],
        "random": [(0, 3), (1, 3), (2, 3)],
    }


def test_pair_curves_hold_every_relation(game, foreign):
    sources = [SimpleNamespace(network=n, seed=0, kind=k) for n, k in
               (("a", "trained"), ("b", "trained"), ("a", "random"))]  # fmt: skip
    tables = [game.tables[0], game.tables[1], foreign.tables[0]]
    curves = pairs.pair_curves(tables, sources, [6], tell=joint.separate, most=1)
    means = curves.groupby("relation").s.mean()
    assert set(means.index) == {"other architecture", "random", "permuted players"}
    assert means["other architecture"] > means.drop("other architecture").max() + 0.2


def test_errors_count_samples_and_not_pairs():
    frame = pd.DataFrame(
        [{"sample": i, "pair": j, "s": float(i)} for i in range(6) for j in range(5)]
    ).assign(kind="and")
    one = intervals.with_errors(frame, "s", ["kind"]).iloc[0]
    few = intervals.with_errors(frame[frame.pair == 0], "s", ["kind"]).iloc[0]
    assert (one.low, one.high) == (few.low, few.high) and one.samples == 6
    assert one.low < 2.5 < one.high
    two = intervals.with_errors(frame, "s", ["kind"], over=("sample", "pair")).iloc[0]
    assert two["mean"] == pytest.approx(2.5)


def test_a_held_out_network_has_what_the_others_share_and_an_unrelated_one_has_not(game, foreign):
    tables = {str(i): v for i, v in enumerate(game.tables)}
    overlap, fit = held_out.leave_one_out(tables, [5, 8], {"unrelated": foreign.tables[0]})
    precision = overlap.groupby("tested").precision.mean()
    assert precision["held out"] > precision.drop("held out").max() + 0.3
    assert set(precision.index) == {"held out", "permuted players", "unrelated"}
    sign = overlap.groupby("tested").sign.mean()
    assert sign["held out"] > 0.9
    means = fit.groupby(["tested", "which"]).fit.mean()
    assert means["held out", "shared"] > means["held out", "distinctive"] + 0.2
    assert means["held out", "shared"] > means["unrelated", "shared"] + 0.2
    with pytest.raises(ValueError, match="three or more"):
        held_out.leave_one_out(dict(list(tables.items())[:2]), [5])


def test_random_held_out_sets_have_the_precision_of_chance():
    networks = random_networks(3, 300, 6)
    frame = held_out.held_out_overlap(networks[:2], networks[2], [20]).groupby("kind")
    assert (frame.precision.mean() - frame.chance.mean()).abs().max() < 0.03
    assert frame.sign.mean().between(0.45, 0.55).all()


def test_a_fit_is_the_squared_correlation_and_never_negative():
    v = drawn(2, 32)
    assert torch.allclose(held_out.fit_quality(3 * v + 1, v), torch.ones(2, dtype=torch.float64))
    assert held_out.fit_quality(-v, v).tolist() == [0.0, 0.0]
    assert held_out.fit_quality(torch.ones_like(v), v).tolist() == [0.0, 0.0]


def test_shared_strength_is_within_all_and_complete_for_one_network_twice(told):
    found = told["separate"]
    frame = orders.shared_by_order(found)
    assert (frame["shared"].abs() <= frame["all"].abs() + 1e-12).all()
    assert (frame["agree"].abs() <= frame["shared"].abs() + 1e-12).all()
    assert (frame["chance"].abs() <= frame["all"].abs() + 1e-12).all()
    same = orders.shared_by_order([found[0], found[0]])
    assert same["shared"].tolist() == pytest.approx(same["all"].tolist())
    total = found[0].salient(0.05).by_order().positive
    got = frame[(frame.network == 0) & (frame.sign == 1)].pivot(
        index="sample", columns="order", values="all"
    )
    assert torch.allclose(torch.tensor(got.to_numpy()), total)


def test_sharing_by_order_of_random_networks_is_chance():
    frame = orders.shared_by_order(random_networks(2, 400, 5), threshold=0.4)
    sums = frame[frame["order"] > 1].groupby(["order", "sign"])[["shared", "chance"]].sum()
    assert ((sums["shared"] - sums["chance"]).abs() < 0.12 * sums["chance"].abs() + 1).all()


def test_the_tellings_have_the_lengths_that_they_must(game, told):
    length = {name: joint.lengths(found).length.mean() for name, found in told.items()}
    assert length["separate"] <= 1.02 * min(length["joint"], length["AND only"])
    assert {len(found) for found in told.values()} == {3}
    assert joint.pooled_strengths(told["AND only"][0]).shape == (4, 256)
    twice = joint.pooled_strengths(told["AND only"][0])
    assert torch.equal(twice[:, 0], twice[:, 1])


def test_more_networks_share_less_and_a_sweep_marks_its_alphas(game):
    tables = list(game.tables)
    curves = pairs.by_networks(tables, [2, 3], [10], tell=joint.separate, most=2)
    means = curves.groupby("m").s.mean()
    assert means[3] <= means[2] and curves.groupby("m").subset.nunique().tolist() == [2, 1]
    with pytest.raises(ValueError, match="from 2 to 3"):
        pairs.by_networks(tables, [4], [10])
    sweep = joint.alpha_sweep(tables[:2], [0.1, 1.0], [10])
    assert sorted(set(sweep.overlap.alpha)) == sorted(set(sweep.sparsity.alpha)) == [0.1, 1.0]
    overlap = sweep.overlap.groupby("alpha").s.mean()
    assert overlap[0.1] >= overlap[1.0]


def test_the_pictures_draw_what_they_are_given(told):
    import matplotlib

    matplotlib.use("Agg")
    from harsanyi.show import sharing as pictures

    curves = pd.concat(
        [sharing.overlap_curves(f, [5, 10]).assign(telling=name) for name, f in told.items()]
    )
    frame = intervals.with_errors(curves[curves.kind == "and"], "s", ["telling", "k"])
    ax = pictures.lines_with_bands(frame, "k", "telling", ["AND only"], {"chance": [0.1, 0.2]})
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [*told, "chance"]
    ax = pictures.shared_orders(orders.shared_by_order(told["joint"]))
    assert ax.get_yscale() == "symlog"
    names = ["a", "b", "c"]
    most = orders.most_shared([one[:1] for one in told["joint"]], names, k=6)
    ax = pictures.primitive_dots(most, names)
    assert [t.get_text() for t in ax.get_yticklabels()][0].split()[0] in ("AND", "OR")
