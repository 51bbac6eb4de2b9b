"""Baselines: of the input's shape and kind, and what each promises."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import harsanyi as hs
from harsanyi.networks import baselines, players, values
from harsanyi.networks.masking import MaskedGame
from harsanyi.networks.players import Players


def test_zero_and_mean():
    data = torch.rand(5, 1, 4, 4)
    assert torch.equal(baselines.zero(data[0]), torch.zeros(1, 4, 4))
    assert baselines.zero(torch.tensor([3, 4])).dtype == torch.int64
    assert (
        torch.allclose(baselines.mean(data), data.mean(0))
        and baselines.mean(data).dtype == data.dtype
    )


@given(st.floats(0.3, 9), st.integers(2, 12), st.integers(2, 12))
@settings(max_examples=30, deadline=None)
def test_blur_keeps_even_images_and_stays_within_range(sigma, height, width):
    x = torch.rand(2, height, width, generator=torch.Generator().manual_seed(height))
    blurred = baselines.blur(x, sigma)
    assert torch.allclose(baselines.blur(torch.full_like(x, 0.7), sigma), torch.full_like(x, 0.7))
    assert blurred.min() >= x.min() and blurred.max() <= x.max() and blurred.shape == x.shape
    assert torch.allclose(baselines.blur(x, 1e-3), x) and blurred.dtype == x.dtype


def test_blur_of_a_point_is_a_gaussian():
    x = torch.zeros(1, 41, 41, dtype=torch.float64)
    x[0, 20, 20] = 1
    blurred = baselines.blur(x, 2.0)[0]
    assert torch.allclose(blurred[20, 22] / blurred[20, 20], torch.tensor(-0.5).double().exp())
    assert torch.allclose(blurred, blurred.T) and blurred.sum().item() == pytest.approx(1, abs=1e-6)


def test_the_mask_token_stands_at_every_position():
    assert baselines.mask_token(torch.tensor([5, 6, 7]), 103).tolist() == [103] * 3
    vector = torch.tensor([1.0, 2.0])
    assert torch.equal(baselines.mask_token(torch.zeros(3, 2), vector), vector.expand(3, 2))


def test_cluster_mean_moves_players_and_nobody_else():
    points = torch.rand(60, 3, generator=torch.Generator().manual_seed(1))
    clusters = players.clusters(points, n=3, among=5)
    means = baselines.cluster_mean(points, clusters)
    owner = clusters.owner[:, 0]
    assert torch.equal(means[owner == -1], points[owner == -1])
    for i in range(3):
        assert torch.allclose(
            means[owner == i], points[owner == i].mean(0).expand_as(means[owner == i])
        )


def small_network(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(18, 8), nn.Tanh(), nn.Linear(8, 3)).double().eval()


def strength(network, x, who, baseline) -> float:
    table = MaskedGame(network, x, who, baseline, values.log_odds(1)).table()
    return float(hs.and_interactions(table).abs().sum())


@pytest.mark.parametrize("radius", [0.3, torch.tensor([0.1, 0.5, 0.2, 0.4])])
def test_a_learned_baseline_shortens_the_explanation_within_its_balls(radius):
    network, x = small_network(), torch.rand(2, 3, 3, dtype=torch.float64)
    who = Players(torch.tensor([[0, 0, 1], [1, 2, 3], [-1, 3, -1]]))  # (3, 3), over both channels
    start = torch.zeros_like(x)
    before = [p.clone() for p in network.parameters()]
    found = baselines.learned(network, x, who, values.log_odds(1), start, radius, steps=20)
    assert strength(network, x, who, found) < 0.95 * strength(network, x, who, start)
    assert torch.equal(found[:, who.owner == -1], start[:, who.owner == -1])
    bound = torch.as_tensor(radius).double().expand(4)
    for i in range(4):
        assert (found - start)[:, who.where(i)].norm() <= bound[i] * (1 + 1e-9)
    again = baselines.learned(network, x, who, values.log_odds(1), start, radius, steps=20)
    assert torch.equal(found, again) and not found.requires_grad
    for now, then in zip(network.parameters(), before, strict=True):
        assert torch.equal(now, then) and now.grad is None


def test_no_step_returns_the_start():
    network, x = small_network(1), torch.rand(2, 3, 3, dtype=torch.float64)
    start = torch.rand_like(x)
    who = players.grid(x, 2, 2)
    assert torch.equal(
        baselines.learned(network, x, who, values.logit(0), start, 0.5, steps=0), start
    )


X = torch.rand(2, 3, 3, dtype=torch.float64)
BAD = {
    "mean of ids": (TypeError, lambda: baselines.mean(torch.tensor([[1], [2]])), "expected floats"),
    "mean of nothing": (ValueError, lambda: baselines.mean(torch.zeros(0, 3)), "M at least 1"),
    "blur of ids": (
        TypeError,
        lambda: baselines.blur(torch.ones(3, 3).int(), 1),
        "expected floats",
    ),
    "blur of a row": (ValueError, lambda: baselines.blur(torch.ones(3), 1), r"\(..., H, W\)"),
    "blur by nothing": (ValueError, lambda: baselines.blur(torch.ones(3, 3), 0), "above 0"),
    "a vector for ids": (
        TypeError,
        lambda: baselines.mask_token(torch.tensor([1, 2]), torch.ones(3)),
        "integer id",
    ),
    "a vector of wrong length": (
        ValueError,
        lambda: baselines.mask_token(torch.ones(4, 2), torch.ones(3)),
        r"expected \(2,\)",
    ),
    "points of another cloud": (
        ValueError,
        lambda: baselines.cluster_mean(torch.rand(5, 3), Players(torch.tensor([0, 1]))),
        r"expected \(2, d\)",
    ),
    "learning ids": (
        TypeError,
        lambda: baselines.learned(
            small_network(), X.int(), players.grid(X, 2, 2), values.logit(0), X.int(), 1.0
        ),
        "expected floats",
    ),
    "a radius of nothing": (
        ValueError,
        lambda: baselines.learned(
            small_network(), X, players.grid(X, 2, 2), values.logit(0), X, 0.0
        ),
        "above 0, or 4",
    ),
    "radii of other players": (
        ValueError,
        lambda: baselines.learned(
            small_network(), X, players.grid(X, 2, 2), values.logit(0), X, torch.ones(3)
        ),
        "or 4 of them",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused(case):
    error, make, message = BAD[case]
    with pytest.raises(error, match=message):
        make()
