"""The data sets of the book: ``load(name, split)``.

Six small sets stand in the project's ``data/`` and are checked against their SHA-256 sums; the
papers' own, larger sets come from their public homes through :mod:`.paper_data`.

Chapter: The networks of this book.
"""

from __future__ import annotations

import csv
import functools
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from .files import project_root, sha256

GARMENTS = ("T-shirt", "trousers", "pullover", "dress", "coat",
            "sandal", "shirt", "sneaker", "bag", "ankle boot")  # fmt: skip
CENSUS = ("age", "workclass", "educational-num", "marital-status", "occupation", "relationship",
          "race", "gender", "capital-gain", "capital-loss", "hours-per-week",
          "native-country")  # fmt: skip
CENSUS_WORDS = ("workclass", "marital-status", "occupation", "relationship", "race", "gender",
                "native-country")  # fmt: skip
BIKES = ("season", "mnth", "hr", "holiday", "weekday", "workingday", "weathersit", "temp",
         "atemp", "hum", "windspeed")  # fmt: skip
MONTHS = ("Jan", "Feb", "March", "April", "May", "June",
          "July", "Aug", "Sept", "Oct", "Nov", "Dec")  # fmt: skip
WEATHER = ("clear", "cloudy/misty", "light rain/snow", "heavy rain/snow")
FURNITURE = ("chair", "table", "lamp", "sofa", "bed")  # of the file's seven kinds
CLEAR_RATING = 1.0  # sentences rated nearer to 0 than this are neither positive nor negative


class Dataset(NamedTuple):
    """One split of a data set; N rows.

    Attributes:
        x: inputs (N, ...) float32: pictures (N, 1, 28, 28) in [0, 1], standardised columns
            (N, columns), points (N, P, 3) in the unit ball. For sentences (N, 0): see ``texts``.
        y: targets (N,): int64 classes, or float32 numbers where ``classes`` is empty.
        classes: the classes' names, in the order of their numbers.
        features: the columns' names, for tables.
        texts: the sentences.
        rows: each row as it reads in the source (tables, sentences, furniture).
    """

    x: Tensor
    y: Tensor
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    rows: tuple[dict[str, str], ...] = ()


@functools.cache
def _checked(path: Path, expected: str, name: str) -> Path:
    """Returns ``path`` once its sum is right; later calls trust it."""
    remedy = f"rebuild it with: python data/prepare.py {name}"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; {remedy}")
    if (found := sha256(path)) != expected:
        raise ValueError(
            f"{path} is damaged: its sha256 is {found}, expected {expected}; {remedy}"
        )
    return path


def data_file(name: str, file: str) -> Path:
    """Returns the path of one file of a data set after a check of its SHA-256 sum.

    Args:
        name: the data set's name in ``data/manifest.json``.
        file: the file's name there.

    Raises:
        FileNotFoundError: the file is missing; the message has the command that rebuilds it.
        ValueError: the file is damaged; likewise.
    """
    folder = project_root() / "data"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return _checked(folder / file, manifest[name]["files"][file]["sha256"], name)


