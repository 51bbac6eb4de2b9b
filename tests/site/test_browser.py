"""The built site in a browser with the network off, from file://, wide and on a phone."""

import json
import time

import pytest

PHONE, DESK = (390, 844), (1280, 900)
DRAWN = """
const waiting = [...document.querySelectorAll(".math.notranslate")];
return waiting.length - waiting.filter((m) => m.querySelector("mjx-container svg")).length;
"""
OVERFLOW = """
const width = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth <= width) return "";
const clipped = (e) =>
  e && (getComputedStyle(e).overflowX !== "visible" || clipped(e.parentElement));
const over = [...document.querySelectorAll("article *")].filter(
  (e) => e.getBoundingClientRect().right > width + 0.5 && !clipped(e.parentElement));
return over.slice(-2).map((e) => e.outerHTML.slice(0, 200)).join("\\n") || "?";
"""


def wait(browser, script, wanted, seconds=30):
    """Ask the page until it answers as wanted; the last answer."""
    until = time.monotonic() + seconds
    while (answer := browser.execute_script(script)) != wanted and time.monotonic() < until:
        time.sleep(0.1)
    return answer


def open_page(browser, site, name, size=DESK, theme="light"):
    """Open a page at a size and wait until its formulas are drawn."""
    shape = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)
    page, _, query = name.partition("?")
    browser.get(f"{(site / page).as_uri()}?{query}")
    assert wait(browser, "return document.readyState", "complete") == "complete"
    browser.execute_script(f"document.documentElement.dataset.theme = '{theme}'")
    return wait(browser, DRAWN, 0)


def failures(browser) -> list[str]:
    """What the console and the network report: errors, failed loads, addresses outside."""
    found = [x["message"] for x in browser.get_log("browser") if x["level"] == "SEVERE"]
    for entry in browser.get_log("performance"):
        event = json.loads(entry["message"])["message"]
        if event["method"] == "Network.loadingFailed":
            found.append(f"failed: {event['params'].get('errorText')}")
        if event["method"] == "Network.requestWillBeSent":
            url = event["params"]["request"]["url"]
            if not url.startswith(("file:", "data:", "blob:")):
                found.append(f"asked for {url[:100]}")
    return found


def test_every_page_opens_without_an_error_and_draws_its_formulas(browser, site, pages):
    failures(browser)
    wrong = {}
    for name in pages:
        undrawn = open_page(browser, site, name)
        errors = failures(browser)
        if undrawn or errors:
            wrong[name] = (undrawn, errors)
    assert not wrong


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(browser, site, pages, theme):
    wide = {}
    for name in pages:
        open_page(browser, site, name, PHONE, theme)
        if told := browser.execute_script(OVERFLOW):
            wide[name] = told
    assert not wide


def test_formulas_stand_in_the_chapters(browser, site, pages):
    open_page(browser, site, next(name for name in pages if "dividends" in name))
    assert browser.execute_script("return document.querySelectorAll('mjx-container svg').length")


def test_explorables_respond(browser, site, pages):
    """Every explorable has something to press, and pressing it changes what it shows."""
    seen, dead = 0, []
    for name, page in pages.items():
        if 'class="explorable' not in page.path.read_text("utf-8"):
            continue
        open_page(browser, site, name, PHONE)
        for item in browser.find_elements("css selector", ".explorable"):
            seen += 1
            before = item.get_attribute("innerHTML") + item.text
            inputs = item.find_elements("css selector", "button, input, select, [role=button]")
            if not any(press(browser, x, item, before) for x in inputs):
                dead.append(f"{name}: {item.get_attribute('id')} ({len(inputs)} controls)")
    assert not dead
    assert seen >= 2
    assert not failures(browser)


def press(browser, control, explorable, before) -> bool:
    """Click a control; whether its explorable looks different afterwards."""
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", control)
    browser.execute_script("arguments[0].click()", control)
    return explorable.get_attribute("innerHTML") + explorable.text != before


def test_search_finds_a_page(browser, site):
    open_page(browser, site, "search.html?q=dividend")
    found = "return document.querySelectorAll('#search-results li a').length > 0"
    assert wait(browser, found, True)
    assert not failures(browser)


def test_the_landing_page_leads_on(browser, site):
    browser.get((site / "index.html").as_uri())
    there = "return location.pathname.endsWith('book/intro.html')"
    assert wait(browser, there, True)
