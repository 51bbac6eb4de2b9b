"""What a page, a chapter or a network is made from: read from the files themselves."""

import ast
from pathlib import Path

import yaml


def files_under(folder: str, *suffixes: str) -> list[str]:
    """Every file under a folder with one of these suffixes (any suffix if none is named)."""
    found = (path for path in Path(folder).rglob("*") if path.is_file())
    return sorted(
        path.as_posix()
        for path in found
        if "__pycache__" not in path.parts and (not suffixes or path.suffix in suffixes)
    )


def toc_pages(node: dict | list) -> list[str]:
    """Every page named in a table of contents (the parsed _toc.yml), in reading order."""
    if isinstance(node, list):
        return [page for item in node for page in toc_pages(item)]
    own = [node[key] for key in ("root", "file") if key in node]
    below = (node.get(key, []) for key in ("parts", "chapters", "sections"))
    return own + [page for items in below for page in toc_pages(items)]


def header(chapter: str, kind: str) -> list[str]:
    """What a chapter's header lists under one of ``networks``, ``data``, ``records``, ``reads``.

    Raises:
        ValueError: when the chapter does not begin with a header between two lines ``---``.
    """
    parts = Path(chapter).read_text("utf-8").split("---\n", 2)
    if len(parts) < 3 or parts[0].strip():
        raise ValueError(f"{chapter} does not begin with a YAML header between two lines of ---")
    return yaml.safe_load(parts[1]).get("interaction-book", {}).get(kind, [])


def data_of(network: str, data_sets: list[str]) -> str:
    """The data set a network learns from: the one whose name ends most like the network's.

    Raises:
        ValueError: when no data set's name ends like it.
    """

    def common(name: str) -> int:
        ends, count = zip(reversed(network.split("-")), reversed(name.split("-"))), 0  # noqa: B905
        for one, other in ends:
            if one != other:
                break
            count += 1
        return count

    best = max(data_sets, key=lambda name: (common(name), -len(name)))
    if not common(best):
        raise ValueError(f"network {network!r} ends like no data set of {sorted(data_sets)}")
    return best


def modules_behind(path: str | Path, library: str = "lib", seen: set[str] | None = None):
    """The library's modules that a module imports, itself included, sorted.

    A package's ``__init__`` does not count: it only passes names on.
    """
    seen = set() if seen is None else seen
    path = Path(path)
    if path.is_file() and path.as_posix() not in seen:
        seen.add(path.as_posix())
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                base = path.parents[node.level - 1] if node.level else Path(library)
                base = base.joinpath(*(node.module or "").split("."))
                for target in [base, *(base / alias.name for alias in node.names)]:
                    modules_behind(target.with_suffix(".py"), library, seen)
    return sorted(seen)
