"""Checks of the exercises of the chapter "One language for attributions and transferability".

Chapter: One language for attributions and transferability.
"""

from itertools import chain, combinations
from math import comb

import torch
from torch import Tensor

from ...core.coalitions import membership, sizes
from ...core.indices import banzhaf, shapley
from ...core.transforms import mobius, zeta
from ...studies.attribution import attribute, beta, dial
from ...studies.large_games import plant
from ...studies.perturbation import corner_masks, mean_of_corners
from ._check import expect, reader_check


def _random(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _seen_with(v: Tensor) -> Tensor:
    """The mean value of the coalitions that a player is in."""
    inside = membership(v.shape[-1].bit_length() - 1).double()
    return v @ inside / inside.sum(0)


def _weighted(weight):
    """An attribution of known weights, from tables."""
    return lambda v: attribute(mobius(v), weight)


@reader_check
def check_place_attribution(answer) -> str:
    """``answer(attribution, n)`` (n, 2) is what members, and others, get of each order."""
    halves = [[2.0 ** (1 - s), 2.0**-s] for s in range(1, 7)]
    cases = [("the Shapley value", shapley, 4, [[1 / s, 0] for s in range(1, 5)]),
             ("the Banzhaf value", banzhaf, 5, [[2.0 ** (1 - s), 0] for s in range(1, 6)]),
             ("the mean of what shows a player", _seen_with, 6, halves)]  # fmt: skip
    for name, weight in (("Beta Shapley", beta(4, 1)), ("the dial at 0.3", dial(0.3))):
        known = [[weight(s), 0] for s in range(1, 6)]
        cases.append((name, _weighted(weight), 5, known))
    for name, attribution, n, known in cases:
        got = torch.as_tensor(answer(attribution, n)).double()
        expect(got.shape == (n, 2), f"Got shape {tuple(got.shape)}, expected ({n}, 2).")
        expected = torch.tensor(known).double()
        expected[-1, 1] = got[-1, 1]  # nobody is outside of everyone
        at = int((got - expected).abs().nan_to_num(9).sum(1).argmax())
        expect(
            bool(torch.allclose(got, expected, atol=1e-6)),
            f"{name}, order {at + 1}: got {[round(x, 3) for x in got[at].tolist()]}, expected "
            f"{[round(x, 3) for x in expected[at].tolist()]}. Ask it about the game that is 1 "
            f"where players 0 to {at} are all there; then read off player 0, and the last one.",
        )
    return "Right: five methods placed, and you never looked at how they are made."


@reader_check
def check_context_weight(answer) -> str:
    """``answer(n, k, s)`` is the weight of order s in the mean gain beside k others."""
    for n, k in [(3, 1), (5, 2), (6, 0), (6, 5), (8, 4)]:
        masks = torch.arange(2**n)
        context = masks[(sizes(n) == k) & (masks % 2 == 0)]
        for s in range(1, n + 1):
            unit = zeta(torch.eye(2**n, dtype=torch.float64)[2**s - 1])  # 1 with players 0 … s−1
            expected = float((unit[context + 1] - unit[context]).mean())
            got = float(answer(n, k, s))
            expect(
                abs(got - expected) < 1e-9,
                f"n = {n}, k = {k}, order {s}: got {got:.4f}, expected {expected:.4f}. With which "
                "chance are the s − 1 others among the k?",
            )
    return "Right. Averaged over all k from 0 to n − 1 it is 1/s: Shapley once more."


@reader_check
def check_power_shares(answer) -> str:
    """``answer(powers)`` are gradient × input and integrated gradients of one product."""
    at, weight = (torch.as_tensor(part) for part in _nodes(40))
    for powers in ([1, 1], [3, 1], [2, 2, 1], [1, 4, 2, 1]):
        kappa = torch.tensor(powers, dtype=torch.float64)
        z = at[:, None].expand(-1, len(powers)).clone().requires_grad_()
        (slope,) = torch.autograd.grad((z**kappa).prod(1).sum(), z)
        expected = torch.stack([kappa, weight @ slope])
        got = torch.stack([torch.as_tensor(part).double() for part in answer(list(powers))])
        expect(
            got.shape == expected.shape and bool(torch.allclose(got, expected, atol=1e-6)),
            f"Powers {powers}: got {[[round(x, 3) for x in row] for row in got.tolist()]}, "
            f"expected {[[round(x, 3) for x in row] for row in expected.tolist()]}. Differentiate "
            "the product at t·(1, …, 1); then put t = 1, or integrate over t.",
        )
    return "Right: equal shares only where all powers are equal, whatever the dividend."


def _nodes(count: int) -> tuple[list[float], list[float]]:
    """Gauss and Legendre's points and weights on [0, 1]."""
    from numpy.polynomial.legendre import leggauss

    points, weights = leggauss(count)
    return (points / 2 + 0.5).tolist(), (weights / 2).tolist()


@reader_check
def check_mean_interaction(answer) -> str:
    """``answer(dividends)`` is the mean Shapley interaction over all pairs of players."""
    for n in (2, 3, 5, 7):
        dividends = _random(2**n, seed=n)
        dividends[0] = 0
        expected = float(mean_of_corners(zeta(dividends)[corner_masks(n)]))
        got = float(answer(dividends.clone()))
        expect(
            abs(got - expected) < 1e-9 * max(1, abs(expected)),
            f"n = {n}: got {got:.5f}, expected {expected:.5f}. A dividend of order s adds 1/(s − 1)"
            f" of itself to each of its s(s − 1)/2 pairs; here are {comb(n, 2)} pairs in all.",
        )
    return "Right: a weight for each order again, 0 at order 1 and growing with it."


@reader_check
def check_walsh_terms(answer) -> str:
    """``answer(terms)`` counts the Walsh functions that a sum of ANDs is made of."""
    games = [[(0,)], [(0, 1)], [(0, 1, 2), (1, 2)], [(0, 1), (2, 3)]]
    games += [list(plant(20, 6, seed, (2, 3, 4))) for seed in range(3)]
    for game in games:
        parts = chain.from_iterable(
            combinations(term, k) for term in map(sorted, game) for k in range(len(term) + 1)
        )
        expected, got = len(set(parts)), int(answer(list(game)))
        expect(
            got == expected,
            f"Terms {game[:3]}{' …' if len(game) > 3 else ''}: got {got}, expected {expected}. "
            "Write each presence as (1 − χ)/2 and multiply out; equal products count once.",
        )
    return "Right. A term of order s costs up to 2^s of them: high orders are dear to find."
