"""Order profiles along training: normalisation, the null, and a rule that can say no."""

import pytest
import torch

import harsanyi as hs
from harsanyi.core.coalitions import sizes
from harsanyi.studies import dynamics as study
from harsanyi.studies import learned_orders
from harsanyi.studies import phases as rule
from harsanyi.studies.layerwise import chance_change
from harsanyi.studies.planted_training import binomial_profile, planted_trajectory

VALLEY = [5, 4.4, 3.8, 3.2, 2.6, 2.2, 2.5, 2.9, 3.3, 3.7, 4.1]
STEPS = list(range(len(VALLEY)))


def found_by(orders, seed=0, **settings) -> rule.Phases:
    found = planted_trajectory(orders, seed=seed, **settings)
    return rule.find_phases(study.salient_strengths(found).strength, range(len(orders)))


def noise_like(seed: int, deviation: float) -> list[float]:
    random = torch.Generator().manual_seed(seed)
    return (4 + deviation * torch.randn(len(VALLEY), generator=random)).clamp(1, 8).tolist()


def test_bars_add_up_to_n_and_scale_and_signs_are_kept():
    found = planted_trajectory([2, 5], n=6, samples=6)
    frame = study.profiles(found, [1, 10])
    for _, part in frame.groupby("step"):
        assert part["mean"].abs().sum() == pytest.approx(6)
        assert ((part["low"] <= part["mean"]) & (part["mean"] <= part["high"])).all()
    assert (frame.query("sign == 1")["mean"] >= 0).all()
    assert (frame.query("sign == -1")["mean"] <= 0).all()
    louder = hs.Interactions(5 * found.and_, found.or_, found.empty)
    again = study.profiles(louder, [1, 10])
    assert again["mean"].tolist() == pytest.approx(frame["mean"].tolist())
    assert again["strength"].tolist() == pytest.approx((5 * frame["strength"]).tolist())


def test_one_threshold_for_all_samples_of_a_snapshot():
    and_ = torch.zeros(1, 2, 4, dtype=torch.float64)
    and_[0, 0, 1], and_[0, 1, 1], and_[0, 1, 2] = 9.9, 0.1, 0.2  # τ = .03 · (9.9 + .3) / 2 = .153
    found = hs.Interactions(and_, torch.zeros_like(and_), torch.zeros(1, 2))
    assert study.salient_strengths(found).strength[0, :, 0].tolist() == pytest.approx([9.9, 0.2])


def test_the_change_of_the_whole_input_counts_what_is_unexplained():
    v = torch.randn(3, 16, dtype=torch.float64)
    noise = 0.1 * torch.randn(3, 16, dtype=torch.float64)
    plain = hs.Interactions.from_table(v - noise)
    found = hs.Interactions(plain.and_, plain.or_, plain.empty, noise=noise)
    assert torch.allclose(study.whole_change(found), v[:, -1] - v[:, 0])


def test_noise_without_a_network_has_the_spindle():
    random = torch.Generator().manual_seed(0)
    noise = torch.randn(1, 40, 2**10, generator=random, dtype=torch.float64)
    strength = study.salient_strengths(hs.Interactions.from_table(noise)).strength[0]
    null = study.spindle(10)
    assert torch.allclose(study.relative(strength.mean(0)), null, atol=0.1)
    assert float(null.sum()) == pytest.approx(10) and int(null.argmax()) + 1 == 6


def test_planted_profiles_have_their_mean_order():
    for mean in (1, 2.5, 8):
        assert float(rule.mean_order(binomial_profile(8, mean))) == pytest.approx(mean)
    path = found_by(VALLEY, spread=0.0).path
    assert torch.allclose(path, torch.tensor(VALLEY).double(), atol=0.25)  # τ takes the faintest


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_boundary_is_found_where_it_is(seed):
    found = found_by(VALLEY, seed)
    assert found.verdict == "two phases"
    assert found.low <= 5 <= found.high and abs(found.turn - 5) <= 1
    assert found.fall == pytest.approx(2.8, abs=0.4) and found.rise == pytest.approx(1.9, abs=0.4)


def test_one_phase_alone_is_called_by_its_name():
    falling = sorted(VALLEY, reverse=True)
    assert {found_by(falling, seed).verdict for seed in range(4)} == {"falls"}
    assert {found_by(falling[::-1], seed).verdict for seed in range(4)} == {"rises"}


def test_no_phases_in_noise_between_samples_nor_on_a_hill():
    assert {found_by([4] * 11, seed).verdict for seed in range(15)} == {"no phases"}
    assert {found_by([4] * 11, seed, spread=1.0).verdict for seed in range(15)} == {"no phases"}
    hill = [2.2, 2.6, 3.2, 3.8, 4.4, 5, 4.4, 3.8, 3.2, 2.6, 2.2]
    assert {found_by(hill, seed).verdict for seed in range(4)} == {"no phases"}


