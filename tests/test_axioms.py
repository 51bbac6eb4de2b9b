"""The seven axioms of Harsanyi dividends, each as a property of random games."""

import torch
from hypothesis import given
from hypothesis import strategies as st

import harsanyi as hs
from harsanyi.core.coalitions import sizes

seeds = st.integers(0, 2**31)


def random_game(n, seed):
    return torch.randn(2**n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def without(player, n):
    """The masks of the coalitions that lack a player."""
    return torch.tensor([m for m in range(2**n) if not m >> player & 1])


def relabelled(table, order):
    """The same game with its players renamed: new player j is old player order[j]."""
    n = len(order)
    old = [sum((m >> j & 1) << order[j] for j in range(n)) for m in range(2**n)]
    return table[torch.tensor(old)]


@given(st.integers(1, 8), seeds)
def test_efficiency(n, seed):
    v = random_game(n, seed)
    assert torch.isclose(hs.and_interactions(v).sum(), v[-1] - v[0], atol=1e-8)


@given(st.integers(2, 7), seeds)
def test_dummy(n, seed):
    """A player that adds the same everywhere takes part in no joint interaction."""
    v = random_game(n, seed)
    rest = without(0, n)
    v[rest | 1] = v[rest] + 2.5
    dividends = hs.and_interactions(v)
    assert torch.isclose(dividends[1], torch.tensor(2.5).double())
    joint = [m for m in range(2**n) if m & 1 and m != 1]
    assert dividends[joint].abs().max() < 1e-9


@given(st.integers(2, 7), seeds)
def test_symmetry(n, seed):
    """Two players that can stand in for each other have equal dividends in equal company."""
    v = random_game(n, seed)
    rest = torch.tensor([m for m in range(2**n) if m & 3 == 0])
    v[rest | 2] = v[rest | 1]
    dividends = hs.and_interactions(v)
    assert torch.allclose(dividends[rest | 1], dividends[rest | 2], atol=1e-9)


@given(st.integers(1, 6), seeds, st.randoms(use_true_random=False))
def test_anonymity(n, seed, random):
    order = random.sample(range(n), n)
    v = random_game(n, seed)
    assert torch.allclose(
        hs.and_interactions(relabelled(v, order)), relabelled(hs.and_interactions(v), order)
    )


@given(st.integers(1, 7), seeds)
def test_recursion(n, seed):
    """I(S ∪ i) is the dividend of S when i is always present, minus that when i is absent."""
    v = random_game(n, seed)
    rest = without(n - 1, n)
    present, absent = hs.mobius(v[rest | 1 << (n - 1)]), hs.mobius(v[rest])
    assert torch.allclose(hs.mobius(v)[rest | 1 << (n - 1)], present - absent, atol=1e-9)


@given(st.integers(1, 7), st.integers(1, 127))
def test_interaction_distribution(n, mask):
    """A game that pays only when all of S are there has that one dividend."""
    mask = mask % (2**n - 1) + 1
    v = hs.games.from_function(lambda m: (torch.arange(2**n) & mask) == mask, n)
    expected = torch.zeros(2**n).double()
    expected[mask] = 1.0
    assert torch.equal(hs.and_interactions(v), expected)


def test_noise_grows_with_the_order():
    """Independent noise of variance 1 gives dividends of variance 2^size."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(4000, 2**6, generator=generator, dtype=torch.float64)
    variance = hs.mobius(noise).var(0)
    expected = 2.0 ** sizes(6)
    assert ((variance / expected - 1).abs() < 0.15).all()
