"""The transforms: inverse pairs, linear, equal to brute force, differentiable, batched."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import harsanyi as hs
from harsanyi.core.coalitions import members, sizes
from harsanyi.core.transforms import _butterfly

seeds = st.integers(0, 2**31)
players = st.integers(0, 8)


def random_table(n, seed, *lead, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*lead, 2**n, generator=generator, dtype=torch.float64).to(dtype)


def brute_force_and(v):
    subset = torch.tensor([[m & s == m for m in range(len(v))] for s in range(len(v))])
    order = sizes(len(v).bit_length() - 1)
    sign = (-1.0) ** (order[:, None] - order[None, :]).abs()
    return (subset * sign.double()) @ v


def brute_force_or(v):
    n = len(v).bit_length() - 1
    full = 2**n - 1
    out = torch.zeros_like(v)
    for s in range(1, 2**n):
        for t in range(2**n):
            if t & s == t:
                out[s] -= (-1) ** (len(members(s)) - len(members(t))) * v[full ^ t]
    return out


@given(players, seeds)
def test_zeta_inverts_mobius(n, seed):
    v = random_table(n, seed)
    assert torch.allclose(hs.zeta(hs.mobius(v)), v, atol=1e-10)
    assert torch.allclose(hs.mobius(hs.zeta(v)), v, atol=1e-10)


@given(players, seeds)
def test_mobius_equals_its_definition(n, seed):
    v = random_table(n, seed)
    assert torch.allclose(hs.mobius(v), brute_force_and(v), atol=1e-10)


@given(st.integers(1, 6), seeds)
def test_or_interactions_equal_their_definition(n, seed):
    v = random_table(n, seed)
    assert torch.allclose(hs.or_interactions(v), brute_force_or(v), atol=1e-10)


@given(players, seeds)
def test_superset_sums_equal_their_definition(n, seed):
    v = random_table(n, seed)
    slow = [sum(float(v[t]) for t in range(2**n) if t & s == s) for s in range(2**n)]
    assert torch.allclose(hs.superset_sums(v), torch.tensor(slow).double(), atol=1e-6)


@given(players, seeds)
def test_each_explanation_alone_gives_the_game_back(n, seed):
    v = random_table(n, seed) + 3.0  # v(∅) ≠ 0
    nothing = torch.zeros_like(v)
    assert torch.allclose(hs.reconstruct(hs.and_interactions(v), empty=v[0]), v, atol=1e-10)
    assert torch.allclose(hs.reconstruct(nothing, hs.or_interactions(v), v[0]), v, atol=1e-10)


@given(st.integers(1, 8), seeds)
def test_any_split_into_and_and_or_gives_the_game_back(n, seed):
    v, gamma = random_table(n, seed), random_table(n, seed + 1)
    and_, or_ = hs.and_interactions(v / 2 + gamma), hs.or_interactions(v / 2 - gamma)
    assert torch.allclose(hs.reconstruct(and_, or_, v[0]), v, atol=1e-9)


@given(players, seeds)
def test_empty_set_carries_no_effect_and_a_constant_changes_none(n, seed):
    v = random_table(n, seed)
    for effects in (hs.and_interactions, hs.or_interactions):
        assert effects(v)[0] == 0
        assert torch.allclose(effects(v + 7.0), effects(v), atol=1e-9)


@given(st.integers(1, 8), seeds)
def test_a_single_player_is_both_and_and_or_in_an_additive_game(n, seed):
    weights = random_table(n, seed)[:n]
    v = hs.games.from_function(lambda present: present.double() @ weights, n)
    assert torch.allclose(hs.and_interactions(v), hs.or_interactions(v), atol=1e-10)


@given(st.integers(1, 7), seeds)
def test_linearity(n, seed):
    v, w = random_table(n, seed), random_table(n, seed + 1)
    assert torch.allclose(hs.mobius(2 * v - 3 * w), 2 * hs.mobius(v) - 3 * hs.mobius(w), atol=1e-9)


@given(st.integers(0, 7), seeds)
def test_a_batch_equals_the_loop(n, seed):
    v = random_table(n, seed, 3, 2)
    for transform in (hs.mobius, hs.zeta, hs.and_interactions, hs.or_interactions):
        loop = torch.stack([torch.stack([transform(row) for row in block]) for block in v])
        assert torch.equal(transform(v), loop)


@given(st.integers(0, 12), seeds)
def test_float32_error_is_bounded(n, seed):
    v = random_table(n, seed)
    error = (hs.mobius(v.float()).double() - hs.mobius(v.float().double())).abs()
    bound = torch.finfo(torch.float32).eps * n * hs.zeta(v.float().double().abs())
    assert (error <= bound + 1e-30).all()


def test_input_is_left_as_it_was():
    v = random_table(6, 0)
    before = v.clone()
    hs.mobius(v), hs.or_interactions(v), hs.reconstruct(v, v)
    assert torch.equal(v, before)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 15, 16, 17, 19])
def test_the_compiled_kernel_equals_the_plain_one(n):
    v = random_table(n, n)
    plain = v.clone()
    for bit in range(n):
        pairs = plain.view(-1, 2, 2**bit)
        pairs[:, 1] -= pairs[:, 0]
    assert torch.equal(_butterfly(v, -1), plain)


def test_views_that_are_not_contiguous():
    v = random_table(5, 0, 4)
    assert torch.equal(hs.mobius(v[::2]), hs.mobius(v[::2].clone()))
    assert torch.equal(hs.mobius(v.flip(-1)), hs.mobius(v.flip(-1).clone()))


@pytest.mark.parametrize("transform", [hs.mobius, hs.zeta, hs.and_interactions, hs.or_interactions])
def test_gradients_to_second_order(transform):
    v = random_table(3, 0, 2).requires_grad_()
    assert torch.autograd.gradcheck(transform, v)
    assert torch.autograd.gradgradcheck(lambda x: transform(x).square(), v)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU on this machine")
def test_gpu_equals_cpu():
    v = random_table(10, 0, 3)
    assert torch.allclose(hs.mobius(v.cuda()).cpu(), hs.mobius(v), atol=1e-9)
    assert hs.or_interactions(v.cuda()).is_cuda


def test_other_devices_use_tensor_operations_only():
    """The path a GPU takes, on the one other device every machine has."""
    assert hs.core.transforms._butterfly(torch.zeros(8, device="meta"), -1).device.type == "meta"


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        (torch.zeros(6).double(), ValueError, "power of two"),
        (torch.zeros(0).double(), ValueError, "power of two"),
        (torch.tensor(1.0), ValueError, "length 0"),
        (torch.tensor([0.0, float("nan")]), ValueError, "1 NaN"),
        (torch.tensor([0.0, float("inf"), float("-inf"), 0.0]), ValueError, "2 NaN or infinite"),
        (torch.zeros(4, dtype=torch.int64), TypeError, "torch.int64"),
        ([0.0, 1.0], TypeError, "list"),
    ],
)
def test_a_table_that_is_none_is_refused(table, error, words):
    for function in (hs.mobius, hs.zeta, hs.and_interactions, hs.or_interactions, hs.shapley):
        with pytest.raises(error, match=words):
            function(table)


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="expected that of and_"):
        hs.reconstruct(torch.zeros(4), torch.zeros(8))
