"""Which effects are solid: sharing by order and its null, noise in the input and its null."""

import math

import pytest
import torch
from torch import nn

import harsanyi as hs
from harsanyi.core.coalitions import members, sizes
from harsanyi.networks import values
from harsanyi.networks.players import Players
from harsanyi.studies import stability as study


def told(v: torch.Tensor) -> hs.Interactions:
    return hs.Interactions.from_table(v)


def ands(frame, column: str) -> list[float]:
    part = frame[frame["kind"] == "and"]
    return part.groupby("order")[column].mean().tolist()


def test_unrelated_games_that_shrink_with_the_order_look_as_if_low_orders_generalise():
    pair = study.independent_games(8, 60)
    frame = study.generalization({"null": pair})
    iou, chance = ands(frame, "iou"), ands(frame.dropna(subset="iou"), "chance")
    assert iou[0] > 0.7 > iou[1] > 0.4 > iou[2] > iou[3]
    assert iou[:3] == pytest.approx(chance[:3], abs=0.08)  # and chance says so
    assert set(frame["panel"]) == {"null"}


def test_a_network_shares_everything_with_itself():
    one, _ = study.independent_games(6, 5)
    frame = study.generalization({"same": (one, one)}).dropna(subset="iou")
    assert (frame["iou"] == 1).all() and (frame["similarity"] == 1).all()


def test_independent_output_noise_spreads_effects_by_root_two_an_order():
    random = torch.Generator().manual_seed(0)
    base = torch.randn(1, 2**6, generator=random, dtype=torch.float64)
    noisy = base + 0.1 * torch.randn(400, 1, 2**6, generator=random, dtype=torch.float64)
    null = study.with_output_noise(noisy, seed=1)
    assert null.shape == noisy.shape
    assert null.var(0).mean() == pytest.approx(float(noisy.var(0).mean()), rel=0.05)
    spread = hs.and_interactions(null).std(0)[0]
    for order in range(1, 7):
        assert spread[sizes(6) == order].mean() == pytest.approx(0.1 * 2 ** (order / 2), rel=0.1)


def test_stability_is_the_mean_ratio_over_the_salient_effects_of_an_order():
    random = torch.Generator().manual_seed(2)
    clean = torch.randn(3, 16, generator=random, dtype=torch.float64)
    noisy = clean + 0.2 * torch.randn(30, 3, 16, generator=random, dtype=torch.float64)
    frame = study.stability(told(clean), told(noisy), 0.3)
    rows = frame[frame["kind"] == "and"].set_index(["sample", "order"])
    effects, many = hs.and_interactions(clean), hs.and_interactions(noisy)
    for sample in range(3):
        for order in range(1, 5):
            ratios = [
                abs(many[:, sample, m].mean()) / many[:, sample, m].std()
                for m in range(16)
                if len(members(m)) == order
                and effects[sample, m].abs() > 0.3 * effects[sample].abs().max()
            ]
            row = rows.loc[sample, order]
            assert row["members"] == len(ratios)
            if ratios:
                assert row["stability"] == pytest.approx(float(torch.stack(ratios).mean()))
            else:
                assert row["undefined"] == "nothing salient" and math.isnan(row["stability"])


def test_effects_that_nothing_moves_have_no_ratio_and_a_word_says_so():
    clean = torch.zeros(1, 4, dtype=torch.float64)
    clean[0, 1:] = torch.tensor([1.0, 1, 3])
    frame = study.stability(told(clean), told(clean.expand(3, 1, 4)))
    assert frame["stability"].isna().all()
    assert set(frame[frame["kind"] == "and"]["undefined"]) == {"the noise moves nothing"}
    with pytest.raises(ValueError, match="two draws or more"):
        study.stability(told(clean), told(clean[None]))


def test_noise_is_drawn_by_its_seed_and_reaches_only_the_input():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(5, 2)).double().eval()
    x, who = torch.rand(5, dtype=torch.float64), Players(torch.arange(5))

    def table(x):
        return hs.MaskedGame(network, x, who, torch.zeros_like(x), values.logit(0)).table()

    noisy = study.noisy_tables(table, x, 0.1, draws=4)
    assert noisy.shape == (4, 32) and torch.equal(noisy, study.noisy_tables(table, x, 0.1, 4))
    assert (noisy[:, 0] == noisy[0, 0]).all()  # the baseline has no noise
    weight = network[0].weight[0]
    spread = hs.and_interactions(study.noisy_tables(table, x, 0.1, draws=300)).std(0)
    for player in range(5):
        expected = 0.1 * float(weight[player].detach().abs())
        assert spread[1 << player] == pytest.approx(expected, rel=0.15)
    with pytest.raises(TypeError, match="floating"):
        study.noisy_tables(table, torch.arange(5))


def test_the_change_of_a_coalitions_input_is_over_its_own_coordinates():
    x, owner = torch.rand(2, 6, dtype=torch.float64) + 1, torch.tensor([0, 0, 1, 2, 2, -1])
    got = study.input_change(x, owner, 0.5, seed=3)
    noise = torch.randn(2, 6, generator=torch.Generator().manual_seed(3), dtype=torch.float64) / 2
    for mask in range(1, 8):
        mine = torch.tensor([o >= 0 and bool(mask >> max(o, 0) & 1) for o in owner.tolist()])
        expected = noise[:, mine].norm() / x[:, mine].norm()
        assert got[mask] == pytest.approx(float(expected))
    assert got[0].isnan()
