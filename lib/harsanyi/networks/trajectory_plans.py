"""How networks are trained along which snapshots are taken, and on which rows.

Chapter: Two phases.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from . import recipes
from .data import Dataset, load
from .descent import Plan

PLANS: dict[str, dict[str, Plan]] = {
    stem: dict(zip(recipes.SCALES, plans, strict=True))
    for stem, plans in {
        "lenet": (Plan(4, rows=400), Plan(256, first=4), Plan(256, rows=0, first=0.1)),
        "mlp7": (Plan(2, rows=400), Plan(60), Plan(256, rows=0)),
        "vgg11": (Plan(2, rows=400), Plan(60), Plan(256, rows=0)),
        "resnet20": (Plan(2, rows=400), Plan(60), Plan(256, rows=0)),
        "cnn": (Plan(2, 0.1, rows=400), Plan(60, 0.1), Plan(256, 0.1, rows=0)),
        "lstm": (Plan(2, 0.1, rows=400), Plan(60, 0.1), Plan(256, 0.1, rows=0)),
        "pointnet": (Plan(2, batch=32), Plan(150, batch=32), Plan(512, batch=32)),
    }.items()
}  # rates of learning chosen by the training loss alone, before any interaction was looked at


class Rows(NamedTuple):
    """The rows that a network is trained on.

    Attributes:
        split: the data set's name.
        data: N rows of a training split, with true labels.
        index: int64 (N,), where they stand in it.
        labels: int64 (N,), what the network is told.
        wrong: bool (N,), where that is not the true label.
    """

    split: str
    data: Dataset
    index: Tensor
    labels: Tensor
    wrong: Tensor


def plan_of(name: str, scale: str = "laptop") -> Plan:
    """Returns how a recipe's network is trained here.

    Raises:
        KeyError: no network has this name, or none of its architecture is trained here.
        ValueError: there is no such scale.
    """
    recipes.find(name, scale)
    stem = name.split("-")[0]
    if stem not in PLANS:
        raise KeyError(f"no trajectory is planned for {name!r}; there are {', '.join(PLANS)}-…")
    return PLANS[stem][scale]


def training_rows(name: str, noise: float = 0.0, scale: str = "laptop") -> Rows:
    """Returns what a network is trained on, the same rows for all seeds.

    Arguments and errors as for :func:`~harsanyi.networks.trajectories.trajectory`.
    """
    plan, split = plan_of(name, scale), recipes.find(name, scale).data[scale]
    data = load(split, "train")
    count = min(plan.rows or len(data.y), len(data.y))
    index = torch.linspace(0, len(data.y) - 1, count).round().long()  # (N,), evenly spread
    few = lambda values: tuple(values[i] for i in index.tolist()) if values else ()  # noqa: E731
    data = data._replace(x=data.x[index], y=data.y[index], texts=few(data.texts),
                         rows=few(data.rows))  # fmt: skip
    return Rows(split, data, index, *misdeal(data.y, noise, len(data.classes)))


def thinned(x: Tensor) -> Tensor:
    """Returns a fourth of the points of shapes (..., P, 3), evenly spread: (..., P / 4, 3)."""
    return x[..., ::4, :]


def inputs_of(task: recipes.Task, data: Dataset) -> Tensor:
    """Returns a network's inputs; of shapes a fourth of the points."""
    x = task.inputs(data)
    return thinned(x) if x.shape[-1] == 3 else x


def misdeal(labels: Tensor, noise: float, classes: int) -> tuple[Tensor, Tensor]:
    """Gives a share of rows the label of another class, each other class being as likely.

    The rows that are wrong at little noise are wrong at more noise as well, with the same label.

    Args:
        labels: int64 (N,), true.
        noise: the share, 0 to 1.
        classes: how many.

    Returns:
        The labels (N,) int64, and where they are wrong, bool (N,).

    Raises:
        ValueError: a share that is none.
    """
    if not 0 <= noise <= 1:
        raise ValueError(f"noise: got {noise}, expected a share of the rows, 0 to 1")
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(labels), generator=generator)  # (N,)
    shift = torch.randint(1, classes, (len(labels),), generator=generator)  # (N,)
    wrong = torch.zeros(len(labels), dtype=torch.bool)
    wrong[order[: round(noise * len(labels))]] = True
    return torch.where(wrong, (labels + shift) % classes, labels), wrong
