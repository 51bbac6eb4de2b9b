"""The ridge theory: the fast solve against a dense one, its row norms, and σ² found again."""

import math

import pytest
import torch

from harsanyi.core.coalitions import sizes
from harsanyi.studies import ridge_fit as fit
from harsanyi.studies.planted_training import planted_trajectory
from harsanyi.studies.ridge import noise_grid, ratios, ridge, row_norms


def dense(n: int, sigma2: float) -> torch.Tensor:
    """M̂ as the paper writes it, (2**n, 2**n)."""
    masks = torch.arange(2**n)
    j = ((masks[:, None] & masks) == masks).double()  # J_{S,T} = 1(T ⊆ S)
    penalty = 2**n * sigma2 * torch.diag(2.0 ** sizes(n).double())
    return torch.linalg.solve(j.T @ j + penalty, j.T @ j)


def logspace(low: float, high: float, points: int) -> torch.Tensor:
    return torch.logspace(low, high, points, dtype=torch.float64)


@pytest.mark.parametrize("n", [0, 1, 3, 6])
@pytest.mark.parametrize("sigma2", [0.0, 1e-6, 1e-3, 0.3, 20.0])
def test_the_fast_solve_is_the_dense_one(n, sigma2):
    weights = torch.randn(2, 3, 2**n, dtype=torch.float64)
    expected = weights @ dense(n, sigma2).T
    assert torch.allclose(ridge(weights, sigma2), expected, rtol=0, atol=1e-12)


def test_several_noises_lead_and_are_solved_alike():
    weights = torch.randn(3, 2**5, dtype=torch.float64)
    noises = torch.tensor([[0.0, 0.1], [1.0, 5.0]], dtype=torch.float64)
    together = ridge(weights, noises)
    assert together.shape == (2, 2, 3, 2**5)
    assert torch.allclose(together[1, 0], ridge(weights, 1.0), rtol=0, atol=1e-13)


def test_without_noise_everything_is_learned_and_with_much_nothing():
    weights = torch.randn(2**12, dtype=torch.float64)
    assert torch.allclose(ridge(weights, 0.0), weights, rtol=0, atol=1e-12)
    assert ridge(weights, 1e9).abs().max() < 1e-6
    assert not torch.equal(ridge(weights + torch.eye(2**12)[0], 0.1), ridge(weights, 0.1))


def test_a_renaming_of_players_commutes_with_the_solve():
    weights = torch.randn(2, 2, 2, 2, dtype=torch.float64)
    one = ridge(weights.flatten(), 0.2).view(2, 2, 2, 2).permute(2, 0, 3, 1)
    other = ridge(weights.permute(2, 0, 3, 1).flatten(), 0.2).view(2, 2, 2, 2)
    assert torch.allclose(one, other, rtol=0, atol=1e-13)


@pytest.mark.parametrize("sigma2", [0.0, 1e-4, 0.5])
def test_norms_of_rows_depend_on_the_order_alone_and_are_the_dense_ones(sigma2):
    full = dense(6, sigma2).norm(dim=1)
    assert torch.allclose(full, row_norms(6, sigma2)[sizes(6)], rtol=0, atol=1e-12)


def test_on_the_grid_of_the_figure_low_orders_pass_and_their_lead_grows_with_the_noise():
    for n in (6, 8, 10, 12, 14):
        frame = ratios(n, logspace(-2, 2, 17)).query("order >= 1")
        assert frame["rises"].all() and (frame["ratio"] > 1).all()
    known = ratios(10, torch.tensor([0.01, 0.1, 1.0], dtype=torch.float64))
    found = known.query("order in (1, 5, 9)")["ratio"].round(2).tolist()
    assert found == [1.32, 1.81, 2.47, 2.37, 2.66, 2.91, 2.72, 2.89, 3.03]
    assert ratios(7, torch.tensor([1e9]))["ratio"].tolist() == pytest.approx([math.sqrt(10)] * 7)


