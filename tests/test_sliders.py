"""The threshold slider: its numbers are the library's, and it refuses what does not fit."""

import pytest
import torch
from test_explore import browser, needs_browser, number, show  # noqa: F401

from harsanyi.core.games import from_function
from harsanyi.core.result import Interactions
from harsanyi.extraction import extract
from harsanyi.networks.owners import Players
from harsanyi.show.sliders import CUTS, Sample, threshold_slider
from harsanyi.studies.sparsity import matching_error

KAPPAS = (0.0, 0.04)


@pytest.fixture(scope="module")
def samples():
    """A picture of four patches and a sentence of four words, explained for two allowances."""
    owner = torch.full((8, 8), -1)
    for i, (y, x) in enumerate([(0, 0), (0, 4), (4, 0), (4, 4)]):
        owner[y : y + 3, x : x + 3] = i
    image = torch.linspace(0.5, 1, 64).view(1, 8, 8)
    noise = torch.randn(16, generator=torch.Generator().manual_seed(1)).double()
    first = from_function(lambda x: 2 * x[:, 0] + 3.25 * x[:, 1] * x[:, 2] - 4 * x[:, 3] - 1.0, 4)
    games = torch.stack([first.double() + 0.2 * noise, noise])
    found = {kappa: extract(games, noise=kappa, tol=1e-3) for kappa in KAPPAS}
    each = [{kappa: f[i] for kappa, f in found.items()} for i in (0, 1)]
    players = Players(owner, ["a", "b", "c", "d"])
    return [
        Sample("a picture", games[0], each[0], image=image, players=players),
        Sample("a sentence", games[1], each[1], words=["not", "a", "good", "film"]),
    ]


def expected(sample, kappa, cut):
    """Count and error of what survives, by the library."""
    few = sample.explanations[kappa].salient(cut)
    few = Interactions(few.and_[None], few.or_[None], few.empty[None])
    return len(few), float(matching_error(few, sample.table[None]))


def slide(page, name, place):
    """Move a slider to a place as a reader's finger would, one event at the end."""
    script = (
        "arguments[0].value = arguments[1];"
        "arguments[0].dispatchEvent(new Event('input', {bubbles: true}));"
    )
    page.driver.execute_script(script, page.all(f"[aria-label='{name}']")[0], place)


@needs_browser
def test_count_and_error_are_the_librarys(show, samples):  # noqa: F811
    page = show(threshold_slider(samples))
    for sample in samples:
        page.press(sample.title)
        for k, kappa in enumerate(KAPPAS):
            slide(page, "allowance κ", k)
            for place in (4, 7, 11, 13):
                slide(page, "threshold τ", place)
                count, error = expected(sample, kappa, CUTS[place])
                shown = [number(e.text) for e in page.all(".hx-big")]
                assert shown[0] == count
                assert shown[1] == pytest.approx(100 * error, abs=0.51)


@needs_browser
def test_without_threshold_and_allowance_nothing_is_missing(show, samples):  # noqa: F811
    page = show(threshold_slider(samples, kappa=0.0, threshold=0.0))
    assert number(page.all(".hx-big")[1].text) < 0.1
    assert "exact" in page.text(".hx-sliders")


@needs_browser
def test_works_from_the_keyboard(show, samples):  # noqa: F811
    page = show(threshold_slider(samples))
    before = number(page.text(".hx-big"))
    slider = page.all("[aria-label='threshold τ']")[0]
    slider.send_keys("\ue010")  # End: the highest threshold
    assert slider.get_attribute("aria-valuetext") == "70 % of the strongest"
    assert number(page.text(".hx-big")) < before
    row = page.all(".hx-line")[0]
    row.send_keys(" ")
    assert row.get_attribute("aria-pressed") == "true"
    row.send_keys(" ")
    assert row.get_attribute("aria-pressed") == "false"


@needs_browser
def test_every_survivor_is_drawn(show, samples):  # noqa: F811
    page = show(threshold_slider(samples))
    page.press("a sentence")
    count = int(number(page.text(".hx-big")))
    assert len(page.all(".hx-lanes svg g")) == min(count, 24)
    assert [w.text for w in page.all(".hx-word")] == list(samples[1].words)
    page.all(".hx-line")[0].click()
    strongest = samples[1].explanations[0.04].top(1)[0]
    bold = [w.text for w in page.all(".hx-word.hx-pos, .hx-word.hx-neg")]
    assert bold == [samples[1].words[p] for p in strongest.players]


@needs_browser
def test_fits_a_phone_and_a_finger(show, samples):  # noqa: F811
    page = show(threshold_slider(samples), width=390)
    for sample in samples:
        page.press(sample.title)
        assert page.driver.execute_script("return document.documentElement.scrollWidth") <= 390
        controls = [e for e in page.all("button, input") if e.is_displayed()]
        assert min(min(e.size["height"], e.size["width"]) for e in controls) >= 40


def test_html_loads_nothing(samples):
    text = threshold_slider(samples)._repr_html_()
    assert "src=" not in text and "import " not in text and text.count("</script>") == 1


def test_refuses_what_does_not_fit(samples):
    picture, sentence = samples
    cases = [
        ([], "got none"),
        ([sentence._replace(words=["a", "b"])], "got 2 players, expected the table's 4"),
        ([sentence._replace(words=None)], "image with players, or words"),
        ([picture._replace(words=["a", "b", "c", "d"])], "not both"),
        ([picture._replace(players=None)], "grey image"),
        ([picture, sentence._replace(explanations={0.04: sentence.explanations[0.04]})], "same"),
        ([sentence._replace(table=torch.zeros(16).double())], "constant"),
        ([sentence._replace(table=torch.arange(8).double())], "of 3 players"),
    ]
    for given, message in cases:
        with pytest.raises(ValueError, match=message):
            threshold_slider(given)
    with pytest.raises(ValueError, match="expected one of"):
        threshold_slider(samples, kappa=0.5)
    with pytest.raises(ValueError, match="one of"):
        threshold_slider(samples, threshold=0.051)
