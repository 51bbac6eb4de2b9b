"""The pages around the chapters: references, terms, numbers and commands that they promise."""

import re
from functools import cache
from pathlib import Path

import pytest
import torch
import yaml

import harsanyi as hs

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = {
    "article": {"author", "title", "journal", "year"},
    "inproceedings": {"author", "title", "booktitle", "year"},
    "incollection": {"author", "title", "booktitle", "publisher", "year"},
    "book": {"author", "title", "publisher", "year"},
    "techreport": {"author", "title", "institution", "year"},
    "misc": {"author", "title", "howpublished", "year"},
}


@cache
def pages() -> dict[str, str]:
    """Every page of the book and every chapter, by its path."""
    found = [*(ROOT / "book").rglob("*.md"), *(ROOT / "chapters").rglob("*.md")]
    return {p.relative_to(ROOT).as_posix(): p.read_text("utf-8") for p in sorted(found)}


@cache
def bibliography():
    from pybtex.database import parse_file

    return parse_file(ROOT / "book" / "references.bib").entries


@cache
def terms() -> dict[str, str]:
    """Each term of the glossary with its definition."""
    body = re.search(r"```\{glossary\}\n(.*?)\n```", pages()["book/glossary.md"], re.S)[1]
    parts = re.split(r"^(\S.*)$", body, flags=re.M)[1:]
    return {term: text.strip() for term, text in zip(parts[::2], parts[1::2], strict=True)}


def cited(text: str) -> set[str]:
    keys = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)
    return {key.strip() for group in keys for key in group.split(",")}


def referred_terms(text: str) -> set[str]:
    roles = re.findall(r"\{term\}`([^`]+)`", text)
    return {" ".join((re.search(r"<(.+)>$", r, re.S) or [r, r])[1].split()) for r in roles}


def test_every_citation_has_an_entry():
    missing = {
        f"{page}: {key}"
        for page, text in pages().items()
        for key in cited(text)
        if key not in bibliography()
    }
    assert not missing


def test_every_entry_is_cited():
    everywhere = set().union(*map(cited, pages().values()))
    assert set(bibliography()) <= everywhere


@pytest.mark.parametrize("key", bibliography())
def test_an_entry_has_the_fields_of_its_kind(key):
    entry = bibliography()[key]
    fields = set(entry.fields) | set(entry.persons)
    assert REQUIRED[entry.type] <= fields
    assert all(value.strip() for value in entry.fields.values())
    assert re.fullmatch(r"(19|20)\d\d", entry.fields["year"])
    assert re.fullmatch(r"[a-z]+" + entry.fields["year"] + r"[a-z]*", key)
    assert re.fullmatch(r"10\.\d{4,}/\S+", entry.fields.get("doi", "10.0000/none"))


def test_every_term_used_is_in_the_glossary():
    # Sphinx finds a term whatever its capitals.
    known = {term.lower() for term in terms()}
    missing = {
        f"{page}: {term}"
        for page, text in pages().items()
        for term in referred_terms(text)
        if term.lower() not in known
    }
    assert not missing


def test_the_glossary_is_sorted_and_defines_every_term():
    names = [term.lower() for term in terms()]
    assert names == sorted(names, key=lambda name: name.replace("ö", "o"))
    assert all(text for text in terms().values())


def test_the_notation_names_things_that_exist():
    text = pages()["book/notation.md"]
    for name in set(re.findall(r"\bhs\.(\w+)\(", text)) | {"Players"}:
        assert hasattr(hs, name), name
    for name in set(re.findall(r"\bresult\.(\w+)", text)):
        assert name in hs.Interactions.__dataclass_fields__ or hasattr(hs.Interactions, name), name
    for name in set(re.findall(r"\bgame\.(\w+)", text)):
        assert hasattr(hs.MaskedGame, name) or name in {"n", "names"}, name


def test_the_numbers_of_the_landing_page():
    v = hs.games.seed_example().v
    everyone, last = 0b11111, 0b10000
    assert v[everyone] == 4 and v[everyone & ~last] == 4
    assert v[0] == 0 and v[last] == 1 and len(v) == 32
    found = hs.Interactions.from_table(v).top(32)
    assert {(tuple(i + 1 for i in e.players), e.value) for e in found} == {
        ((1, 2, 3), 1),
        ((2, 3), 1),
        ((3, 4), 1),
        ((4,), 1),
        ((5,), 1),
        ((4, 5), -1),
    }
    game = hs.games.seed_example()
    assert game.and_.count_nonzero() + game.or_.count_nonzero() == 4
    assert torch.equal(hs.reconstruct(game.and_, game.or_), v)


def test_the_notations_table_of_three_players():
    rows = re.findall(r"^\| (?:index|coalition).*$", pages()["book/notation.md"], re.M)
    index, coalition = ([c.strip() for c in row.split("|")[2:-1]] for row in rows)
    for m, shown in zip(map(int, index), coalition, strict=True):
        players = tuple(int(i) - 1 for i in re.findall(r"\d", shown))
        assert sum(1 << i for i in players) == m


def commands(text: str) -> list[str]:
    blocks = re.findall(r"```(?:sh|powershell)\n(.*?)```", text, re.S)
    inline = re.findall(r"`(make [^`]+)`", text)
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines()] + inline


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "book/how_to_read.md"])
def test_every_make_command_is_a_target(page):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    for command in commands((ROOT / page).read_text("utf-8")):
        if command.startswith("make "):
            asked = {word for word in command.split()[1:] if "=" not in word}
            assert asked <= targets, command


def test_the_plain_commands_are_those_of_make():
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    plain = commands((ROOT / "README.md").read_text("utf-8"))
    for start in ("python -m pip", "snakemake", "jupyter"):
        for command in (c for c in plain if c.startswith(start)):
            words = [w for w in command.split()[1:] if w not in {"scale=laptop", "site"}]
            assert all(word in makefile for word in words), command
    call = re.search(r"^SNAKEMAKE := (.*)$", makefile, re.M)[1]
    snakemake = next(c for c in plain if c.startswith("snakemake"))
    options = set(re.findall(r"--[\w-]+", call)) - {"--quiet"}
    assert options <= set(re.findall(r"--[\w-]+", snakemake))


def test_the_readmes_example_runs():
    from harsanyi.networks.architectures import LeNet

    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)[1]
    torch.manual_seed(0)
    scope = {"model": LeNet().eval(), "image": torch.rand(1, 28, 28)}
    exec(example, scope)
    assert len(scope["result"].top(5)) == 5 and scope["result"].n == 12


def test_links_of_the_pages_outside_the_site_lead_somewhere():
    for page in ("README.md", "CONTRIBUTING.md"):
        for link in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text("utf-8")):
            assert (ROOT / link).is_file(), f"{page}: {link}"


def test_nothing_is_left_to_fill_in():
    everything = {**pages(), "README.md": (ROOT / "README.md").read_text("utf-8")}
    left = {p for p, text in everything.items() if re.search(r"MINUTES_|_TIMES\b|TODO|FIXME", text)}
    assert not left


def test_the_citation_file():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    for field in ("cff-version", "message", "title", "authors", "version", "license"):
        assert citation[field]
    assert citation["cff-version"] == "1.2.0"
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    assert config["title"] in citation["title"]
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'version = "{citation["version"]}"' in project