@pytest.mark.parametrize(
    "n, order, sigma2, ratio",
    [(10, 0, 4e-7, 0.99996), (12, 1, 6e-8, 0.99974), (14, 2, 8e-9, 0.99943)],
)
def test_the_printed_proposition_has_counterexamples(n, order, sigma2, ratio):
    at = ratios(n, torch.tensor([0.0, sigma2], dtype=torch.float64)).query("order == @order")
    assert at["ratio"].iloc[0] == pytest.approx(1, abs=1e-12)  # not above 1 without noise
    assert at["ratio"].iloc[1] == pytest.approx(ratio, abs=5e-6)  # nor always with it
    assert at["rises"].tolist() == [True, False]


def test_it_falls_nowhere_at_nine_players_and_in_one_window_at_ten():
    grid = torch.cat([torch.zeros(1).double(), logspace(-16, 3, 96)])
    assert ratios(9, grid)["rises"].all()
    falls = ratios(10, grid).query("not rises")
    assert set(falls["order"]) == {0}
    assert falls["sigma2"].between(1e-8, 4e-6).all()


def test_outside_the_grid_of_noises_the_profile_stands_still():
    weights = torch.randn(4, 2, 2**8, dtype=torch.float64)
    grid = noise_grid(8)
    assert grid[0] == 0 and bool((grid.diff() > 0).all())
    ends = fit.ridge_family(weights, torch.stack([grid[0], grid[1], grid[-1], 100 * grid[-1]]))
    for one, other, near in ((0, 1, 0.02), (2, 3, 0.05)):
        assert fit.profile_distance(ends[one].mean(0), ends[other].mean(0)) < near


def test_a_planted_noise_is_found_again_and_no_noise_too():
    found = planted_trajectory([4.0], n=8, samples=8, seed=3)[0]
    weights, grid = fit.learned_weights(found), noise_grid(8)
    family = fit.ridge_family(weights, grid)
    for at in (0, 30, 50, 65):
        got = fit.fit_profile(family[at], family, grid)
        assert got.sigma2 == got.low == got.high == float(grid[at])
        assert got.distance == 0 and torch.allclose(got.profile.sum(), torch.tensor(8.0).double())
    jitter = (0.2 * torch.randn(family[50].shape, generator=torch.Generator().manual_seed(1))).exp()
    got = fit.fit_profile(family[50] * jitter, family, grid)
    assert got.low <= float(grid[50]) <= got.high and got.distance < got.unchanged


def test_noise_falls_as_planted_orders_climb_and_a_rival_of_one_number_stands_beside():
    found = planted_trajectory([2.5, 3.5, 4.5], n=8, samples=8, seed=1)
    frame = fit.fit_snapshots(found, [1, 10, 100])
    assert frame["sigma2"].is_monotonic_decreasing
    assert (frame["distance"] <= frame["unchanged"]).all() and (frame["rival"] >= 0).all()
    assert frame["distance"].iloc[-1] < 0.02 < frame["distance"].iloc[0]


def test_the_constant_enters_the_theory_and_no_profile():
    found = planted_trajectory([3.0], n=5, samples=6)[0]
    weights = fit.learned_weights(found)
    moved = weights.clone()
    moved[:, 0, 0] += 7
    assert torch.equal(fit.theory_strengths(weights), fit.theory_strengths(moved))
    assert not torch.equal(*(fit.theory_strengths(ridge(w, 0.1)) for w in (weights, moved)))


def test_what_cannot_be_solved_is_refused():
    with pytest.raises(ValueError, match="0 or more"):
        ridge(torch.zeros(4).double(), -1.0)
    with pytest.raises(TypeError, match="float64"):
        ridge(torch.zeros(4), 1.0)
    with pytest.raises(ValueError, match="rising grid"):
        ratios(4, torch.tensor([1.0, 0.5]))
    grid = noise_grid(3)
    with pytest.raises(ValueError, match="nothing is salient"):
        fit.fit_profile(torch.zeros(2, 3).double(), torch.ones(len(grid), 2, 3).double(), grid)
    with pytest.raises(ValueError, match="grid from 0"):
        fit.fit_profile(torch.ones(2, 3), torch.ones(4, 2, 3), grid)
