"""Gather what Sphinx reads in build/site/source: configuration, pages, executed notebooks.

    python book/_ext/stage.py build/notebooks/laptop

Only a file whose content differs is written, so Sphinx reads again just what changed. The
repository is known from the variable REPOSITORY_URL or from the git remote; where it is no GitHub
repository, the site has no buttons that would point nowhere.
"""

import os
import posixpath
import re
import subprocess
import sys
from importlib.metadata import files as package_files
from pathlib import Path

import yaml

SOURCE = Path("build/site/source")
BRANCH = "notebooks"  # where the publishing workflow puts the executed notebooks
LAUNCH = {
    "notebook_interface": "jupyterlab",
    "binderhub_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
}


def repository_url() -> str:
    """The book's repository on GitHub, ``https://github.com/owner/name``, or an empty string."""
    url = os.environ.get("REPOSITORY_URL")
    if url is None:
        git = ["git", "config", "--get", "remote.origin.url"]
        url = subprocess.run(git, capture_output=True, text=True).stdout
    found = re.search(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$", url.strip())
    return f"https://github.com/{found[1]}" if found else ""


def configuration(root: Path, repository: str) -> str:
    """The text of _config.yml, with repository and launch buttons where a repository is known."""
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    if repository:
        config["repository"] = {"url": repository, "branch": BRANCH, "path_to_book": ""}
        config["launch_buttons"] = LAUNCH
        config["html"] |= {"use_repository_button": True, "use_issues_button": True}
    return yaml.safe_dump(config, allow_unicode=True, sort_keys=False)


def mathjax() -> Path:
    """The one file that renders the formulas without the network."""
    name = "sphinx-mathjax-offline"
    return next(f.locate() for f in package_files(name) if f.name == "tex-svg.js")


def sources(root: Path, notebooks: Path) -> dict[str, Path]:
    """Where each staged file comes from, by its place under the staged source."""
    found = {"_toc.yml": root / "_toc.yml", "book/_static/mathjax/tex-svg.js": mathjax()}
    for path in (root / "book").rglob("*"):
        if path.is_file() and "_ext" not in path.parts and "__pycache__" not in path.parts:
            found[path.relative_to(root).as_posix()] = path
    for path in notebooks.rglob("*.ipynb"):
        if not path.name.endswith((".failed.ipynb", ".source.ipynb")):
            found[path.relative_to(notebooks).as_posix()] = path
    return found


def text_of(name: str, origin: Path, staged: dict[str, Path]) -> bytes:
    """A file as it is staged: links to a chapter's text lead to the notebook made from it."""

    def to_notebook(link: re.Match) -> str:
        page = posixpath.normpath(posixpath.join(posixpath.dirname(name), link[1]))
        return link[0] if f"{page}.ipynb" not in staged else f"]({link[1]}.ipynb{link[2]}"

    if origin.suffix not in (".md", ".ipynb"):
        return origin.read_bytes()
    return re.sub(r"\]\(([\w./-]+)\.md([#)])", to_notebook, origin.read_text("utf-8")).encode()


def stage(root: Path, notebooks: Path, target: Path, repository: str) -> None:
    """Make `target` hold exactly what the site is built from; leave equal files untouched."""
    wanted = sources(root, notebooks)
    for path in [p for p in target.rglob("*") if p.is_file()]:
        name = path.relative_to(target).as_posix()
        if name not in wanted and name not in ("_config.yml", "conf.py"):
            path.unlink()
    for name, origin in wanted.items():
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        content = text_of(name, origin, wanted)
        if not (copy.is_file() and copy.read_bytes() == content):
            copy.write_bytes(content)
    (target / "_config.yml").write_text(configuration(root, repository), "utf-8")


if __name__ == "__main__":
    stage(Path("."), Path(sys.argv[1]), SOURCE, repository_url())
