"""The explorables of sharing: their numbers are the studies', in the data and on the page."""

import pytest
import torch
from test_explore import browser, needs_browser, number, show  # noqa: F401
from test_sliders import slide

from harsanyi.core.games import and_or
from harsanyi.core.result import Interactions
from harsanyi.networks.owners import Players
from harsanyi.show.explore_sharing import Scene, alpha_k_slider, scenes, venn_browser
from harsanyi.show.explore_venn import SIZES, _ranks
from harsanyi.studies import controls, joint, pooled
from harsanyi.studies.intervals import with_errors
from harsanyi.studies.sharing import overlap_curves

ALPHAS, KS = (0.0, 0.1, 1.0), (2, 4, 6, 8)
BY = ["kind", "alpha", "k"]


@pytest.fixture(scope="module")
def tables():
    """Two related tables of four players on three samples, and an unrelated one (3, 16)."""
    random = torch.Generator().manual_seed(3)
    first = torch.randn(3, 16, generator=random).double()
    near = first + 0.3 * torch.randn(3, 16, generator=random).double()
    return first, near, torch.randn(3, 16, generator=random).double()


@pytest.fixture(scope="module")
def sweeps(tables):
    """A pair and two controls, told for all α."""
    first, near, far = tables
    others = {"a pair": near, "far": far, "moved": controls.permuted(near, seed=1)}
    return {name: joint.alpha_sweep([first, v], ALPHAS, KS) for name, v in others.items()}


@pytest.fixture(scope="module")
def apart(tables):
    """The same pair, told one by one."""
    found = joint.separate(tables[:2])
    return joint.Sweep(overlap_curves(found, KS), joint.lengths(found))


@pytest.fixture(scope="module")
def found(tables):
    """Two pairs, each told in three ways."""
    first, near, far = tables
    return {("A", "B"): joint.tellings([first, near]), ("A", "far"): joint.tellings([first, far])}


@pytest.fixture(scope="module")
def shown(found):
    """Pictures with four patches and sentences of four words, one of them without a part."""
    samples = [{"names": list("abcd"), "patches": [(0, 0), (0, 4), (4, 0), (4, 4)], "size": 3}] * 3
    images = torch.linspace(0.5, 1, 64).view(1, 1, 8, 8).expand(3, 1, 8, 8)
    texts = [{"words": "a not so good film".split(), "players": [0, 1, 3, 4]}] * 3
    pictures = scenes(found, samples, ["p0", "p1", "p2"], images)
    return [*pictures, *scenes(found, texts, ["s0", "s1", "s2"])]


def test_numbers_are_those_of_the_studies(sweeps):
    data = alpha_k_slider(sweeps).data
    first, *others = sweeps.values()
    for place, sweep in enumerate(sweeps.values()):
        for row in with_errors(sweep.overlap, "s", BY).itertuples():
            told = data["overlap"][row.kind][place][ALPHAS.index(row.alpha)][KS.index(row.k)]
            assert told == pytest.approx([row.mean, row.low, row.high], abs=1e-4)
    for place, other in enumerate(others):
        for row in controls.excess(first.overlap, other.overlap, by=BY).itertuples():
            told = data["gain"][row.kind][place][ALPHAS.index(row.alpha)][KS.index(row.k)]
            expected = [row.gain, row.gain_low, row.gain_high, row.excess]
            assert told == pytest.approx(expected, abs=1e-4)
    counts = first.sparsity.groupby("alpha")["salient"].mean().tolist()
    assert [cell[0] for cell in data["salient"][0]] == pytest.approx(counts, abs=0.01)


@needs_browser
def test_the_page_says_what_stands_at_alpha_and_k(show, sweeps):  # noqa: F811
    page = show(alpha_k_slider(sweeps, alpha=0.0))
    first, *others = (sweep.overlap.groupby(BY)["s"].mean() for sweep in sweeps.values())
    for a, alpha in enumerate(ALPHAS):
        slide(page, "weight α", a)
        for i, k in enumerate(KS):
            slide(page, "strongest k", i)
            cell = [("and", alpha, k), ("or", alpha, k)]
            told = [float(e.text) for e in page.all(".hx-big")]
            assert told[:2] == pytest.approx([first[c] for c in cell], abs=0.0051)
            most = max(sum(other[c] for c in cell) for other in others)
            notes = [e.text for e in page.all(".hx-scores > div > .hx-note:last-child")]
            beside = [float(note.removeprefix("control ").split(",")[0]) for note in notes[:2]]
            assert sum(beside) == pytest.approx(most, abs=0.011)


