"""The form that every chapter keeps, as far as a machine can see it."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from test_exercises import source

ROOT = Path(__file__).parents[1]
CHAPTERS = sorted(ROOT.glob("chapters/[0-9]*.md"))
KEYS = set(re.findall(r"^@\w+\{(\S+),", (ROOT / "book/references.bib").read_text("utf-8"), re.M))
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```\s*$", re.S | re.M)
LONGEST_CELL = 14
CLOSING = ["Exercises", "Summary", "What this does not show", "Further reading"]
DRAWS = re.compile(r"\bplt\.subplots\(|\bplots\.\w+\(|\bpictures\.\w+\(|\bdiagrams\.\w+\(")
UNSEEDED = re.compile(
    r"(?<![\w.])(?:np\.random\.(?!seed|default_rng\(\s*\d)\w+|random\.(?:random|choice|shuffle)\()"
)


def read(path: Path) -> str:
    """Return a chapter's text."""
    return path.read_text(encoding="utf-8")


def raw_cells(text: str) -> list[str]:
    """Return all cells with their metadata."""
    return CELL.findall(text)


def prose(text: str) -> str:
    """Return a chapter without its code cells and front matter."""
    return CELL.sub("", re.sub(r"\A---\n.*?^---\n", "", text, flags=re.S | re.M))


def metadata(cell: str) -> dict:
    """Return a cell's YAML metadata, empty where it has none."""
    found = re.match(r"---\n(.*?)^---\n", cell, re.S | re.M)
    return yaml.safe_load(found.group(1)) if found else {}


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def text(request):
    """One chapter after the other."""
    return read(request.param)


def test_there_are_chapters():
    """The book is not empty."""
    assert CHAPTERS


def test_front_matter_names_its_networks(text):
    """The pipeline reads from the header which networks a chapter needs."""
    header = yaml.safe_load(re.match(r"---\n(.*?)^---\n", text, re.S | re.M).group(1))
    assert header["jupytext"]["text_representation"]["format_name"] == "myst"
    assert header["kernelspec"]["name"] == "python3"
    needs = header["interaction-book"]["networks"]
    asked = re.findall(r"load_network\(\s*[\"']([\w-]+)", text)
    assert set(asked) <= set(needs), f"loads {asked}, the header names {needs}"


def test_opening_in_order(text):
    """Title and hook, what one will be able to do, minutes, parameters, imports, a prediction."""
    marks = [
        r"^# \S",
        r"^:::+\{admonition\} After this chapter you can\n:class: tip\n"
        r"(?:[-*] .*\n(?:  .*\n)*){3,5}:::",
        r"^\*\*Read\*\* about \d+ minutes · \*\*run\*\* about \d+ seconds",
        r"^:tags: \[parameters\]\n\n?scale = \"laptop\"\n```",
        r"^import harsanyi as hs$",
        r"^:::+\{admonition\} Predict, then run\n:class: important",
        r"^## ",
    ]
    position = 0
    for mark in marks:
        found = re.compile(mark, re.M).search(text, position)
        assert found, f"expected {mark!r} after character {position}"
        position = found.start() + 1
    hook = re.search(r"^# [^\n]*\n(.*?)^:::", text, re.S | re.M).group(1)
    assert len(hook.split()) >= 30, "the opening paragraph is too short to hook anyone"


def test_prediction_is_taken_up_again(text):
    """The question asked before running is answered later, and the text says so."""
    after = text.split("Predict, then run", 1)[1].split(":::", 1)[1]
    assert re.search(r"predict|guess|wrote down", prose(after), re.I), (
        "nothing comes back to the prediction"
    )


def test_import_cell_seeds_and_spares_the_reader(text):
    """The first import cell asks for one thread and a seed."""
    first = next(c for c in raw_cells(text) if "import harsanyi as hs" in c)
    assert "torch.set_num_threads(1)" in first
    assert "manual_seed(" in first
    assert "use_book_style()" in first


def test_cells_are_short(text):
    """No cell is longer than a screen of a phone; longer logic belongs to the library."""
    for cell in raw_cells(text):
        code = source(cell).strip("\n")
        lines = [line for line in code.splitlines() if line.strip()]
        assert len(lines) <= LONGEST_CELL, f"{len(lines)} lines, from {lines[0]!r}"
        assert all(len(line) <= 100 for line in lines), f"a line is too wide, after {lines[0]!r}"


def test_cells_are_python(text):
    """Every cell can be parsed."""
    for cell in raw_cells(text):
        ast.parse(source(cell))


def test_pictures_say_what_they_show(text):
    """A cell that draws has a caption, a name and an alternative text; names are unique."""
    names = []
    for cell in raw_cells(text):
        if not DRAWS.search(source(cell)) or "def " in source(cell):
            continue
        about = metadata(cell).get("mystnb", {})
        start = source(cell).strip().splitlines()[0]
        figure, image = about.get("figure", {}), about.get("image", {})
        assert figure.get("caption") and figure.get("name"), f"no caption or name: {start!r}"
        assert len(image.get("alt", "")) >= 30, f"no alternative text: {start!r}"
        names.append(figure["name"])
    assert names, "a chapter without a picture"
    assert len(set(names)) == len(names)
    for embedded in re.findall(r"^```\{(?:figure|image)\}.*?^```", text, re.S | re.M):
        assert ":alt:" in embedded


def test_three_exercises_or_more(text):
    """There is enough to do."""
    assert len(re.findall(r"^`+\{exercise-start\}", text, re.M)) >= 3


def test_closing_in_order(text):
    """Exercises, summary, limits and further reading end the chapter, in this order."""
    headings = re.findall(r"^## (.+)$", prose(text), re.M)
    assert headings[-4:] == CLOSING
    summary, limits = (
        text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0] for heading in CLOSING[1:3]
    )
    assert len(re.findall(r"^[-*] ", summary, re.M)) >= 3, "Summary: expected bullets"
    assert len(limits.split()) >= 40, "What this does not show: too short to be honest"
    assert re.search(r"\{cite:?[pt]*\}`", text.split("## Further reading", 1)[1])


def test_citations_exist(text):
    """Every key that is cited stands in the bibliography."""
    cited = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)
    keys = {key.strip() for group in cited for key in group.split(",")}
    assert keys and keys <= KEYS, f"unknown: {sorted(keys - KEYS)}"


def test_nothing_is_installed_downloaded_or_unseeded(text):
    """Cells neither install nor fetch, and draw no random number without a seed."""
    for cell in raw_cells(text):
        code = source(cell)
        assert not re.search(r"\b(?:pip|conda|apt-get) install|^\s*[!%]", code, re.M), code
        assert not re.search(r"https?://|\burllib\b|\brequests\b|\bwget\b|\bcurl\b", code), code
        assert not UNSEEDED.search(code), code


def test_no_cell_is_a_picture_of_this_machine(text):
    """No absolute path."""
    assert not re.search(r"[\"'(\s](?:/home/|/work/|/tmp/|/root/|[A-Z]:\\\\)", text)
