"""Pictures of knowledge through the layers: what they draw are the studies' numbers."""

import math

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

import harsanyi as hs
from harsanyi.core.coalitions import sizes
from harsanyi.networks import players
from harsanyi.show import layer_pictures, layers, solidity
from harsanyi.studies import layer_tables, stability
from harsanyi.studies.layerwise import effects_of
from harsanyi.studies.planted_layers import GROUP, planted_effects

LAYERS = ("first", "second", "third", "fourth", "output")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def planted():
    """The planted network's effects in five layers, on two samples of which one is weaker."""
    and_ = torch.zeros(len(LAYERS), 16, dtype=torch.float64)
    for at, layer in enumerate(LAYERS):
        for mask, value in planted_effects()[layer].items():
            and_[at, mask] = value
    and_ = torch.stack([and_, 0.5 * and_], 1)  # (5, 2, 16)
    return hs.Interactions(and_, torch.zeros_like(and_), torch.zeros(len(LAYERS), 2))


@pytest.fixture(scope="module")
def drawn():
    """Random AND and OR effects, (5, 3, 32): three samples, five players."""
    two = torch.randn(2, 5, 3, 32, generator=torch.Generator().manual_seed(0)).double()
    two[..., 0] = 0
    return hs.Interactions(*two, torch.zeros(5, 3))


def heights(ax):
    """Height of every bar, by the legend's word and order."""
    return {
        (bars.get_label(), round(bar.get_x() + bar.get_width() / 2)): bar.get_height()
        for bars in ax.containers
        for bar in bars
    }


@pytest.mark.parametrize("kind", ["and", "or", None])
def test_bars_are_means_over_samples_and_sums_over_kinds(drawn, kind):
    frame = layer_tables.knowledge_change(drawn, LAYERS)
    figure = layers.change_bars(frame, kind)
    rows = frame if kind is None else frame[frame.kind == kind]
    for name, ax in zip(LAYERS, [ax for ax in figure.axes if ax.get_title()], strict=False):
        assert ax.get_title() == name
        part = rows[rows.layer == name]
        for word, column in (("overlap", "overlap"), ("forgotten", "forget"), ("new", "new")):
            sums = part.groupby("order")[column].sum() / 3
            for order, value in sums.items():
                assert heights(ax)[word, order] == pytest.approx(value)


def test_bars_take_some_orders_and_name_steps(drawn):
    frame = layer_tables.knowledge_change(drawn, LAYERS, layer_tables.adjacent, chance=False)
    figure = layers.change_bars(frame, orders=range(1, 3), columns=3)
    given = [ax.get_title() or ax.get_title("left") for ax in figure.axes]  # the style's side
    steps = [f"{a} → {b}" for a, b in zip(LAYERS, LAYERS[1:], strict=False)]
    assert [title for title in given if title] == steps
    assert {order for _, order in heights(figure.axes[0])} == {1, 2}
    assert "chance" not in [t.get_text() for t in figure.legends[0].get_texts()][-1]


def test_lines_against_depth_are_the_curves(drawn):
    frame = layer_tables.knowledge_change(drawn, LAYERS)
    curves = layer_tables.curves(frame[frame.kind == "and"])
    figure = layers.completeness_and_redundancy(curves)
    for ax, measure in zip(figure.axes, ("completeness", "redundancy"), strict=True):
        named = {line.get_label(): line for line in ax.lines if line.get_label()[0] == "o"}
        for order, part in curves.groupby("order"):
            if part[measure].notna().any():
                got = named[f"order {order}"].get_ydata()
                assert np.allclose(got, part[measure], equal_nan=True)
    ax = layers.depth_lines(curves, "redundancy", orders=(2, 3))
    assert [line.get_label() for line in ax.lines] == ["order 2", "order 3"]


def test_lines_of_the_planted_network_show_the_interaction_that_comes_and_goes(planted):
    ax = layers.effect_lines(planted[:, 0], LAYERS, k=8)
    shown = {tuple(line.get_ydata()) for line in ax.lines if len(line.get_ydata()) == len(LAYERS)}
    assert (0, 2, 2, 0, 0) in shown and (0, 0, 2, 2, 2) in shown
    texts = [t.get_text() for t in ax.texts]
    assert "AND {" + ", ".join(planted.names[i] for i in GROUP) + "}" in texts
    assert len(texts) == 6  # two interactions, four players; nothing that is zero
    low, high = ax.get_ylim()
    written = sorted(t.xyann[1] for t in ax.texts)
    assert min(np.diff(written)) > 0.05 * (high - low)


def test_quality_is_the_mean_and_the_range_of_seeds():
    rows = [(layer, how, acc, 0.1) for layer, how, acc in
            [("a", "probe", 0.5), ("a", "probe", 0.7), ("output", "head", 0.9), ("b", "probe", 0.8),
             ("a", "dealt", 0.1), ("b", "dealt", 0.2)]]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["layer", "reading", "accuracy", "calibration"])
    figure = layers.probe_quality(frame, chance=0.1, controls=["dealt"])
    top = figure.axes[0]
    lines = {line.get_label(): line for line in top.lines}
    assert lines["probe"].get_ydata().tolist() == pytest.approx([0.6, 0.8])
    assert lines["head"].get_xdata().tolist() == [2]  # the output stands last
    assert lines["dealt"].get_color() in ("#4b5563", "#9ca3af")
    spread = top.collections[0].get_segments()[0]
    assert spread[:, 1].tolist() == pytest.approx([0.5, 0.7])