def _rows(name: str, file: str) -> list[dict[str, str]]:
    """Reads a ``.csv.xz`` as one dictionary a row."""
    with lzma.open(data_file(name, file), "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _images(name: str, classes: tuple[str, ...], split: str) -> Dataset:
    """MNIST or Fashion-MNIST: grey 28×28 pictures."""
    arrays = np.load(data_file(name, f"{name}-{split}.npz"))
    x = torch.from_numpy(arrays["images"]).float().div(255)[:, None]  # (N, 1, 28, 28)
    return Dataset(x, torch.from_numpy(arrays["labels"]).long(), classes)


def _sentences(split: str) -> Dataset:
    """Sentences whose mean rating is at least 1 away from 0; class 1 is praise."""
    rows = [row for row in _rows("movie-sentences", "movie-sentences.csv.xz")
            if row["split"] == split and abs(float(row["rating"])) >= CLEAR_RATING]  # fmt: skip
    y = torch.tensor([float(row["rating"]) > 0 for row in rows]).long()  # (N,)
    texts = tuple(row["text"] for row in rows)
    return Dataset(torch.zeros(len(rows), 0), y, ("negative", "positive"), (), texts, tuple(rows))


def _standardise(columns: Tensor, train: Tensor) -> Tensor:
    """Subtracts the training rows' mean and divides by their deviation; (N, C) float64."""
    return (columns - columns[train].mean(0)) / columns[train].std(0)


def _census(split: str) -> Dataset:
    """Twelve columns of Adult; a word stands as its share of high incomes in training."""
    rows = _rows("census", "census.csv.xz")
    train = torch.tensor([row["split"] == "train" for row in rows])  # (N,)
    y = torch.tensor([row["income"] == ">50K" for row in rows])  # (N,)
    columns = []
    for name in CENSUS:
        if name not in CENSUS_WORDS:
            columns.append(torch.tensor([float(row[name]) for row in rows]).double())
            continue
        codes = np.unique([row[name] for row in rows], return_inverse=True)[1]
        codes = torch.from_numpy(codes)  # (N,)
        count = torch.bincount(codes[train], minlength=int(codes.max()) + 1)
        rich = torch.bincount(codes[train & y], minlength=len(count))
        share = (rich + y[train].double().mean()) / (count + 1)  # one row of prior
        columns.append(share[codes])
    x = _standardise(torch.stack(columns, 1), train).float()  # (N, 12)
    part = train if split == "train" else ~train
    kept = tuple(row for row, keep in zip(rows, part.tolist(), strict=True) if keep)
    return Dataset(x[part], y[part].long(), ("≤50K", ">50K"), CENSUS, (), kept)


def _bikes(split: str) -> Dataset:
    """Eleven columns of an hour; the target is the number of bikes rented in it."""
    rows = _rows("bikes", "bikes.csv.xz")
    order = {"mnth": MONTHS, "weathersit": WEATHER}
    values = [
        [order[n].index(row[n]) if n in order else float(row[n]) for n in BIKES] for row in rows
    ]
    train = torch.tensor([row["split"] == "train" for row in rows])  # (N,)
    x = _standardise(torch.tensor(values).double(), train).float()  # (N, 11)
    y = torch.tensor([float(row["bikers"]) for row in rows])  # (N,), bikes an hour
    part = train if split == "train" else ~train
    kept = tuple(row for row, keep in zip(rows, part.tolist(), strict=True) if keep)
    return Dataset(x[part], y[part], (), BIKES, (), kept)


def _furniture(split: str) -> Dataset:
    """Points on five kinds of furniture, 1,024 a shape, y up, in the unit ball."""
    rows = _rows("furniture", "furniture.csv.xz")
    points = np.load(data_file("furniture", "furniture-points.npz"))["points"]
    part = [i for i, row in enumerate(rows) if row["split"] == split and row["class"] in FURNITURE]
    x = torch.from_numpy(points).float().div(32_767)[part]  # (N, 1024, 3)
    kept = tuple(rows[i] for i in part)
    y = torch.tensor([FURNITURE.index(row["class"]) for row in kept])  # (N,)
    return Dataset(x, y, FURNITURE, (), (), kept)


LOADERS: dict[str, Callable[[str], Dataset]] = {
    "mnist": functools.partial(_images, "mnist", tuple("0123456789")),
    "fashion-mnist": functools.partial(_images, "fashion-mnist", GARMENTS),
    "movie-sentences": _sentences,
    "census": _census,
    "bikes": _bikes,
    "furniture": _furniture,
}


def load(name: str, split: str = "train") -> Dataset:
    """Loads one split of a data set.

    Args:
        name: "mnist", "fashion-mnist", "movie-sentences", "census", "bikes", "furniture"; or one
            of the papers' own sets, see ``paper_data.LOADERS``.
        split: "train" or "test".

    Returns:
        The split as a :class:`Dataset`.

    Raises:
        KeyError: no data set has this name.
        ValueError: ``split`` is neither "train" nor "test", or a file is damaged.
        FileNotFoundError: a file is missing.
        ConnectionError: one of the papers' own sets can't be reached.

    Chapter: The networks of this book.
    """
    if split not in ("train", "test"):
        raise ValueError(f"got split {split!r}, expected 'train' or 'test'")
    if name in LOADERS:
        return LOADERS[name](split)
    from . import paper_data

    if name in paper_data.LOADERS:
        return paper_data.load(name, split)
    known = ", ".join([*LOADERS, *paper_data.LOADERS])
    raise KeyError(f"no data set is called {name!r}; there are {known}")
