"""The sources of the book agree with each other: headers, table of contents, links, API pages."""

import json
import re
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import needs  # noqa: E402
import stage  # noqa: E402

CHAPTERS = sorted((ROOT / "chapters").rglob("*.md"))
DATA = list(json.loads((ROOT / "data" / "manifest.json").read_text("utf-8")))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_names_what_it_loads_in_its_header(path):
    text, networks = path.read_text("utf-8"), set(needs.header(path, "networks"))
    data = {*needs.header(path, "data"), *(needs.data_of(name, DATA) for name in networks)}
    assert set(re.findall(r"load_network\(\s*\"([a-z0-9-]+)\"", text)) <= networks
    assert set(re.findall(r"\bdata\.load\(\s*\"([a-z0-9-]+)\"", text)) <= data


def test_a_reproduction_names_its_records_in_its_header_and_labels_their_figures():
    everywhere = []
    for path in CHAPTERS:
        named, text = needs.header(path, "records"), path.read_text("utf-8")
        assert sorted(named) == sorted(re.findall(r"^record\(\s*\"([\w-]+)\"", text, re.M))
        assert all(f"(rec-{name.lower()})=" in text for name in named)
        everywhere += named
    assert len(everywhere) == len(set(everywhere))


def test_every_network_is_trained_for_its_page():
    from harsanyi.networks import names

    assert set(needs.header(ROOT / "chapters" / "networks.md", "networks")) == set(names())


def test_the_data_set_of_each_network_is_the_one_it_learns_from():
    from harsanyi.networks.recipes import RECIPES

    for name, recipe in RECIPES.items():
        assert needs.data_of(name, DATA) == recipe.data["laptop"]


def test_an_unknown_network_is_an_error_that_names_the_data_sets():
    with pytest.raises(ValueError, match=r"'lenet-cars' ends like no data set of \['bikes'\]"):
        needs.data_of("lenet-cars", ["bikes"])


def test_every_page_of_the_contents_exists_and_every_page_is_in_the_contents():
    listed = needs.toc_pages(yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8")))
    assert len(listed) == len(set(listed))
    pages = [*(ROOT / "book").rglob("*.md"), *CHAPTERS]
    assert set(listed) == {p.relative_to(ROOT).with_suffix("").as_posix() for p in pages}


def test_every_public_module_stands_on_an_api_page():
    pages = "".join(p.read_text("utf-8") for p in (ROOT / "book" / "api").glob("*.md"))
    shown = set(re.findall(r"automodule:: (harsanyi[\w.]*)", pages))
    public = {
        ".".join(path.relative_to(ROOT / "lib").with_suffix("").parts)
        for floor in ("core", "extraction", "networks", "studies", "show")
        for path in (ROOT / "lib" / "harsanyi" / floor).glob("*.py")
        if not path.name.startswith("_")
    }
    assert public - shown <= {"harsanyi.networks.checks", "harsanyi.networks.torchvision_shim"}


@pytest.mark.parametrize(
    "remote,url",
    [
        ("https://github.com/a/b.git", "https://github.com/a/b"),
        ("git@github.com:a/b.git", "https://github.com/a/b"),
        ("https://github.com/a/b.c", "https://github.com/a/b.c"),
        ("/somewhere/else", ""),
        ("", ""),
    ],
)
def test_a_repository_is_known_only_where_the_buttons_would_work(monkeypatch, remote, url):
    monkeypatch.setenv("REPOSITORY_URL", remote)
    assert stage.repository_url() == url


def test_buttons_stand_only_where_a_repository_is_known():
    without = yaml.safe_load(stage.configuration(ROOT, ""))
    known = yaml.safe_load(stage.configuration(ROOT, "https://github.com/a/b"))
    assert "binderhub_url" not in without["launch_buttons"]
    assert known["launch_buttons"]["notebook_interface"] == "jupyterlab"
    assert known["repository"] == {
        "url": "https://github.com/a/b", "branch": stage.BRANCH, "path_to_book": "",
    }  # fmt: skip


def test_staging_writes_what_changed_and_turns_links_to_chapters_into_notebooks(tmp_path):
    notebooks, target = tmp_path / "notebooks", tmp_path / "source"
    (tmp_path / "book").mkdir()
    (tmp_path / "_config.yml").write_text("html: {}")
    (tmp_path / "_toc.yml").write_text("root: book/intro")
    (tmp_path / "book" / "intro.md").write_text("[a](../chapters/one.md#x) [b](other.md)")
    (notebooks / "chapters").mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(), notebooks / "chapters" / "one.ipynb")
    (notebooks / "chapters" / "two.failed.ipynb").write_text("{}")
    stage.stage(tmp_path, notebooks, target, "")
    page = target / "book" / "intro.md"
    assert page.read_text() == "[a](../chapters/one.ipynb#x) [b](other.md)"
    assert (target / "book/_static/mathjax/tex-svg.js").stat().st_size > 1_000_000
    assert not (target / "chapters" / "two.failed.ipynb").exists()
    before = page.stat().st_mtime_ns
    (notebooks / "chapters" / "one.ipynb").unlink()
    (tmp_path / "book" / "more.md").write_text("# More")
    stage.stage(tmp_path, notebooks, target, "")
    assert (target / "book" / "more.md").exists()
    assert not (target / "chapters" / "one.ipynb").exists()
    assert page.read_text() == "[a](../chapters/one.md#x) [b](other.md)"
    stage.stage(tmp_path, notebooks, target, "")
    assert page.stat().st_mtime_ns >= before
