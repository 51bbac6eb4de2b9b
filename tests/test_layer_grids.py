"""Several networks' layers in one figure: heights are the frame's, rows are the layers."""

import matplotlib

matplotlib.use("Agg")

import pytest
from matplotlib import pyplot as plt
from test_layer_figures import reads, tables  # noqa: F401

from harsanyi.show import layer_grids as grids
from harsanyi.studies import layer_figures


@pytest.fixture
def frame(reads):  # noqa: F811
    changes = layer_figures.changes(reads)
    yield changes[changes["reading"] == "trained"]
    plt.close("all")


def test_a_panel_a_network_and_a_row_a_layer(frame):
    figure = grids.change_grid(frame, "and", orders=range(1, 4))
    assert [ax.get_title() or ax.get_title(loc="left") for ax in figure.axes] == ["a", "b"]
    parts = frame[frame["kind"] == "and"].groupby("stem")
    for ax, (_, part) in zip(figure.axes, parts, strict=True):
        assert [label.get_text() for label in ax.get_yticklabels()] == ["low", "high"]
        bars = [bar.get_height() for bar in ax.patches]
        assert len(bars) == 2 * 3 * 3  # layers, parts, orders
        shown = part[part["order"] <= 3]
        many = len(shown) / (2 * 3)  # samples and seeds behind each bar
        assert sum(bars) == pytest.approx(
            shown[["overlap", "forget", "new"]].to_numpy().sum() / many
        )


def test_and_plus_or_is_as_high_as_both(frame):
    heights = {
        kind: sum(bar.get_height() for ax in grids.change_grid(frame, kind).axes
                  for bar in ax.patches)
        for kind in ("and", "or", None)
    }  # fmt: skip
    assert heights[None] == pytest.approx(heights["and"] + heights["or"])


def test_two_measures_a_network(frame):
    curves = layer_figures.by_network(frame[frame["kind"] == "and"], "order")
    figure = grids.depth_grid(curves, range(1, 3))
    assert [ax.get_ylabel() for ax in figure.axes] == ["completeness", "redundancy"] * 2


def test_a_kind_that_is_not_there_is_an_error(frame):
    with pytest.raises(ValueError, match="kind"):
        grids.change_grid(frame, "xor")
    with pytest.raises(ValueError, match="got no row"):
        grids.change_grid(frame, "and", orders=[9])
