"""Checks of the exercises of the chapter "Sparsity".

Chapter: Sparsity.
"""

import itertools

import torch
from torch import Tensor

from ...core.coalitions import sizes
from ...core.result import Interactions
from ...core.transforms import mobius
from ...studies import sparsity as study
from ._check import expect, reader_check


def _samples(count: int, m: int, seed: int) -> tuple[Tensor, Tensor]:
    """Seeded strengths (count, m), most of them small, and rises (count,)."""
    random = torch.Generator().manual_seed(seed)
    strength = torch.rand(count, m, generator=random, dtype=torch.float64) ** 6
    return strength, 3 * torch.rand(count, generator=random, dtype=torch.float64)


@reader_check
def check_four_counts(answer) -> str:
    """``answer(strength (count, m), rise (count,))`` returns the salient counts (4, count)."""
    names = list(study.THRESHOLDS)
    for count, m, seed in [(3, 40, 1), (5, 200, 2), (1, 10, 3)]:
        strength, rise = _samples(count, m, seed)
        got = torch.as_tensor(answer(strength, rise))
        expect(
            tuple(got.shape) == (4, count), f"Got shape {tuple(got.shape)}, expected {(4, count)}."
        )
        for name, rule, row in zip(names, study.THRESHOLDS.values(), got, strict=True):
            expected = (strength > rule(strength, rise)[:, None]).sum(-1)
            expect(
                torch.equal(row.long(), expected),
                f"{name}, {count} samples: got {row.tolist()}, expected {expected.tolist()}.",
            )
    return "Right: four papers, four counts, and two of them depend on the other samples."


@reader_check
def check_fooling_game(answer) -> str:
    """``answer()`` returns a table (16,) whose strongest effect alone fools R but not the error."""
    v = torch.as_tensor(answer(), dtype=torch.float64)
    expect(v.shape == (16,), f"Got shape {tuple(v.shape)}, expected (16,): four players.")
    expect(abs(float(v[0])) < 1e-9, f"v(∅): got {float(v[0]):.3g}, expected 0.")
    alone = study.strongest(Interactions.from_table(v[None]), 1)
    ratio = float(study.explained_ratio(alone, v[None]))
    error = float(study.matching_error(alone, v[None]))
    expect(
        ratio > 1 - 1e-9,
        f"R = {ratio:.3f}: the strongest effect must equal v(N), so the others must cancel in N.",
    )
    expect(
        error >= 0.9, f"R = 1, but the error is {error:.2f}: the rest must matter in more places."
    )
    return f"Right: R = 1, and the error of all outputs is {error:.2f}."


@reader_check
def check_carrying(answer) -> str:
    """``answer(strength (m,), share)`` returns how many effects carry that share."""
    cases = [torch.tensor([1.0, 1.0, 1.0, 1.0]), torch.tensor([0.0, 8.0, 1.0, 1.0])]
    cases += list(_samples(3, 50, 7)[0])
    for strength, share in itertools.product(cases, (0.25, 0.5, 0.9)):
        ordered = strength.sort(descending=True).values
        expected = int((ordered.cumsum(0) < share * ordered.sum() - 1e-12).sum()) + 1
        got = int(answer(strength.clone(), share))
        expect(
            got == expected,
            f"{share:.0%} of {len(strength)} strengths that sum to {float(strength.sum()):.3g}, "
            f"the largest {float(ordered[0]):.3g}: got {got}, expected {expected}.",
        )
    return "Right: no threshold, and still a number that can be compared."


@reader_check
def check_allowance(answer) -> str:
    """``answer(n, kappa)`` returns the largest length of the Möbius transform of the noise."""
    for n, kappa in [(1, 1.0), (2, 0.5), (3, 1.0), (10, 0.04)]:
        signs = torch.where(sizes(n) % 2 == 0, 1.0, -1.0).double() * kappa
        signs[0] = 0.0
        expected = float(mobius(signs)[1:].abs().sum())
        got = float(answer(n, kappa))
        hint = "Is ε of the empty set 0?" if got > expected else "The signs of parity reach more."
        expect(abs(got - expected) < 1e-6, f"n = {n}, κ = {kappa}: got {got:.6g}. {hint}")
    return "Right: 3ⁿ − 2ⁿ times κ, because 2ᵏ outputs enter an effect of order k."
