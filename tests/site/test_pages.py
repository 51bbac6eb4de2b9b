"""The built site as files: nothing from outside, no broken link, every picture described."""

import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from site_page import Page

ROOT = Path(__file__).resolve().parents[2]


def test_the_pages_of_the_contents_are_there(site, pages):
    text = (ROOT / "_toc.yml").read_text("utf-8")
    listed = re.findall(r"(?:root|file): (\S+)", text)
    assert len(listed) > 10
    assert {f"{name}.html" for name in listed} <= set(pages)


def test_nothing_is_loaded_from_outside(pages):
    outside = [
        f"{name}: {address}"
        for name, page in pages.items()
        for address in page.loads
        if urlsplit(address).scheme not in ("", "data") or address.startswith("//")
    ]
    assert not outside


def test_no_style_sheet_loads_from_outside(site):
    pattern = re.compile(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)\s'\"]+")
    sheets = {path.name: pattern.findall(path.read_text("utf-8")) for path in site.rglob("*.css")}
    assert not {name: found for name, found in sheets.items() if found}


def test_every_link_and_anchor_resolves(site, pages):
    known, broken = dict(pages), []
    for name, page in pages.items():
        for link in {*page.links, *page.loads}:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                continue
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            address = target.relative_to(site.resolve()).as_posix() if parts.path else name
            if not target.is_file():
                broken.append(f"{name}: {link}")
            elif parts.fragment and target.suffix == ".html":
                known.setdefault(address, known.get(address) or Page(target))
                if unquote(parts.fragment) not in known[address].ids:
                    broken.append(f"{name}: {link}")
    assert not broken


def test_every_picture_says_what_it_shows(pages):
    silent = [
        f"{name}: {image.get('src', '')[:80]}"
        for name, page in pages.items()
        for image in page.images
        if "_static/images/logo_" not in image.get("src", "")  # on a button that has its words
        and (len(image.get("alt") or "") < 15 or image["alt"].endswith((".png", ".svg")))
    ]
    assert not silent


def test_each_chapter_can_be_downloaded_as_an_executed_notebook(site, pages):
    chapters = [name for name in pages if name.startswith("chapters/")]
    assert chapters
    for name in chapters:
        place = site / "_sources" / name.replace(".html", ".ipynb")
        cells = json.loads(place.read_text("utf-8"))["cells"]
        assert any(cell.get("outputs") for cell in cells if cell["cell_type"] == "code")
        assert any(link.endswith(f"_sources/{name[:-5]}.ipynb") for link in pages[name].links)


def test_launch_buttons_stand_only_where_the_repository_is_known(site, pages):
    staged = site.parent / "source" / "_config.yml"
    if not staged.is_file():
        pytest.skip("the staged configuration is not beside this site")
    url = yaml.safe_load(staged.read_text("utf-8"))["repository"]["url"]
    for name, page in pages.items():
        launches = [x for x in page.links if "mybinder.org/v2" in x or "colab.research" in x]
        assert not url or len(launches) == 2 * name.startswith("chapters/")
        assert all(f"notebooks{'?' if 'binder' in x else '/'}" in x for x in launches)
        assert url or not launches
