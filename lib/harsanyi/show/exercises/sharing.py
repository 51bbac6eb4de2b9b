"""Checks of the exercises of the chapter "Primitives that networks share".

Chapter: Primitives that networks share.
"""

import torch
from torch import Tensor

from ...core.coalitions import sizes
from ...core.transforms import mobius, reconstruct
from ...extraction.shared_problem import Weights, eq6, nearest_dual, released
from ...studies.sharing import overlap_of
from ._check import expect, reader_check


def _random(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@reader_check
def check_strangers(answer) -> str:
    """``answer(k, choices, networks)`` is the expected overlap of random sets of k."""
    for k, choices, networks in [(10, 100, 2), (51, 1023, 2), (30, 247, 3), (20, 20, 4)]:
        got, expected = float(answer(k, choices, networks)), (k / choices) ** (networks - 1)
        expect(
            abs(got - expected) < 1e-9,
            f"k = {k} of {choices}, {networks} networks: got {got:.4g}, expected {expected:.4g}.",
        )
    random = torch.Generator().manual_seed(9)
    ranks = torch.rand(2, 4000, 100, generator=random).argsort(-1)
    sets = ranks < 10  # 10 of 100, drawn at random
    seen = float(overlap_of(sets, 100).value.mean())
    return f"Right. Two sets of 10 of 100, drawn 4000 times, had {seen:.3f} in common on average."


@reader_check
def check_bill(answer) -> str:
    """``answer(effects (m, M), alpha)`` is the joint length of Eq. 6."""
    for m, rows, alpha in [(2, 5, 0.0), (2, 30, 0.1), (3, 12, 0.1), (4, 7, 2.0)]:
        effects = _random(m, rows, seed=m + rows)
        expected = float(effects.abs().amax(0).sum() + alpha * effects.abs().sum())
        got = float(answer(effects, alpha))
        expect(
            abs(got - expected) < 1e-8,
            f"{m} networks, {rows} rows, α = {alpha:g}: got {got:.4f}, expected {expected:.4f}.",
        )
    return "Right: once for what both use, and a little for every copy."


@reader_check
def check_same_prices(answer) -> str:
    """``answer(alpha)`` is the α of the released form that has Eq. 6's minimisers."""
    for alpha in (0.0, 0.1, 0.5, 1.0, 9.0):
        got = float(answer(alpha))
        expect(0 <= got <= 1, f"α = {alpha:g}: got {got:.4g}, expected a number from 0 to 1.")
        here, there = eq6(alpha), released(got)
        want = here.each / (here.most + here.each)
        expect(
            abs(here.most * there.each - here.each * there.most) < 1e-9,
            f"α = {alpha:g}: got {got:.4g}, expected {want:.4g}: the two weights must keep their "
            "ratio.",
        )
    return "Right: the paper's 0.1 is 0.0909 in the released form; one network at a time is its 1."


@reader_check
def check_two_tellings(answer) -> str:
    """``answer()`` gives (and, or), (and, or): two shortest tellings of one game, nothing alike."""
    told = [[torch.as_tensor(t, dtype=torch.float64) for t in pair] for pair in answer()]
    expect(len(told) == 2, f"Got {len(told)} tellings, expected two pairs (and, or).")
    expect(
        all(t.shape == (16,) for pair in told for t in pair),
        "Expected four tables of shape (16,): four players.",
    )
    game, other = (reconstruct(and_, or_) for and_, or_ in told)
    apart = float((game - other).abs().max())
    expect(apart < 1e-9, f"The two tell games that differ by up to {apart:.3g}; expected one game.")
    rise = float((game[-1] - game[0]).abs())
    expect(rise > 0.1, "v(N) = v(∅): then the bound says nothing; take a game that rises.")
    for name, (and_, or_) in zip(("first", "second"), told, strict=True):
        length = float(and_[1:].abs().sum() + or_[1:].abs().sum())
        expect(
            length < rise + 1e-9,
            f"The {name} has length {length:.3g}, but |v(N) − v(∅)| = {rise:.3g} would do.",
        )
    one, two = ((torch.stack(pair) != 0)[:, 1:] for pair in told)
    single = (sizes(4) == 1)[1:]
    both = one & two
    both[0] |= single & one.any(0) & two.any(0)
    expect(not bool(both.any()), f"{int(both.sum())} interaction(s) stand in both; expected none.")
    return "Right: the same network, told twice as briefly as can be, and an overlap of 0."


@reader_check
def check_shrink_together(answer) -> str:
    """``answer(x (m, M), w)`` cuts the largest entries of each column as the maximum asks."""
    for m, rows, w in [(2, 6, 0.5), (3, 40, 1.0), (4, 9, 3.0)]:
        x = _random(m, rows, seed=10 * m)
        expected = x - nearest_dual(Weights(w, 0.0), x[None])[0]
        got = torch.as_tensor(answer(x.clone(), w))
        expect(got.shape == x.shape, f"Got shape {tuple(got.shape)}, expected {tuple(x.shape)}.")
        worst = int((got - expected).abs().amax(0).argmax())
        expect(
            float((got - expected).abs().max()) < 1e-6,
            f"w = {w:g}: column {[round(t, 2) for t in x[:, worst].tolist()]} became "
            f"{[round(t, 2) for t in got[:, worst].tolist()]}, expected "
            f"{[round(t, 2) for t in expected[:, worst].tolist()]}.",
        )
    return "Right: this is the only line in which the joint solver differs from the single one."


@reader_check
def check_stranger(answer) -> str:
    """``answer(v)`` is the table of the same game, player i sitting on chair i + 1 (mod n)."""
    for n in (2, 3, 5):
        v = _random(2**n, seed=n)
        masks = torch.arange(2**n)
        moved = sum(((masks >> i) & 1) << ((i + 1) % n) for i in range(n))
        expected = torch.empty_like(v)
        expected[moved] = v
        got = torch.as_tensor(answer(v.clone()))
        expect(got.shape == v.shape, f"Got shape {tuple(got.shape)}, expected {tuple(v.shape)}.")
        expect(
            bool((got[[0, -1]] == v[[0, -1]]).all()),
            "Nobody and everybody are worth what they were: entries 0 and −1 must not change.",
        )
        wrong = int((got - expected).abs().argmax())
        expect(
            torch.equal(got, expected),
            f"n = {n}: entry {wrong:0{n}b} is {float(got[wrong]):.3f}, expected "
            f"{float(expected[wrong]):.3f}.",
        )
        assert torch.allclose(mobius(got).abs().sum(), mobius(v).abs().sum())
    return "Right: same strengths, same orders, same length, and nobody where they were."
