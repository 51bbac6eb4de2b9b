"""Groups of networks compared fairly: shares, scale, accuracy; sensitivity beside noise."""

import math

import pytest
import torch
from torch import nn

import harsanyi as hs
from harsanyi.core.coalitions import sizes
from harsanyi.networks.masking import MaskedGame
from harsanyi.networks.players import Players
from harsanyi.networks.values import log_odds
from harsanyi.studies import paired_groups, robustness, sensitivity

N, SAMPLES = 6, 8
GROUPS = ["plain", "plain", "plain", "louder", "louder", "higher", "higher"]


@pytest.fixture(scope="module")
def found():
    """Three plain networks, two that are five times as loud, two with more of the high orders."""
    random = torch.Generator().manual_seed(0)
    effects = torch.randn(len(GROUPS), SAMPLES, 2**N, generator=random, dtype=torch.float64)
    effects[..., 0] = 0
    tilt = torch.tensor([1.0, 1, 1, 1, 1, 1.5, 1.5])[:, None, None] ** sizes(N)
    factor = torch.tensor([1.0, 1, 1, 5, 5, 1, 1])[:, None, None]
    effects = effects * tilt * factor
    return hs.Interactions(effects, torch.zeros_like(effects), torch.zeros(len(GROUPS), SAMPLES))


def test_shares_add_up_to_one_and_strengths_to_all_strength(found):
    frame = robustness.group_strengths(found, GROUPS)
    by = frame.groupby(["network", "sample"])
    assert by["share"].sum().tolist() == pytest.approx([1.0] * len(by))
    total = found.and_.abs().sum(-1).flatten().tolist()
    assert by["strength"].sum().tolist() == pytest.approx(total)
    assert frame.groupby("network")["group"].first().tolist() == GROUPS


def test_a_louder_network_differs_in_strength_and_not_in_orders(found):
    orders = paired_groups.compare_groups_by_order(found, GROUPS)
    louder, higher = (orders[orders["group"] == name] for name in ("louder", "higher"))
    assert ((louder["low"] <= 0) & (louder["high"] >= 0)).mean() > 0.6
    assert higher.set_index("order")["low"][N] > 0 > higher.set_index("order")["high"][2]
    measures = paired_groups.compare_groups_by_measure(found, GROUPS, above=(3,))
    table = measures.set_index(["group", "measure"])
    assert table.loc[("louder", "log total"), "difference"] == pytest.approx(math.log(5), abs=0.2)
    assert table.loc[("higher", "mean order"), "low"] > 0
    assert (table["low"] <= table["high"]).all() and (table["sham_low"] <= 0).all()
    assert set(measures["measure"]) == {"mean order", "share above 3", "log total", "log change"}


def test_differences_are_paired_by_sample(found):
    """What a sample adds to all networks alike widens no interval."""
    same = found.and_[:1].expand(len(GROUPS), -1, -1)
    alike = hs.Interactions(same, torch.zeros_like(same), torch.zeros(same.shape[:-1]))
    frame = paired_groups.compare_groups_by_order(alike, GROUPS)
    assert frame[["difference", "low", "high"]].abs().to_numpy().max() < 1e-12


def test_one_network_has_no_sham_and_wrong_groups_are_refused(found):
    one = found[[0, 3]]
    frame = paired_groups.compare_groups_by_order(one, ["plain", "louder"])
    assert frame["sham_low"].isna().all()
    with pytest.raises(ValueError, match="got 2, expected 7"):
        robustness.group_measures(found, ["plain", "louder"])
    with pytest.raises(ValueError, match="louder, higher"):
        paired_groups.compare_groups_by_order(found, ["louder"] * 6 + ["higher"])
    with pytest.raises(ValueError, match="networks, samples"):
        robustness.strengths(found[0])


def test_the_line_of_accuracies_explains_what_lies_on_it_and_marks_what_lies_beyond():
    groups = ["1 epoch", "plain", "dropout", "random"]
    frame = robustness.accuracy_line([4.0, 2.0, 3.0, 5.0], [0.8, 1.0, 0.9, 0.1], groups)
    assert frame["difference"].tolist() == pytest.approx([0, 0, 0, 1])
    assert frame["outside"].tolist() == [False, False, False, True]
    with pytest.raises(ValueError, match="expected as many of each"):
        robustness.accuracy_line([1.0], [0.5], ["dropout"])


def test_independent_noise_on_the_outputs_is_the_null():
    random = torch.Generator().manual_seed(1)
    clean = torch.randn(80, 2**N, generator=random, dtype=torch.float64)
    noise = 0.1 * torch.randn(16, 80, 2**N, generator=random, dtype=torch.float64)
    by = sensitivity.sensitivity(clean, clean + noise).groupby("order")
    assert by["excess"].mean().tolist() == pytest.approx([1.0] * N, abs=0.05)
    assert by["share"].mean().tolist() == pytest.approx(by["null_share"].mean().tolist(), abs=0.02)
    frame = sensitivity.weight_variation(hs.mobius(noise))
    assert (frame["V"] / frame["V_null"]).tolist() == pytest.approx([1.0] * N, abs=0.15)
    assert (frame["K"] / frame["K_null"]).tolist() == pytest.approx([1.0] * N, abs=0.15)


def test_a_common_shift_of_all_outputs_moves_no_dividend_of_order_one_or_more():
    clean = torch.randn(2, 2**N, dtype=torch.float64)
    frame = sensitivity.sensitivity(clean, clean[None] + 3.0)
    assert frame["shift"].max() < 1e-12 and frame["null"].max() < 1e-12
    with pytest.raises(ValueError, match="draws, samples"):
        sensitivity.sensitivity(clean, clean)
    with pytest.raises(ValueError, match="4 draws"):
        sensitivity.weight_variation(clean[None])


@pytest.fixture(scope="module")
def games():
    """Two games of a linear network on four numbers in [0, 1]."""
    torch.manual_seed(0)
    model, who = nn.Linear(4, 3).eval(), Players(torch.arange(4), list("abcd"))
    return [MaskedGame(model, x, who, torch.zeros(4), log_odds(0)) for x in torch.rand(2, 4)]


def test_moves_reach_the_present_players_alone_and_attacks_stay_within_bounds(games):
    still = sensitivity.moved_tables(games, torch.zeros(1, 2, 4))
    clean = torch.stack([game.table() for game in games])
    assert torch.allclose(still[0], clean)
    moves = sensitivity.noise_moves(games, 0.1, draws=3)
    moved = sensitivity.moved_tables(games, moves)
    assert moved.shape == (3, 2, 16) and torch.allclose(moved[..., 0], clean[:, 0].expand(3, 2))
    worst = sensitivity.attack_moves(games, [0, 0], radius=0.2, steps=5)
    after = torch.stack([game.x for game in games]) + worst[0]
    assert worst.abs().max() <= 0.2 + 1e-6 and 0 <= after.min() and after.max() <= 1
    assert (sensitivity.moved_tables(games, worst)[0, :, -1] < clean[:, -1]).all()
    with pytest.raises(ValueError, match="moves"):
        sensitivity.moved_tables(games, torch.zeros(1, 3, 4))
