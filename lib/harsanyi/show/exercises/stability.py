"""Checks of the exercises of the chapter "Which knowledge is solid?".

Chapter: Which knowledge is solid?
"""

import numpy as np
import torch
from torch import Tensor

from ...core.coalitions import sizes
from ...core.indices import shapley
from ...core.result import Interactions
from ...core.transforms import mobius, zeta
from ...studies.layer_attributions import unseen_change
from ...studies.solidity import order_correlation, standardised
from ._check import expect, reader_check


def _random(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _ands(effects: Tensor) -> Interactions:
    """Explanations with these ANDs and nothing else."""
    return Interactions(effects, torch.zeros_like(effects), torch.zeros(effects.shape[:-1]))


@reader_check
def check_noise_spread(answer) -> str:
    """``answer(order, sigma)`` is the deviation of a dividend under independent output noise."""
    for order, sigma in [(1, 1.0), (2, 0.3), (5, 0.02), (10, 2.0)]:
        got, expected = float(answer(order, sigma)), 2 ** (order / 2) * sigma
        expect(
            abs(got - expected) < 1e-9 * expected,
            f"order {order}, sigma {sigma:g}: got {got:.4g}, expected {expected:.4g}. How many "
            "outputs does the alternating sum add up?",
        )
    seen = mobius(0.5 * _random(4000, 16, seed=1)).std(0)[-1].item()
    return f"Right. 4,000 noisy games of four players: {seen:.2f} for sigma 0.5, and 2² · 0.5 = 2."


@reader_check
def check_related(answer) -> str:
    """``answer(one, fresh, r)`` has correlation r with ``one``, and its size."""
    one, fresh = _random(2, 200_000, seed=2)
    for r in (0.0, 0.5, 0.8, 1.0, -0.6):
        got = torch.as_tensor(answer(one.clone(), fresh.clone(), r))
        expect(got.shape == one.shape, f"Got shape {tuple(got.shape)}, expected that of one.")
        found, size = float(torch.corrcoef(torch.stack([one, got]))[0, 1]), float(got.std())
        expect(abs(found - r) < 0.02, f"r = {r:g}: got a correlation of {found:.3f}.")
        expect(
            abs(size - 1) < 0.02,
            f"r = {r:g}: the result has deviation {size:.3f}, expected 1, that of the two given.",
        )
    return "Right: related as much as you say, and neither louder nor quieter."


@reader_check
def check_order_correlation(answer) -> str:
    """``answer(one, other, order)`` is Pearson's correlation over the coalitions of an order."""
    for n, order in [(4, 1), (5, 2), (5, 3), (6, 2)]:
        one, other = _random(2, 2**n, seed=n + order) * 3.0 ** -sizes(n).double()
        one[0] = other[0] = 0
        frame = order_correlation(_ands(one[None]), _ands(other[None])).set_index(["kind", "order"])
        expected = float(frame.loc[("and", order), "correlation"])
        got = float(answer(one.clone(), other.clone(), order))
        expect(
            abs(got - expected) < 1e-6,
            f"n = {n}, order {order}: got {got:.4f}, expected {expected:.4f}. Only the coalitions "
            "of this order count, and their mean is taken off first.",
        )
    return "Right: no threshold, no strength, no number of members in it."


@reader_check
def check_held_fixed(answer) -> str:
    """``answer(rate, count)`` (orders, bins) are the orders' rates at common strengths."""
    for seed, orders, bins in [(1, 2, 3), (2, 3, 4), (3, 4, 2)]:
        random = torch.Generator().manual_seed(seed)
        count = torch.randint(1, 40, (orders, bins), generator=random).double()
        rate = torch.rand(orders, bins, generator=random, dtype=torch.float64)
        expected = torch.as_tensor(standardised(count.numpy(), (rate * count).numpy())[0])
        got = torch.as_tensor(answer(rate.clone(), count.clone())).double()
        expect(
            got.shape == (orders,),
            f"Got shape {tuple(got.shape)}, expected one number for each of {orders} orders.",
        )
        raw = (rate * count).sum(1) / count.sum(1)
        expect(
            not torch.allclose(got, raw) or torch.allclose(raw, expected),
            "These are the raw rates: each order still has its own mixture of strengths.",
        )
        expect(
            bool(np.allclose(got, expected, atol=1e-6)),
            f"Got {[round(x, 3) for x in got.tolist()]}, expected "
            f"{[round(x, 3) for x in expected.tolist()]}: every order gets the same weights, the "
            "bins' shares of all effects.",
        )
    return "Right: as if every order had effects of the same strengths."


@reader_check
def check_two_layers(answer) -> str:
    """``answer()`` gives the ANDs of two layers: nothing in common but the Shapley values."""
    one, two = (torch.as_tensor(t, dtype=torch.float64) for t in answer())
    expect(one.shape == two.shape == (16,), "Expected two tables of 16 effects: four players.")
    expect(float(one[0]) == float(two[0]) == 0, "The empty coalition has no effect: entry 0 is 0.")
    both = [i for i in range(16) if one[i] != 0 and two[i] != 0]
    expect(not both, f"Coalition {both[0] if both else 0:04b} has an effect in both layers.")
    expect(bool(one.any()) and bool(two.any()), "A layer without any effect: too easy.")
    first, second = (shapley(zeta(t)) for t in (one, two))
    expect(
        bool(torch.allclose(first, second)),
        f"Shapley values {[round(x, 3) for x in first.tolist()]} and "
        f"{[round(x, 3) for x in second.tolist()]}: expected the same.",
    )
    return "Right: everything was forgotten, all is new, and no attribution has moved."


@reader_check
def check_unseen(answer) -> str:
    """``answer(before, after)`` (2**n,) is the share of the change that Shapley values miss."""
    for n, seed in [(2, 4), (3, 5), (5, 6)]:
        effects = _random(2, 2**n, seed=seed)
        effects[:, 0] = 0
        frame = unseen_change(_ands(effects[:, None]), ["before", "after"])
        expected, got = float(frame["missed"][0]), float(answer(*effects.clone()))
        expect(
            abs(got - expected) < 1e-6,
            f"n = {n}: got {got:.4f}, expected {expected:.4f}: 1 − Σ|Δφ| / Σ|ΔI|.",
        )
    alone = torch.zeros(2, 8, dtype=torch.float64)
    alone[1, 3] = 2.0
    expect(abs(float(answer(*alone))) < 1e-9, "One new interaction cancels with nothing: 0.")
    return "Right: what grows in one interaction of a player hides what shrinks in another."
