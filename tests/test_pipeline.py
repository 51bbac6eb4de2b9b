"""The pipeline reruns what a change touches and nothing else: run on a small copy of the book."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("one", "two", "reproductions/again", "card")
NOTEBOOKS = [f"build/notebooks/smoke/chapters/{name}.ipynb" for name in NAMES]
RECORD = """
from pathlib import Path
Path(f"../../build/records/{scale}/C-6.json").write_text("measured")
"""
READ = 'print(open(f"../build/records/{scale}/C-6.json").read())'
NETWORK = "build/networks/smoke/lenet-mnist.pt"
TRAIN = '''"""Stands in for training: the pipeline does not care what a network learns."""
import sys
from pathlib import Path
from . import recipes
for suffix in ("pt", "json"):
    out = Path("build/networks") / sys.argv[3] / f"{sys.argv[1]}.{suffix}"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("trained")
'''
CHAPTER = """---
kernelspec: {{display_name: Python 3, language: python, name: python3}}
interaction-book:
  networks: {networks}
  data: {data}
  records: {records}
  reads: {reads}
---

# {name}

```{{code-cell}} python3
:tags: [parameters]
scale = "laptop"
```

```{{code-cell}} python3
print(scale)
{code}
```
"""


def chapter(name: str, code: str = "", **header: str) -> str:
    lists = dict.fromkeys(("networks", "data", "records", "reads"), "[]")
    return CHAPTER.format(name=name, code=code, **(lists | header))


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    """A small book that has been run.

    Chapter one uses a network, chapter two a data set; a reproduction makes a record, which the
    card reads.
    """
    root = tmp_path_factory.mktemp("book")
    for name in ("Snakefile", "requirements.lock", "requirements-nodeps.lock"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(ROOT / "book" / "_ext", root / "book" / "_ext")
    manifest = {name: {"files": {f"{name}.csv": {}}} for name in ("mnist", "bikes")}
    files = {
        "_config.yml": "title: x",
        "_toc.yml": "\n- file: chapters/".join(["root: book/intro\nchapters:", *NAMES]),
        "book/intro.md": "# A book",
        "data/manifest.json": json.dumps(manifest),
        "data/mnist.csv": "1",
        "data/bikes.csv": "1",
        "lib/harsanyi/__init__.py": "",
        "lib/harsanyi/plots.py": "",
        "lib/harsanyi/networks/__init__.py": "",
        "lib/harsanyi/networks/recipes.py": "",
        "lib/harsanyi/networks/checkpoints.py": TRAIN,
        "chapters/one.md": chapter("one", networks="[lenet-mnist]"),
        "chapters/two.md": chapter("two", data="[bikes]"),
        "chapters/reproductions/again.md": chapter("again", RECORD, records="[C-6]"),
        "chapters/card.md": chapter("card", READ, reads="[records]"),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    ran = snakemake(root, "--cores", "2", "--", *NOTEBOOKS)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return root


def snakemake(root: Path, *options: str) -> subprocess.CompletedProcess:
    """Call Snakemake the way the Makefile does."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    fixed = "--nolock --keep-going --rerun-incomplete --max-checksum-file-size 4GB".split()
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *fixed, "--config", "scale=smoke", *options],
        cwd=root, capture_output=True, text=True,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(root / "lib")},
    )  # fmt: skip


def would_run(root: Path) -> set[str]:
    """What a build would make again: the stems of networks, chapters and the site."""
    shown = snakemake(root, "--dry-run", "--cores", "2", "--", "site")
    assert shown.returncode == 0, shown.stderr
    made = re.findall(r"^    output: ([^,\n]+)", shown.stdout + shown.stderr, re.M)
    return {Path(path).stem for path in made} - {"index"}


NET, ONE, TWO, AGAIN, CARD = "lenet-mnist", "one", "two", "C-6", "card"
EVERY = {ONE, TWO, AGAIN, CARD}
CHANGES = [
    ("lib/harsanyi/plots.py", "x = 1", EVERY),
    ("lib/harsanyi/networks/recipes.py", "x = 1", {NET, *EVERY}),
    ("data/mnist.csv", "2", {NET, ONE}),
    ("data/bikes.csv", "2", {TWO}),
    ("chapters/two.md", chapter("two", "1 + 1", data="[bikes]"), {TWO}),
    ("book/intro.md", "# Another", set()),
    ("chapters/reproductions/again.md", chapter("x", RECORD, records="[C-6]"), {AGAIN, CARD}),
    ("chapters/card.md", chapter("x", READ, reads="[records]"), {CARD}),
    ("requirements.lock", ("pytest==", "pytest==0"), EVERY),
    ("requirements.lock", ("torch==", "torch==0"), {NET, *EVERY}),
]


@pytest.mark.parametrize("name,new,expected", CHANGES)
def test_a_change_reruns_what_depends_on_it(book, name, new, expected):
    path = book / name
    old = path.read_text("utf-8")
    changed = old.replace("\n" + new[0], "\n" + new[1], 1) if isinstance(new, tuple) else new
    assert changed != old
    try:
        path.write_text(changed, "utf-8")
        assert would_run(book) == expected
    finally:
        path.write_text(old, "utf-8")


def test_a_file_written_again_with_the_same_content_reruns_nothing(book):
    for path in [*(book / "lib").rglob("*.py"), *(book / "chapters").glob("*.md")]:
        path.write_bytes(path.read_bytes())
    assert would_run(book) == set()


def test_the_card_reads_the_records_that_the_reproduction_wrote(book):
    assert (book / "build/records/smoke/C-6.json").read_text("utf-8") == "measured"
    assert "measured" in (book / NOTEBOOKS[3]).read_text("utf-8")


def test_a_reproduction_that_leaves_a_record_out_fails_and_so_does_not_reach_the_card(book):
    path = book / "chapters" / "reproductions" / "again.md"
    old, before = path.read_text("utf-8"), (book / NOTEBOOKS[3]).read_bytes()
    try:
        path.write_text(chapter("again", RECORD, records="[C-6, C-T1]"), "utf-8")
        ran = snakemake(book, "--cores", "1", "--", NOTEBOOKS[3])
        assert ran.returncode != 0 and "C-T1.json" in ran.stdout + ran.stderr
        assert (book / NOTEBOOKS[3]).read_bytes() == before
    finally:
        path.write_text(old, "utf-8")
    ran = snakemake(book, "--cores", "1", "--", *NOTEBOOKS)
    assert ran.returncode == 0, ran.stderr


def test_a_failing_chapter_shows_its_traceback_and_leaves_the_others(book):
    path = book / "chapters" / "one.md"
    old, two = path.read_text("utf-8"), book / "chapters" / "two.md"
    try:
        path.write_text(chapter("one", "1 / 0"), "utf-8")
        two.write_text(chapter("two", "2 + 2", data="[bikes]"), "utf-8")
        ran = snakemake(book, "--cores", "1", "--", *NOTEBOOKS)
        assert ran.returncode != 0
        assert "chapters/one" in ran.stderr and "ZeroDivisionError" in ran.stderr
        assert not (book / NOTEBOOKS[0]).exists()
        assert "2 + 2" in (book / NOTEBOOKS[1]).read_text("utf-8")
        assert would_run(book) == {ONE}
    finally:
        path.write_text(old, "utf-8")


def test_an_executed_notebook_holds_the_scale_and_no_mark_of_the_run(book):
    text = (book / NOTEBOOKS[1]).read_text("utf-8")
    assert "smoke\\n" in text
    assert "papermill" not in text and str(book) not in text
