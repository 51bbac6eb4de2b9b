"""Checks of the exercises of the chapter "What the answer depends on".

Chapter: What the answer depends on.
"""

import torch
from torch import Tensor

from ...core.games import from_function, majority
from ...core.transforms import and_interactions, reconstruct
from ._check import expect, reader_check


def _random(shape, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


@reader_check
def check_baseline_pair(answer) -> str:
    """``answer(x1, x2, r1, r2)`` returns the dividends {1}, {2}, {1,2} of x₁·x₂ for baseline r."""
    inputs = [(1.0, 1.0, 0.0, 0.0), (1.0, 1.0, 0.5, 0.5), *_random((6, 4), 801).tolist()]
    for x1, x2, r1, r2 in inputs:
        table = torch.tensor([r1 * r2, x1 * r2, r1 * x2, x1 * x2], dtype=torch.float64)
        expected = and_interactions(table)[1:]
        got = torch.as_tensor(answer(x1, x2, r1, r2), dtype=torch.float64)
        expect(got.shape == (3,), f"Expected three numbers, got shape {tuple(got.shape)}.")
        place = int((got - expected).abs().argmax())
        expect(
            bool((got - expected).abs().max() < 1e-9),
            f"{['{1}', '{2}', '{1,2}'][place]} at x = ({x1:.3g}, {x2:.3g}), r = ({r1:.3g}, "
            f"{r2:.3g}): got {float(got[place]):.4g}, expected {float(expected[place]):.4g}.",
        )
    return "Right: the pair has (x₁ − r₁)(x₂ − r₂); where r is not 0, the singles get a share too."


@reader_check
def check_agreement(answer) -> str:
    """``answer(a, b)`` returns the agreement of two lists of signed effects, scaled to length 1."""
    a = _random(12, 802)
    pairs = [
        (a, a, "a list and itself"), (a, 3 * a, "a list and three times itself"),
        (a, -a, "a list and its opposite"),
        (torch.tensor([1.0, 0, 0]), torch.tensor([0, 1.0, 0]), "two lists without a common effect"),
        (torch.tensor([3.0, 1.0]), torch.tensor([1.0, 3.0]), "(3, 1) and (1, 3)"),
        (a, _random(12, 803), "two random lists"),
    ]  # fmt: skip
    for one, other, what in pairs:
        parts = [e.double() / e.abs().sum() for e in (one, other)]
        parts = [torch.cat([e.clamp(min=0), (-e).clamp(min=0)]) for e in parts]
        expected = float(torch.minimum(*parts).sum() / torch.maximum(*parts).sum())
        got = float(answer(one.clone(), other.clone()))
        expect(abs(got - expected) < 1e-6, f"{what}: got {got:.4f}, expected {expected:.4f}.")
    return "Right: 1 for a multiple, 0 for the opposite, and something in between for the rest."


@reader_check
def check_no_interaction(answer) -> str:
    """``answer(v)`` re-expresses a game of products so that no interaction is left."""
    for n, seed in ((2, 804), (3, 805), (5, 806)):
        share = 0.2 + 0.7 * torch.rand(n, generator=torch.Generator().manual_seed(seed)).double()
        table = from_function(lambda z, share=share: (share ** (1 - z.double())).prod(1), n)
        new = answer(table.clone())
        expect(
            isinstance(new, Tensor) and new.shape == table.shape,
            "Expected a table of the same shape: one new value for every old one.",
        )
        expect(
            torch.equal(new.argsort(), table.argsort()),
            "The order of the coalitions changed; use a function that only ever rises.",
        )
        dividends = and_interactions(new.double())
        pairs = [m for m in range(1, 2**n) if m & (m - 1)]
        left = float(dividends[pairs].abs().max())
        expect(left < 1e-9, f"With {n} players an interaction of strength {left:.3g} is left.")
    return "Right: on this scale the players only add up. The interactions were the scale's."


@reader_check
def check_two_explanations(answer) -> str:
    """``answer()`` returns two different shortest explanations (and_, or_) of majority of 3."""
    pairs = answer()
    expect(len(pairs) == 2, f"Expected two pairs (and_, or_), got {len(pairs)}.")
    v, told = majority(3).v, []
    for number, (and_, or_) in enumerate(pairs, start=1):
        and_, or_ = (torch.as_tensor(e, dtype=torch.float64) for e in (and_, or_))
        expect(
            and_.shape == or_.shape == v.shape,
            f"Explanation {number}: expected two tables of 8 effects, the empty set's first.",
        )
        error = float((reconstruct(and_, or_) - v).abs().max())
        expect(error < 1e-9, f"Explanation {number} misses an output by {error:.3g}.")
        single = torch.tensor([0, 1, 1, 0, 1, 0, 0, 0], dtype=torch.bool)  # masks of one player
        effects = torch.stack([and_ + or_.where(single, 0), or_.where(~single, 0)])
        length = float(effects.abs().sum())
        expect(length < 5 + 1e-9, f"Explanation {number} has length {length:.3g}; 5 is possible.")
        told.append(effects)
    apart = float((told[0] - told[1]).abs().max())
    expect(apart > 0.01, "The two explanations are the same, once single ORs count as ANDs.")
    return "Right: both exact, both of length 5, and no data can tell which one the game uses."
