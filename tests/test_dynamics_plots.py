"""Pictures of training: what they draw are the studies' numbers, nulls and controls among them."""

import math

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

import harsanyi as hs
from harsanyi.show import contexts, dynamics, learned, theory, weights
from harsanyi.studies import attribution, learned_orders, phases, ridge, ridge_fit, transfer
from harsanyi.studies import contexts as by_context
from harsanyi.studies.dynamics import profiles, relative, salient_strengths, spindle
from harsanyi.studies.planted_training import planted_trajectory

STEPS = (0, 0.1, 1, 10, 100)
TRAIN, TEST = (2.3, 1.9, 0.8, 0.2, 0.1), (2.3, 2.0, 1.0, 0.5, 0.6)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def found():
    """Explanations of 8 samples whose mean order falls, then rises: (5, 8, 2**6)."""
    return planted_trajectory((4.5, 3.5, 2.0, 2.6, 3.4), n=6, samples=8)


@pytest.fixture(scope="module")
def strength(found):
    return salient_strengths(found).strength.double()  # (5, 8, 6)


@pytest.fixture(scope="module")
def fits(found, strength):
    """Theory and rival at the first three snapshots."""
    grid = ridge.noise_grid(6, 3)
    kept = ridge_fit.learned_weights(found[-1])
    families = {"theory": ridge_fit.ridge_family, "rival": ridge_fit.decay_family}
    return {
        name: [ridge_fit.fit_profile(one, family(kept, grid), grid) for one in strength[:3]]
        for name, family in families.items()
    }


def named(ax):
    """Lines of an axis by their label."""
    return {line.get_label(): line for line in ax.lines}


def title(ax):
    return ax.get_title() or ax.get_title("left")  # the style's side


def test_bars_of_both_signs_are_the_profile_beside_the_spindle(found):
    frame = profiles(found, STEPS)
    figure = dynamics.profile_bars(frame, STEPS[1:])
    drawn = [ax for ax in figure.axes if title(ax)]
    assert [title(ax) for ax in drawn] == ["epoch 0.1", "epoch 1", "epoch 10", "epoch 100"]
    for step, ax in zip(STEPS[1:], drawn, strict=True):
        for sign, bars in zip((1, -1), ax.containers, strict=True):
            rows = frame[(frame.step == step) & (frame.sign == sign)]
            assert [bar.get_height() for bar in bars] == pytest.approx(rows["mean"].tolist())
        outline = named(ax)["no knowledge"].get_ydata()
        assert outline[1:-1:2] == pytest.approx((spindle(6) / 2).tolist())
    other = dynamics.profile_bars(frame, [10], null=torch.ones(6).double())
    assert max(named(other.axes[0])["no knowledge"].get_ydata()) == 0.5


def test_losses_show_zero_the_gap_and_a_turn_only_if_there_is_one(strength):
    ph = phases.find_phases(strength, STEPS)
    assert ph.verdict == "two phases" and ph.turn == 1
    ax = dynamics.loss_lines(STEPS, TRAIN, TEST, ph)
    assert named(ax)["test loss"].get_ydata().tolist() == list(TEST)
    assert set(named(ax)["turn, 95 %"].get_xdata()) == {1}
    assert 0 in ax.get_xticks() and ax.get_xscale() == "symlog"
    lines = named(dynamics.loss_lines(STEPS, TRAIN, TEST, ph._replace(verdict="falls")))
    assert "turn, 95 %" not in lines


def test_time_is_linear_where_steps_are():
    ax = dynamics.loss_lines((0, 1, 2), (3, 2, 1), (3, 2, 2), unit="step")
    assert ax.get_xscale() == "linear" and ax.get_xlabel() == "step"


def test_lines_are_the_mean_order_of_all_samples_within_their_band(strength):
    ph = phases.find_phases(strength, STEPS)
    runs = {"seed 0": (STEPS, strength), "reversed": (STEPS, strength.flip(0))}
    ax = dynamics.order_lines(runs, {"seed 0": ph}, controls=["reversed"])
    path = phases.mean_order(strength.mean(1))
    assert named(ax)["seed 0"].get_ydata() == pytest.approx(path.numpy())
    edges = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert edges.min() < path.min() and edges.max() > path.max()
    assert len(ax.collections) == 1  # the control has no band
    (mark,) = [line for line in ax.lines if line.get_marker() == "D" and len(line.get_xdata()) == 1]
    assert mark.get_xdata()[0] == ph.turn
    figure = dynamics.course_panels(STEPS, TRAIN, TEST, strength, ph)
    assert [text.get_text() for text in figure.axes[1].texts] == ["the rule: two phases"]


