"""Players: every coordinate has one owner at most, and every factory says who that is."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from harsanyi.networks import players as pl
from harsanyi.networks.players import Players


def digit(number: int) -> torch.Tensor:
    """A real 8×8 digit, enlarged to (1, 24, 24), ink in [0, 1]."""
    small = torch.tensor(load_digits().images[number] / 16, dtype=torch.float32)
    return small.repeat_interleave(3, 0).repeat_interleave(3, 1)[None]


@given(height=st.integers(2, 30), width=st.integers(2, 30), data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_grid_gives_every_pixel_to_one_cell(height, width, data):
    rows, cols = data.draw(st.integers(1, height)), data.draw(st.integers(1, width))
    players = pl.grid(torch.zeros(3, height, width), rows, cols)
    counts = torch.bincount(players.owner.flatten())
    assert players.n == rows * cols and players.owner.shape == (height, width)
    assert counts.sum() == height * width
    assert counts.max() <= -(-height // rows) * -(-width // cols)
    assert counts.min() >= (height // rows) * (width // cols)


def test_picked_cells_play_in_the_order_given():
    players = pl.grid(torch.zeros(28, 28), 4, 4, picks=[(3, 0), (0, 1)])
    assert players.names == ("(3,0)", "(0,1)")
    assert players.owner[27, 0] == 0 and players.owner[0, 13] == 1 and players.owner[14, 14] == -1
    assert torch.equal(players.where(1).nonzero().amin(0), torch.tensor([0, 7]))


@pytest.mark.parametrize("number", range(12))
def test_foreground_patches_lie_on_the_strokes(number):
    image = digit(number)
    players = pl.foreground(image, n=8, size=3)
    assert torch.equal(players.owner, pl.foreground(image, n=8, size=3).owner)
    assert all(int(players.where(i).sum()) == 9 for i in range(8))
    ink = image[0]
    inside = torch.stack([ink[players.where(i)].mean() for i in range(8)])
    assert inside.min() > ink.mean() and ink[players.owner >= 0].sum() > 0.3 * ink.sum()
    corners = [tuple(players.where(i).nonzero()[0].tolist()) for i in range(8)]
    assert corners == sorted(corners)


def test_foreground_patches_keep_apart_on_an_even_stroke():
    image = torch.zeros(28, 28)
    image[4:7, 2:26] = 1  # 24 pixels long, 3 wide
    picked = pl.foreground(image, n=4, size=3)
    left = [int(picked.where(i).nonzero()[:, 1].min()) for i in range(4)]
    assert left[0] == 2 and left[-1] == 23
    assert min(b - a for a, b in zip(left, left[1:], strict=False)) > 3


def test_foreground_measures_ink_from_the_background_over_all_channels():
    image = torch.ones(3, 9, 9)
    image[1, 3:6, 3:6] = 0
    players = pl.foreground(image, n=1, size=3, background=1.0)
    assert players.where(0)[3:6, 3:6].all()


@given(owner=st.lists(st.integers(-1, 3), min_size=4, max_size=24))
@settings(max_examples=40, deadline=None)
def test_masks_and_owners_say_the_same(owner):
    owner = torch.tensor([*owner, 0, 1, 2, 3])
    players = Players(owner)
    again = pl.from_masks([players.where(i) for i in range(4)])
    assert torch.equal(again.owner, owner) and again.names == players.names == tuple(
        "x1 x2 x3 x4".split()
    )


def test_words_name_their_players_and_repeated_ones_are_numbered():
    players = pl.tokens("a very very good film".split())
    assert players.names == ("a", "very", "very (2)", "good", "film")
    assert players.coalition("very", "film") == 0b10010
    assert players.embedded().owner.shape == (5, 1)


def test_a_word_may_own_several_tokens_and_padding_is_nobodys():
    players = pl.tokens(["[CLS]", "un", "kind", "act"], groups=[[1, 2], 3], length=6)
    assert players.names == ("un kind", "act")
    assert players.owner.tolist() == [-1, 0, 0, 1, -1, -1]
    named = pl.tokens(torch.tensor([7, 9, 7]), [0, 2], names=["seven", "seven"])
    assert named.names == ("seven", "seven (2)") and pl.tokens(torch.tensor([7, 9])).names == (
        "7",
        "9",
    )


def test_a_column_may_own_several_coordinates():
    players = pl.columns(["age", "job"], coordinates=[0, [2, 3, 4]], length=6)
    assert players.owner.tolist() == [0, -1, 1, 1, 1, -1]
    assert pl.columns(["a", "b"]).owner.tolist() == [0, 1]


def test_clusters_are_the_same_for_the_same_seed_and_ordered_in_space():
    points = torch.rand(200, 3, generator=torch.Generator().manual_seed(0))
    players = pl.clusters(points, n=4, among=7, seed=3)
    assert torch.equal(players.owner, pl.clusters(points, n=4, among=7, seed=3).owner)
    assert players.owner.shape == (200, 1) and (players.owner == -1).any()
    centres = [float(points[players.owner[:, 0] == i, 0].mean()) for i in range(4)]
    assert centres == sorted(centres)
    assert not (pl.clusters(points, n=7).owner == -1).any()


IMAGE = torch.zeros(28, 28)
IMAGE[3:6, 3:12] = 1
BAD = {
    "two owners for one pixel": (
        lambda: pl.from_masks([IMAGE > 0, IMAGE > 0]),
        "overlapping in 27",
    ),
    "two owners for one word": (
        lambda: pl.tokens("a b".split(), groups=[0, [0, 1]]),
        "overlapping",
    ),
    "two columns on one place": (lambda: pl.columns(["a", "b"], [[0, 1], 1]), "overlapping"),
    "an owner beyond the names": (
        lambda: Players(torch.tensor([0, 1, 2]), ["a", "b"]),
        "got 2, exp",
    ),
    "an owner below -1": (lambda: Players(torch.tensor([0, -2])), "got -2, expected -1"),
    "a player of nothing": (lambda: Players(torch.tensor([0, 2])), "player 1 of 3 without"),
    "no player": (lambda: Players(torch.tensor([-1, -1])), "got none"),
    "no coordinate": (lambda: Players(torch.tensor([], dtype=torch.int64)), "got none"),
    "no mask": (lambda: pl.from_masks([]), "got none"),
    "an empty mask": (lambda: pl.from_masks([IMAGE > 2]), "empty one at 0"),
    "masks of two shapes": (
        lambda: pl.from_masks([IMAGE > 0, IMAGE[0] > 0]),
        r"shape \(28,\) at 1",
    ),
    "one name twice": (lambda: Players(torch.tensor([0, 1]), ["a", "a"]), "more than once"),
    "a word that is not there": (lambda: pl.tokens(["a"], groups=[3]), "position 3, expected"),
    "a group of nothing": (lambda: pl.tokens(["a"], groups=[[]]), "no position"),
    "a length below the words": (lambda: pl.tokens("a b".split(), length=1), "at least the 2"),
    "a column without place": (lambda: pl.columns(["a", "b"], [0]), "1 entries, expected 2"),
    "a grid too fine": (lambda: pl.grid(IMAGE, 30, 2), "30 x 2"),
    "a pick outside": (lambda: pl.grid(IMAGE, 4, 4, [(4, 0)]), r"\(4, 0\), expected a row"),
    "a pick twice": (lambda: pl.grid(IMAGE, 4, 4, [(1, 0), (1, 0)]), "twice"),
    "no image": (lambda: pl.grid(IMAGE[0], 2, 2), "height, width"),
    "too little ink": (lambda: pl.foreground(IMAGE, n=20), "carry ink; take fewer"),
    "a patch of no size": (lambda: pl.foreground(IMAGE, size=0), "patches of 0 pixels"),
    "a blank image": (lambda: pl.foreground(torch.zeros(28, 28)), "only 0"),
    "more clusters than points": (lambda: pl.clusters(torch.zeros(9, 3), 2), "of 1 different"),
    "more players than clusters": (lambda: pl.clusters(torch.rand(9, 3), 4, among=3), "4 players"),
    "points without axis": (lambda: pl.clusters(torch.rand(9), 2), r"expected \(P, d\)"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_players_are_refused(case):
    make, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        make()


def test_owners_and_masks_have_their_type_and_names_must_be_known():
    with pytest.raises(TypeError, match="expected integers"):
        Players(torch.tensor([0.0, 1.0]))
    with pytest.raises(TypeError, match="expected bool"):
        pl.from_masks([torch.ones(3)])
    with pytest.raises(KeyError, match="'c', expected one of"):
        Players(torch.tensor([0, 1]), ["a", "b"]).coalition("a", "c")
