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
NOTEBOOKS = [f"build/notebooks/smoke/chapters/{name}.ipynb" for name in ("one", "two")]
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


def chapter(name: str, code: str = "", networks: str = "[]", data: str = "[]") -> str:
    return CHAPTER.format(name=name, code=code, networks=networks, data=data)


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    """A small book that has been run: chapter one uses a network, chapter two a data set."""
    root = tmp_path_factory.mktemp("book")
    for name in ("Snakefile", "requirements.lock", "requirements-nodeps.lock"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(ROOT / "book" / "_ext", root / "book" / "_ext")
    manifest = {name: {"files": {f"{name}.csv": {}}} for name in ("mnist", "bikes")}
    files = {
        "_config.yml": "title: x",
        "_toc.yml": "root: book/intro\nchapters: [{file: chapters/one}, {file: chapters/two}]",
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


NET, ONE, TWO = "lenet-mnist", "one", "two"
CHANGES = [
    ("lib/harsanyi/plots.py", "x = 1", {ONE, TWO}),
    ("lib/harsanyi/networks/recipes.py", "x = 1", {NET, ONE, TWO}),
    ("data/mnist.csv", "2", {NET, ONE}),
    ("data/bikes.csv", "2", {TWO}),
    ("chapters/two.md", chapter("two", "1 + 1", data="[bikes]"), {TWO}),
    ("book/intro.md", "# Another", set()),
    ("requirements.lock", ("pytest==", "pytest==0"), {ONE, TWO}),
    ("requirements.lock", ("torch==", "torch==0"), {NET, ONE, TWO}),
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
