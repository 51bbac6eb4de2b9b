"""Gather what Binder and Colab open: the executed notebooks with library, data and environment.

    python book/_ext/launch.py build/launch

The publishing workflow pushes this folder to the branch ``notebooks``, where the site's launch
buttons point. Run it after the site has been built.
"""

import shutil
import sys
from pathlib import Path

import nbformat
from stage import BRANCH, SOURCE, repository_url

CARRIED = ["lib", "data", "pyproject.toml", "LICENSE", "LICENSE-TEXT", "requirements-nodeps.lock"]
POST_BUILD = """#!/bin/sh
set -e
python -m pip install --no-build-isolation --no-deps -r requirements-nodeps.lock -e .
"""
README = """# Notebooks

The executed notebooks of {url}, made by its publishing workflow and opened by the book's Binder and
Colab buttons. Change the book, not this branch.
"""
COLAB = """# On Colab this fetches the book's library and data; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    !git clone --quiet --depth 1 --branch {branch} {url} book
    %cd book/chapters
    %pip install --quiet "..[chapters]"
"""


def with_colab_cell(path: Path, url: str) -> nbformat.NotebookNode:
    """A notebook with the cell that sets up Colab, below its title."""
    notebook = nbformat.read(path, as_version=4)
    cell = nbformat.v4.new_code_cell(COLAB.format(branch=BRANCH, url=url))
    notebook.cells.insert(1, cell)
    return notebook


def gather(root: Path, staged: Path, out: Path, url: str) -> None:
    """Fill `out` anew with what the branch holds."""
    shutil.rmtree(out, ignore_errors=True)
    for name in CARRIED:
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        copy(root / name, out / name)
    for path in staged.rglob("*.ipynb"):
        place = out / path.relative_to(staged)
        place.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(with_colab_cell(path, url), place)
    shutil.copy(root / "requirements.lock", out / "requirements.txt")
    (out / "runtime.txt").write_text("python-3.11\n")
    (out / "README.md").write_text(README.format(url=url))
    (out / "postBuild").write_text(POST_BUILD)
    (out / "postBuild").chmod(0o755)


if __name__ == "__main__":
    repository = repository_url()
    if not repository:
        sys.exit("No GitHub repository is known: set REPOSITORY_URL or the git remote origin.")
    gather(Path("."), SOURCE, Path(sys.argv[1]), repository)
