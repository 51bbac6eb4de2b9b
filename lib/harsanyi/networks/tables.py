"""Value tables of several networks on the same masked samples: ``load_tables("mnist")``.

What networks share is asked of tables that come with the project in ``data/tables``, so that a
chapter runs in seconds and on the same numbers everywhere. From a shell, one set is made anew
(networks that are missing are trained first; an interrupted run goes on where it stopped)::

    python -m harsanyi.networks.tables mnist

The sets themselves, their networks and their samples, are in :mod:`.table_sets`.

Chapter: Primitives that networks share.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from . import table_codes, table_plans
from .files import project_root, sha256, write_atomically
from .table_plans import Source, TableSet
from .table_samples import Sample
from .table_sets import SETS, find


class Tables(NamedTuple):
    """The tables of m networks on the same samples, in the order of ``networks`` and ``samples``.

    Attributes:
        values: (m, samples, 2**n) float64, in nats or score units, see ``about``; each is a
            float32 number, for that is what is kept.
        networks: for each network its :class:`~harsanyi.networks.table_plans.Source`; in a layered
            set for each layer and reading of each, see :mod:`.layer_sets`; in a set of trainings
            for each snapshot of each, see :mod:`.training_sets`.
        samples: for each sample a dictionary. All have ``index`` (row in the test split,
            or in the one that ``split`` names), ``label`` (the class or token that is valued) and
            ``names`` (of the n players).
            Pictures: ``patches``, the upper left pixels (row, column), and ``size``, their side.
            Words: ``words`` and ``players``, the positions of those that play; before a next word,
            ``next`` is that word. Rows of a table: ``columns``, those that play. With noise:
            ``draw``, 0 for none. Points: ``owner``, the player of each. In a set of trainings:
            ``split``, "train" or "test", and ``mislabelled``.
        about: what the set is, in a few sentences.
    """

    values: Tensor
    networks: tuple[table_plans.Source, ...]
    samples: tuple[dict, ...]
    about: str

    def of(self, *kinds: str) -> Tables:
        """Returns the same with the networks of these kinds alone, for instance "trained".

        In a layered set a trained network's probe on dealt labels is of the kind "trained".
        """
        picks = [i for i, source in enumerate(self.networks) if source.kind in kinds]
        return self._replace(
            values=self.values[picks], networks=tuple(self.networks[i] for i in picks)
        )


def table_file(name: str) -> Path:
    """Returns where the tables of a set stand.

    Raises:
        KeyError: no set has this name.
    """
    find(name)
    return project_root() / "data" / "tables" / f"{name}.npz"


def load_tables(name: str) -> Tables:
    """Returns a set of tables that came with the project, after a check of its SHA-256 sum.

    Args:
        name: "mnist", "fashion-mnist", "mnist-3", "sentences", "next-word", "census"; with all
            layers "layers-mnist", "layers-fashion-mnist", "layers-sentences", "layers-census" or
            "layers-noise"; along training "training-mnist", "training-noise",
            "training-furniture" or "training-sentences"; of robust networks "robust-mnist" or
            "robust-moved".

    Raises:
        KeyError: no set has this name.
        FileNotFoundError: its file is missing; the message has the command that makes it.
        ValueError: its file is damaged; likewise.

    Chapter: Primitives that networks share.
    """
    path = table_file(name)
    remedy = f"make it with: python -m harsanyi.networks.tables {name}"
    entry = _manifest().get(f"tables-{name}")
    if entry is None or not path.is_file():
        raise FileNotFoundError(f"{path} is missing; {remedy}")
    expected = entry["files"][f"tables/{name}.npz"]["sha256"]
    if (found := sha256(path)) != expected:
        raise ValueError(f"{path} is damaged: sha256 {found}, expected {expected}; {remedy}")
    return unpack(path)


def compute(name: str, scale: str = "laptop", progress: bool = True) -> Tables:
    """Computes a set of tables; trains the networks that are missing.

    A network's tables are kept in ``build/tables`` until :func:`save` has written the set, so an
    interrupted run goes on with the next network.

    Args:
        name: as for :func:`load_tables`.
        scale: of the networks and, for "smoke", of the samples.
        progress: whether to show a bar.

    Raises:
        KeyError: no set has this name.
    """
    plan, folder = find(name), project_root() / "build" / "tables" / scale / name
    samples = _agreed(plan, scale, folder)
    names = list(dict.fromkeys(source.name for source in plan.sources))
    values, sources = [], []
    with tqdm(names, desc=f"{name} ({scale})", unit="network", disable=not progress) as bar:
        for network in bar:
            bar.set_postfix_str(network)
            path = folder / f"{network.replace(' ', '-')}.pt"
            if not path.is_file():
                mine = tuple(source for source in plan.sources if source.name == network)
                tables, measured = plan.part(plan, mine, samples, scale)
                kept = tables, [source.facts() for source in measured]
                write_atomically(path, lambda to, kept=kept: torch.save(kept, to))
            tables, measured = torch.load(path, weights_only=True)
            values.append(tables)
            sources += [Source.of(facts) for facts in measured]
    return Tables(torch.cat(values).double(), tuple(sources), samples, plan.about)


def _agreed(plan: TableSet, scale: str, folder: Path) -> tuple[Sample, ...]:
    """The samples of an interrupted run, or chosen afresh."""
    kept = folder / "samples.json"
    if not kept.is_file():
        samples = plan.choose(scale)
        text = json.dumps(samples, ensure_ascii=False)
        write_atomically(kept, lambda part: part.write_text(text, "utf-8"))
    return tuple(json.loads(kept.read_text("utf-8")))


def pack(tables: Tables, path: Path) -> None:
    """Writes tables as an ``.npz``, the same bytes for the same content.

    The four bytes of the numbers are laid out apart, all first bytes, then all second ones, which
    packs them a fifth smaller; rounded tables are packed as :mod:`.table_codes` says.
    """
    values = np.ascontiguousarray(tables.values.float().numpy(), dtype="<f4")
    planes = np.moveaxis(values[..., None].view(np.uint8), -1, 0)  # (4, m, samples, 2**n)
    arrays = table_codes.encode(values) or {"planes": planes}
    facts = {
        "networks": [source.facts() for source in tables.networks],
        "samples": tables.samples,
        "about": tables.about,
    }
    text = np.frombuffer(json.dumps(facts, ensure_ascii=False).encode(), np.uint8)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for key, array in (arrays | {"facts": text}).items():
            plain = io.BytesIO()
            np.lib.format.write_array(plain, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{key}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_LZMA
            archive.writestr(entry, plain.getvalue())


def unpack(path: Path) -> Tables:
    """Returns what :func:`pack` wrote."""
    arrays = np.load(path)
    if "codes" in arrays:
        values = table_codes.decode(*(arrays[key] for key in ("codes", "exponents", "firsts")))
    else:
        values = np.ascontiguousarray(np.moveaxis(arrays["planes"], 0, -1)).view("<f4")[..., 0]
    facts = json.loads(arrays["facts"].tobytes())
    sources = tuple(Source.of(source) for source in facts["networks"])
    values = torch.from_numpy(values.astype(np.float64))  # (m, samples, 2**n)
    return Tables(values, sources, tuple(facts["samples"]), facts["about"])


def save(name: str, tables: Tables) -> Path:
    """Writes a set to ``data/tables`` and its sums to the manifest and the list of ``data``."""
    path = table_file(name)
    write_atomically(path, lambda part: pack(tables, part))
    found = {"rows": len(tables.samples), "sha256": sha256(path), "bytes": path.stat().st_size}
    manifest = _manifest()
    manifest[f"tables-{name}"] = {
        "title": find(name).title,
        "origin": f"python -m harsanyi.networks.tables {name}",
        "licence": find(name).licence,
        "citation": "this book, with the networks and data that it names",
        "files": {f"tables/{name}.npz": found},
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    folder = project_root() / "data"
    write_atomically(folder / "manifest.json", lambda part: part.write_text(text, "utf-8"))
    line = f"| `tables/{name}.npz` | {found['bytes']:,} | `{found['sha256']}` |"
    readme = (folder / "README.md").read_text("utf-8")
    fresh, known = re.subn(rf"^\| `tables/{name}\.npz` \|.*\|.*\|$", line, readme, flags=re.M)
    fresh = fresh if known else f"{readme.rstrip()}\n{line}\n"
    write_atomically(folder / "README.md", lambda part: part.write_text(fresh, "utf-8"))
    return path


def _manifest() -> dict[str, Any]:
    return json.loads((project_root() / "data" / "manifest.json").read_text("utf-8"))


def main() -> None:
    """The command line: computes one set, or lists the names."""
    parser = argparse.ArgumentParser(prog="python -m harsanyi.networks.tables")
    parser.add_argument("name", nargs="?", choices=tuple(SETS), metavar="NAME")
    options = parser.parse_args()
    if not options.name:
        print("\n".join(SETS))
        return
    torch.set_num_threads(1)  # small networks are slower on more
    path, name = table_file(options.name), options.name
    former = unpack(path).values if path.is_file() else None
    tables = compute(name)
    save(name, tables)
    shutil.rmtree(project_root() / "build" / "tables" / "laptop" / name)
    for source in tables.networks:
        sure = "" if source.calibration is None else f"  calibration {source.calibration:.3f}"
        read = f"{source.layer:10} {source.reading:6} {source.accuracy:.3f}{sure}"
        print(f"{source.name:24} {source.kind:10} {read}")
    print(f"{path.name}: {tuple(tables.values.shape)}, {path.stat().st_size:,} bytes")
    if former is not None and former.shape == tables.values.shape:
        print(f"largest change since the former file: {(former - tables.values).abs().max():.2g}")


if __name__ == "__main__":
    main()
