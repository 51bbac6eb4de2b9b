"""The certified extraction: optimal, exact, and honest about what it has proven."""

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

import harsanyi as hs
from harsanyi.extraction import effect_ranges, is_unique
from harsanyi.extraction.admm import Iteration, State
from harsanyi.extraction.kronecker import kronecker_power
from harsanyi.extraction.problem import check_problem, lower_bound
from harsanyi.extraction.sgd import PUBLISHED, descend, gradient
from harsanyi.extraction.uniqueness import _trigger_matrix

METHODS = ["admm", "interior"]


def random_tables(n, seed, *lead):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*lead, 2**n, generator=generator, dtype=torch.float64)


def planted(n, terms, seed):
    """A game of a few AND and OR terms of two or more players, weights ±1."""
    generator = torch.Generator().manual_seed(seed)
    several = [m for m in range(2**n) if m.bit_count() >= 2]
    kinds = ({}, {})
    for place in torch.randperm(2 * len(several), generator=generator)[:terms].tolist():
        kind, mask = divmod(place, len(several))
        players = hs.core.coalitions.members(several[mask])
        kinds[kind][players] = 1.0 if torch.rand((), generator=generator) < 0.5 else -1.0
    return hs.games.and_or(*kinds, n)


def highs(v, kappa):
    """The optimal length by SciPy's HiGHS, from the dense trigger matrix."""
    z = _trigger_matrix(len(v).bit_length() - 1)[0]
    rows = np.vstack([np.hstack([z, -z]), np.hstack([-z, z])])
    u = (v[1:] - v[0]).numpy()
    return linprog(np.ones(2 * z.shape[1]), A_ub=rows, b_ub=np.r_[u + kappa, kappa - u]).fun


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize("n", [1, 2, 4, 6, 8])
def test_the_optimum_is_that_of_highs(method, noise, n):
    v = random_tables(n, n) + 2.0
    tol = 1e-3 if (method, n) == ("admm", 8) else 1e-7  # first-order, so slow at the last digits
    found = hs.extract(v, noise, tol, method)
    best = highs(v, noise * float((v[-1] - v[0]).abs()))
    assert found.objective.item() == pytest.approx(best, rel=max(tol, 1e-6))
    assert found.lower_bound.item() <= best * (1 + 1e-9)


@pytest.mark.parametrize("method", [*METHODS, "sgd"])
@pytest.mark.parametrize("noise", [0.0, 0.04])
def test_effects_and_noise_give_the_game_back(method, noise):
    v = random_tables(6, 0, 3) + 1.0
    found = hs.extract(v, noise, 0.1, method, max_iterations=200)
    assert torch.allclose(found.reconstruct() + found.noise, v, atol=1e-9)
    kappa = noise * (v[:, -1] - v[:, 0]).abs()
    assert (found.noise.abs() <= kappa[:, None]).all()
    assert not found.or_[:, [1, 2, 4, 8, 16, 32]].any()  # single players count as AND
    length = found.effects.abs().sum((-1, -2))
    assert torch.allclose(length, found.objective)


