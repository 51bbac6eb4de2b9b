"""The joint extraction: optimal, exact, within its bounds, whatever the order of the networks."""

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

import harsanyi as hs
from harsanyi.extraction import Weights, eq6, released
from harsanyi.extraction.shared_iteration import SharedIteration, State
from harsanyi.extraction.shared_problem import (
    check_shared,
    in_box,
    into_box,
    joint_length,
    nearest_dual,
    shared_bound,
    without_additive,
)
from harsanyi.extraction.shared_sgd import PUBLISHED, descend_shared
from harsanyi.extraction.uniqueness import _trigger_matrix

HALVES = (hs.and_interactions, hs.or_interactions)


def random_tables(n, seed, *lead):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*lead, 2**n, generator=generator, dtype=torch.float64)


def splits(z, effects):
    """γ as a matrix on merged effects: the AND half of the game less half of the game."""
    half = z.copy()
    half[:, effects:] = 0.0
    return half - z / 2


def highs(v, weights, kappa, box=None):
    """The optimal joint length of one sample's tables (m, 2**n) by SciPy's HiGHS."""
    (m, size), z = v.shape, _trigger_matrix(v.shape[1].bit_length() - 1)[0]
    (rows, k), n = z.shape, v.shape[1].bit_length() - 1
    u, own, one, none = (v[:, 1:] - v[:, :1]).numpy(), np.eye(m), np.eye(k), np.zeros
    signed, both = np.hstack([z, -z]), np.hstack([one, one])
    member = np.array([[t >> j & 1 for j in range(n)] for t in range(1, size)])
    free = 0 if box is None else rows + m * n  # the centre γ̄, and each γ's additive part
    cost = np.r_[np.full(2 * k * m, weights.each), np.full(k, weights.most), none(free)]
    left, right = [], []
    for i in range(m):
        at = own[i : i + 1]
        game = np.hstack([np.kron(at, signed), none((rows, k + free))])
        left += [game, -game, np.hstack([np.kron(at, both), -one, none((k, free))])]
        right += [u[i] + kappa[i], kappa[i] - u[i], none(k)]
        if box is not None:
            g = splits(z, size - 1)
            tail = [none((rows, k)), -np.eye(rows), np.kron(at, member)]
            gamma = np.hstack([np.kron(at, np.hstack([g, -g])), *tail])
            left += [gamma, -gamma]
            right += [np.full(rows, box[i])] * 2
    bounds = [(0, None)] * (2 * k * m + k) + [(None, None)] * free
    return linprog(cost, np.vstack(left), np.concatenate(right), bounds=bounds).fun


def bounds_of(v, noise, box):
    rise = (v[:, -1] - v[:, 0]).abs().numpy()
    return noise * rise, None if box is None else box * rise


def lies_in_box(found, v, box):
    """Whether some γ of the found effects lie within the box, by a linear programme."""
    m, size = v.shape
    n, rows = size.bit_length() - 1, size - 1
    member = np.array([[t >> j & 1 for j in range(n)] for t in range(1, size)])
    left, right = [], []
    for i, one in enumerate(found):
        gamma = (hs.zeta(one.and_) - (v[i] - v[i, 0] - one.noise) / 2)[1:].numpy()
        row = np.hstack([np.eye(rows), -np.kron(np.eye(m)[i : i + 1], member)])
        left += [row, -row]
        right += [box[i] + gamma + 1e-9, box[i] - gamma + 1e-9]
    free = [(None, None)] * (rows + m * n)
    left, right = np.vstack(left), np.concatenate(right)
    return linprog(np.zeros(len(free)), left, right, bounds=free).success


@pytest.mark.parametrize("form", [eq6, released])
@pytest.mark.parametrize("box", [None, 0.5, 0.05])
@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize(("n", "m"), [(1, 2), (3, 2), (3, 3)])
def test_the_optimum_is_that_of_highs(n, m, noise, box, form):
    v = random_tables(n, 10 * n + m, m) + 1.0
    found = hs.extract_shared(v, 0.1, noise, 1e-5, form, box)
    kappa, bound = bounds_of(v, noise, box)
    best = highs(v, form(0.1), kappa, bound)
    assert found[0].objective.item() == pytest.approx(best, rel=1e-5)
    assert found[0].lower_bound.item() <= best * (1 + 1e-7)
    assert bound is None or lies_in_box(found, v, bound)


@pytest.mark.parametrize(("m", "alpha"), [(2, 0.0), (2, 0.1), (3, 0.3)])
def test_the_optimum_is_that_of_highs_with_more_players(m, alpha):
    v = random_tables(5, m, m) + 1.0
    found = hs.extract_shared(v, alpha, 0.02, 1e-6, box=None, max_iterations=100_000)
    kappa, _ = bounds_of(v, 0.02, None)
    best = highs(v, eq6(alpha), kappa)
    assert found[0].objective.item() == pytest.approx(best, rel=1e-6)
    assert found[0].lower_bound.item() <= best * (1 + 1e-7)