def test_a_network_that_wanders_seldom_passes_though_all_its_samples_agree():
    verdicts = [found_by(noise_like(seed, 0.4), seed).verdict for seed in range(20)]
    assert verdicts.count("no phases") >= 16


def test_the_rule_takes_another_statistic():
    strength = study.salient_strengths(planted_trajectory(VALLEY)).strength

    def high_share(profile):
        return profile[..., 4:].sum(-1) / profile.sum(-1)

    found = rule.find_phases(strength, STEPS, high_share, least=0.02)
    assert found.verdict == "two phases" and abs(found.turn - 5) <= 1


def test_what_cannot_be_judged_is_refused():
    strength = study.salient_strengths(planted_trajectory(VALLEY)).strength
    with pytest.raises(ValueError, match="5 samples"):
        rule.find_phases(strength[:, :3], STEPS)
    with pytest.raises(ValueError, match="one for each snapshot"):
        rule.find_phases(strength, STEPS[1:])
    with pytest.raises(ValueError, match="to rise"):
        rule.find_phases(strength, STEPS[::-1])
    with pytest.raises(ValueError, match=r"snapshot\(s\) \[0\]"):
        rule.find_phases(torch.cat([0 * strength[:1], strength[1:]]), STEPS)


def test_training_and_test_explanations_alike_unlike_and_by_chance():
    one = planted_trajectory([3, 3], n=6, samples=5)
    same = learned_orders.transfer_along(one, one, [1, 2]).query("kind == 'and'")
    assert (same["similarity"] == 1).all()
    top = same.query("order == 6")
    assert (top["chance"] == 1).all()  # a single coalition: shuffling players changes nothing
    assert (same.query("order == 3")["chance"] < 0.5).all()
    assert same["step"].tolist() == sorted(same["step"])


def test_chance_of_similarity_is_what_shuffled_players_give():
    random = torch.Generator().manual_seed(0)
    one, other = torch.randn(2, 2**5, generator=random, dtype=torch.float64)
    size, overlaps = sizes(5), torch.zeros(5, dtype=torch.float64)
    for _ in range(400):
        dealt = other.clone()
        for order in range(1, 6):
            who = (size == order).nonzero().flatten()
            dealt[who] = other[who[torch.randperm(len(who), generator=random)]]
        low = torch.minimum(one.abs(), dealt.abs()) * (one.sign() == dealt.sign())
        overlaps += torch.stack([low[size == order].sum() for order in range(1, 6)]) / 400
    every = torch.ones_like(one, dtype=torch.bool)
    assert torch.allclose(chance_change(one, other, every, every).overlap, overlaps, rtol=0.1)
    total = torch.stack([(one.abs() + other.abs())[size == k].sum() for k in range(1, 6)])
    expected = overlaps / (total - overlaps)
    assert torch.allclose(learned_orders.chance_similarity(one, other), expected, rtol=0.15)


def joined(first: float, second: float) -> tuple[hs.Interactions, torch.Tensor]:
    parts = [
        planted_trajectory([mean], n=8, samples=12, seed=i)[0]
        for i, mean in enumerate((first, second))
    ]
    and_ = torch.cat([part.and_ for part in parts])
    odd = torch.arange(24) >= 12
    return hs.Interactions(and_, torch.zeros_like(and_), torch.zeros(24)), odd


def test_groups_that_differ_in_order_are_told_apart_and_groups_that_do_not_are_not():
    frame = learned_orders.compare_groups(*joined(2, 4)).query("measure == 'mean order'").iloc[0]
    assert frame["low"] > 1 and frame["difference"] > frame["dealt_high"]
    frame = learned_orders.compare_groups(*joined(3, 3)).query("measure == 'mean order'").iloc[0]
    assert frame["low"] < 0 < frame["high"]
    assert frame["dealt_low"] < frame["difference"] < frame["dealt_high"]


def test_a_louder_group_has_more_strength_but_no_other_profile():
    found, odd = joined(3, 3)
    found = hs.Interactions(
        torch.where(odd[:, None], 1.5, 1.0) * found.and_[torch.arange(24) % 12],
        found.or_,
        found.empty,
    )
    frame = learned_orders.compare_groups(found, odd, threshold=0.0)
    assert (frame.query("measure == 'strength'")["difference"] > 0).all()
    assert frame.query("measure == 'relative'")["difference"].abs().max() < 1e-9
    with pytest.raises(ValueError, match="two or more of each"):
        learned_orders.compare_groups(found, torch.zeros(24, dtype=torch.bool))
