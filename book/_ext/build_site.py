"""Build the site from build/site/source, strictly: a warning is an error.

    python book/_ext/build_site.py

Jupyter Book turns _config.yml into Sphinx's conf.py; Sphinx then reads only the pages that changed.
After a failure the next build reads every page again, so that no warning is forgotten.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

SITE = Path("build/site")
SPHINX = ["sphinx-build", "-q", "-n", "-W", "--keep-going", "-b", "html"]


def pages() -> set[str]:
    """The staged pages."""
    return {str(p) for p in (SITE / "source").rglob("*") if p.suffix in (".md", ".ipynb")}


def main() -> int:
    start, listing = time.perf_counter(), SITE / "pages.txt"
    now = "\n".join(sorted(pages()))
    if not listing.exists() or listing.read_text("utf-8") != now:
        shutil.rmtree(SITE / "html", ignore_errors=True)  # no page outlives its source
        shutil.rmtree(SITE / "doctrees", ignore_errors=True)
    print("  build   the site", flush=True)
    source = str(SITE / "source")
    made = subprocess.run(["jupyter-book", "config", "sphinx", source], capture_output=True)
    if made.returncode:
        print(made.stdout.decode() + made.stderr.decode(), file=sys.stderr)
        return 1
    with open(SITE / "source" / "conf.py", "a") as conf:  # Thebe would be fetched from the network
        conf.write('extensions.remove("sphinx_thebe")\n')
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    built = subprocess.run(
        [*SPHINX, "-d", str(SITE / "doctrees"), source, str(SITE / "html")],
        env={**os.environ, "PYTHONPATH": path},
    )
    if built.returncode:
        shutil.rmtree(SITE / "doctrees", ignore_errors=True)
        return 1
    listing.write_text(now, "utf-8")
    print(f"  done    the site  {time.perf_counter() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
