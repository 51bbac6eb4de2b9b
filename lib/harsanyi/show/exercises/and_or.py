"""Checks of the exercises of the chapter "AND, OR and both".

Chapter: AND, OR and both.
"""

import torch
from torch import Tensor

from ...core.coalitions import label, sizes
from ...core.games import and_or, majority, seed_example
from ...core.transforms import and_interactions, or_interactions, reconstruct
from ._check import expect, reader_check


def random_tables(count: int = 3) -> list[Tensor]:
    """Return seeded random games (2**n,) float64 of 2 to 5 players; v(∅) is not zero."""
    generator = torch.Generator().manual_seed(303)
    return [torch.randn(2 ** (2 + i % 4), generator=generator).double() for i in range(count)]


def close_to(got, expected: Tensor, what: str) -> None:
    """Expect a tensor near another, and name the first coalition where it is not."""
    expect(isinstance(got, Tensor), f"{what}: got {type(got).__name__}, expected a tensor.")
    expect(
        got.shape == expected.shape,
        f"{what}: got shape {tuple(got.shape)}, expected {tuple(expected.shape)}.",
    )
    wrong = ((got - expected).abs() > 1e-8).flatten()
    if wrong.any():
        at = int(wrong.nonzero()[0])
        names = [f"x{i + 1}" for i in range(20)]
        expect(
            False,
            f"{what}: entry {at}, coalition {label(at, names)}, got {float(got[at]):.4g}, "
            f"expected {float(expected[at]):.4g}.",
        )


@reader_check
def check_or_by_reversal(answer) -> str:
    """``answer(v)`` returns the OR interactions of v (2**n,) by way of ``hs.mobius`` alone."""
    for v in [seed_example().v, *random_tables()]:
        before = v.clone()
        close_to(answer(v), or_interactions(v), f"The OR interactions of a game of {len(v)} values")
        expect(torch.equal(v, before), "Your function changed the table it was given; copy first.")
    return "Right: one flip, one Möbius transform, one minus sign, and 0 for the empty set."


@reader_check
def check_or_as_and(answer) -> str:
    """``answer(S, n)`` returns the AND interactions (2**n,) of one OR over the mask S."""
    for mask, n in [(0b1, 1), (0b11, 2), (0b110, 3), (0b1011, 4), (0b11111, 5)]:
        inside = torch.arange(2**n) & ~mask == 0
        expected = torch.where(inside, -((-1.0) ** sizes(n).double()), 0.0)
        expected[0] = 0.0
        close_to(answer(mask, n), expected, f"The OR of mask {mask:#b} among {n} players")
    return "Right: an OR of k players is 2^k − 1 ANDs, odd ones +1 and even ones −1."


@reader_check
def check_splitting_gamma(answer) -> str:
    """``answer(v_and, v_or)`` returns the γ (2**n,) that splits their sum into these two parts."""
    games = [seed_example(), and_or({(0, 1): 2.0, (2,): -1.0}, {(1, 2, 3): 0.5}, n=4)]
    pairs = [(reconstruct(g.and_), reconstruct(0 * g.or_, g.or_)) for g in games]
    tables = random_tables(4)
    pairs += [(table, table.flip(0)) for table in tables]
    for one, other in pairs:
        gamma, v = answer(one, other), one + other
        close_to(gamma, (one - other) / 2, "γ")
        close_to(and_interactions(v / 2 + gamma), and_interactions(one), "The AND part")
    return "Right: γ is half the difference of the parts, so every split has its γ, and only one."


@reader_check
def check_length_bound(answer) -> str:
    """``answer(v)`` returns the best bound on the length that a pair of entries of v gives."""
    tables = [seed_example().v, majority(4).v, 1 - majority(3).v, *random_tables(6)]
    for v in tables:
        got, best = float(answer(v)), float(v.max() - v.min())
        expect(
            got <= best + 1e-9,
            f"Got {got:.4g} for values between {float(v.min()):.4g} and {float(v.max()):.4g}; some "
            "explanation may be shorter, so this is no bound.",
        )
        expect(
            got >= best - 1e-9,
            f"Got {got:.4g}; that is a bound, but two coalitions of this game differ by more. "
            "Nothing in the proof needs N or ∅.",
        )
    return "Right: no AND-OR explanation is shorter than the range of the table."
