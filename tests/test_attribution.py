"""Attributions as weights on dividends: known, measured on tables, fitted to networks."""

import pytest
import torch
from torch import nn

import harsanyi as hs
from harsanyi.core.coalitions import membership, sizes
from harsanyi.networks import MaskedGame, Players, values
from harsanyi.studies import attribution as study
from harsanyi.studies import gradient_attributions as gradients
from harsanyi.studies import placement


def random_tables(*shape: int, n: int = 5, seed: int = 0) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, 2**n, generator=random, dtype=torch.float64)


def occlusion(v: torch.Tensor) -> torch.Tensor:
    n = v.shape[-1].bit_length() - 1
    return v[..., -1:] - v[..., [2**n - 1 - (1 << i) for i in range(n)]]


def leave_one_in(v: torch.Tensor) -> torch.Tensor:
    n = v.shape[-1].bit_length() - 1
    return v[..., [1 << i for i in range(n)]] - v[..., :1]


def seen_with(v: torch.Tensor) -> torch.Tensor:
    """The mean value of the coalitions that hold a player, as random masks are scored."""
    inside = membership(v.shape[-1].bit_length() - 1).double()
    return v @ inside / inside.sum(0)


DEFINITIONS = {
    "leave-one-in": leave_one_in,
    "Banzhaf": hs.banzhaf,
    "Shapley": hs.shapley,
    "occlusion": occlusion,
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_exact_weights_give_what_the_definition_gives_and_are_measured(name):
    v, function = random_tables(2, 3), DEFINITIONS[name]
    found = study.attribute(hs.and_interactions(v), study.REMOVAL[name])
    assert torch.allclose(found, function(v))
    frame = study.measured_weights(function, 5)
    exact = study.weights_table(5)[name]
    members = frame[(frame["role"] == "member")].set_index("order")
    assert members["weight"].tolist() == pytest.approx(exact.tolist())
    assert (members["high"] - members["low"]).abs().max() < 1e-9
    assert frame[frame["role"] == "other"]["weight"].abs().max() < 1e-9
    assert study.departure(function, 5) < 1e-12


def test_a_beta_is_the_mean_of_the_dial():
    random = torch.distributions.Beta(2.0, 3.0)
    torch.manual_seed(0)
    p = random.sample((200_000,)).double()
    for s in range(1, 6):
        assert study.beta(2, 3)(s) == pytest.approx(float((p ** (s - 1)).mean()), rel=0.02)
    assert [study.beta(1, 1)(s) for s in (1, 2, 5)] == pytest.approx([1, 1 / 2, 1 / 5])
    with pytest.raises(ValueError, match="above 0"):
        study.beta(0, 1)


def test_random_masks_pay_those_who_are_not_there():
    frame = study.measured_weights(seen_with, 4).set_index(["role", "order"])["weight"]
    assert frame["member"].tolist() == pytest.approx([2.0 ** (1 - s) for s in range(1, 5)])
    assert frame["other"].tolist() == pytest.approx([2.0**-s for s in range(0, 4)])


def test_what_treats_players_unlike_shows_in_the_spread():
    def first_only(v):
        return torch.cat([hs.shapley(v)[..., :1], hs.banzhaf(v)[..., 1:]], -1)

    frame = study.measured_weights(first_only, 4).query("role == 'member' and order == 4")
    assert (frame["low"].item(), frame["high"].item()) == pytest.approx((1 / 8, 1 / 4))


def test_what_is_not_linear_departs():
    assert study.departure(lambda v: hs.shapley(v).abs(), 4) > 0.1
    with pytest.raises(ValueError, match="leading"):
        study.shares_of(lambda v: hs.shapley(v[0]), 4)


def test_sums_of_a_player_by_order_are_those_of_its_dividends():
    dividends = random_tables(2)
    dividends[..., 0] = 0
    found = study.player_sums(dividends)
    where = membership(5)[:, 3] & (sizes(5) == 2)
    assert torch.allclose(found[:, 1, 3], dividends[:, where].sum(1))


def test_weights_are_fitted_back_and_the_method_is_found():
    dividends = hs.and_interactions(random_tables(12))
    a = study.attribute(dividends, study.beta(3, 1))
    frame = placement.fitted_weights(a, dividends)
    assert frame["weight"].tolist() == pytest.approx([study.beta(3, 1)(s) for s in range(1, 6)])
    assert (frame["high"] - frame["low"]).max() < 1e-9
    methods = study.REMOVAL | {"Beta (3, 1)": study.beta(3, 1)}
    mean = placement.placement(a, dividends, methods).groupby("method")["explained"].mean()
    assert mean["Beta (3, 1)"] == pytest.approx(1) and mean["fitted"] == pytest.approx(1)
    assert mean[["shuffled", "leave-one-in", "Shapley"]].max() < 0.99


def test_noise_is_not_explained_by_weights_fitted_elsewhere():
    dividends, noise = hs.and_interactions(random_tables(20)), random_tables(20, seed=1)[:, :5]
    frame = placement.placement(noise, dividends).groupby("method")[["explained", "rank"]].mean()
    assert frame.loc["fitted", "explained"] < 0.1 and abs(frame.loc["fitted", "rank"]) < 0.3
    low, high = placement.fitted_weights(noise, dividends)[["low", "high"]].to_numpy().T
    assert ((low < 0) & (high > 0)).mean() >= 0.6
    with pytest.raises(ValueError, match="samples"):
        placement.fitted_weights(noise[:3], dividends)
    with pytest.raises(ValueError, match="two or more"):
        placement.placement(noise[:1], dividends[:1])


class Multilinear(nn.Module):
    """A table's multilinear extension: at presences of 0 and 1 it is the table."""

    def __init__(self, v: torch.Tensor):
        super().__init__()
        self.dividends = hs.mobius(v)
        self.inside = membership(v.shape[0].bit_length() - 1)

    def forward(self, z):
        products = torch.where(self.inside, z[:, None], 1.0).prod(-1)  # (B, 2**n)
        return products @ self.dividends


def multilinear_game(seed: int, n: int = 5) -> MaskedGame:
    x, v = torch.ones(n, dtype=torch.float64), random_tables(n=n, seed=seed)
    return MaskedGame(
        Multilinear(v).eval(), x, Players(torch.arange(n)), torch.zeros_like(x), values.output(0)
    )


def test_on_a_multilinear_network_gradients_are_removal_based():
    game = multilinear_game(3)
    v, found = game.table(), gradients.player_attributions(game)
    assert torch.allclose(found["gradient × input"], occlusion(v))
    assert torch.allclose(found["gradient half-way × input"], hs.banzhaf(v))
    assert torch.allclose(found["gradient at the baseline × input"], leave_one_in(v))
    assert torch.allclose(found["integrated gradients"], hs.shapley(v))


def test_fitted_weights_of_gradients_on_multilinear_networks_are_the_dials():
    games = [multilinear_game(seed) for seed in range(3)]
    dividends = torch.stack([hs.and_interactions(game.table()) for game in games])
    methods = {"here": gradients.gradient_at(0.3)}
    found = [gradients.player_attributions(game, methods)["here"] for game in games]
    weights = placement.fitted_weights(torch.stack(found), dividends)["weight"]
    assert weights.tolist() == pytest.approx([0.3 ** (s - 1) for s in range(1, 6)])


def test_a_power_takes_its_share_of_a_dividend():
    class Power(nn.Module):
        def forward(self, x):
            return x[:, 0] ** 3 * x[:, 1] + x[:, 2]

    x, who = torch.tensor([2.0, 0.5, 1.0]).double(), Players(torch.tensor([0, 1, -1]))
    game = MaskedGame(Power().eval(), x, who, torch.zeros_like(x), values.output(0))
    dividend = hs.and_interactions(game.table())[3]
    assert float(dividend) == pytest.approx(4)
    found = gradients.player_attributions(game)
    assert found["gradient × input"].tolist() == pytest.approx([12, 4])
    assert found["integrated gradients"].tolist() == pytest.approx([3, 1])  # nobody's 1 is no part


def test_deep_lift_adds_up_and_relevance_is_gradient_times_input_without_biases():
    torch.manual_seed(0)
    layers = nn.Flatten(), nn.Linear(8, 16, bias=False), nn.ReLU(), nn.Linear(16, 2, bias=False)
    x, who = torch.rand(2, 4), Players(torch.tensor([0, 1, 1, 2]))
    game = MaskedGame(nn.Sequential(*layers).eval(), x, who, torch.zeros_like(x), values.logit(1))
    methods = gradients.METHODS | {"LRP": gradients.relevance}
    found, v = gradients.player_attributions(game, methods), game.table()
    assert float(found["DeepLIFT"].sum()) == pytest.approx(float(v[-1] - v[0]), abs=1e-4)
    assert torch.allclose(found["LRP"], found["gradient × input"], atol=1e-4)
    assert not hasattr(layers[0], "rule")


def test_ids_have_no_gradient():
    network = nn.Sequential(nn.Embedding(9, 3), nn.Flatten(), nn.Linear(12, 2)).eval()
    x = torch.tensor([1, 2, 3, 4])
    who = Players(torch.arange(4))
    game = MaskedGame(network, x, who, torch.zeros_like(x), values.logit(0))
    with pytest.raises(TypeError, match="embeddings"):
        gradients.player_attributions(game)