@pytest.mark.parametrize("noise", [0.0, 0.04])
def test_effects_and_noise_give_every_game_back(noise):
    tables = [random_tables(6, seed, 2, 2) + 1.0 for seed in range(3)]
    with pytest.warns(RuntimeWarning, match="4 of 4 samples stopped"):
        found = hs.extract_shared(tables, 0.1, noise, 1e-4, max_iterations=60)
    for v, one in zip(tables, found, strict=True):
        assert torch.allclose(one.reconstruct() + one.noise, v, atol=1e-9)
        kappa = noise * (v[..., -1] - v[..., 0]).abs()
        assert (one.noise.abs() <= kappa[..., None]).all()
        assert not one.or_[..., [1, 2, 4, 8, 16, 32]].any()  # single players count as AND
    and_, or_ = (torch.stack([getattr(x, k) for x in found]) for k in ("and_", "or_"))
    length = joint_length(eq6(0.1), *(t.flatten(1, 2).movedim(0, 1) for t in (and_, or_)))
    assert torch.allclose(length, found[0].objective.flatten())


def test_a_box_that_binds_is_kept_by_every_sample():
    v = random_tables(3, 0, 4, 2) + 1.0
    found = hs.extract_shared([v[:, 0], v[:, 1]], 0.1, 0.02, 1e-3, box=0.05)
    free = hs.extract_shared([v[:, 0], v[:, 1]], 0.1, 0.02, 1e-3, box=None)
    assert (found[0].objective > 1.01 * free[0].objective).any()
    box = 0.05 * (v[..., -1] - v[..., 0]).abs().mean(0)
    for s in range(4):
        assert lies_in_box([one[s] for one in found], v[s], box.numpy())


def test_planted_interactions_that_networks_share_are_found():
    common = hs.games.and_or({(0, 1): 2.0, (1, 2, 4): -1.5}, {(2, 3): 1.0, (0, 3, 5): 1.5}, 6)
    own = [hs.games.and_or({pair: 0.5}, {}, 6) for pair in ((0, 4), (3, 5))]
    tables = [common.v + game.v for game in own]
    found = hs.extract_shared(tables, 0.1, 0.0, 1e-6)
    for one, game in zip(found, own, strict=True):
        assert torch.allclose(one.and_, common.and_ + game.and_, atol=1e-3)
        assert torch.allclose(one.or_, common.or_ + game.or_, atol=1e-3)


@pytest.mark.parametrize("m", [2, 3])
def test_equal_networks_have_equal_explanations_each_as_short_as_alone(m):
    v = random_tables(5, 3, 2) + 1.0
    found = hs.extract_shared([v] * m, 0.25, 0.02, 1e-4)
    alone = hs.extract(v, 0.02, 1e-4)
    for one in found[1:]:
        assert torch.allclose(one.and_, found[0].and_, atol=1e-9)
    length = found[0].effects.abs().sum((-1, -2))
    assert torch.allclose(length, alone.objective, rtol=2e-4)
    assert torch.allclose(found[0].objective, (1 + m * 0.25) * length, rtol=1e-9)


def test_weights_on_the_sum_alone_extract_each_network_by_itself():
    tables = [random_tables(5, seed, 2) for seed in (0, 1)]
    found = hs.extract_shared(tables, 1.0, 0.02, 1e-4, released, box=None)
    alone = sum(hs.extract(v, 0.02, 1e-4).objective for v in tables)
    assert torch.allclose(found[0].objective, alone, rtol=2e-4)


def test_reordering_the_networks_reorders_the_answer():
    tables = [random_tables(4, seed) for seed in range(3)]
    one = hs.extract_shared(tables, 0.2, 0.02, 1e-4)
    other = hs.extract_shared(tables[::-1], 0.2, 0.02, 1e-4)
    for a, b in zip(one, other[::-1], strict=True):
        assert torch.allclose(a.and_, b.and_, atol=1e-8)
        assert torch.allclose(a.or_, b.or_, atol=1e-8)


def test_a_batch_equals_the_loop():
    tables = random_tables(4, 1, 2, 2, 2)
    batch = hs.extract_shared(tables, 0.1, 0.02, 1e-3, box=None, names="abcd")
    assert batch[0].objective.shape == (2, 2) and batch[0].names == ("a", "b", "c", "d")
    for i in range(2):
        for j in range(2):
            alone = hs.extract_shared(tables[:, i, j], 0.1, 0.02, 1e-3, box=None)
            for one, other in zip(batch, alone, strict=True):
                assert torch.allclose(one[i, j].or_, other.or_, atol=1e-9)


def test_scaling_the_games_scales_the_answer():
    tables = random_tables(4, 2, 2)
    one = hs.extract_shared(tables, 0.1, 0.04, 1e-3)
    other = hs.extract_shared(-250.0 * tables, 0.1, 0.04, 1e-3)
    assert torch.allclose(-250.0 * one[1].and_, other[1].and_, atol=1e-6)


