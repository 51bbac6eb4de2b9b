"""Checks for the exercises of the chapter on Harsanyi dividends."""

import torch

from harsanyi.core.coalitions import sizes
from harsanyi.core.transforms import mobius, zeta

from ._check import expect, reader_check


def _games(n: int, count: int = 5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randint(-5, 6, (count, 2**n), generator=generator).double()


@reader_check
def check_two_players(dividends) -> str:
    """Check a function of the four values of a game of two players: the three dividends."""
    for v in _games(2):
        nothing, a, b, both = v.tolist()
        got = tuple(float(x) for x in dividends(nothing, a, b, both))
        expect(len(got) == 3, f"Got {len(got)} numbers, expected three: I(a), I(b) and I(a, b).")
        expected = tuple(mobius(v)[1:].tolist())
        expect(
            got == expected,
            f"For v(∅), v(a), v(b), v(ab) = {v.tolist()} got {got}, expected {expected}. "
            "Did you take v(∅) away from the single players, and give it back to the pair?",
        )
    return "Right for five random games: the pair keeps what neither player explains."


@reader_check
def check_butterfly(transform) -> str:
    """Check a hand-written Möbius transform on tables of one to eight players."""
    for n in range(1, 9):
        for v in _games(n, 2):
            before = v.clone()
            got = transform(v)
            expect(torch.equal(v, before), "Your function wrote into its input: clone it first.")
            expect(
                isinstance(got, torch.Tensor) and got.shape == v.shape,
                f"Expected a tensor of shape {tuple(v.shape)} back, got {got!r:.80}.",
            )
            wrong = int((got != mobius(v)).sum())
            expect(wrong == 0, f"n = {n}: {wrong} of {2**n} dividends are wrong.")
    return "Right from one to eight players, with n passes and no matrix."


@reader_check
def check_game_with_dividends(make_game) -> str:
    """Check a function that builds the table with given dividends."""
    for dividends in _games(4):
        dividends[0] = 0.0
        got = make_game(dividends.clone())
        expect(
            isinstance(got, torch.Tensor) and got.shape == dividends.shape,
            f"Expected a table of shape {tuple(dividends.shape)}, got {got!r:.80}.",
        )
        expect(
            torch.allclose(got, zeta(dividends)),
            "The dividends of your table are not the ones asked for: v(T) must sum the dividends "
            "of all coalitions inside T.",
        )
    return "Right: any wish for 2ⁿ − 1 dividends is some game. Matching can rule out nothing."


@reader_check
def check_noise(variance) -> str:
    """Check a formula for a dividend's variance, per size, for independent and shared noise."""
    for sigma in (0.1, 1.0, 3.0):
        for s in range(1, 8):
            lone = 2.0**s * sigma**2
            got = float(variance(s, sigma, shared=False))
            expect(
                abs(got - lone) < 1e-9 * lone,
                f"Independent noise, size {s}, σ = {sigma}: got {got:g}, expected {lone:g}. "
                f"How many values does a dividend of size {s} add up?",
            )
            common = float(variance(s, sigma, shared=True))
            expect(
                abs(common) < 1e-9,
                f"Shared noise, size {s}: got {common:g}. The same number is added {2 ** (s - 1)} "
                "times with plus and as often with minus.",
            )
    signs = (-1.0) ** sizes(3)
    return f"Right: the signs of a dividend sum to {int(signs.sum())}, their squares to 2ˢ."
