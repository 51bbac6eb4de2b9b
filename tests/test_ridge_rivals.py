"""Rivals of the ridge theory: what each must be, and that a contest finds the planted one."""

import pytest
import torch

from harsanyi.core.coalitions import sizes
from harsanyi.studies import ridge_rivals as rivals
from harsanyi.studies.ridge import noise_grid, ridge
from harsanyi.studies.ridge_fit import theory_strengths

N = 6
STORIES = {"ridge": ridge, "descent": rivals.descent, "faded": rivals.faded}


def planted(samples: int = 6, members: int = 12) -> torch.Tensor:
    """w* of a few games: a sparse AND and a sparse OR part, with a constant."""
    random = torch.Generator().manual_seed(4)
    weights = torch.randn(samples, 2, 2**N, generator=random, dtype=torch.float64)
    rank = torch.rand(weights.shape, generator=random).argsort(-1)
    return weights * (rank < members)


def sigma(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_every_story_starts_at_what_was_learned(story):
    weights = planted()
    assert torch.allclose(story(weights, sigma(0)), weights, rtol=0, atol=1e-12)
    assert torch.allclose(story(weights, sigma(1e-12)), weights, rtol=0, atol=1e-6)


@pytest.mark.parametrize("time", [0.5, 3.0, 200.0])
def test_descent_is_what_small_steps_reach(time):
    masks = torch.arange(2**N)
    j = ((masks[:, None] & masks) == masks).double()
    weights, w = planted()[0, 0], torch.zeros(2**N, dtype=torch.float64)
    steps = 20_000
    for _ in range(steps):
        w -= time / steps * (j.T @ (j @ (w - weights))) / 2**N
    assert torch.allclose(rivals.descent(weights, sigma(1 / time)), w, atol=2e-3)


def test_fading_fades_each_order_by_the_same_factor():
    ratio = rivals.faded(torch.ones(2**N).double(), sigma(0.01))
    expected = (1 + 2**N * 0.01) ** -sizes(N).double()
    assert torch.allclose(ratio, expected)


@pytest.mark.parametrize("truth", STORIES)
def test_a_contest_is_won_by_the_story_that_was_planted(truth):
    weights, grid = planted(), noise_grid(N)
    earlier = STORIES[truth](weights, grid[len(grid) // 2])
    told = {name: rivals.profiles_told(story, weights, grid) for name, story in STORIES.items()}
    strength = theory_strengths(earlier)
    by_order = {name: rivals.profile_distances(strength, one) for name, one in told.items()}
    by_effect = {
        name: rivals.effect_distances(3 * earlier, story, weights, grid)
        for name, story in STORIES.items()
    }
    for distances in (by_order, by_effect):
        frame = rivals.contest(distances, grid).set_index("story")
        assert frame.distance.idxmin() == truth
        assert frame.distance[truth] == pytest.approx(0, abs=1e-9)
        assert frame.sigma2[truth] == pytest.approx(float(grid[len(grid) // 2]))
    assert (frame.low <= frame.distance + 0.1).all() and (frame.low <= frame.high).all()
    assert frame.loc["ridge", ["behind", "behind_low", "behind_high"]].abs().max() == 0


def test_a_profile_does_not_know_who_plays_and_effects_do():
    weights, grid = planted(), noise_grid(N, 2)
    turned = weights.view(-1, 2, *[2] * N).permute(0, 1, 7, 2, 3, 4, 5, 6)  # players on a circle
    shuffled, earlier = turned.reshape(weights.shape), ridge(weights, grid[8])
    strength = theory_strengths(earlier)
    own, moved = (
        rivals.profile_distances(strength, rivals.profiles_told(ridge, w, grid))
        for w in (weights, shuffled)
    )
    assert torch.allclose(own, moved)
    own, moved = (
        rivals.effect_distances(earlier, ridge, w, grid)[0].min() for w in (weights, shuffled)
    )
    assert own < 1e-9 < 0.1 < moved


def test_many_moments_are_measured_as_one_by_one():
    weights, grid = planted(), noise_grid(N, 1)
    moments = torch.stack([ridge(weights, grid[3]), ridge(weights, grid[6])])
    together = rivals.effect_distances(moments, ridge, weights, grid)
    alone = [rivals.effect_distances(one, ridge, weights, grid) for one in moments]
    assert torch.allclose(together, torch.stack(alone), rtol=0, atol=1e-12)
