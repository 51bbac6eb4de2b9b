"""The toy games: their tables and the closed forms of their dividends."""

import pytest
import torch

import harsanyi as hs
from harsanyi.core.coalitions import check_memory, label, mask_of, members, membership

GAMES = {
    "seed": hs.games.seed_example(),
    "add_mul": hs.games.add_mul(6, terms=20, seed=0),
    "and_or": hs.games.and_or({(0, 1): 2.0, (2,): -1.0}, {(1, 2, 3): 1.5, (0, 3): -2.0}, n=4),
    "majority 5": hs.games.majority(5),
    "majority 6": hs.games.majority(6),
    "parity": hs.games.parity(5),
}


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_dividends_are_those_of_the_table(game):
    assert torch.allclose(hs.and_interactions(game.v), game.dividends)
    assert torch.allclose(hs.reconstruct(game.and_, game.or_), game.v)


def test_tables_are_the_functions_they_are_named_after():
    n = 5
    count = membership(n).sum(1)
    assert torch.equal(hs.games.majority(n).v, (count > n / 2).double())
    assert torch.equal(hs.games.parity(n).v, (count % 2 == 1).double())
    x1, x2, x3, x4, x5 = membership(5).T
    seed = (x1 & x2 & x3).double() + (x2 & x3) + (x3 & x4) + (x4 | x5)
    assert torch.equal(hs.games.seed_example().v, seed)


def test_random_games_have_a_seed():
    assert torch.equal(hs.games.add_mul(6, 9, seed=3).v, hs.games.add_mul(6, 9, seed=3).v)
    assert not torch.equal(hs.games.add_mul(6, 9, seed=3).v, hs.games.add_mul(6, 9, seed=4).v)
    assert hs.games.add_mul(6, 9, seed=3).and_.count_nonzero() == 9


def test_bitmasks():
    assert mask_of([0, 2]) == 0b101 and members(0b101) == (0, 2)
    assert label(0b101, ["not", "so", "good"]) == "{not, good}" and label(0, []) == "∅"
    assert membership(2).tolist() == [[False, False], [True, False], [False, True], [True, True]]


def test_bad_games_are_refused():
    with pytest.raises(ValueError, match="players from 0 to 2"):
        hs.games.and_or({(0, 3): 1.0}, {}, n=3)
    with pytest.raises(ValueError, match="players from 0 to 2"):
        hs.games.and_or({(): 1.0}, {}, n=3)
    with pytest.raises(ValueError, match="1 to 4"):
        hs.games.add_mul(3, terms=5, seed=0)
    with pytest.raises(ValueError, match=r"expected \(8,\)"):
        hs.games.from_function(lambda present: present, 3)
    with pytest.raises(ValueError, match="numbers from 0"):
        mask_of([-1])


def test_a_table_larger_than_memory_is_refused_before_it_is_made():
    with pytest.raises(ValueError, match="GiB are free; group them"):
        hs.games.from_function(lambda present: present[:, 0], 50)
    with pytest.raises(ValueError, match="0 or more"):
        check_memory(-1)
