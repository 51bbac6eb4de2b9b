"""The training slider: its numbers are the studies', in the data, on the page and in words."""

import re

import pytest
import torch
from test_explore import browser, needs_browser, number, show  # noqa: F401
from test_sliders import slide

from harsanyi.core.result import Interactions
from harsanyi.networks.training_sets import Course
from harsanyi.show.explore_training import LISTED, training_slider
from harsanyi.studies import dynamics, phases
from harsanyi.studies.layerwise import effects_of
from harsanyi.studies.planted_training import planted_trajectory

EPOCHS = (0.0, 0.25, 1.0, 4.0, 16.0)
PATHS = {"seed 0": (3.5, 2.6, 1.6, 2.2, 2.9), "seed 1": (3.0, 2.9, 3.0, 2.8, 2.9)}
PATCHES = [(1, 1), (1, 4), (4, 1), (4, 4), (7, 1)]


def course(samples, test=0.5):
    return Course(
        torch.zeros(0), (0, 4, 16, 64, 256), EPOCHS, (2.3, 2.0, 1.0, 0.4, 0.1),
        (2.3, 2.1, 1.2, 0.6, test), (0.1, 0.3, 0.7, 0.8, 0.9), (0.1, 0.4, 0.8, 0.9, 1.0),
        tuple(samples), None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found():
    """Two planted trainings of six samples with five players, one with phases; some OR effects."""
    made = {}
    for seed, (name, path) in enumerate(PATHS.items()):
        one = planted_trajectory(path, n=5, samples=6, seed=seed)
        made[name] = Interactions(one.and_, 0.5 * one.and_.roll(1, 1), one.empty)
    return made


@pytest.fixture(scope="module")
def pictures():
    sample = {"names": list("abcde"), "patches": PATCHES, "size": 3}
    images = torch.rand(6, 1, 11, 8, generator=torch.Generator().manual_seed(0))
    return [sample | {"label": i} for i in range(6)], images


@pytest.fixture(scope="module")
def runs(found, pictures):
    return {n: (f, course(pictures[0], 0.5 + i)) for i, (n, f) in enumerate(found.items())}


@pytest.fixture(scope="module")
def worded(found):
    words = {"words": "not a so good old film".split(), "players": [0, 1, 3, 4, 5],
             "names": list("abcde")}  # fmt: skip
    return {"one": (found["seed 0"][:, :2], course([words] * 2))}


def at_moment(page, place):
    slide(page, "moment", place)


def test_bars_and_orders_are_of_all_samples(runs, pictures):
    data = training_slider(runs, pictures[1]).data
    assert len(data["scenes"]) == 4 and data["spindle"] == pytest.approx(
        dynamics.spindle(5).tolist(), abs=5e-4
    )
    for told, (name, (explained, _)) in zip(data["runs"], runs.items(), strict=True):
        assert told["name"] == name and told["at"] == list(EPOCHS)
        for row in dynamics.profiles(explained, EPOCHS).itertuples():
            bar = told["bars"][EPOCHS.index(row.step)][row.order - 1][0 if row.sign > 0 else 3 :]
            assert bar[:3] == pytest.approx([row.mean, row.low, row.high], abs=6e-4)
        strength = dynamics.salient_strengths(explained).strength
        assert told["order"] == pytest.approx(
            phases.mean_order(strength.mean(1)).tolist(), abs=6e-4
        )
        ruled = phases.find_phases(strength, EPOCHS)
        assert told["verdict"] == ruled.verdict
        assert told["turn"] == (list(ruled[1:4]) if ruled.verdict == "two phases" else None)
    assert [told["verdict"] for told in data["runs"]] == ["two phases", "no phases"]


def test_what_is_listed_is_the_strongest_salient(runs, pictures):
    data = training_slider(runs, pictures[1], pictured=[2, 5]).data
    explained = runs["seed 0"][0]
    scale = dynamics.whole_change(explained).abs().mean(-1)
    for at, scene in zip((2, 5), data["runs"][0]["effects"], strict=True):
        effects = effects_of(explained)[:, at]  # (5, 2, 32)
        held = torch.where(effects.abs() > 0.03 * scale[:, None, None], effects, 0)
        for moment in range(5):
            best = held[moment].abs().flatten().topk(LISTED).values
            listed = sorted((abs(values[moment]) for *_, values in scene), reverse=True)[:LISTED]
            assert listed == pytest.approx(best.tolist(), rel=6e-3, abs=1e-9)
        for kind, mask, values in scene:
            own = held[:, ("and", "or").index(kind), mask].tolist()
            assert values == pytest.approx(own, rel=6e-3)


@needs_browser
def test_the_page_says_the_moment_in_words(show, runs, pictures):  # noqa: F811
    page = show(training_slider(runs, pictures[1]))
    for at, (name, (explained, told)) in enumerate(runs.items()):
        page.press(name)
        strength = dynamics.salient_strengths(explained).strength.mean(1)  # (5, 5)
        for moment in (0, 2, 4):
            at_moment(page, moment)
            said = page.text(".hx-said").replace("\u00a0", " ")
            numbers = [float(x) for x in re.findall(r"\d+(?:\.\d+)?", said)]
            numbers = numbers if moment == 0 else numbers[1:]  # "At epoch 1"
            shares = strength[moment] / strength[moment].sum() * 100
            expected = [phases.mean_order(strength)[moment], shares[0], 1, shares[1:4].sum(), 2, 4]
            assert numbers[:6] == pytest.approx([float(x) for x in expected], abs=0.6)
            assert numbers[0] == pytest.approx(float(expected[0]), abs=0.006)
            losses = [told.train_loss[moment], told.test_loss[moment]]
            assert numbers[7:9] == pytest.approx(losses, abs=0.006)
        ruled = page.text(".hx-summary .hx-note")
        assert ("turns at epoch 1 " in ruled) == (at == 0)
        assert ("no phases" in ruled) == (at == 1)


@needs_browser
def test_bars_stand_for_the_strengths_they_are_read_out_as(show, runs, pictures):  # noqa: F811
    page = show(training_slider(runs, pictures[1]))
    at_moment(page, 1)
    chart = page.all(".hx-chart svg[role=img]")[0]
    spoken = [number(x) for x in re.findall(r"[−]?\d+\.\d\d", chart.get_attribute("aria-label"))]
    bars = [float(e.get_attribute("height")) for e in page.all(".hx-chart rect[class^=hx-]")][:10]
    unit = sum(bars) / sum(map(abs, spoken))
    assert bars == pytest.approx([unit * abs(value) for value in spoken], abs=0.011 * unit)


@needs_browser
def test_an_interaction_is_followed_through_the_training(show, runs, pictures):  # noqa: F811
    page = show(training_slider(runs, pictures[1]))
    at_moment(page, 3)
    line = [e for e in page.all(".hx-line") if e.is_displayed()][0]
    line.click()
    name = line.find_element("css selector", ".hx-set").text
    assert len(page.all(".hx-stage .hx-tint")) == len(re.findall(r"\d", name))
    held = {
        (kind.upper() if mask & (mask - 1) else "patch") + " "
        + " · ".join(str(i + 1) for i in range(5) if mask >> i & 1): values
        for kind, mask, values in training_slider(runs, pictures[1]).data["runs"][0]["effects"][0]
    }  # fmt: skip
    for moment in range(5):
        at_moment(page, moment)
        (pressed,) = page.all(".hx-line[aria-pressed=true]")
        assert pressed.find_element("css selector", ".hx-set").text == name
        value = pressed.find_element("css selector", ".hx-number").text
        if held[name][moment]:
            assert number(value) == pytest.approx(held[name][moment], abs=0.0051)
        else:
            assert value == "not salient"


@needs_browser
def test_works_from_the_keyboard_and_by_a_tap_on_a_chart(show, runs, pictures):  # noqa: F811
    from selenium.webdriver import ActionChains

    page = show(training_slider(runs, pictures[1]))
    moment = page.all("[aria-label='moment']")[0]
    assert moment.get_attribute("aria-valuetext") == "epoch 0 (1 of 5)"
    moment.send_keys("\ue014")  # arrow to the right
    assert moment.get_attribute("aria-valuetext") == "epoch 0.25 (2 of 5)"
    chart = page.all(".hx-time svg[role=img]")[0]
    right = chart.size["width"] * 0.45, 0
    ActionChains(page.driver).move_to_element_with_offset(chart, *right).click().perform()
    assert moment.get_attribute("aria-valuetext") == "epoch 16 (5 of 5)"


@needs_browser
@pytest.mark.parametrize("words", [False, True])
def test_fits_a_phone_and_a_finger(show, runs, pictures, worded, words):  # noqa: F811
    page = show(training_slider(worded) if words else training_slider(runs, pictures[1]), 390)
    assert page.driver.execute_script("return document.documentElement.scrollWidth") <= 390
    spill = (
        "return [...document.querySelectorAll('.hx-desk *')].filter((e) => "
        "e.getBoundingClientRect().right > 382 && !e.closest('svg')).length"
    )
    assert page.driver.execute_script(spill) == 0
    controls = [e for e in page.all("button, input") if e.is_displayed()]
    assert len(controls) >= 6
    assert min(min(e.size["height"], e.size["width"]) for e in controls) >= 40
    letters = page.driver.execute_script(
        "return Math.min(...[...document.querySelectorAll('.hx-chart text')].map("
        "(t) => parseFloat(getComputedStyle(t).fontSize)))"
    )
    assert letters >= 12


@needs_browser
def test_words_carry_their_interaction(show, worded):  # noqa: F811
    page = show(training_slider(worded))
    assert "rule cannot judge" in page.text(".hx-summary .hx-note")  # two samples only
    at_moment(page, 2)
    shown = page.all(".hx-word.hx-pos, .hx-word.hx-neg")
    name = page.text(".hx-line .hx-set").split(" ", 1)[-1]
    assert [e.text for e in shown] == name.split(" · ")


def test_html_loads_nothing_and_stays_small(runs, pictures):
    text = training_slider(runs, pictures[1])._repr_html_()
    assert "src=" not in text and "import " not in text and text.count("</script>") == 1
    assert len(text) < 60_000


def test_refuses_what_does_not_fit(runs, pictures, worded):
    one, told = runs["seed 0"]
    images = pictures[1]
    others = course([s | {"names": list("abcdf")} for s in pictures[0]])
    cases = [
        (({}, images), "runs: got none"),
        (({"a": (one[:3], told)}, images), "5 snapshots"),
        (({"a": (one[:, :4], told)}, images), "6 samples"),
        ((runs | {"a": (one, others)}, images), "other samples"),
        ((runs, images[:2]), "images: got 2"),
        ((runs,), "images: expected"),
        ((worded, images[:2]), "samples with patches"),
        ((runs, images, range(2), ["a"]), "titles: got 1 for 2"),
        ((runs, images, []), "0 pictured"),
    ]
    for given, message in cases:
        with pytest.raises(ValueError, match=message):
            training_slider(*given)
