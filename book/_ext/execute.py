"""Run one chapter: MyST text to an executed notebook, with the parameter ``scale`` set.

    python book/_ext/execute.py chapters/02_x.md build/notebooks/laptop/chapters/02_x.ipynb \\
        --scale laptop

jupytext reads the text, papermill runs it in the chapter's folder. The notebook appears only when
every cell has run; a chapter that fails shows which cell and the traceback, and leaves the
notebook as far as it came beside the place, as ``<name>.failed.ipynb``.
"""

import argparse
import logging
import os
import sys
import time
from pathlib import Path

import jupytext
import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

HIDDEN = {"parameters", "injected-parameters"}  # cells that the site leaves out


def execute(chapter: Path, out: Path, scale: str) -> None:
    """Run a chapter and write its notebook.

    Raises:
        PapermillExecutionError: when a cell raises.
        ValueError: when the chapter has no cell tagged ``parameters``.
    """
    notebook = jupytext.read(chapter)
    if not any("parameters" in cell.metadata.get("tags", []) for cell in notebook.cells):
        raise ValueError(f"{chapter} has no cell tagged `parameters` that sets scale; add one.")
    out.parent.mkdir(parents=True, exist_ok=True)
    source = out.with_suffix(".source.ipynb")
    ran = out.with_suffix(".failed.ipynb")
    nbformat.write(notebook, source)
    try:
        papermill.execute_notebook(
            source,
            ran,
            parameters={"scale": scale},
            kernel_name="python3",
            cwd=chapter.parent,
            progress_bar=False,
            log_output=False,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
        )
    finally:
        source.unlink()
    publish(ran)
    os.replace(ran, out)


def publish(path: Path) -> None:
    """Take the marks of the run out of a notebook: times, paths, and the cells only it needs."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        tags = cell.metadata.get("tags", [])
        if HIDDEN & set(tags) and "remove-cell" not in tags:
            cell.metadata["tags"] = [*tags, "remove-cell"]
    nbformat.write(notebook, path)


def main() -> int:
    parser = argparse.ArgumentParser(description="Run one chapter.")
    parser.add_argument("chapter", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--scale", required=True)
    given = parser.parse_args()
    logging.getLogger("papermill").setLevel(logging.ERROR)
    name, start = given.chapter.with_suffix(""), time.perf_counter()
    print(f"  run     {name}", flush=True)
    try:
        execute(given.chapter, given.out, given.scale)
    except PapermillExecutionError as error:
        trace = "\n".join(error.traceback)
        print(
            f"\nFAILED  {name}, cell [{error.exec_count}]:\n{error.source}\n\n{trace}\n",
            file=sys.stderr,
            flush=True,
        )
        return 1
    print(f"  done    {name}  {time.perf_counter() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
