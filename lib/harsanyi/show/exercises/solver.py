"""Checks of the exercises of the chapter "Does the solver change the science?".

Chapter: Does the solver change the science?
"""

import torch
from torch import Tensor

from ...core.games import majority, seed_example
from ...core.transforms import mobius
from ...extraction.interior import solve_interior
from ...extraction.problem import check_problem, lower_bound
from ._check import expect, reader_check


def random_tables(count: int, seed: int = 606) -> list[Tensor]:
    """Return seeded random games (2**n,) float64 of 2 to 5 players, with v(∅) = 0."""
    draw = torch.Generator().manual_seed(seed)
    tables = [torch.randn(2 ** (2 + i % 4), generator=draw).double() for i in range(count)]
    return [v - v[0] for v in tables]


def proven(v: Tensor, y: Tensor) -> float:
    """Return the bound that ``y`` proves of the game ``v``, scaled up as far as it goes."""
    bound, _ = lower_bound(check_problem(v, 0.0, 1.0), 1e6 * y[None])
    return float(bound)


@reader_check
def check_shrink(answer) -> str:
    """``answer(x, t)`` returns the z nearest to x under the price t of its length, elementwise."""
    draw = torch.Generator().manual_seed(6)
    for t in (0.0, 0.3, 2.0):
        x = torch.cat([torch.tensor([0.0, t, -t, 3.0, -3.0]), torch.randn(20, generator=draw)])
        got = answer(x, t)
        expect(isinstance(got, Tensor), f"Got {type(got).__name__}, expected a tensor.")
        expected = torch.nn.functional.softshrink(x, t)
        wrong = ((got - expected).abs() > 1e-6).nonzero()
        if len(wrong):
            i = int(wrong[0])
            expect(
                False,
                f"shrink({float(x[i]):.3g}, {t:g}): got {float(got[i]):.4g}, expected "
                f"{float(expected[i]):.4g}.",
            )
    return "Right: towards zero by t, and exactly zero from within t."


@reader_check
def check_pair_table(answer) -> str:
    """``answer(v)`` returns a table y that proves the range of v as a bound on the length."""
    for v in [seed_example().v, majority(3).v, -majority(4).v, *random_tables(6)]:
        before, y = v.clone(), answer(v)
        expect(torch.equal(v, before), "Your function changed the table it was given.")
        expect(
            isinstance(y, Tensor) and y.shape == v.shape,
            f"Got {tuple(getattr(y, 'shape', ()))}, expected a table of {len(v)} numbers.",
        )
        bound, best = proven(v, y.double()), float(v.max() - v.min())
        expect(
            bound >= best - 1e-9,
            f"Your y proves {bound:.4g} for a game with values from {float(v.min()):.4g} to "
            f"{float(v.max()):.4g}; two entries can prove {best:.4g}.",
        )
    return "Right: two entries of y prove the range, and every reach is −1, 0 or 1."


@reader_check
def check_golden_solve(answer) -> str:
    """``answer(t)`` returns the γ (2**n,) with AᵀA γ = t."""
    for t in random_tables(8, seed=1618):
        got = answer(t.clone())
        expect(
            isinstance(got, Tensor) and got.shape == t.shape,
            f"Got {tuple(getattr(got, 'shape', ()))}, expected a table of {len(t)} numbers.",
        )
        w = mobius(torch.eye(len(t), dtype=torch.float64)).T
        a = torch.cat([w, w.flip(1)])
        left = float((a.T @ (a @ got) - t).abs().max())
        expect(
            left < 1e-7,
            f"With {len(t)} values, AᵀA times your answer misses t by {left:.2g}.",
        )
    return "Right: two Kronecker transforms and one division solve 2ⁿ equations."


@reader_check
def check_referee(answer) -> str:
    """``answer(v, and_, or_, y)`` returns the gap that is proven, or None for a wrong game."""
    for v in [seed_example().v, majority(3).v, *random_tables(4)]:
        found = solve_interior(check_problem(v, 0.0, 1e-8), 1e-8, 100, False)
        and_, or_, y = found.and_[0], found.or_[0], found.dual[0]
        length = float(found.objective)
        for table in (y, 40.0 * y, 0.01 * y, torch.randn(len(v)).double(), -y, 0 * y):
            got = answer(v, and_, or_, table.clone())
            best = max(proven(v, table), 0.0) if table[1:].any() else 0.0
            gap = (length - best) / length
            expect(got is not None, "Got None for effects that do reconstruct the game.")
            expect(
                abs(float(got) - gap) < 1e-5,
                f"Got a gap of {float(got):.4g}, expected {gap:.4g}: length {length:.4g}, proven "
                f"bound {best:.4g}.",
            )
        wrong = and_.clone()
        wrong[-1] += 0.5
        expect(answer(v, wrong, or_, y) is None, "The effects miss the game by 0.5; return None.")
    return "Right: you can now check a claim of optimality without its author."
