"""Checks of the exercises of the chapter "Two phases".

Chapter: Two phases.
"""

from itertools import permutations

import torch
from torch import Tensor

from ...core.coalitions import sizes
from ...core.transforms import mobius
from ...studies.dynamics import spindle
from ...studies.phases import mean_order
from ._check import expect, reader_check


def _short(numbers) -> list[float]:
    return [round(float(x), 2) for x in numbers]


def _profile(answer, what: str, n: int) -> Tensor:
    """What the reader returned, as n numbers of float64."""
    got = torch.as_tensor(answer, dtype=torch.float64)
    expect(got.shape == (n,), f"{what}: got shape {tuple(got.shape)}, expected {n} numbers.")
    return got


@reader_check
def check_noise_profile(answer) -> str:
    """``answer(n)`` is the profile of independent noise: n bars that add up to n."""
    for n in (1, 2, 5, 10):
        got, expected = _profile(answer(n), f"n = {n}", n), spindle(n)
        expect(
            abs(float(got.sum()) - n) < 1e-6,
            f"n = {n}: the bars add up to {float(got.sum()):.4g}, expected {n}.",
        )
        expect(
            torch.allclose(got, expected, atol=1e-6),
            f"n = {n}: got {_short(got)}, expected {_short(expected)}. How many coalitions of k "
            "players are there, and how large is the dividend of each?",
        )
    random = torch.Generator().manual_seed(1)
    noise = mobius(torch.randn(300, 32, generator=random, dtype=torch.float64)).abs().mean(0)
    seen = torch.stack([noise[sizes(5) == order].sum() for order in range(1, 6)])
    return f"Right. 300 noisy games of five players have {_short(seen * 5 / seen.sum())}."


@reader_check
def check_mean_order(answer) -> str:
    """``answer(strength)`` is the mean order, weighted with the strengths (n,) of the orders."""
    random = torch.Generator().manual_seed(2)
    cases = [torch.eye(6)[3], torch.ones(5), torch.tensor([3.0, 1.0])]
    cases = [c.double() for c in [*cases, *(torch.rand(n, generator=random) for n in (4, 10))]]
    for strength in cases:
        got, expected = float(answer(strength.clone())), float(mean_order(strength))
        expect(
            abs(got - expected) < 1e-6,
            f"strengths {_short(strength)}: got {got:.4g}, expected {expected:.4g}. The first of "
            "them belongs to order 1.",
        )
    loud = float(answer(1000 * cases[-1]))
    expect(abs(loud - float(mean_order(cases[-1]))) < 1e-6, "Louder is not higher: divide by Σ s.")
    return "Right: from 1, single players alone, to n, nothing but the whole."


@reader_check
def check_turning_point(answer) -> str:
    """``answer(path, least)`` is the position of a turn, None where a path has none."""
    cases = [
        ([5.0, 4.0, 2.0, 3.0, 4.0], 0.1, 2),
        ([5.0, 4.0, 3.0, 2.0], 0.1, None),
        ([2.0, 3.0, 4.0], 0.1, None),
        ([4.0, 4.0, 4.0], 0.1, None),
        ([4.0, 3.95, 4.3], 0.1, None),
        ([4.0, 3.5, 3.55], 0.1, None),
        ([4.0, 3.5, 3.55], 0.04, 1),
        ([3.0, 5.0, 2.9, 4.0], 0.5, None),
    ]
    for path, least, expected in cases:
        got = answer(list(path), least)
        expect(
            (got is None) == (expected is None) and (got is None or int(got) == expected),
            f"path {path}, least {least:g}: got {got}, expected {expected}. From the first "
            "snapshot to the lowest it must fall by least or more, and rise by it to the last.",
        )
    return "Right: every curve has a lowest point, and not every lowest point is a boundary."


@reader_check
def check_outgrown(answer) -> str:
    """``answer()``: two profiles of strength; all grow, and the mean order falls by 2 or more."""
    before, after = answer()
    n = len(before)
    before, after = _profile(before, "before", n), _profile(after, "after", n)
    expect(n >= 4, f"Got {n} orders: take four or more, it needs room.")
    expect(bool((before > 0).all()), "Before: every order should have some strength, above 0.")
    shrunk = (after <= before).nonzero().flatten() + 1
    expect(len(shrunk) == 0, f"Order(s) {shrunk.tolist()} did not grow: all are to grow.")
    fall = float(mean_order(before) - mean_order(after))
    expect(
        fall >= 2,
        f"The mean order goes from {float(mean_order(before)):.2f} to "
        f"{float(mean_order(after)):.2f}: expected a fall by 2 orders or more.",
    )
    return f"Right: nothing was removed, and the mean order fell by {fall:.1f}."


@reader_check
def check_paired_anew(answer) -> str:
    """``answer(first, second)`` is the share of all pairings at least as near as the true one."""
    random = torch.Generator().manual_seed(3)
    cases = [([1.0, 2.0, 4.0], [2.0, 4.0, 8.0]), ([1.0, 2.0, 3.0, 5.0], [4.0, 4.0, 4.0, 4.0])]
    cases += [(torch.rand(5, generator=random).tolist(), torch.rand(5, generator=random).tolist())]
    for first, second in cases:

        def apart(dealt, first=first):
            return sum(abs(a - b) for a, b in zip(first, dealt, strict=True))

        dealt = [apart(order) for order in permutations(second)]
        expected = sum(d <= apart(second) + 1e-9 for d in dealt) / len(dealt)
        got = float(answer(list(first), list(second)))
        expect(
            got != 0,
            "Got 0: the true pairing is one of the pairings, so the share is never 0.",
        )
        expect(
            abs(got - expected) < 1e-6,
            f"first {_short(first)}, second {_short(second)}: got {got:.4g}, expected "
            f"{expected:.4g}: the share of {len(dealt)} pairings whose Σ|first − second| is not "
            "above that of the true one.",
        )
    return "Right. Where all runs have the same second moment the share is 1: pairing is no news."