def test_turns_lie_where_they_are_with_their_whiskers():
    frame = pd.DataFrame({"onset": [1, 2, math.nan], "turn": [2.0, 2.0, 3.0], "net": list("aba"),
                          "turn_low": [1.0, 1.5, 2.0], "turn_high": [4.0, 2.5, 4.0]})  # fmt: skip
    ax = dynamics.turn_scatter(frame, by="net")
    dots = [tuple(c.lines[0].get_xydata()[0]) for c in ax.containers]
    assert dots == [(1, 2), (2, 2)]  # a run without an onset is left out
    spans = [c.lines[2][0].get_segments()[0][:, 1].tolist() for c in ax.containers]
    assert spans == [[1, 4], [1.5, 2.5]]


def test_fits_are_drawn_beside_what_was_measured(strength, fits):
    figure = theory.fit_bars(strength[:3], fits, ["a", "b", "c"])
    for at, ax in enumerate(figure.axes[:3]):
        heights = [bar.get_height() for bar in ax.containers[0]]
        assert heights == pytest.approx(relative(strength[at].mean(0)).tolist())
        for name, each in fits.items():
            assert named(ax)[name].get_ydata() == pytest.approx(each[at].profile.numpy())
        said = [f"{name} {each[at].distance:.2f}" for name, each in fits.items()]
        assert [text.get_text() for text in ax.texts] == said


def test_path_of_the_fit_holds_the_rival_too():
    rows = [(0, 0.0, 0.0, 1e-3, 0.5, 0.5, 0.4), (1, 0.1, 0.05, 0.2, 0.1, 0.3, 0.05)]
    names = ["step", "sigma2", "low", "high", "distance", "unchanged", "rival"]
    above, below = theory.fit_path(pd.DataFrame(rows, columns=names)).axes
    assert above.lines[0].get_ydata().tolist() == [0, 0.1]
    drawn = {name: line.get_ydata().tolist() for name, line in named(below).items()}
    assert drawn == {"theory": [0.5, 0.1], "rival": [0.4, 0.05], "w* unchanged": [0.5, 0.3]}


def test_ratios_end_at_the_root_and_crosses_mark_what_is_below_one():
    frame = pd.concat([ridge.ratios(n, ridge.noise_grid(n, 4)) for n in (4, 10)], ignore_index=True)
    figure = theory.ratio_lines(frame, orders=range(3))
    four, ten = figure.axes[:2]
    assert four.lines[0].get_ydata()[0] == pytest.approx(math.sqrt(10))
    crosses = [sum(len(x.get_xdata()) for x in ax.lines if x.get_marker() == "x")
               for ax in (four, ten)]  # fmt: skip
    below = (frame[(frame.sigma2 > 0) & (frame.order < 3)].ratio < 1 - 1e-7).groupby(frame.n).sum()
    assert crosses == [below.get(4, 0), below[10]] and crosses[1] > 0


@pytest.fixture(scope="module")
def along(found):
    other = planted_trajectory((4.5, 3.5, 2.0, 2.6, 3.4), n=6, samples=8, seed=1)
    mixed = hs.Interactions(0.6 * found.and_ + 0.4 * other.and_, found.or_, found.empty)
    return learned_orders.transfer_along(found, mixed, STEPS)


def test_similarity_is_the_studys_beside_chance(along):
    for measure, chance in learned.CHANCE.items():
        figure = learned.similarity_by_order(along, measure=measure, picks=[1, 10])
        rows = along[(along.kind == "and") & (along.step == 1)].dropna(subset=[measure])
        means = rows.groupby("order")[[measure, chance]].mean()
        ax = figure.axes[0]
        assert [b.get_height() for b in ax.containers[0]] == pytest.approx(means[measure].tolist())
        ticks = [segment[0, 1] for segment in ax.collections[1].get_segments()]
        assert ticks == pytest.approx(means[chance].tolist())


def test_similarity_along_training_has_a_line_an_order(along):
    lines = named(learned.similarity_path(along, orders=(1, 2)))
    rows = along[(along.kind == "and") & (along.order == 2)].groupby("step").similarity.mean()
    assert lines["order 2"].get_ydata() == pytest.approx(rows.to_numpy())
    assert "order 3" not in lines and "by chance" in lines


