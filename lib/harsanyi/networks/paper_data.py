"""The papers' own data sets, from their public homes, where those can be reached.

Pictures come through ``torchvision.datasets``, sentences through ``huggingface_hub``; both are
kept in ``build/papers``. Each set names the small one of this project that stands in for it.

Chapter: The networks of this book.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from .data import GARMENTS, Dataset
from .files import project_root
from .torchvision_shim import import_torchvision

PLANES = ("airplane", "automobile", "bird", "cat", "deer",
          "dog", "frog", "horse", "ship", "truck")  # fmt: skip
TOPICS = ("world", "sports", "business", "technology")


class Source(NamedTuple):
    """Where a data set comes from: a function of the split, and the set that stands in."""

    read: Callable[[str], Dataset]
    stand_in: str


def _torchvision(name: str, classes: tuple[str, ...], split: str) -> Dataset:
    """Reads a set of ``torchvision.datasets`` as float32 (N, channels, H, W) in [0, 1]."""
    import_torchvision()
    from torchvision import datasets

    folder = project_root() / "build" / "papers"
    found = getattr(datasets, name)(str(folder), train=split == "train", download=True)
    x = torch.as_tensor(np.asarray(found.data))  # (N, H, W) or (N, H, W, 3), uint8
    x = x[:, None] if x.ndim == 3 else x.permute(0, 3, 1, 2)  # (N, channels, H, W)
    return Dataset(x.float().div(255), torch.as_tensor(found.targets).long(), classes)


def _hub(
    repository: str, column: str, classes: tuple[str, ...], files: dict[str, str], split: str
) -> Dataset:
    """Reads a table of sentences from a model hub."""
    import pandas as pd
    from huggingface_hub import hf_hub_download

    folder = project_root() / "build" / "papers"
    path = hf_hub_download(repository, files[split], repo_type="dataset", cache_dir=folder)
    frame = pd.read_parquet(path)
    y = torch.tensor(frame["label"].to_numpy()).long()  # (N,)
    return Dataset(torch.zeros(len(y), 0), y, classes, (), tuple(frame[column]))


def _parquet(folder: str, test: str) -> dict[str, str]:
    """The files of the two splits, in the hub's way of naming; ``test`` is the split measured."""
    end = "00000-of-00001.parquet"
    return {"train": f"{folder}/train-{end}", "test": f"{folder}/{test}-{end}"}


_digits = tuple("0123456789")
_moods = ("negative", "positive")
LOADERS: dict[str, Source] = {
    "mnist-full": Source(functools.partial(_torchvision, "MNIST", _digits), "mnist"),
    "fashion-mnist-full": Source(
        functools.partial(_torchvision, "FashionMNIST", GARMENTS), "fashion-mnist"),
    "cifar10": Source(functools.partial(_torchvision, "CIFAR10", PLANES), "fashion-mnist"),
    "sst2": Source(functools.partial(
        _hub, "stanfordnlp/sst2", "sentence", _moods, _parquet("data", "validation")),
        "movie-sentences"),
    "cola": Source(functools.partial(
        _hub, "nyu-mll/glue", "sentence", ("unacceptable", "acceptable"),
        _parquet("cola", "validation")), "movie-sentences"),
    "ag-news": Source(functools.partial(
        _hub, "fancyzhx/ag_news", "text", TOPICS, _parquet("data", "test")), "movie-sentences"),
}  # fmt: skip


def load(name: str, split: str) -> Dataset:
    """Loads one split of one of the papers' own data sets.

    Args:
        name: a key of ``LOADERS``.
        split: "train" or "test"; "test" is the validation split where the test labels are secret.

    Raises:
        ConnectionError: its home can't be reached; the message names the set that stands in.
    """
    source = LOADERS[name]
    try:
        return source.read(split)
    except (OSError, RuntimeError) as error:  # what the two clients raise without a network
        raise ConnectionError(
            f"{name!r} can't be fetched ({type(error).__name__}); "
            f"use its stand-in {source.stand_in!r}, which needs no network"
        ) from error
