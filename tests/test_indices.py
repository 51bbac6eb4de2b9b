"""Attributions and interaction indices, against their axioms and against shapiq."""

from itertools import permutations

import numpy as np
import pytest
import shapiq
import torch
from hypothesis import given
from hypothesis import strategies as st

import harsanyi as hs
from harsanyi.core.coalitions import mask_of, members

seeds = st.integers(0, 2**31)


def random_game(n, seed, *lead):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*lead, 2**n, generator=generator, dtype=torch.float64)


def oracle(v):
    """shapiq's exact computer on a table."""
    n = len(v).bit_length() - 1
    bits = 1 << np.arange(n)

    def game(coalitions):
        return v.numpy()[np.atleast_2d(coalitions).astype(int) @ bits]

    return shapiq.ExactComputer(game, n_players=n)


@pytest.mark.parametrize("n", [1, 3, 6, 8])
def test_values_agree_with_shapiq(n):
    v = random_game(n, n)
    exact = oracle(v)
    for index, ours in (("SV", hs.shapley(v)), ("BV", hs.banzhaf(v))):
        theirs = exact(index, 1)
        assert torch.allclose(
            ours, torch.tensor([theirs[(i,)] for i in range(n)], dtype=v.dtype), atol=1e-9
        )


@pytest.mark.parametrize("index", ["SII", "STII", "FSII"])
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("n", [3, 5])
def test_interaction_indices_agree_with_shapiq(index, order, n):
    v = random_game(n, n + order)
    theirs = oracle(v)(index, order)
    ours = hs.interaction_index(v, index, order)
    for mask in range(1, 2**n):
        expected = theirs[members(mask)] if len(members(mask)) <= order else 0.0
        assert ours[mask].item() == pytest.approx(expected, abs=1e-8)


def test_dividends_agree_with_shapiq():
    v = random_game(6, 0)
    theirs = oracle(v)("Moebius", 6)
    ours = hs.and_interactions(v)
    for mask in range(1, 2**6):
        assert ours[mask].item() == pytest.approx(theirs[members(mask)], abs=1e-8)


@given(st.integers(1, 6), seeds)
def test_shapley_is_the_mean_gain_over_all_orders_of_arrival(n, seed):
    v = random_game(n, seed)
    total = torch.zeros(n).double()
    arrivals = list(permutations(range(n)))
    for arrival in arrivals:
        for place, player in enumerate(arrival):
            before = mask_of(arrival[:place])
            total[player] += v[before | 1 << player] - v[before]
    assert torch.allclose(hs.shapley(v), total / len(arrivals), atol=1e-9)


@given(st.integers(1, 8), seeds)
def test_shapley_is_efficient(n, seed):
    v = random_game(n, seed)
    assert torch.isclose(hs.shapley(v).sum(), v[-1] - v[0], atol=1e-9)


@given(st.integers(1, 6), seeds)
def test_every_index_of_order_one_and_the_full_order(n, seed):
    """Order 1 is the Shapley value; at order n, STII and FSII are the dividends themselves."""
    v = random_game(n, seed)
    singles = [1 << i for i in range(n)]
    for index in ("SII", "STII", "FSII"):
        assert torch.allclose(hs.interaction_index(v, index, 1)[singles], hs.shapley(v))
    for index in ("STII", "FSII"):
        assert torch.allclose(hs.interaction_index(v, index, n), hs.and_interactions(v), atol=1e-8)


def test_batches_and_float32():
    v = random_game(5, 0, 4)
    assert hs.shapley(v).shape == (4, 5)
    assert torch.allclose(hs.banzhaf(v)[2], hs.banzhaf(v[2]))
    assert hs.interaction_index(v.float(), "FSII", 2).dtype == torch.float32


@pytest.mark.parametrize(
    ("index", "order", "words"),
    [("SHAP", 2, "expected one of SII, STII, FSII"), ("SII", 0, "1 to 3"), ("SII", 4, "1 to 3")],
)
def test_unknown_index_and_order_are_refused(index, order, words):
    with pytest.raises(ValueError, match=words):
        hs.interaction_index(torch.zeros(8).double(), index, order)
