"""The interaction inside perturbations: exact, sampled, penalised; and what transfers."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import harsanyi as hs
from harsanyi.networks.players import Players
from harsanyi.studies import attacks, transfer
from harsanyi.studies import perturbation as study
from harsanyi.studies.attacks import attack


class Products(nn.Module):
    """Class 1 by a sum and by products of pairs of four inputs; class 0 by nothing."""

    def __init__(self, alone: float, pairs: float):
        super().__init__()
        self.alone, self.pairs = alone, pairs

    def forward(self, x):
        products = x[:, 0] * x[:, 1] + x[:, 2] * x[:, 3]
        score = self.alone * x.sum(1) + self.pairs * products
        return torch.stack([torch.zeros_like(score), score - 0.5], 1)


def small_network(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, 24), nn.Tanh(), nn.Linear(24, 3)).double().eval()


def some_inputs(count: int = 12) -> torch.Tensor:
    return torch.rand(count, 6, generator=torch.Generator().manual_seed(4), dtype=torch.float64)


def test_lead_is_positive_where_the_network_is_fooled():
    logits = torch.tensor([[3.0, 1, 2], [1, 0, 4]])
    assert study.lead(logits, torch.tensor([0, 1])).tolist() == [-1, 4]


def test_an_attack_stays_in_its_ball_and_in_bounds_and_raises_the_loss():
    model, x = small_network(0), some_inputs()
    y = model(x).argmax(1)
    clean, gains = float(study.log_loss(model(x), y).sum().detach()), []
    for steps in (1, 10):
        delta = attack(model, x, y, 0.1, steps)
        assert float(delta.abs().max()) <= 0.1 + 1e-12
        assert float((x + delta).min()) >= 0 and float((x + delta).max()) <= 1
        gains.append(float(study.log_loss(model(x + delta), y).sum().detach()) - clean)
    assert 0 < gains[0] <= gains[1] + 1e-6
    assert torch.equal(delta, attack(model, x, y, 0.1, 10)) and not delta.requires_grad


def test_a_step_is_taken_however_flat_the_loss():
    sure = nn.Linear(2, 2, bias=False).double().eval()
    sure.weight.data = torch.tensor([[40.0, 0], [0, 0]], dtype=torch.float64)
    x = torch.full((1, 2), 0.9, dtype=torch.float64)  # a probability of 1 - 1e-16
    delta = attack(sure, x, torch.tensor([0]), 0.1, 1)
    assert delta[0].tolist() == pytest.approx([-0.1, 0])


def test_the_mean_interaction_of_corners_is_that_of_all_pairs():
    model, x = small_network(1), some_inputs(3)
    y, who = model(x).argmax(1), Players(torch.arange(6))
    delta = attack(model, x, y, 0.3)
    found = study.inside(model, x, y, delta, who)
    for row in range(3):
        game = study.perturbation_game(model, x[row], delta[row], who, int(y[row]))
        v, exact = game.table(), study.pair_interactions(game)
        assert float(found.interaction[row]) == pytest.approx(float(exact.mean()))
        size = hs.core.coalitions.sizes(6)
        weighted = float((size * hs.and_interactions(v) * (size > 1)).sum()) / 30
        assert float(found.interaction[row]) == pytest.approx(weighted)
        assert float(found.gain[row]) == pytest.approx(float(v[-1] - v[0]))
        alone = hs.and_interactions(v)[size == 1].sum()
        assert float(found.alone[row]) == pytest.approx(float(alone))
        drawn = study.pair_interactions(game, torch.tensor([[5, 0], [1, 2]]), contexts=99)
        assert torch.allclose(drawn, exact[[4, 5]])  # 99 are all there are of four others


def test_a_value_that_adds_up_has_no_interaction():
    model, x = Products(1.0, 0.0).eval(), torch.zeros(2, 4, dtype=torch.float64)
    y, delta = torch.zeros(2, dtype=torch.int64), torch.full((2, 4), 0.2, dtype=torch.float64)
    found = study.inside(model, x, y, delta, Players(torch.arange(4)))
    assert found.interaction.abs().max() < 1e-12
    assert found.gain.tolist() == pytest.approx([0.8, 0.8])
    assert torch.allclose(found.alone, found.gain)


def test_what_nobody_owns_is_always_added():
    model, x = Products(0.0, 1.0).eval(), torch.zeros(4, dtype=torch.float64)
    who = Players(torch.tensor([0, -1, 1, 1]))
    game = study.perturbation_game(model, x, torch.ones_like(x), who, 0)
    assert game.table().tolist() == pytest.approx([-0.5, 0.5, 0.5, 1.5])
    forward = attacks._corner_logits(model, x[None], who)
    logits = forward(torch.ones(1, 4, dtype=torch.float64))[:, 0]
    corners = study.lead(logits, torch.zeros(6).long())
    assert corners.tolist() == pytest.approx(game(study.corner_masks(2)).tolist())


def test_a_penalty_lowers_the_interaction_inside():
    model, x = small_network(2), some_inputs()
    y, who = model(x).argmax(1), Players(torch.arange(6))
    found = [
        study.inside(model, x, y, attack(model, x, y, 0.4, players=who, penalty=p), who)
        for p in (0.0, 5.0, 50.0)
    ]
    means = [float(one.interaction.mean()) for one in found]
    assert means[0] > means[1] > means[2]


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"radius": 0.0}, {"penalty": 1.0}], ids=["steps", "radius", "players"]
)
def test_what_makes_no_attack_is_refused(wrong, request):
    args = {"radius": 0.1} | wrong
    with pytest.raises(ValueError, match=request.node.callspec.id):
        attack(small_network(0), some_inputs(1), torch.tensor([0]), **args)
    with pytest.raises(ValueError, match="train"):
        attack(small_network(0).train(), some_inputs(1), torch.tensor([0]), 0.1)


def test_only_what_was_known_can_be_fooled():
    networks = {"one": small_network(0), "other": small_network(3)}
    x = some_inputs(40)
    y = networks["one"](x).argmax(1)
    made = {"one": attack(networks["one"], x, y, 0.5), "none": torch.zeros_like(x)}
    frame = transfer.transfer(networks, x, y, made)
    assert list(frame.columns) == ["perturbation", "target", "sample", "right", "fooled", "utility"]
    assert not frame[~frame["right"]]["fooled"].any()
    rate = transfer.transfer_rate(frame).set_index(["perturbation", "target"])
    assert rate.loc[("one", "one"), "mean"] > 0.9 and rate.loc[("none", "one"), "mean"] == 0
    assert rate.loc[("one", "other"), "samples"] == int((networks["other"](x).argmax(1) == y).sum())
    assert (frame[frame["perturbation"] == "none"]["utility"] == 0).all()
    with pytest.raises(ValueError, match="shape|expected"):
        transfer.transfer(networks, x, y, {"short": x[:2]})


def test_controls_keep_size_and_bounds():
    x = some_inputs()
    signs = transfer.random_signs(x, 0.1)
    assert float((x + signs).min()) >= 0 and float((x + signs).max()) <= 1
    inner = (x > 0.1) & (x < 0.9)
    assert torch.allclose(signs[inner].abs(), torch.tensor(0.1).double())
    small = 0.001 * torch.arange(12.0).double()[:, None].expand_as(x)
    moved = transfer.of_another(x.clamp(0.1, 0.9), small)
    assert torch.allclose(moved, small.roll(-1, 0))


def test_association_is_spearmans_and_takes_out_what_is_given():
    random = np.random.default_rng(0)
    common = random.normal(size=300)
    frame = pd.DataFrame({"a": common + random.normal(size=300), "g": common, "group": "all"})
    frame["b"] = -common + random.normal(size=300)
    row = transfer.association(frame, "a", "b", ["group"]).iloc[0]
    assert row["r"] == pytest.approx(frame["a"].rank().corr(frame["b"].rank()))
    assert row["low"] < row["r"] < row["high"] < -0.2
    partial = transfer.association(frame, "a", "b", ["group"], given="g").iloc[0]
    assert partial["low"] < 0 < partial["high"]
    constant = transfer.association(frame.assign(a=1.0), "a", "b", ["group"]).iloc[0]
    assert np.isnan(constant["r"])
