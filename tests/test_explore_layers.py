"""The layer slider: its numbers are the study's, in the data, on the page and in words."""

import re

import pytest
import torch
from test_explore import browser, needs_browser, number, show  # noqa: F401
from test_sliders import slide

from harsanyi.core.result import Interactions
from harsanyi.show.explore_layers import _around, layer_slider
from harsanyi.studies.layer_tables import knowledge_change, layer_strengths
from harsanyi.studies.planted_layers import GROUP, PAIR, planted_effects

LAYERS = ("block 1", "block 2", "block 3", "output")
STEPS = ("first", "second", "third", "fourth", "output")
KINDS = {"AND and OR": ("and", "or"), "AND": ("and",), "OR": ("or",)}


@pytest.fixture(scope="module")
def found():
    """Effects that grow together towards the output: four layers, three samples, four players."""
    random = torch.Generator().manual_seed(2)
    late, noise = (torch.randn(2, n, 3, 16, generator=random).double() ** 3 for n in (1, 4))
    share = torch.tensor([0.1, 0.4, 0.8, 1.0]).double()[:, None, None]
    effects = share * late + (1 - share) * noise
    effects[..., 0] = 0
    return Interactions(*effects, torch.zeros(4, 3))


@pytest.fixture(scope="module")
def pictures():
    """Three samples with four patches on pictures of 8 × 8 pixels."""
    patches = [(1, 1), (1, 4), (4, 1), (4, 4)]
    sample = {"names": list("abcd"), "patches": patches, "size": 3, "label": 0}
    return [sample | {"label": i} for i in range(3)], torch.rand(
        3, 1, 8, 8, generator=torch.Generator().manual_seed(0)
    )


@pytest.fixture(scope="module")
def planted():
    """The planted network on a sentence of five words, of which four play: AND only."""
    and_ = torch.zeros(5, 1, 16, dtype=torch.float64)
    for at, layer in enumerate(STEPS):
        for mask, value in planted_effects()[layer].items():
            and_[at, 0, mask] = value
    words = {"words": "not a so good film".split(), "players": [0, 1, 3, 4], "names": list("abcd")}
    return Interactions(and_, torch.zeros_like(and_), torch.zeros(5, 1)), STEPS, [words]


def at_layer(page, place):
    slide(page, "layer", place)


def test_data_are_the_studys(found, pictures):
    data = layer_slider(found, LAYERS, *pictures).data
    frame, own = knowledge_change(found, LAYERS), layer_strengths(found, LAYERS)
    for row in frame.itertuples():
        kind = ("and", "or").index(row.kind)
        told = data["scenes"][row.sample]["change"][kind][row.depth][row.order - 1]
        assert told == pytest.approx([row.overlap, row.forget, row.new, row.chance], abs=1e-4)
    for (depth, sample, kind), count in (
        own.groupby(["depth", "sample", "kind"])["members"].sum().items()
    ):
        here, both = data["scenes"][sample]["counts"][("and", "or").index(kind)][depth]
        assert here == count and both <= count


@needs_browser
def test_the_page_says_completeness_and_redundancy(show, found, pictures):  # noqa: F811
    page = show(layer_slider(found, LAYERS, *pictures))
    frame = knowledge_change(found, LAYERS)
    for sample, (title, kinds) in enumerate(KINDS.items()):
        page.press(str(sample))
        page.press(title)
        for depth, layer in enumerate(LAYERS[:-1]):
            at_layer(page, depth)
            rows = frame[(frame["sample"] == sample) & (frame.layer == layer)]
            kept, lost, new, chance = (
                rows[rows.kind.isin(kinds)][name].sum()
                for name in ("overlap", "forget", "new", "chance")
            )
            shown = [number(e.text) for e in page.all(".hx-big")]
            ratios = [100 * kept / (kept + new), 100 * lost / (kept + lost)]
            assert shown == pytest.approx(ratios, abs=0.51)
            by_chance = page.text(".hx-summary .hx-big + .hx-note").split("chance ")[1]
            assert number(by_chance) == pytest.approx(100 * chance / (kept + new), abs=0.51)
            said = [float(x) for x in re.findall(r"\d+\.\d\d", page.text(".hx-said"))]
            assert said == pytest.approx([kept + lost, kept, lost, new], abs=0.0052)
    at_layer(page, len(LAYERS) - 1)
    assert [e.text for e in page.all(".hx-big")] == ["100 %", "0 %"]


@needs_browser
def test_bars_stand_for_the_strengths_they_are_read_out_as(show, found, pictures):  # noqa: F811
    page = show(layer_slider(found, LAYERS, *pictures))
    at_layer(page, 1)
    chart = page.all(".hx-chart svg[role=img]")[0]
    spoken = [float(x) for x in re.findall(r"\d+\.\d\d", chart.get_attribute("aria-label"))]
    bars = [float(e.get_attribute("height")) for e in page.all(".hx-chart rect")]
    unit = sum(bars) / sum(spoken)
    assert len(bars) == len(spoken) >= 9
    assert bars == pytest.approx([unit * value for value in spoken], abs=0.011 * unit)


@needs_browser
def test_fates_of_the_planted_interactions(show, planted):  # noqa: F811
    found, steps, samples = planted
    page = show(layer_slider(found, steps, samples))
    assert not page.all("[aria-label='kinds of interactions']")  # it knows no OR
    words = [samples[0]["words"][at] for at in samples[0]["players"]]
    group, pair = ("AND " + " · ".join(words[i] for i in who) for who in (GROUP, PAIR))
    expected = [
        {pair: "still to come"},
        {group: "forgotten later", pair: "still to come"},
        {group: "forgotten later", pair: "kept"},
        {pair: "kept"},
    ]
    for depth, fates in enumerate(expected):
        at_layer(page, depth)
        lines = [line for line in page.all(".hx-line") if line.is_displayed()]
        told = {
            line.find_element("css selector", ".hx-set").text:
            line.find_element("css selector", ".hx-fate").text
            for line in lines
        }  # fmt: skip
        assert {name: told[name] for name in told if name.startswith("AND")} == fates
        assert all(told[word] == "kept" for word in words)


