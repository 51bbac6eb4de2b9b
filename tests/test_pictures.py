"""Pictures of games: what is drawn, in which order, and what is refused."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

import harsanyi as hs
from harsanyi.networks import baselines, players, values
from harsanyi.show import pictures, sheets, style


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def image():
    x = torch.zeros(1, 12, 12)
    x[0, 2:10, 3:6] = 1.0
    return x


@pytest.fixture
def four(image):
    return players.grid(image, 2, 2)


def effects_of(and_terms, or_terms, n):
    game = hs.games.and_or(and_terms, or_terms, n)
    return hs.Interactions(game.and_, game.or_, torch.zeros(()))


def texts(ax):
    return [t.get_text() for t in ax.texts]


def fills(ax):
    """Colours of the members' patches drawn over the picture."""
    found = [np.asarray(im.get_array()) for im in ax.images if np.asarray(im.get_array()).ndim == 3]
    return [a[a[..., 3] > 0][0] for a in found if a.shape[-1] == 4]


def test_players_are_outlined_and_numbered(image):
    ax = pictures.players_on_image(image, players.foreground(image, n=3, size=2))
    assert texts(ax) == ["1", "2", "3"]
    assert len(ax.collections) == 3
    assert all(len(c.get_segments()) == 8 for c in ax.collections)  # the border of 2 × 2 pixels


def test_long_names_become_numbers(image, four):
    assert texts(pictures.players_on_image(image, four)) == ["1", "2", "3", "4"]
    named = hs.Players(four.owner, ["a", "b", "c", "d"])
    assert texts(pictures.players_on_image(image, named)) == ["a", "b", "c", "d"]


def test_interactions_are_drawn_strongest_first(image, four):
    found = effects_of({(0, 3): -3.0, (1,): 1.0}, {(1, 2): 2.0}, 4)
    figure = pictures.interactions_on_image(image, four, found, k=5, columns=2)
    first, second, third, unused = figure.axes
    assert [ax.get_title() for ax in figure.axes] == ["1.  −3.00", "2.  OR +2.00", "3.  +1.00", ""]
    assert texts(first) == ["1", "4"] and texts(second) == ["2", "3"] and texts(third) == ["2"]
    assert np.allclose(fills(first)[0][:3], to_rgb(style.VERMILION))
    assert np.allclose(fills(third)[0][:3], to_rgb(style.BLUE))
    assert fills(first)[0][3] > fills(second)[0][3] > fills(third)[0][3]
    assert not unused.images


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(image=torch.zeros(2, 12, 12)), "image: got shape"),
        (dict(image=torch.full((1, 12, 12), 2.0)), "outside 0 to 1"),
        (dict(image=torch.zeros(1, 5, 5)), "players: got owners"),
        (dict(interactions=effects_of({(0,): 1.0}, {}, 3)), "got 3 players"),
        (dict(interactions=effects_of({(0,): 0.0}, {}, 4)), "all are zero"),
        (dict(columns=0), "columns: got 0"),
        (dict(k=0), "k: got 0"),
    ],
)
def test_interactions_on_image_refuses(image, four, change, words):
    arguments = dict(image=image, players=four, interactions=effects_of({(0,): 1.0}, {}, 4))
    with pytest.raises(ValueError, match=words):
        pictures.interactions_on_image(**(arguments | change))


def test_colour_pictures_are_shown_as_they_are(four):
    x = torch.rand(3, 12, 12, generator=torch.Generator().manual_seed(0))
    ax = pictures.players_on_image(x, four)
    assert np.allclose(ax.images[0].get_array(), x.permute(1, 2, 0).numpy())


def test_sheet_is_sorted_from_high_to_low():
    values_ = torch.tensor([0.0, 5.0, -5.0, 2.0])
    blank = torch.zeros(4, 1, 3, 3)
    figure = pictures.masked_sheet(blank, values_, columns=1, framed=[2])
    ax = figure.axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["+5.0", "+2.0", "+0.0", "−5.0"]
    paper = np.asarray(ax.images[0].get_array())[::4, 0]  # one corner of each tile
    assert paper[0, 2] > paper[0, 0] and paper[3, 0] > paper[3, 2]  # blue on top, vermilion below
    assert np.allclose(paper[2], 1.0, atol=0.02)  # zero is white
    assert [p.get_y() for p in ax.patches] == [11]  # the frame is on the fourth tile


