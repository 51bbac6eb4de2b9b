"""Strengths in nats along training, as lines."""

import matplotlib

matplotlib.use("Agg")

import pytest
import torch
from matplotlib import pyplot as plt

from harsanyi.show import loudness


def test_lines_stand_at_the_mean_on_logarithmic_axes():
    steps, strength = [0, 1, 10, 100], torch.logspace(-3, 2, 4)[:, None] * torch.ones(4, 6)
    ax = loudness.strength_lines({"order 1": strength, "what counts": strength / 9}, steps)
    assert ax.get_yscale() == "log" and ax.get_xscale() == "symlog"
    assert ax.lines[0].get_ydata() == pytest.approx(strength[:, 0].tolist())
    plt.close(ax.figure)
    ax = loudness.strength_lines({"order 1": strength, "τ": strength}, steps, dashed=["τ"])
    assert ax.lines[1].get_color() == "black" and len(ax.collections) == 1
    plt.close(ax.figure)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="one for each snapshot"):
        loudness.strength_lines({"order 1": torch.ones(4, 6)}, [0, 1])
    with pytest.raises(ValueError, match="one or more"):
        loudness.strength_lines({}, [0, 1])
