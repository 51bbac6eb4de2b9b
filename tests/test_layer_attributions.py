"""Attributions at layers: they agree with the transforms, and lose what cancels."""

import pytest
import torch
from torch import nn

import harsanyi as hs
from harsanyi.networks import values
from harsanyi.networks.layers import LayeredGame
from harsanyi.networks.players import Players
from harsanyi.studies import layer_attributions as study
from harsanyi.studies import layer_tables, planted_layers


def planted_game() -> LayeredGame:
    x, who = torch.ones(4, dtype=torch.float64), Players(torch.arange(4))
    network, readings = planted_layers.planted_layers(), planted_layers.planted_readings()
    return LayeredGame(network, x, who, torch.zeros_like(x), values.logit(0), readings)


def random_effects(*shape: int, n: int = 5, seed: int = 0) -> torch.Tensor:
    draw = torch.randn(*shape, 2, 2**n, generator=torch.Generator().manual_seed(seed)).double()
    draw[..., 0] = 0
    return draw


def test_shapley_by_order_adds_up_to_the_shapley_values_of_the_table():
    effects = random_effects(3)
    and_, or_ = effects.unbind(-2)
    v = hs.reconstruct(and_, or_, torch.zeros(3, dtype=torch.float64))
    parts = study.shapley_by_order(effects)
    assert parts.shape == (3, 5, 5)
    assert torch.allclose(parts.sum(-2), hs.shapley(v))
    assert torch.allclose(parts.sum(-1), hs.core.compare.order_profile(effects.sum(-2)).positive
                          + hs.core.compare.order_profile(effects.sum(-2)).negative)  # fmt: skip


def test_integrated_gradients_are_complete_and_those_of_the_planted_layers():
    game = planted_game()
    found, v = study.integrated_gradients(game, 400), game.table()
    assert found.shape == (5, 4)
    assert torch.allclose(found.sum(1), v[:, -1] - v[:, 0], atol=0.02)
    assert found[0].tolist() == pytest.approx([1] * 4)  # a sum: each input its own weight
    third = 2 * 1 / 3  # max(0, x1 + x2 + x3 - 2) twice: slope on the last third of the way
    assert found[1].tolist() == pytest.approx([1 + third] * 3 + [1], abs=0.02)


def test_integrated_gradients_of_pixels_are_summed_over_their_player():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(6, 3), nn.Linear(3, 2)).double().eval()
    x, who = torch.rand(2, 3, dtype=torch.float64), Players(torch.tensor([[0, 1, -1], [1, 1, 0]]))
    reading = nn.Linear(3, 2).double().eval()
    args = (network, x, who, torch.zeros_like(x), values.logit(1), {"1": reading})
    game = LayeredGame(*args)
    found, v = study.integrated_gradients(game, 3), game.table()  # all linear: exact
    assert torch.allclose(found, hs.shapley(v))
    with pytest.raises(ValueError, match="steps"):
        study.integrated_gradients(game, 0)


def test_ids_have_no_gradient_and_the_message_says_what_has():
    network = nn.Sequential(nn.Embedding(9, 3), nn.Flatten(), nn.Linear(12, 2)).eval()
    x, who = torch.tensor([1, 2, 3, 4]), Players(torch.arange(4))
    reading = {"0": nn.Linear(3, 2).eval()}
    game = LayeredGame(network, x, who, torch.zeros_like(x), values.logit(0), reading)
    with pytest.raises(TypeError, match="embeddings"):
        study.integrated_gradients(game)


def test_a_change_that_cancels_is_missed_and_one_that_does_not_is_seen():
    pairs, crossed, single = torch.zeros(3, 16, dtype=torch.float64)
    pairs[[0b0011, 0b1100]] = 2.0
    crossed[[0b0101, 0b1010]] = 2.0
    single[[1, 2, 4, 8]] = 1.0
    both = torch.stack([pairs, crossed, single, 2 * single])[:, None]  # (4 layers, 1 sample, 16)
    found = hs.Interactions(both, torch.zeros_like(both), torch.zeros(4, 1))
    layers = ["pairs", "crossed", "singles", "output"]
    near = study.unseen_change(found, layers, layer_tables.adjacent).set_index("layer")
    assert near.loc["pairs", "missed"] == near.loc["crossed", "missed"] == 1
    assert near.loc["pairs", "between"] == 0  # it cancels within order 2
    assert near.loc["crossed", "between"] == 1  # order 2 goes, order 1 comes
    assert near.loc["singles", "missed"] == near.loc["singles", "chance"] == 0
    far = study.unseen_change(found, layers)
    assert far["layer"].tolist() == layers[:3] and set(far["later"]) == {"output"}
    with pytest.raises(ValueError, match="layers"):
        study.unseen_change(found, layers[:2])


def test_what_is_seen_is_never_more_than_what_changes():
    effects = random_effects(3, 20, seed=1)
    found = hs.Interactions(*effects.unbind(-2), torch.zeros(3, 20))
    frame = study.unseen_change(found, ["one", "two", "output"])
    assert (frame["change"] >= frame["by_order"] - 1e-9).all()
    assert (frame["by_order"] >= frame["seen"] - 1e-9).all()
    parts = 1 - frame["by_order"] / frame["change"] + frame["between"]
    assert parts.tolist() == pytest.approx(frame["missed"].tolist())
    for found, chance in (("missed", "chance"), ("between", "between_chance")):  # signs are random
        assert frame[found].mean() == pytest.approx(frame[chance].mean(), abs=0.02)


def test_agreement_is_one_with_itself_and_ignores_the_unit():
    rows = torch.randn(3, 6, 8, generator=torch.Generator().manual_seed(2)).double()
    rows[1] = 5 * rows[2]
    rows[0] = -rows[2]
    frame = study.agreement_with_output({"some": rows}).groupby("depth")[["rank", "similarity"]]
    assert frame.mean().to_numpy().ravel().tolist() == pytest.approx([-1, 0, 1, 1])


def test_ranks_with_ties_agree_with_scipy():
    stats = pytest.importorskip("scipy.stats")
    rows = torch.randint(4, (2, 1, 12), generator=torch.Generator().manual_seed(3)).double()
    got = float(study.agreement_with_output({"": rows})["rank"].iloc[0])
    assert got == pytest.approx(float(stats.spearmanr(rows[0, 0], rows[1, 0])[0]))
