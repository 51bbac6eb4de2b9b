"""Pictures of shared primitives: one for each, in order, coloured by sign; refusals."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import torch

from harsanyi.networks.players import Players
from harsanyi.show import primitives, style

FRAME = pd.DataFrame(
    {
        "kind": ["and", "or"], "coalition": ["{a, b}", "{b, c}"], "players": [(0, 1), (1, 2)],
        "order": [2, 2], "share": [1.0, 0.5], "one": [0.4, -0.2], "other": [0.2, -0.4],
    }
)  # fmt: skip
CELLS = Players(torch.tensor([[0, 1], [2, 2]]).repeat_interleave(4, 0).repeat_interleave(4, 1))
PICTURE = torch.linspace(0, 1, 64).view(1, 8, 8)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_each_primitive_has_a_picture_with_its_share_and_the_colour_of_its_mean_effect():
    figure = primitives.primitives_on_image(PICTURE, CELLS, FRAME, ["one", "other"], columns=2)
    titles = [(ax.get_title(), ax.title.get_color()) for ax in figure.axes]
    assert titles == [("AND · 100%", style.BLUE), ("OR · 50%", style.VERMILION)]


def test_one_primitive_on_several_samples_names_its_effect_in_each_network():
    strengths = [[0.5, 0.25], [-0.5, 0.1]]
    figure = primitives.primitive_on_samples(
        PICTURE.expand(2, 1, 8, 8), CELLS, "and", (0, 1), strengths
    )
    titles = [(ax.get_title(), ax.title.get_color()) for ax in figure.axes[:2]]
    assert titles == [("+0.50  +0.25", style.BLUE), ("−0.50  +0.10", style.VERMILION)]


def test_a_sentence_is_written_once_for_each_primitive_words_that_do_not_play_included():
    words = ["a", "very", "good", "film"]
    figure = primitives.primitives_on_sentence(words, FRAME, ["one", "other"], [-1, 0, 1, 2])
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert [texts.count(word) for word in words] == [2, 2, 2, 2]
    assert [text for text in texts if text not in words] == ["+0.30", "−0.30"]


@pytest.mark.parametrize("frame, networks", [(FRAME[:0], ["one"]), (FRAME, ["a third"])])
def test_nothing_to_draw_is_refused(frame, networks):
    with pytest.raises(ValueError, match="expected one primitive or more"):
        primitives.primitives_on_image(PICTURE, CELLS, frame, networks)
