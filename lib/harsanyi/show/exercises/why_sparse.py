"""Checks of the exercises of the chapter "Why sparse?".

Chapter: Why sparse?
"""

import math

import torch

from ...core.compare import salient_mask
from ...core.games import majority, parity, seed_example
from ...core.transforms import and_interactions
from ...studies import conditions
from ._check import expect, reader_check


def _tables() -> list[torch.Tensor]:
    """Known games and seeded random ones; v(∅) is not zero."""
    random = torch.Generator().manual_seed(77)
    drawn = [torch.randn(2**n, generator=random, dtype=torch.float64) for n in (1, 3, 6)]
    return [seed_example().v + 0.5, majority(5).v, parity(4).v, *drawn]


@reader_check
def check_size_means(answer) -> str:
    """``answer(v (2**n,))`` returns the centred means over coalition sizes (n+1,)."""
    for v in _tables():
        expected = conditions.size_means(v)
        got = torch.as_tensor(answer(v), dtype=torch.float64)
        expect(
            got.shape == expected.shape,
            f"Got shape {tuple(got.shape)}, expected {tuple(expected.shape)}, sizes 0 to n.",
        )
        hint = " Was v(∅) taken away?" if abs(float(got[0])) > 1e-9 else ""
        expect(
            torch.allclose(got, expected, atol=1e-9),
            f"Got {[round(x, 3) for x in got.tolist()]}, expected "
            f"{[round(x, 3) for x in expected.tolist()]}.{hint}",
        )
    return "Right: n + 1 numbers out of 2ⁿ. All that the theorem sees of the outputs."


@reader_check
def check_smallest_p(answer) -> str:
    """``answer(means)`` returns the smallest p of condition 3 for means of sizes 1 to n."""
    random = torch.Generator().manual_seed(78)
    cases = [[1.0, 2.0, 3.0], [1.0, 4.0, 9.0, 16.0], [1.0, 1.0, 1.5, 3.0]]
    cases += [(0.2 + torch.rand(6, generator=random)).cumsum(0).tolist() for _ in range(3)]
    for means in cases:
        n = len(means)
        slopes = {
            (a, b): math.log(means[b - 1] / means[a - 1]) / math.log(b / a)
            for a in range(1, n + 1)
            for b in range(a + 1, n + 1)
        }
        pair = max(slopes, key=slopes.get)
        got = float(answer(list(means)))
        expect(
            abs(got - slopes[pair]) < 1e-9,
            f"Means {[round(m, 2) for m in means]}: got {got:.4f}, expected {slopes[pair]:.4f}, "
            f"which m' = {pair[0]} and m = {pair[1]} ask for.",
        )
    return "Right: the steepest pair decides, and it need not begin at 1."


@reader_check
def check_all_triples(answer) -> str:
    """``answer()`` returns a table (64,) that keeps the conditions, all triples salient."""
    v = torch.as_tensor(answer(), dtype=torch.float64)
    expect(v.shape == (64,), f"Got shape {tuple(v.shape)}, expected (64,): six players.")
    effects = and_interactions(v)
    size = torch.tensor([m.bit_count() for m in range(64)])
    above = float(effects[size > 3].abs().max())
    expect(above < 1e-9, f"An interaction above order 3 has strength {above:.3g}, expected 0.")
    expect(bool(conditions.is_monotone(v)), "Condition 2: a mean falls as players are added.")
    p = float(conditions.fitted_p(v))
    expect(p <= 1 + 1e-9, f"Condition 3 needs p = {p:.3f}, expected at most 1.")
    salient = int(salient_mask(effects)[size == 3].sum())
    expect(salient == 20, f"{salient} triples are salient, expected all 20.")
    return "Right: every triple salient, every condition kept."


@reader_check
def check_sparse_not_monotone(answer) -> str:
    """``answer()`` returns a table (32,) of at most three interactions that breaks condition 2."""
    v = torch.as_tensor(answer(), dtype=torch.float64)
    expect(v.shape == (32,), f"Got shape {tuple(v.shape)}, expected (32,): five players.")
    expect(float(v[-1] - v[0]) > 1e-9, "v(N) must be above v(∅).")
    count = int((and_interactions(v).abs() > 1e-9).sum())
    expect(1 <= count <= 3, f"Got {count} interactions, expected one to three.")
    expect(not bool(conditions.is_monotone(v)), "Its means never fall: condition 2 holds.")
    return "Right: sparse, and outside the theorem."
