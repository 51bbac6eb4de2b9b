"""The explorables: what a reader clicks in a real browser, and what the functions refuse."""

import re
import shutil

import pytest
import torch

from harsanyi.core.games import from_function
from harsanyi.core.indices import shapley
from harsanyi.core.transforms import mobius
from harsanyi.networks.owners import Players
from harsanyi.show import style
from harsanyi.show.explore import _named_games, masked_picture, playground

NEEDED = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
MISSING = [name for name, path in NEEDED.items() if path is None]
needs_browser = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


def number(text):
    """Read a number as the page writes it, with a true minus sign."""
    return float(re.search(r"[−+-]?\d[\d.]*", text)[0].replace("−", "-"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Headless Chromium that can reach no host."""
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = NEEDED["chromium"]
    for switch in (
        "headless=new", "no-sandbox", "disable-gpu", "disable-background-networking",
        "disable-component-update", "disable-sync", "no-first-run",
        "host-resolver-rules=MAP * ~NOTFOUND",
        f"user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):  # fmt: skip
        options.add_argument(f"--{switch}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(NEEDED["chromedriver"])
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


class Page:
    """One saved explorable, open in the browser; fails on whatever the console says."""

    def __init__(self, driver, explorable, folder, width=1000):
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        driver.get_log("browser")
        driver.get(explorable.save(folder / "page.html").as_uri())
        self.driver = driver

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def text(self, selector):
        return self.all(selector)[0].text

    def press(self, name):
        self.driver.find_element("xpath", f"//button[normalize-space()='{name}']").click()

    def close(self):
        assert self.driver.get_log("browser") == []


@pytest.fixture
def show(browser, tmp_path):
    """Open an explorable; after the test the console must be empty."""
    pages = []

    def opened(explorable, width=1000):
        pages.append(Page(browser, explorable, tmp_path, width))
        return pages[-1]

    yield opened
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def picture():
    """A bright 8 × 8 picture with four patches, and a game on them with v(∅) = -1."""
    owner = torch.full((8, 8), -1)
    for i, (y, x) in enumerate([(0, 0), (0, 4), (4, 0), (4, 4)]):
        owner[y : y + 3, x : x + 3] = i
    image = torch.linspace(0.5, 1, 64).view(1, 8, 8)
    table = from_function(lambda x: 2 * x[:, 0] + 3.25 * x[:, 1] * x[:, 2] - 4 * x[:, 3] - 1.0, 4)
    return image, Players(owner, ["a", "b", "c", "d"]), table


@needs_browser
@pytest.mark.parametrize("name", _named_games())
def test_playground_sums_and_shares_agree_with_the_library(show, name):
    v = _named_games()[name]
    page = show(playground(v))
    page.press("{x1, x2}")
    cards = {card.text.split("\n")[0]: card.text for card in page.all(".hx-card")}
    assert number(cards["{x1, x2, x3}"].split("=")[1]) == pytest.approx(float(mobius(v)[7]))
    assert [number(e.text) for e in page.all(".hx-share output")] == pytest.approx(
        shapley(v).tolist(), abs=0.006
    )
    for mask, player in [(2, "x1"), (0, "x2"), (4, "x3"), (5, "x1"), (7, "x2")]:
        page.press(player)
        total, difference = (number(e.text) for e in page.all(".hx-sum b"))
        assert total == difference == pytest.approx(float(v[mask] - v[0]))


@needs_browser
def test_playground_follows_an_edited_value(show):
    page = show(playground(torch.zeros(8, dtype=torch.float64)))
    start = page.all("[aria-label='value of ∅']")[0]
    start.clear()
    start.send_keys("-2.5\n")  # v(∅) is subtracted from every other value
    assert [number(e.text.split("=")[1]) for e in page.all(".hx-dividend output")][-3:] == [2.5] * 3
    slider = page.all("[aria-label='value of {x1}, slider']")[0]
    slider.send_keys("\ue014")  # arrow to the right: one step up
    assert number(page.all(".hx-share output")[0].text) > number(
        page.all(".hx-share output")[1].text
    )
    assert page.all("select")[0].get_attribute("value") == ""  # the reader's own game


@needs_browser
def test_masked_picture_shows_the_value_of_every_click(show, picture):
    image, players, table = picture
    page = show(masked_picture(image, players, table))
    assert number(page.text(".hx-big")) == pytest.approx(float(table[15]))
    click_patch(page, 7.2, 7.2)  # the background next to d: the nearest patch is meant
    assert number(page.text(".hx-big")) == pytest.approx(float(table[7]))
    expected = (image[0] * 255).round().long().where(players.owner != 3, torch.tensor(0))
    assert (reds(page) == expected).all()
    page.all("[aria-label='patch b']")[0].send_keys(" ")
    assert number(page.text(".hx-big")) == pytest.approx(float(table[5]))
    assert page.all("[aria-label='patch b']")[0].get_attribute("aria-pressed") == "false"
    assert page.all(".hx-big")[1].text == f"{torch.sigmoid(table[5]):.3f}"
    page.press("Min v")
    assert number(page.text(".hx-big")) == pytest.approx(float(table.min()))


@needs_browser
def test_active_interactions_add_up_to_the_value(show, picture):
    image, players, _ = picture
    table = torch.randn(16, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 5
    page = show(masked_picture(image, players, table, log_odds=False))
    page.press("b")
    rows = [row for row in page.all(".hx-line")[1:] if row.is_displayed()]  # after the header
    numbers = [[e.text for e in row.find_elements("css selector", ".hx-number")] for row in rows]
    effects = [number(effect) for effect, _ in numbers[1:-1]]
    assert float(table[0]) + sum(effects) == pytest.approx(float(table[13]), abs=0.05)
    assert number(numbers[-1][1]) == pytest.approx(float(table[13]), abs=0.006)
    strongest = max(mobius(table)[[1, 4, 5, 8, 9, 12, 13]].tolist(), key=abs)
    assert effects[0] == pytest.approx(strongest, abs=0.006)
    assert page.text(".hx-kicker").startswith("7 active")
    assert number(page.text(".hx-equation").split("=")[2]) == number(numbers[-1][1])


@needs_browser
@pytest.mark.parametrize("kind", ["playground", "picture"])
def test_fits_a_phone_and_a_finger(show, picture, kind):
    made = playground() if kind == "playground" else masked_picture(*picture)
    page = show(made, width=390)
    assert page.driver.execute_script("return document.documentElement.scrollWidth") <= 390
    controls = [e for e in page.all("button, select, input") if e.is_displayed()]
    assert len(controls) > 8
    assert min(min(e.size["height"], e.size["width"]) for e in controls) >= 40


@needs_browser
def test_two_on_one_page_do_not_disturb_each_other(browser, picture, tmp_path):
    first, second = masked_picture(*picture), masked_picture(*picture)
    assert first.id != second.id
    file = tmp_path / "two.html"
    icon = '<link rel="icon" href="data:,"><meta charset="utf-8">'
    file.write_text(icon + first._repr_html_() + second._repr_html_(), encoding="utf-8")
    browser.get(file.as_uri())
    browser.find_element("css selector", f"#{first.id} [aria-label='patch a']").click()
    shown = [browser.find_element("css selector", f"#{e.id} .hx-big").text for e in (first, second)]
    assert shown[0] != shown[1] and browser.get_log("browser") == []


def test_html_loads_nothing_and_cannot_be_broken_by_a_name():
    text = playground(names=["</script>", "b", "c"])._repr_html_()
    assert text.count("</script>") == 1
    urls = set(re.findall(r"https?://[^\s\"']+", text))
    assert urls == {"http://www.w3.org/2000/svg"}  # a namespace, never fetched
    assert "src=" not in text and "import " not in text and "<noscript>" in text


def test_refuses_what_does_not_fit(picture):
    image, players, table = picture
    with pytest.raises(ValueError, match=r"expected \(8,\)"):
        playground(table)
    with pytest.raises(TypeError, match="initial"):
        playground([0.0] * 8)
    with pytest.raises(ValueError, match="expected 3"):
        playground(names=["a", "b"])
    with pytest.raises(ValueError, match=r"expected \(16,\) for 4 players"):
        masked_picture(image, players, table[:8])
    with pytest.raises(ValueError, match="broadcasts"):
        masked_picture(image[:, :7], players, table)
    with pytest.raises(ValueError, match="baseline"):
        masked_picture(image, players, table, baseline=torch.zeros(1, 5, 5))
    with pytest.raises(ValueError, match="0 to 1"):
        masked_picture(image - 1, players, table)
    with pytest.raises(ValueError, match=r"\(3, H, W\)"):
        masked_picture(image[0], players, table)


def test_embedded_values_and_dividends_match_exactly_enough(picture):
    image, players, _ = picture
    table = torch.randn(16, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 1e4
    data = masked_picture(image, players, table).data
    assert data["dividends"] == pytest.approx(mobius(table).tolist(), rel=1e-4)
    assert max(len(str(x)) for x in data["values"]) <= 9


def test_book_style_sets_the_palette():
    import matplotlib

    with matplotlib.rc_context():
        style.use_book_style()
        colours = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
        assert colours[:2] == [style.BLUE, style.VERMILION]
        assert style.diverging()(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.01)


def click_patch(page, x, y):
    """Click at (x, y) of the 8 × 8 picture, in its pixels."""
    from selenium.webdriver import ActionChains

    stage = page.all(".hx-stage svg")[0]
    size = stage.size["width"]
    offset = (x / 8 - 0.5) * size, (y / 8 - 0.5) * size
    ActionChains(page.driver).move_to_element_with_offset(stage, *offset).click().perform()


def reds(page):
    """Read the picture's canvas once, its red channel as (8, 8) int64."""
    script = "return [...arguments[0].getContext('2d').getImageData(0, 0, 8, 8).data]"
    rgba = page.driver.execute_script(script, page.all("canvas")[0])
    return torch.tensor(rgba).view(8, 8, 4)[:, :, 0]