@pytest.mark.parametrize("seed", range(6))
def test_planted_terms_are_recovered(seed):
    game = planted(7, terms=6, seed=seed)
    found = hs.extract(game.v, 0.0, 1e-7, "interior")
    assert found.objective.item() == pytest.approx(6.0, rel=1e-6)
    if is_unique(game.v).unique:
        assert torch.allclose(found.and_, game.and_, atol=1e-4)
        assert torch.allclose(found.or_, game.or_, atol=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_planted_terms_are_found_through_noise(seed):
    game = planted(7, terms=5, seed=seed)
    rise = float((game.v[-1] - game.v[0]).abs()) or 1.0
    shaken = game.v + 0.01 * (2 * torch.rand(128, dtype=torch.float64) - 1)
    shaken[0] = 0.0
    found = hs.extract(shaken, min(0.02 / rise, 0.9), 1e-5, "interior", max_iterations=200)
    strongest = {(e.kind, e.players) for e in found.top(5)}
    truth = {(e.kind, e.players) for e in hs.Interactions(game.and_, game.or_, 0.0).top(5)}
    assert len(strongest & truth) >= 4


def test_the_seed_example_is_its_own_shortest_explanation():
    game = hs.games.seed_example()
    found = hs.extract(game.v, 0.0, 1e-8, "interior")
    assert found.objective.item() == pytest.approx(4.0)
    assert torch.allclose(found.and_, game.and_, atol=1e-5)
    assert is_unique(game.v).unique


@pytest.mark.parametrize("noise", [0.0, 0.04])
def test_a_batch_equals_the_loop(noise):
    v = random_tables(5, 1, 2, 3)
    batch = hs.extract(v, noise, 1e-4)
    assert batch.objective.shape == (2, 3) and batch.converged.all()
    for i in range(2):
        for j in range(3):
            one = hs.extract(v[i, j], noise, 1e-4)
            assert torch.allclose(one.and_, batch[i, j].and_, atol=1e-9)
            assert torch.equal(one.certificate.iterations, batch[i, j].certificate.iterations)


def test_scaling_the_game_scales_the_answer():
    v = random_tables(5, 2)
    one, other = hs.extract(v, 0.04, 1e-4), hs.extract(-250.0 * v, 0.04, 1e-4)
    assert torch.allclose(-250.0 * one.and_, other.and_, atol=1e-6)


def test_renaming_the_players_renames_the_answer():
    v, order = random_tables(5, 3), [3, 0, 4, 1, 2]
    old = torch.tensor([sum((m >> j & 1) << order[j] for j in range(5)) for m in range(32)])
    one, other = (hs.extract(t, 0.0, 1e-9, "interior") for t in (v, v[old]))
    assert one.objective.item() == pytest.approx(other.objective.item(), rel=1e-8)
    if is_unique(v).unique:
        assert torch.allclose(one.or_[old], other.or_, atol=1e-5)


def test_any_dual_table_bounds_the_optimum():
    v = random_tables(5, 4)
    best = highs(v, 0.0)
    for seed in range(20):
        bound, y = lower_bound(check_problem(v, 0.0, 1.0), 10 * random_tables(5, seed, 1))
        assert bound.item() <= best + 1e-9


def test_ranges_hold_every_optimum_and_close_on_a_unique_one():
    game = hs.games.seed_example()
    ranges = effect_ranges(game.v, effects=[("and", 0b110), ("or", 0b11000), ("and", 0b11)])
    assert ranges.low[0, 0b110].item() == pytest.approx(1.0, abs=1e-6)
    assert ranges.high[1, 0b11000].item() == pytest.approx(1.0, abs=1e-6)
    assert ranges.high[0, 0b11].item() == pytest.approx(0.0, abs=1e-6)


def test_a_game_with_many_shortest_explanations_has_room():
    """Majority of three: two-of-three by ANDs, or by ORs, or anything between, equally long."""
    v = hs.games.majority(3).v
    ranges = effect_ranges(v)
    assert (ranges.high - ranges.low).nan_to_num().max().item() == pytest.approx(2.0, abs=1e-6)
    assert not is_unique(v).unique


def test_kronecker_power_is_what_it_says():
    matrix, dense = np.array([[1.0, 2.0], [-0.5, 3.0]]), np.ones((1, 1))
    for n in range(7):
        table = random_tables(n, n, 2)
        assert torch.allclose(kronecker_power(matrix, table), table @ torch.tensor(dense.T))
        dense = np.kron(matrix, dense)


@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_compiled_iterations_are_the_plain_ones(n, noise):
    problem = check_problem(random_tables(n, n, 11), noise, 1.0)  # groups of 8, 2 and 1
    compiled, plain = State.at_start(problem), State.at_start(problem)
    iteration = Iteration(n, noise > 0, problem.v)
    iteration(compiled, 40)
    for _ in range(40):
        iteration.plain(plain)
    for one, other in zip(compiled, plain, strict=True):
        assert torch.allclose(one, other, atol=1e-10)


def test_the_slope_of_the_length_is_the_one_that_autograd_finds():
    v, gamma, noise = random_tables(5, 0, 6).view(3, 2, -1)
    kappa = torch.tensor([[0.5], [0.0]], dtype=torch.float64)
    unknowns = gamma.requires_grad_(), noise.requires_grad_()
    half = (v - noise.clamp(-kappa, kappa)) / 2
    loss = hs.and_interactions(half + gamma).abs().sum()
    (loss + hs.or_interactions(half - gamma).abs().sum()).backward()
    found = gradient(v, gamma.detach(), noise.detach(), kappa)
    for unknown, slope in zip(unknowns, found, strict=True):
        assert torch.allclose(unknown.grad, slope)


def test_descent_stays_above_the_optimum():
    v = random_tables(6, 5)
    problem = check_problem(v, 0.0, 1.0)
    slow = descend(problem, PUBLISHED["generalizable"]._replace(steps=300))
    assert slow.objective.item() > hs.extract(v, 0.0, 1e-4).objective.item()


def test_a_gap_that_was_not_reached_says_so():
    with pytest.warns(RuntimeWarning, match="1 of 1 games stopped"):
        found = hs.extract(random_tables(8, 0), 0.0, 1e-9, max_iterations=25)
    assert not found.converged and found.gap > 1e-9


def test_a_result_keeps_its_certificate(tmp_path):
    found = hs.extract(random_tables(4, 0, 2), 0.0, 1e-4)
    found.save(tmp_path / "r.pt")
    again = hs.load(tmp_path / "r.pt")
    assert torch.equal(again.gap, found.gap) and torch.equal(again[1].objective, found.objective[1])
    with pytest.raises(ValueError, match="computed, not extracted"):
        found.salient().gap  # noqa: B018


def test_a_constant_game_needs_no_words():
    for method in METHODS:
        found = hs.extract(torch.full((16,), 3.0, dtype=torch.float64), 0.0, 1e-3, method)
        assert len(found) == 0 and found.converged


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"noise": -0.1}, "noise: got -0.1"),
        ({"noise": 1.0}, "fraction below 1"),
        ({"tol": 0.0}, "positive relative gap"),
        ({"method": "adam"}, "expected one of admm, interior, sgd"),
        ({"max_iterations": 0}, "1 or more"),
        ({"v": torch.zeros(2**13).double(), "method": "interior"}, "at most 12"),
        ({"v": torch.zeros(3).double()}, "power of two"),
        ({"v": torch.zeros(1).double()}, "1 or more"),
    ],
)
def test_bad_input_is_refused(change, words):
    arguments = {"v": torch.zeros(8).double()} | change
    with pytest.raises(ValueError, match=words):
        hs.extract(**arguments)
