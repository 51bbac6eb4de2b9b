"""Interactions of several networks with strength held fixed: the planted truth comes back."""

import pandas as pd
import pytest
import torch

import harsanyi as hs
from harsanyi.core.coalitions import sizes
from harsanyi.studies import orders, solidity, stability


def of_order(frame, column: str) -> list[float]:
    part = frame[frame["kind"] == "and"]
    return part.groupby("order")[column].mean().tolist()


def test_the_correlation_by_order_finds_what_was_planted():
    related = (0.9, 0.6, 0.3, 0.0)
    frame = solidity.order_correlation(*solidity.related_games(8, 200, related, seed=1))
    assert of_order(frame, "correlation")[:4] == pytest.approx(related, abs=0.06)
    assert frame[frame["kind"] == "or"]["correlation"].isna().all()  # there are no ORs to compare


def test_a_falling_iou_does_not_mean_that_the_relation_falls():
    even = solidity.related_games(8, 100, [0.8] * 8, seed=2)
    iou = of_order(stability.generalization({"": even}), "iou")
    assert iou[0] > iou[1] > iou[2] > iou[3]
    r = of_order(solidity.order_correlation(*even), "correlation")
    assert r[:4] == pytest.approx([0.8] * 4, abs=0.05)


def test_games_that_are_not_related_are_independent_and_bad_relations_are_refused():
    one, other = solidity.related_games(7, 300, [])
    assert one.and_[:, 0].eq(0).all() and other.and_[:, 0].eq(0).all()
    for order in range(1, 8):
        assert one.and_[:, sizes(7) == order].std() == pytest.approx(3.0**-order, rel=0.1)
    assert abs(of_order(solidity.order_correlation(one, other), "correlation")[1]) < 0.05
    with pytest.raises(ValueError, match="-1 to 1"):
        solidity.related_games(4, 1, [1.5])


def test_each_effect_agrees_with_counting_by_hand():
    random = torch.Generator().manual_seed(3)
    told = [hs.Interactions(*torch.randn(2, 2, 16, generator=random), torch.zeros(2))
            for _ in range(3)]  # fmt: skip
    for one in told:
        one.and_[:, 0] = one.or_[:, 0] = 0
    frame = solidity.each_effect(told[0], told[1:], threshold=0.3)
    signs = []
    for one in told:
        full = torch.stack([one.and_, one.or_], 1)  # (2 samples, 2 kinds, 16)
        single = sizes(4) == 1
        full[:, 0] += full[:, 1] * single
        full[:, 1] *= ~single
        top = full.abs().amax((1, 2), keepdim=True)
        signs.append(torch.where(full.abs() > 0.3 * top, full.sign(), 0))
    assert len(frame) == int((signs[0] != 0).sum())
    for row in frame.itertuples():
        at = (row.sample, ("and", "or").index(row.kind))
        mine = signs[0][(*at, row.coalition)]
        assert row.order == row.coalition.bit_count()
        assert row.shared == sum(float(s[(*at, row.coalition)] == mine) for s in signs[1:]) / 2
        alike = sizes(4) == row.order
        rates = [float((s[at][alike] == mine).double().mean()) for s in signs[1:]]
        assert row.chance == pytest.approx(sum(rates) / 2)
    with pytest.raises(ValueError, match="expected one or more"):
        solidity.each_effect(told[0], [])


def test_stability_of_each_effect_is_that_of_its_order():
    random = torch.Generator().manual_seed(4)
    clean = torch.randn(3, 16, generator=random, dtype=torch.float64)
    noisy = clean + 0.2 * torch.randn(12, 3, 16, generator=random, dtype=torch.float64)
    told = [hs.Interactions.from_table(v) for v in (clean, noisy)]
    frame = solidity.each_effect(told[0], [told[0]], told[1])
    assert (frame["shared"] == 1).all()
    mine = frame.groupby(["sample", "order"])["stability"].mean()
    rows = stability.stability(*told).dropna(subset="stability").set_index(["sample", "order"])
    assert mine.tolist() == pytest.approx(rows.loc[mine.index, "stability"].tolist())


def test_strength_held_fixed_removes_what_strength_alone_explains():
    rows = []
    for sample in range(40):  # shared if and only if strong; low orders are stronger
        for order, strong in ((1, 8), (2, 4), (3, 2)):
            rows += [(sample, order, 0.5, 1.0)] * strong + [(sample, order, 0.07, 0.0)] * 5
    frame = pd.DataFrame(rows, columns=["sample", "order", "strength", "shared"])
    got = solidity.strength_held_fixed(frame)
    assert got["raw"].tolist() == pytest.approx([8 / 13, 4 / 9, 2 / 7])
    assert got["fixed"].tolist() == pytest.approx([14 / 29] * 3)
    assert got["gap"].abs().max() < 1e-12 and got["gap_low"].iloc[1] <= 0 <= got["gap_high"].iloc[1]
    assert (got["covered"] == 1).all() and got["effects"].tolist() == [520, 360, 280]
    assert ((got["low"] <= got["fixed"]) & (got["fixed"] <= got["high"])).all()


def test_bins_that_an_order_lacks_count_for_none():
    rows = [(s, o, x, float(o == 1)) for s in range(5) for o, x in ((1, 0.9), (1, 0.15), (2, 0.15))]
    frame = pd.DataFrame(rows, columns=["sample", "order", "strength", "shared"])
    got = solidity.strength_held_fixed(frame, orders=(1, 2))
    assert got["fixed"].tolist() == [1.0, 0.0] and got["covered"].tolist() == [2 / 3] * 2


def test_chance_is_what_shuffled_players_give():
    one, other = solidity.related_games(6, 400, [], seed=5)
    frame = solidity.each_effect(one, [other])
    low = frame[frame["order"] <= 2].groupby("order")[["shared", "chance"]].mean()
    assert low["shared"].tolist() == pytest.approx(low["chance"].tolist(), abs=0.04)
    both = orders.order_transfer(one, other)
    assert both["iou"].notna().any()