def test_groups_and_their_difference_beside_dealt_ones(found):
    odd = torch.arange(8) < 3
    frame = pd.concat(
        [learned_orders.compare_groups(found[i], odd).assign(step=STEPS[i]) for i in (0, 2, 4)]
    )
    one = frame[frame.step == 1]
    above, below = learned.groups_by_order(one).axes
    rows = one[one.measure == "relative"]
    heights = [[bar.get_height() for bar in bars] for bars in above.containers]
    assert heights == [pytest.approx(rows[c].tolist()) for c in ("normal", "odd")]
    assert named(below)["difference"].get_ydata() == pytest.approx(rows.difference.to_numpy())
    ax = learned.difference_path(frame)
    rows = frame[frame.measure == "mean order"]
    assert named(ax)["difference"].get_ydata() == pytest.approx(rows.difference.to_numpy())
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (rows.dealt_low.min(), rows.dealt_high.max())
    with pytest.raises(ValueError, match="several rows"):
        learned.difference_path(frame, "relative")


def test_contexts_are_the_studys_beside_the_null():
    noise = torch.randn(6, 64, generator=torch.Generator().manual_seed(0)).double()
    told = by_context.interactions(noise)
    lines = named(contexts.context_lines({"a": told, "b": 3 * told}, controls=["b"]))
    assert lines["a"].get_ydata() == pytest.approx(by_context.relative_strength(told).numpy())
    assert lines["b"].get_ydata() == pytest.approx(lines["a"].get_ydata())  # the shape alone
    null = lines["noise alone"].get_ydata()
    assert np.asarray(null) == pytest.approx(by_context.null_strength(6).numpy())


def test_lines_by_order_in_the_order_of_the_axis():
    frame = pd.DataFrame({"order": [2, 1, 1, 2], "net": list("aabb"), "mean": [4.0, 3, 2, 1],
                          "low": 0.5, "high": 5.0})  # fmt: skip
    ax = contexts.lines_by_order(frame, "net", "strength", controls=["b"], reference=0, log=True)
    assert named(ax)["a"].get_ydata().tolist() == [3, 4] and ax.get_yscale() == "log"
    assert named(ax)["b"].get_color() == "#4b5563"


def test_weights_are_the_studys_measured_on_top():
    frame = attribution.weights_table(5)
    told = {"Shapley": attribution.measured_weights(hs.shapley, 5)}
    ax = weights.weight_lines(frame, told)
    assert named(ax)["Shapley"].get_ydata() == pytest.approx([1 / s for s in range(1, 6)])
    (rings,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert rings.get_ydata() == pytest.approx([1 / s for s in range(1, 6)])
    ax = weights.weight_map(frame.assign(gone=math.nan, other=-12.34))
    texts = [t.get_text() for t in ax.texts]
    assert texts[:5] == ["1", "0", "0", "0", "0"] and texts[10:15] == [
        "1",
        ".50",
        ".33",
        ".25",
        ".20",
    ]
    assert texts[20:] == ["–"] * 5 + ["−12"] * 5


def test_scatter_says_the_studys_correlation():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(20, 2)), columns=["interaction", "utility"])
    frame["penalty"] = ["none"] * 10 + ["some"] * 10
    told = transfer.association(frame, "interaction", "utility", ["penalty"])
    ax = weights.scatter(frame, by="penalty", told=told)
    said = [line.get_label() for line in ax.lines]
    first = told.iloc[0]
    assert said[0] == "none: " + f"r = {first.r:.2f} ({first.low:.2f} to {first.high:.2f})".replace(
        "-", "−"
    )
    assert [len(line.get_xdata()) for line in ax.lines] == [10, 10]


def test_refuses_what_does_not_fit(found, strength, fits, along):
    frame = profiles(found, STEPS)
    cases = [
        (lambda: dynamics.profile_bars(frame.drop(columns="sign")), "without \\['sign'\\]"),
        (lambda: dynamics.profile_bars(frame, [7]), "steps: got \\[7\\]"),
        (lambda: dynamics.loss_lines(STEPS, TRAIN, TEST[1:]), "one for each snapshot"),
        (lambda: dynamics.order_lines({}), "one or more"),
        (lambda: dynamics.order_lines({"a": (STEPS, strength)}, controls=["b"]), "controls"),
        (lambda: dynamics.turn_scatter(frame, "low", "nowhere"), "nowhere"),
        (lambda: theory.fit_bars(strength, fits, list("abc")), "expected one number"),
        (lambda: theory.fit_path(frame), "fit_snapshots"),
        (lambda: theory.ratio_lines(frame), "of ratios"),
        (lambda: learned.similarity_by_order(along, measure="r"), "measure: got 'r'"),
        (lambda: learned.similarity_by_order(along, picks=[7]), "no row"),
        (lambda: learned.groups_by_order(frame), "compare_groups"),
        (lambda: contexts.context_lines({"a": torch.ones(3, 4)}), "groups: got"),
        (lambda: contexts.lines_by_order(frame, "sign", "", x="step"), "several rows"),
        (lambda: weights.scatter(frame), "interaction"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
