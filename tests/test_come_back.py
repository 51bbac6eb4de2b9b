"""What comes back in another seed is what was planted in it, at any strength."""

import pytest
import torch

from harsanyi.core.coalitions import sizes
from harsanyi.studies.come_back import back_by_order, come_back
from harsanyi.studies.controls import permuted
from harsanyi.studies.solidity import related_games

TOLERANCE = 0.08


def pair(related):
    return torch.stack([game.and_ for game in related_games(8, 120, related, 2.0, seed=2)])


def test_equal_seeds_bring_all_back_and_strangers_nothing():
    one = pair([0.0])[0]
    same = back_by_order(come_back(torch.stack([one, one])))
    assert same[["raw", "fixed"]].to_numpy() == pytest.approx(1)
    strangers = back_by_order(come_back(pair([])))
    assert (strangers["raw"].abs() < 2 * TOLERANCE).all()


def test_the_planted_relation_is_read_at_every_order_though_strengths_differ():
    level = back_by_order(come_back(pair([0.8] * 8)))
    assert (level["fixed"] - 0.8).abs().max() < TOLERANCE
    assert (level["gap_low"][1:] < 0).all() and (level["gap_high"][1:] > 0).all()
    falling = back_by_order(come_back(pair([0.9, 0.6, 0.3])))
    assert (falling["fixed"] - [0.9, 0.6, 0.3, 0.0]).abs().max() < TOLERANCE
    assert (falling["gap_high"][1:] < 0).all()


def test_what_an_order_has_in_common_does_not_come_back():
    one = torch.ones(40, 256, dtype=torch.float64) * (sizes(8) == 1)
    one = one + 0.1 * pair([])[0][:40]
    moved = permuted(one, seed=1)
    told = back_by_order(come_back(torch.stack([one, moved])), orders=(1,))
    assert abs(told["raw"][0]) < 3 * TOLERANCE  # all have a 1 at order 1, and share nothing else


def test_one_seed_is_refused():
    with pytest.raises(ValueError, match="two seeds"):
        come_back(torch.zeros(1, 3, 8))