def test_sheet_spreads_a_smaller_count_over_all_ranks():
    figure = pictures.masked_sheet(torch.zeros(101, 4, 4), torch.arange(101.0), columns=1, count=5)
    labels = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert labels == ["+100.0", "+75.0", "+50.0", "+25.0", "+0.0"]


def test_sheet_draws_ink_dark():
    tile = sheets._mosaic(torch.ones(1, 2, 2), torch.zeros(1), 1)
    assert tile.shape == (3, 3, 3) and tile[:2, :2].max() < 0.2 and tile[2].min() == 1.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((torch.zeros(4, 3, 3), torch.zeros(5)), "got shapes"),
        ((torch.zeros(4, 3, 3, 3), torch.zeros(4)), "got shapes"),
        ((torch.zeros(0, 3, 3), torch.zeros(0)), "got shapes"),
        ((torch.zeros(1, 3, 3), torch.tensor([torch.nan])), "NaN"),
        ((torch.zeros(4, 3, 3), torch.zeros(4), 0), "columns: got 0"),
        ((torch.zeros(4, 3, 3), torch.zeros(4), 2, 5), "count: got 5"),
    ],
)
def test_sheet_refuses(arguments, words):
    with pytest.raises(ValueError, match=words):
        pictures.masked_sheet(*arguments)


def test_masked_sentences_hide_the_absent_words():
    table = torch.tensor([0.0, -1.0, 2.0, 1.0], dtype=torch.float64)
    ax = pictures.masked_sentences(["so", "quite", "good"], table, owner=[-1, 0, 1]).axes[0]
    assert texts(ax)[::4] == ["+2.00", "+1.00", "0.00", "−1.00"]
    solid = np.array([p.get_linestyle() == "solid" for p in ax.patches]).reshape(4, 3)
    assert solid.tolist() == [[1, 0, 1], [1, 1, 1], [1, 0, 0], [1, 1, 0]]


def test_masked_sentences_shows_the_coalitions_asked_for():
    ax = pictures.masked_sentences(["not", "good"], torch.arange(4.0), masks=[1, 3]).axes[0]
    assert texts(ax)[::3] == ["+3.00", "+1.00"]


def test_interactions_on_sentence_colour_the_members():
    found = effects_of({(0, 1): -2.0, (1,): 1.0}, {}, 2)
    ax = pictures.interactions_on_sentence(["not", "good"], found).axes[0]
    assert texts(ax)[::3] == ["−2.00", "+1.00"]
    faces = [p.get_facecolor()[:3] for p in ax.patches]
    assert np.allclose(faces[:2], to_rgb(style.VERMILION))
    assert np.allclose(faces[3], to_rgb(style.BLUE)) and not np.allclose(faces[2], faces[3])


def test_long_sentences_stay_on_the_page():
    words = ["interaction"] * 15
    ax = pictures.masked_sentences(words, torch.arange(4.0), owner=[0, 1] + [-1] * 13).axes[0]
    right = max(p.get_x() + p.get_width() for p in ax.patches)
    bottom = max(p.get_y() + p.get_height() for p in ax.patches)
    assert right < ax.get_xlim()[1] and bottom < ax.get_ylim()[0]
    lines = len({p.get_y() for p in ax.patches})
    assert lines > 4 and lines % 4 == 0  # each of the four rows takes as many lines


@pytest.mark.parametrize("owner", [[0], [0, 0], [0, 2], [0, 1, 1]])
def test_sentences_refuse_owners_that_do_not_fit(owner):
    with pytest.raises(ValueError, match="owner: got"):
        pictures.masked_sentences(["not", "good"], torch.zeros(4), owner=owner)
    with pytest.raises(ValueError, match="owner: got"):
        found = effects_of({(0, 1): 1.0}, {}, 2)
        pictures.interactions_on_sentence(["not", "good"], found, owner=owner)


def test_sentences_refuse_to_draw_nothing():
    with pytest.raises(ValueError, match="all are zero"):
        pictures.interactions_on_sentence(["a", "b"], effects_of({(0,): 0.0}, {}, 2))
    with pytest.raises(ValueError, match="no coalition"):
        pictures.masked_sentences(["a", "b"], torch.zeros(4), masks=[])


def test_the_sheet_of_a_masked_game(image, four):
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(144, 2)).eval()
    game = hs.MaskedGame(network, image, four, baselines.zero(image), values.log_odds(1))
    figure = pictures.masked_sheet(game.masked(torch.arange(16)), game.table(), columns=4)
    assert np.asarray(figure.axes[0].images[0].get_array()).shape == (52, 52, 3)