@needs_browser
def test_an_interaction_is_split_and_marks_its_players(show, found, pictures):  # noqa: F811
    page = show(layer_slider(found, LAYERS, *pictures))
    for line in [e for e in page.all(".hx-line") if e.is_displayed()][:3]:
        line.send_keys(" ")
        assert line.get_attribute("aria-pressed") == "true"
        name = line.find_element("css selector", ".hx-set").text
        assert len(page.all(".hx-stage .hx-tint")) == len(re.findall(r"\d", name))
        here, late = line.find_element("css selector", ".hx-number").text.split(" → ")
        early, end = (0 if x == "–" else number(x) for x in (here, late))
        kept = min(abs(early), abs(end)) if early * end > 0 else 0
        widths = [float(re.search(r"[\d.]+", e.get_attribute("style"))[0])
                  for e in line.find_elements("css selector", ".hx-split span")]  # fmt: skip
        parts = [kept, abs(early) - kept, abs(end) - kept]
        total = sum(parts)
        assert [w / sum(widths) for w in widths] == pytest.approx(
            [p / total for p in parts], abs=0.02 / total
        )


@needs_browser
def test_works_from_the_keyboard_and_by_a_tap_on_the_chart(show, found, pictures):  # noqa: F811
    from selenium.webdriver import ActionChains

    page = show(layer_slider(found, LAYERS, *pictures))
    layer = page.all("[aria-label='layer']")[0]
    layer.send_keys("\ue011")  # Home: the first layer
    assert layer.get_attribute("aria-valuetext") == "block 1 (1 of 4)"
    layer.send_keys("\ue014")  # arrow to the right
    assert layer.get_attribute("aria-valuetext") == "block 2 (2 of 4)"
    chart = page.all(".hx-ratios svg[role=img]")[0]
    right = chart.size["width"] * 0.45, 0
    ActionChains(page.driver).move_to_element_with_offset(chart, *right).click().perform()
    assert layer.get_attribute("aria-valuetext") == "output (4 of 4)"
    assert "100 %" in chart.get_attribute("aria-label")


@needs_browser
@pytest.mark.parametrize("words", [False, True])
def test_fits_a_phone_and_a_finger(show, found, pictures, planted, words):  # noqa: F811
    page = show(layer_slider(*planted) if words else layer_slider(found, LAYERS, *pictures), 390)
    assert page.driver.execute_script("return document.documentElement.scrollWidth") <= 390
    controls = [e for e in page.all("button, input") if e.is_displayed()]
    assert len(controls) >= 6
    assert min(min(e.size["height"], e.size["width"]) for e in controls) >= 40
    chart = page.all(".hx-chart svg[role=img]")[0]
    units = float(chart.get_dom_attribute("viewBox").split()[2])
    assert chart.size["width"] == pytest.approx(units, abs=1)
    letters = page.driver.execute_script(
        "return Math.min(...[...document.querySelectorAll('.hx-chart text')].map("
        "(t) => parseFloat(getComputedStyle(t).fontSize)))"
    )
    assert letters >= 12


@needs_browser
def test_without_salient_effects_it_says_so(show, pictures):  # noqa: F811
    none = torch.zeros(4, 3, 16, dtype=torch.float64)
    one = none.clone()
    one[0, 0, 3] = 1.0  # the first layer of the first sample knows something
    page = show(layer_slider(Interactions(one, none, torch.zeros(4, 3)), LAYERS, *pictures))
    at_layer(page, 0)
    assert [e.text for e in page.all(".hx-big")] == ["none", "100 %"]
    assert "nothing salient in the output" in page.text(".hx-summary")
    page.press("1")
    assert page.text(".hx-scene .hx-note").startswith("Nothing is salient")


def test_a_picture_is_cut_to_its_players():
    owner = torch.full((28, 28), -1)
    owner[5:9, 10:14] = 0
    owner[20:24, 12:16] = 1
    rows, columns = _around(owner)
    cut = owner[rows, columns]
    assert cut.shape[0] == cut.shape[1] == 21
    assert (cut == 0).sum() == (cut == 1).sum() == 16
    owner[0, 0], owner[-1, -1] = 2, 2
    assert owner[_around(owner)].shape == (28, 28)


def test_html_loads_nothing_and_stays_small(found, pictures):
    text = layer_slider(found, LAYERS, *pictures)._repr_html_()
    assert "src=" not in text and "import " not in text and text.count("</script>") == 1
    assert len(text) < 60_000


def test_refuses_what_does_not_fit(found, pictures, planted):
    samples, images = pictures
    explained, steps, words = planted
    cases = [
        ((found, LAYERS[1:], samples, images), "for 3 layers"),
        ((found[:, 0], LAYERS, samples, images), "got shape"),
        ((found, LAYERS, samples[:2], images), "one number for all"),
        ((found, LAYERS, samples, images[:2]), "one number for all"),
        ((found, LAYERS, samples, images, ["a"]), "one number for all"),
        ((found, LAYERS, samples), "expected images"),
        ((explained, steps, words, images[:1]), "expected images"),
        ((explained, steps, [words[0] | {"players": [0, 1]}]), "got 2 players"),
    ]
    for given, message in cases:
        with pytest.raises(ValueError, match=message):
            layer_slider(*given)
