"""The built site, its pages, and a browser that is cut off from the network."""

import os
import shutil
from pathlib import Path

import pytest
from site_page import Page

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("BOOK_SITE", ROOT / "build" / "site" / "html"))
REQUIRED = os.environ.get("BOOK_SITE_REQUIRED") == "1"


def missing(what: str):
    """Skip for want of something, or fail where the site's tests may not be skipped."""
    pytest.fail(what) if REQUIRED else pytest.skip(what)


@pytest.fixture(scope="session")
def site() -> Path:
    if not (SITE / "index.html").is_file():
        missing(f"the site is not built ({SITE}): run make book first")
    return SITE


@pytest.fixture(scope="session")
def pages(site) -> dict[str, Page]:
    """Every page that is a page of the book, by its address."""
    skipped = ("_static", "_sources", "_modules", "genindex", "py-modindex", "search")
    found = [p for p in sorted(site.rglob("*.html")) if p.relative_to(site).parts[0] not in skipped]
    found = [p for p in found if not p.name.startswith(skipped)]
    return {p.relative_to(site).as_posix(): Page(p) for p in found}


def chromium():
    """Start Chromium without a window, without a network, keeping a log of what fails."""
    from selenium import webdriver

    names = ("chromium", "chromium-browser", "google-chrome")
    browser = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    if not (browser and driver):
        missing("Chromium or chromedriver is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    window = webdriver.Chrome(options, webdriver.ChromeService(driver))
    window.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    window.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    return window


@pytest.fixture(scope="session")
def browser(site):
    window = chromium()
    yield window
    window.quit()
