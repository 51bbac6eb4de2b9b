"""Plots of tables, and the checks of the exercises on a network as a game."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import harsanyi as hs
from harsanyi.core.coalitions import sizes
from harsanyi.networks import values
from harsanyi.show import exercises, tables


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_values_by_size_draws_the_means():
    v = hs.games.seed_example().v
    ax = tables.values_by_size(v)
    means = ax.get_lines()[-1].get_ydata()
    assert np.allclose(means, [float(v[sizes(5) == k].mean()) for k in range(6)])
    assert sum(len(line.get_xdata()) for line in ax.get_lines()[:-1]) == 32
    with pytest.raises(ValueError, match="batch"):
        tables.values_by_size(v[None])


def test_class_shares_add_up_to_one():
    classes = torch.randint(6, (64,), generator=torch.Generator().manual_seed(0))
    ax = tables.class_shares(classes, "abcdef", target=2)
    top = [sum(p.get_height() for p in column) for column in zip(*ax.containers, strict=True)]
    assert np.allclose(top, 1.0) and ax.get_legend().texts[0].get_text() == "«c»"
    assert len(ax.containers) == 5  # the target, three rivals, the others
    assert len(tables.class_shares(torch.zeros(8).long(), "ab", target=0).containers) == 2
    with pytest.raises(ValueError, match="classes: got"):
        tables.class_shares(classes, "ab", target=0)


def test_cost_line_runs_through_the_last_point():
    ax = tables.cost_line([3, 4], [0.5, 0.8])
    line = dict(zip(*ax.get_lines()[0].get_data(), strict=True))
    assert line[4] == pytest.approx(0.8) and line[20] == pytest.approx(0.8 * 2**16)
    assert ax.texts[0].get_text() == f"n = 20: {tables.duration(0.8 * 2**16)}"
    with pytest.raises(ValueError, match="as many"):
        tables.cost_line([3, 4], [0.5])


def test_amounts_in_words():
    assert tables.duration(0.1234) == "0.12 seconds"
    assert tables.duration(180) == "3 minutes" and tables.duration(3e9) == "95 years"
    assert tables.duration(2.0**196).startswith("10^51 years")
    assert tables.storage(5) == "5 bytes" and tables.storage(8 * 2**30) == "8 GiB"


def lamp(present):
    return (present[:, 0] & present[:, 1:].any(1)).double()


def masked(x, owner, baseline, masks):
    keep = torch.stack([(owner < 0) | (m >> owner.clamp(min=0) & 1).bool() for m in masks])
    return torch.where(
        keep.view(len(masks), *[1] * (x.dim() - owner.dim()), *owner.shape), x, baseline
    )


RIGHT = {
    "check_bitmask": lambda mask: [i for i in range(64) if mask >> i & 1],
    "check_lamp": lamp,
    "check_log_odds": lambda z, t: values.log_odds(t)(z),
    "check_masking": masked,
    "check_cost": lambda n, pixels, batch: (2**n, 8 * 2**n, 4 * pixels * batch),
}
WRONG = {
    "check_bitmask": (lambda m: [i for i in range(64) if m >> i & 1][::-1], "for the number 5"),
    "check_lamp": (lambda p: p.all(1).double(), "with switch, battery you gave 0"),
    "check_log_odds": (
        lambda z, t: torch.log(z.softmax(1)[:, t]) - torch.log(1 - z.softmax(1)[:, t]),
        "rounded to 0 or 1",
    ),
    "check_masking": (lambda x, o, b, m: masked(x, o.where(o >= 0, 62), b, m), "nobody (−1)"),
    "check_cost": (lambda n, pixels, batch: (2**n, 4 * 2**n, 4 * pixels * batch), "of the table"),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_checks_know_right_from_wrong(name):
    check = getattr(exercises, name)
    assert check(RIGHT[name]).passed, check(RIGHT[name])
    answer, hint = WRONG[name]
    assert not check(answer).passed and hint in check(answer).message
    assert not check(lambda *_: None).passed
