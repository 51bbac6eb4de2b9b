"""Checks of the exercises of the chapter "Attributions from dividends".

Chapter: Attributions from dividends.
"""

import torch
from torch import Tensor

from ...core.coalitions import membership, n_players
from ...core.games import from_function, majority, parity, seed_example
from ...core.indices import banzhaf, shapley
from ...core.transforms import and_interactions
from ._check import expect, reader_check

_NAMES = ("Shapley", "Banzhaf", "occlusion", "leave-one-in")


def four_attributions(v: Tensor) -> list[Tensor]:
    """Return Shapley, Banzhaf, occlusion and leave-one-in of a table (2**n,), each (n,)."""
    n = n_players(v, "v")
    alone = torch.tensor([1 << i for i in range(n)])
    return [shapley(v), banzhaf(v), v[-1] - v[2**n - 1 - alone], v[alone] - v[0]]


def _games() -> list[Tensor]:
    generator = torch.Generator().manual_seed(404)
    noise = [torch.randn(2**n, generator=generator).double() for n in (1, 2, 4, 6)]
    return [seed_example().v, majority(5).v, parity(4).v, *noise]


def _same(got, expected: Tensor, what: str) -> None:
    expect(isinstance(got, Tensor), f"{what}: got {type(got).__name__}, expected a tensor.")
    expect(
        got.shape == expected.shape,
        f"{what}: got shape {tuple(got.shape)}, expected {tuple(expected.shape)}, one a player.",
    )
    error = (got - expected).abs()
    worst = int(error.argmax())
    expect(
        float(error[worst]) < 1e-8,
        f"{what}: player {worst} got {float(got[worst]):.4g}, expected {float(expected[worst]):.4g}"
        f" in a game of {len(expected)} players.",
    )


@reader_check
def check_shapley_from_dividends(answer) -> str:
    """``answer(dividends)`` returns the Shapley values (n,) of a table of dividends (2**n,)."""
    for v in _games():
        _same(answer(and_interactions(v)), shapley(v), "Shapley")
    return "Right: every dividend, split evenly among its members."


@reader_check
def check_dial(answer) -> str:
    """``answer(dividends, p)`` returns the mean gain (n,) when others join with probability p."""
    for v in _games():
        n, dividends = n_players(v), and_interactions(v)
        who = membership(n).double()  # (2**n, n)
        expected = dict(zip((0.5, 1.0, 0.0), four_attributions(v)[1:], strict=True))
        for p in (0.3, 0.8):
            size = who.sum(1, keepdim=True) - who
            chance = p**size * (1 - p) ** (n - 1 - size) * (1 - who)  # (2**n, n)
            masks = torch.arange(2**n)[:, None] | (1 << torch.arange(n))  # (2**n, n)
            expected[p] = (chance * (v[masks] - v[:, None])).sum(0)
        for p, values in expected.items():
            _same(answer(dividends, p), values, f"p = {p}")
    return "Right: the weight is p^(|S|−1); p = 0 is leave-one-in, 1 is occlusion, ½ is Banzhaf."


@reader_check
def check_same_shapley(answer) -> str:
    """``answer(v)`` returns another game (2**n,) with the same Shapley values and the same v(∅)."""
    for v in [seed_example().v, majority(3).v, *_games()[4:]]:
        n = n_players(v)
        other = answer(v.clone())
        expect(
            isinstance(other, Tensor) and other.shape == v.shape,
            f"Expected a table of {len(v)} values, like the one given.",
        )
        expect(float((other[0] - v[0]).abs()) < 1e-9, "v(∅) changed; leave the first entry alone.")
        _same(shapley(other), shapley(v), "Shapley of your game")
        change = and_interactions(other - v).abs().max()
        expect(
            float(change) > 1e-3,
            f"No dividend changed by more than 0.001 in a game of {n} players; "
            "move along a direction that the Shapley values cannot see.",
        )
    return "Right: the same Shapley values, another game. There are 2^n − 1 − n such directions."


@reader_check
def check_hidden_player(answer) -> str:
    """``answer()`` returns a table whose player 0 matters and gets 0 from all four attributions."""
    v = answer()
    n = n_players(v, "your table")
    for name, values in zip(_NAMES, four_attributions(v.double()), strict=True):
        expect(
            abs(float(values[0])) < 1e-9,
            f"{name} gives player 0 {float(values[0]):.4g}, expected 0.",
        )
    without = from_function(lambda who: v[(who[:, 1:] << torch.arange(1, n)).sum(1)], n)
    changes = int(((v - without).abs() > 1e-9).sum())
    expect(changes > 0, "Player 0 never changes the value, so it is right to give it nothing.")
    return f"Right: player 0 changes {changes} of the {2**n} values, and all four say 0."