def test_any_dual_tables_bound_the_optimum():
    v = random_tables(3, 4, 3)
    kappa, box = bounds_of(v, 0.02, 0.1)
    best = highs(v, eq6(0.1), kappa, box)
    problem = check_shared(v, 0.1, 0.02, 1.0, eq6, 0.1)
    bounds = []
    for seed in range(200):
        y, r = random_tables(3, seed, 1, 3), 0.1 * random_tables(3, -seed - 1, 1, 3)
        bounds.append(shared_bound(problem, y + v[None], r)[0].item())
    assert 0 < max(bounds) <= best + 1e-9


@pytest.mark.parametrize("m", [2, 3, 5])
def test_what_is_left_of_a_row_is_its_proximal_point(m):
    """Its cost plus half its squared distance is least: no step from it is downhill."""
    weights, x = Weights(0.7, 0.2), random_tables(6, m, 3, m)
    p = nearest_dual(weights, x)
    z = x - p
    assert ((p.abs() - 0.2).clamp(min=0).sum(1) <= 0.7 + 1e-12).all()
    cost = 0.7 * z.abs().amax(1) + 0.2 * z.abs().sum(1)
    assert torch.allclose((p * z).sum(1), cost, atol=1e-12)  # p is a subgradient of the cost at z


@pytest.mark.parametrize("m", [2, 3, 4])
def test_splits_are_moved_into_the_box_and_no_further(m):
    box, gamma = torch.rand(5, m).double(), 3 * random_tables(4, m, 5, m)
    moved = into_box(box, gamma)
    assert in_box(box + 1e-12, moved).all() and torch.allclose(into_box(box, moved), moved)
    push = gamma - moved  # a normal of the box: no allowed direction leads along it
    assert push.sum(1).abs().max() < 1e-9
    inside = into_box(box, random_tables(4, 9, 5, m))
    assert ((push * (inside - moved)).sum((1, 2)) <= 1e-9).all()


def test_a_sum_of_single_players_is_no_split():
    gamma = random_tables(5, 0)
    shifted = gamma + hs.zeta(hs.games.and_or({(i,): i - 2.0 for i in range(5)}, {}, 5).and_)
    assert torch.allclose(without_additive(gamma), without_additive(shifted))


def test_the_published_descent_stays_above_the_optimum():
    tables = [random_tables(5, seed, 2) + 1.0 for seed in range(2)]
    problem = check_shared(tables, 0.1, 0.02, 1.0, released, 0.5)
    slow = descend_shared(problem, PUBLISHED["generalizable-mnist"]._replace(steps=300))
    start = joint_length(problem.weights, *(f(problem.v / 2) for f in HALVES))
    best = hs.extract_shared(tables, 0.1, 0.02, 1e-3, released)[0]
    assert (slow.objective < start).all() and (slow.objective > best.objective).all()
    assert (slow.lower_bound <= best.objective).all() and slow.and_.shape == problem.v.shape
    game = hs.reconstruct(slow.and_, slow.or_) + slow.noise
    assert torch.allclose(game, problem.v, atol=1e-9)


def test_constant_games_need_no_words():
    found = hs.extract_shared([torch.full((16,), c, dtype=torch.float64) for c in (0.0, 3.0)])
    assert all(len(one) == 0 for one in found) and found[0].converged


@pytest.mark.parametrize("boxed", [False, True])
@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize(("n", "m"), [(1, 2), (2, 3), (5, 2), (4, 4)])
def test_the_compiled_iterations_are_the_plain_ones(n, m, noise, boxed):
    tables = [random_tables(n, seed, 7) for seed in range(m)]
    problem = check_shared(tables, 0.1, noise, 1.0, eq6, 0.05)
    iteration = SharedIteration(problem, boxed)
    compiled, plain = State.at_start(problem), State.at_start(problem)
    iteration(compiled, 40)
    for _ in range(40):
        iteration.plain(plain)
    for one, other in zip(compiled, plain, strict=True):
        assert torch.allclose(one, other, atol=1e-10)


V = torch.zeros(8).double()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tables": [V]}, "two or more, one for each network"),
        ({"tables": [V, torch.zeros(16).double()]}, r"shapes \(8,\), \(16,\), expected one shape"),
        ({"tables": [V, torch.zeros(3).double()]}, "power of two"),
        ({"alpha": -0.1}, "alpha: got -0.1"),
        ({"alpha": 1.5, "form": released}, "released form takes alpha from 0 to 1"),
        ({"noise": 1.0}, "fraction below 1"),
        ({"tol": 0.0}, "positive relative gap"),
        ({"box": 0.0}, "box: got 0.0"),
        ({"max_iterations": 0}, "1 or more"),
        ({"names": ["a"]}, "expected 3"),
    ],
)
def test_bad_input_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        hs.extract_shared(**({"tables": [V, V]} | change))