@needs_browser
def test_a_difference_is_claimed_only_where_its_interval_has_one_sign(show, sweeps):  # noqa: F811
    made = alpha_k_slider(sweeps)
    page, seen = show(made), set()
    for a in range(len(ALPHAS)):
        slide(page, "weight α", a)
        for place, name in enumerate(list(sweeps)[1:]):
            button = page.all(f"[aria-label='compare with {name}']")[0]
            button.click()
            assert button.get_attribute("aria-pressed") == "true"
            text = page.text(".hx-words p:nth-child(2)")
            parts = text.split(";")
            for kind, part in zip(("and", "or"), parts, strict=True):
                _, low, high, _ = made.data["gain"][kind][place][a][3]
                word = "higher" if low > 0 else "lower" if high < 0 else "do not tell"
                assert word in part
                seen.add(word)
            button.click()  # back to the strongest control
    assert len(seen) > 1


@needs_browser
def test_charts_follow_their_axis_and_a_tap(show, sweeps, apart):  # noqa: F811
    page = show(alpha_k_slider(sweeps, separate=apart))
    flat = page.all(".hx-chart path.hx-apart.hx-and")[0]
    assert flat.get_attribute("d").count("L") == len(KS) - 1
    page.press("against α")
    flat = page.all(".hx-chart path.hx-apart.hx-and")[0]
    heights = {point.split()[1] for point in flat.get_attribute("d")[1:].split("L")}
    assert len(heights) == 1  # told one by one, nothing depends on α
    from selenium.webdriver import ActionChains

    chart = page.all(".hx-chart svg")[0]
    far_right = chart.size["width"] * 0.46, 0
    ActionChains(page.driver).move_to_element_with_offset(chart, *far_right).click().perform()
    assert page.all("[aria-label='weight α']")[0].get_attribute("aria-valuetext") == "1"


def test_ranks_make_the_top_sets_of_every_size(found):
    ties = and_or({(0,): 1.0, (1,): 1.0, (0, 1): 1.0, (2, 3): -0.5}, {(1, 2): 1e-5}, 4)
    tied = Interactions(ties.and_[None], ties.or_[None], ties.v[:1])
    for one in (tied, *(one for told in found.values() for two in told.values() for one in two)):
        for k in (1, 2, 3, 4, *SIZES):
            sets = pooled.pooled_sets([one, one], k)[0].flatten(-2)
            for game, expected in enumerate(sets):
                rank = _ranks(one[game])
                assert (((rank > 0) & (rank <= k)) == expected).all()


@needs_browser
def test_regions_are_the_studies(show, found, shown):  # noqa: F811
    page = show(venn_browser(shown, k=10))
    ways = {"joint": "told jointly", "separate": "told one by one", "AND only": "AND only"}
    for scene, sample in (("p1", 1), ("s2", 2)):
        page.press(scene)
        for pair, told in found.items():
            page.press(" and ".join(pair))
            for way, title in ways.items():
                page.press(title)
                frame = pooled.shared_and_own(told[way], sample, pair, k=10)
                counts = [(frame["where"] == where).sum() for where in (pair[0], "shared", pair[1])]
                kickers = [e.text for e in page.all(".hx-column .hx-kicker")]
                assert [int(t.split(": ")[1]) for t in kickers] == counts
                row = pooled.pooled_counts(told[way], k=10).loc[sample]
                assert number(page.text(".hx-venn b")) == row["shared"]
                told_chance = number(page.text(".hx-venn .hx-said").split("share ")[1][:3])
                if way == "AND only":  # only 15 ANDs to draw from, no ORs
                    assert told_chance == pytest.approx(row["chance"] * 26 / 15, abs=0.051)
                else:
                    assert told_chance == pytest.approx(row["chance"], abs=0.051)


@needs_browser
def test_an_effect_marks_its_players(show, shown):  # noqa: F811
    from selenium.webdriver import ActionChains

    page = show(venn_browser(shown, k=10))
    for title in ("p0", "s0"):
        page.press(title)
        for line in [e for e in page.all(".hx-line") if e.is_displayed()][:6]:
            ActionChains(page.driver).move_to_element(line).perform()
            named = line.find_element("css selector", ".hx-set").text
            players = named.replace("AND ", "").replace("OR ", "").split(" · ")
            if title == "p0":
                assert len(page.all(".hx-stage .hx-tint")) == len(players)
            else:
                marked = page.all(".hx-sentence :is(.hx-pos, .hx-neg)")
                assert [word.text for word in marked] == players
            assert page.text(".hx-scene b").replace(" of", "") == named


