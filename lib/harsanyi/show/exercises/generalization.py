"""Checks of the exercises of the chapter "Generalization, sensitivity, bottleneck".

Chapter: Generalization, sensitivity, bottleneck.
"""

import torch
from torch import Tensor

from ...core.coalitions import mask_of, sizes
from ...core.transforms import mobius, zeta
from ...studies.common_orders import similarity_by_order
from ...studies.contexts import interactions, null_strength, pairs_of
from ._check import expect, reader_check


def _random(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@reader_check
def check_similarity_of(answer) -> str:
    """``answer(one, other)`` is the sum of common strength over the sum of the larger ones."""
    for seed, size in [(1, 3), (2, 10), (3, 45)]:
        one, other = _random(2, size, seed=seed)
        same = one.sign() == other.sign()
        low = torch.minimum(one.abs(), other.abs())[same].sum()
        expected = float(low / (one.abs().sum() + other.abs().sum() - low))
        got = float(answer(one.clone(), other.clone()))
        expect(
            abs(got - expected) < 1e-6,
            f"{size} effects: got {got:.4f}, expected {expected:.4f}. An effect and its opposite "
            "have nothing in common: positive and negative parts are compared apart.",
        )
    one = _random(5, seed=4)
    expect(abs(float(answer(one, one)) - 1) < 1e-9, "Equal effects have a similarity of 1.")
    return "Right: what both have, over what either has."


@reader_check
def check_lost(answer) -> str:
    """``answer(seen, again, fresh, order)`` is what test rows lose beside other training rows."""
    n, each = 5, 4
    for seed, order in [(1, 1), (2, 2), (3, 3)]:
        book, own = _random(2**n, seed=seed), _random(3, each, 2**n, seed=seed + 10)
        groups = (book + own) * (sizes(n) > 0)
        groups[2] -= book * (sizes(n) > 2)
        means = groups.mean(1)
        pair = [
            similarity_by_order(means[a], means[b])[order - 1] for a, b in ((0, 1), (0, 2), (1, 2))
        ]
        expected = float(pair[0] - (pair[1] + pair[2]) / 2)
        got = float(answer(*groups.clone(), order))
        expect(
            abs(got - expected) < 1e-6,
            f"order {order}: got {got:.4f}, expected {expected:.4f}. First the means over the "
            "samples, then the effects of this order alone, then training with training less the "
            "mean of the two with test.",
        )
    return "Right: a test set is judged by what another training set would have reached."


@reader_check
def check_in_context(answer) -> str:
    """``answer(v, i, j, m)`` is the mean interaction of a pair in contexts of m players."""
    for n, seed in [(3, 1), (4, 2), (5, 3)]:
        v, pairs = _random(2**n, seed=seed), pairs_of(n).tolist()
        exact = interactions(v)
        for at, (i, j) in list(enumerate(pairs))[::2]:
            for m in range(n - 1):
                got, expected = float(answer(v.clone(), i, j, m)), float(exact[m, at])
                expect(
                    abs(got - expected) < 1e-6,
                    f"n = {n}, players {i} and {j}, m = {m}: got {got:.4f}, expected "
                    f"{expected:.4f}, the mean over all contexts of m players without the pair.",
                )
    return "Right, in every context of every size."


@reader_check
def check_noise_u(answer) -> str:
    """``answer(n)`` is the J of independent noise for the context sizes 0 to n − 2."""
    for n in (3, 5, 10, 12):
        got, expected = torch.as_tensor(answer(n)).double(), null_strength(n)
        expect(
            got.shape == expected.shape,
            f"n = {n}: got shape {tuple(got.shape)}, expected {n - 1} context sizes.",
        )
        expect(
            abs(float(got.mean()) - 1) < 1e-6,
            f"n = {n}: the mean over the sizes is {float(got.mean()):.4f}, expected 1.",
        )
        expect(
            bool(torch.allclose(got, expected, atol=1e-6)),
            f"n = {n}: got {[round(x, 3) for x in got.tolist()]}, expected "
            f"{[round(x, 3) for x in expected.tolist()]}. How many contexts of m others are there, "
            "and what does a mean over so many do to a deviation?",
        )
    return "Right: a bottleneck that needs no network, only an average."


@reader_check
def check_bottleneck_game(answer) -> str:
    """``answer()`` gives dividends of four players with nothing in contexts of one other."""
    dividends = torch.as_tensor(answer()).double()
    expect(dividends.shape == (16,), f"Got shape {tuple(dividends.shape)}, expected 16 dividends.")
    found = interactions(zeta(dividends))  # (3 context sizes, 6 pairs)
    names = ("no other", "one other", "two others")
    for m in (0, 2):
        expect(
            float(found[m].abs().min()) > 1e-6,
            f"With {names[m]}, some pair doesn't interact: {found[m].tolist()}.",
        )
    worst = float(found[1].abs().max())
    expect(worst < 1e-9, f"With one other, some pair interacts by {worst:.3f}; expected 0 for all.")
    triple = dividends[mask_of((0, 1, 2))]
    expect(bool(torch.allclose(mobius(zeta(dividends)), dividends)) and float(triple) != 0,
           "Try triples that take back what the pairs have.")  # fmt: skip
    return "Right: nothing in the middle, though the game is full of pairs and triples."
