"""Where the project's files stand, and how they are written whole or not at all.

Chapter: The networks of this book.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

MARK = Path("data") / "manifest.json"


def project_root() -> Path:
    """Finds the folder that holds ``data/manifest.json``.

    Looked at in this order: the environment variable ``HARSANYI_ROOT``, the current folder and
    those above it, this file's folder and those above it.

    Raises:
        FileNotFoundError: none of them holds ``data/manifest.json``.
    """
    if named := os.environ.get("HARSANYI_ROOT"):
        starts = [Path(named)]
    else:
        here = Path(__file__).resolve()
        starts = [Path.cwd(), *Path.cwd().parents, *here.parents]
    for folder in starts:
        if (folder / MARK).is_file():
            return folder
    raise FileNotFoundError(
        f"found no {MARK} in {starts[0]} or above; start Python inside the project's folder, "
        "or set HARSANYI_ROOT to it"
    )


def sha256(path: Path) -> str:
    """Returns the SHA-256 sum of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Lets ``write`` fill a file next to ``path``, which then takes its place at once.

    An interrupted run leaves the former ``path`` as it was, or none.

    Args:
        path: the file to make; its folder is made where it is missing.
        write: is called with the path of the temporary file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        write(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