@needs_browser
def test_browser_works_from_the_keyboard(show, shown):  # noqa: F811
    page = show(venn_browser(shown, k=10))
    last = page.all(".hx-columns .hx-line")[-1]
    last.send_keys(" ")
    assert last.get_attribute("aria-pressed") == "true"
    size = page.all("[aria-label='strongest k']")[0]
    size.send_keys("\ue011")  # Home: the smallest set
    assert size.get_attribute("aria-valuetext") == "5 effects of each network"


@needs_browser
@pytest.mark.parametrize("kind", ["slider", "browser"])
def test_fits_a_phone_and_a_finger(show, sweeps, apart, shown, kind):  # noqa: F811
    made = alpha_k_slider(sweeps, separate=apart) if kind == "slider" else venn_browser(shown)
    page = show(made, width=390)
    assert page.driver.execute_script("return document.documentElement.scrollWidth") <= 390
    controls_ = [e for e in page.all("button, input") if e.is_displayed()]
    assert len(controls_) >= 6
    assert min(min(e.size["height"], e.size["width"]) for e in controls_) >= 40
    if kind == "browser":
        assert len([e for e in page.all(".hx-column") if e.is_displayed()]) == 1


def test_html_loads_nothing(sweeps, shown):
    for made in (alpha_k_slider(sweeps), venn_browser(shown)):
        text = made._repr_html_()
        assert "src=" not in text and "import " not in text and text.count("</script>") == 1
        assert len(text) < 200_000


def test_slider_refuses_what_does_not_fit(sweeps, apart):
    pair, far = sweeps["a pair"], sweeps["far"]
    fewer = pair._replace(overlap=pair.overlap[pair.overlap["k"] < 8])
    empty = far._replace(overlap=far.overlap.assign(s=far.overlap["s"].where(far.overlap["k"] < 8)))
    cases = [
        ({"sweeps": {"a pair": pair}}, "one or more controls"),
        ({"sweeps": {"a pair": pair, "far": far._replace(sparsity=far.overlap)}}, "salient"),
        ({"sweeps": {"a pair": fewer, "far": far}}, "expected those of the first"),
        ({"sweeps": {"a pair": pair, "far": empty}}, "expected"),
        ({"sweeps": sweeps, "alpha": 0.3}, "got 0.3"),
        ({"sweeps": sweeps, "k": 5}, "expected one of"),
        ({"sweeps": sweeps, "separate": apart._replace(overlap=fewer.overlap)}, "separate: got k"),
    ]
    for given, message in cases:
        with pytest.raises(ValueError, match=message):
            alpha_k_slider(**given)


def test_browser_refuses_what_does_not_fit(found, shown):
    picture, sentence = shown[0], shown[3]
    told = picture.found["A", "B"]
    other = Interactions.from_table(torch.arange(8).double())
    cases = [
        ([], "got none"),
        ([picture._replace(found={})], "two networks each"),
        ([picture._replace(found={("A", "B"): {"joint": told["joint"][:1]}})], "two networks each"),
        ([picture._replace(found={("A", "B"): {"joint": (told["joint"][0], other)}})], "one game"),
        ([Scene("batch", found, words=["a", "b", "c", "d"])], "pick a sample first"),
        (
            [picture._replace(found={**picture.found, ("A", "C"): {"x": told["joint"]}})],
            "same ways",
        ),
        ([picture._replace(words=["a", "b", "c", "d"])], "not both"),
        ([picture._replace(players=None)], "grey image"),
        ([picture._replace(players=Players(torch.zeros(8, 8).long(), ["a"]))], "got 1 players"),
        ([sentence._replace(playing=[0, 1])], "got 2 players"),
        ([sentence._replace(playing=[0, 1, 2, 9])], "of 5 words"),
    ]
    for given, message in cases:
        with pytest.raises(ValueError, match=message):
            venn_browser(given)
    with pytest.raises(ValueError, match="k: got 7"):
        venn_browser(shown, k=7)
    with pytest.raises(ValueError, match="one number"):
        scenes(found, [{"words": ["a"], "players": [0]}], ["s"])
