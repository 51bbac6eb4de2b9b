"""Checks of the exercises of the chapter "Primitives across samples, and order".

Chapter: Primitives across samples, and order.
"""

import torch
from torch import Tensor

from ...core.coalitions import sizes
from ...studies.discrimination import one_sided
from ._check import expect, reader_check


def _sets(shape: tuple[int, ...], seed: int, share: float = 0.4) -> Tensor:
    """Return random sets of coalitions, the empty one never among them."""
    sets = torch.rand(shape, generator=torch.Generator().manual_seed(seed)) < share
    sets[..., 0] = False
    return sets


@reader_check
def check_coin_beta(answer) -> str:
    """``answer(m)`` returns the mean of max(m⁺, m⁻)/m for the signs of m fair coins."""
    for m in (1, 2, 3, 4, 7, 10, 25):
        got, expected = float(answer(m)), one_sided(m)
        expect(
            abs(got - expected) < 1e-9,
            f"{m} coin(s): got {got:.4f}, expected {expected:.4f}; go through x = 0 … {m} heads, "
            "each with its probability.",
        )
    return "Right: 1 for one sample, 3/4 for two and three, and still above 0.6 for ten."


@reader_check
def check_random_iou(answer) -> str:
    """``answer(d, e)`` returns the IoU of two random sets that hold shares d and e of all."""
    many, random = 200_000, torch.Generator().manual_seed(901)
    for d, e in ((0.5, 0.5), (0.1, 0.1), (0.02, 0.6), (1.0, 0.3), (0.8, 0.7)):
        one, other = (torch.rand(many, generator=random) < share for share in (d, e))
        drawn = float((one & other).sum() / (one | other).sum())
        got = float(answer(d, e))
        expect(
            abs(got - drawn) < 0.01,
            f"Shares {d} and {e}: got {got:.3f}; {many:,} draws gave {drawn:.3f}.",
        )
    expect(abs(float(answer(0.3, 0.3)) - 0.3 / 1.7) < 1e-9, "Equal shares should give d/(2 − d).")
    return "Right: de/(d + e − de), and d/(2 − d) where both are as full."


@reader_check
def check_coverage(answer) -> str:
    """``answer(learnt, fresh, k)`` returns the coverage of fresh sets by the k most frequent."""
    for seed, n, k in ((902, 3, 2), (903, 4, 5), (904, 5, 10)):
        weight = torch.rand(2**n, generator=torch.Generator().manual_seed(seed))
        learnt, fresh = (_sets((40, 2**n), seed + i, 0.9) & _pick(weight, 40, seed + i)
                         for i in (10, 20))  # fmt: skip
        count = learnt.sum(0)
        edge = count.sort(descending=True).values
        if edge[k - 1] == edge[k]:  # a tie across rank k: any choice would be right
            learnt = torch.cat([learnt, (count >= edge[k])[None] & (torch.arange(2**n) ==
                                count.argsort(descending=True, stable=True)[k - 1])])  # fmt: skip
            count = learnt.sum(0)
        chosen = count.argsort(descending=True)[:k]
        size = fresh.sum(-1)
        fresh = fresh[size > 0]
        expected = float((fresh[:, chosen].sum(-1) / fresh.sum(-1)).mean())
        got = float(answer(learnt.clone(), fresh.clone(), k))
        wrong = float(fresh[:, chosen].sum() / fresh.sum())
        expect(
            abs(got - wrong) > 1e-6 or abs(wrong - expected) < 1e-6,
            f"You pooled the samples ({got:.4f}): each sample counts alike, whatever its size.",
        )
        expect(
            abs(got - expected) < 1e-6,
            f"{len(learnt)} learnt and {len(fresh)} fresh samples, k = {k}: got {got:.4f}, "
            f"expected {expected:.4f}.",
        )
    return "Right: the most frequent of some samples, and what they cover of others."


def _pick(weight: Tensor, count: int, seed: int) -> Tensor:
    """Return sets (count, len(weight)) in which each member stands with its own probability."""
    draws = torch.rand((count, len(weight)), generator=torch.Generator().manual_seed(seed))
    return draws < weight


@reader_check
def check_fair_cover(answer) -> str:
    """``answer(sets, by)`` returns what random covers with as many of each order would cover."""
    for seed, n in ((905, 3), (906, 4), (907, 6)):
        sets, by = _sets((2**n,), seed, 0.5), _sets((2**n,), seed + 1, 0.3)
        sets[1] = True
        order, expected = sizes(n), 0.0
        for k in range(1, n + 1):
            here = order == k
            expected += float(sets[here].sum() * by[here].double().mean() / sets.sum())
        got = float(answer(sets.clone(), by.clone()))
        naive = float(by.sum() / (2**n - 1))
        expect(
            abs(got - expected) < 1e-6 or abs(got - naive) > 1e-6,
            f"{n} players: {got:.4f} is the share of *all* coalitions; take each order by itself.",
        )
        expect(abs(got - expected) < 1e-6, f"{n} players: got {got:.4f}, expected {expected:.4f}.")
    return "Right: each order is covered as densely as the cover fills it."