def test_agreement_is_the_studys_beside_chance(drawn):
    pairs = {"middle": (drawn[2], drawn[3]), "unrelated": stability.independent_games(5, 3)}
    frame = stability.generalization(pairs, threshold=0.3)
    ax = solidity.iou_by_order(frame, controls=["unrelated"])
    rows = frame[(frame.kind == "and") & (frame.panel == "middle")].dropna(subset=["iou"])
    means = rows.groupby("order")[["iou", "chance"]].mean()
    solid, dashed = ax.lines[0], ax.lines[1]
    assert solid.get_ydata().tolist() == pytest.approx(means.iou.tolist())
    assert dashed.get_ydata().tolist() == pytest.approx(means.chance.tolist())
    assert dashed.get_color() == solid.get_color() != ax.lines[2].get_color()


def test_stability_is_the_studys_beside_the_floor(drawn):
    clean = drawn[0]
    noise = torch.randn(8, *clean.and_.shape, generator=torch.Generator().manual_seed(1)).double()
    noisy = hs.Interactions(clean.and_ + 0.1 * noise, clean.or_ + 0.1 * noise, torch.zeros(8, 3))
    frame = stability.stability(clean, noisy)
    ax = solidity.stability_by_order({"real": frame, "null": frame}, controls=["null"], draws=8)
    means = frame[frame.kind == "and"].dropna(subset=["stability"]).groupby("order").stability
    assert ax.lines[0].get_ydata().tolist() == pytest.approx(means.mean().tolist())
    assert ax.lines[2].get_ydata()[0] == pytest.approx(math.sqrt(2 / (8 * math.pi)))
    assert ax.get_yscale() == "log"


def test_a_box_holds_the_numbers_of_its_order():
    values = sizes(4).double().repeat(3, 1)
    values[:, 0] = torch.nan
    ax = solidity.boxes_by_order({"one": values, "two": 2 * values}, "change")
    medians = [line.get_ydata()[0] for line in ax.lines if line.get_linewidth() == 1.4]
    assert medians == [1, 2, 3, 4, 2, 4, 6, 8]
    assert len(ax.patches) == 8 and ax.get_ylabel() == "change"


def test_pictures_tell_what_becomes_of_an_effect(planted):
    image = torch.zeros(1, 8, 8)
    image[0, 1:7, 1:7] = 1
    four = players.grid(image, 2, 2)
    figure = layer_pictures.interactions_through_layers(image, four, planted[:, 0], LAYERS, k=6)
    rows = np.array(figure.axes).reshape(len(LAYERS), 6)
    words = [[t.get_text() for t in ax.texts if "kept" in t.get_text()] for ax in rows[1]]
    assert sum(words, []).count("0 % kept") == 1  # the group of three is gone in the fourth
    assert sum(words, []).count("100 % kept") == 4
    filled = [len(ax.images) - 1 for ax in rows[1] if ax.images]
    assert sorted(filled) == [1, 1, 1, 1, len(GROUP)]
    assert [ax.get_title() for ax in rows[2]].count("+2.00") == 2


def test_fate_is_the_shared_part(drawn):
    effects = effects_of(drawn[:, 0])
    kept = layer_pictures.fate(effects[0], effects[-1], 0.3)
    for kind, mask in (~kept.isnan()).nonzero().tolist():
        early, late = float(effects[0, kind, mask]), float(effects[-1, kind, mask])
        assert abs(early) > 0.3 * float(effects[0].abs().max())
        salient = abs(late) > 0.3 * float(effects[-1].abs().max())
        both = salient and early * late > 0
        expected = min(abs(early), abs(late)) / abs(early) if both else 0
        assert float(kept[kind, mask]) == pytest.approx(expected)


def test_refuses_what_does_not_fit(drawn):
    frame = layer_tables.knowledge_change(drawn, LAYERS)
    curves = layer_tables.curves(frame)
    image = torch.zeros(1, 4, 4)
    cases = [
        (lambda: layers.change_bars(frame.drop(columns="new")), "without \\['new'\\]"),
        (lambda: layers.change_bars(frame, "xor"), "got 'xor'"),
        (lambda: layers.change_bars(frame, orders=[9]), "no row"),
        (lambda: layers.depth_lines(curves), "several rows"),
        (lambda: layers.effect_lines(drawn, LAYERS), "pick a sample first"),
        (lambda: layers.effect_lines(drawn[:, 0], LAYERS[1:]), "for 4 layers"),
        (lambda: layers.probe_quality(frame), "accuracy"),
        (lambda: solidity.iou_by_order(frame), "generalization"),
        (lambda: solidity.stability_by_order({}), "nothing to draw"),
        (lambda: solidity.stability_by_order({"a": frame}), "'stability'"),
        (lambda: solidity.boxes_by_order({"a": torch.ones(8), "b": torch.ones(4)}, ""), "one size"),
        (
            lambda: layer_pictures.interactions_through_layers(
                image, players.grid(image, 2, 2), drawn[:, 0], LAYERS
            ),
            "got 5 players",
        ),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
    found = stability.generalization({"a": (drawn[0], drawn[1])})
    with pytest.raises(ValueError, match="controls: got"):
        solidity.iou_by_order(found, controls=["b"])
