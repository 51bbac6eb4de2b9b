"""Which samples stand in the sets along training, and the games that are played on them.

A sample is a dictionary as in :mod:`.table_samples`, with its split and whether its label is wrong.

Chapter: Two phases.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import torch
from torch import nn

from . import baselines, data, players, trajectory_plans
from . import table_samples as samples
from .masking import MaskedGame
from .table_samples import Sample
from .values import log_odds

split_of = functools.cache(data.load)
Make = Callable[[str, int, int], Sample | None]  # split, row, label; None if it cannot play


def choose(
    name: str, make: Make, classes: Sequence[int], each: int, noises: tuple[float, float | None],
    scale: str,
) -> list[Sample]:  # fmt: skip
    """Returns test rows, training rows told right and, if wanted, training rows told wrong.

    Args:
        name: of the recipe whose networks are trained.
        make: makes a sample of a split, a row and the label it is given, or None.
        classes: the true classes; for "smoke" only the first two.
        each: how many rows of each class and kind, evenly spread over those that can play.
        noises: the noise at which the second kind is told right and that at which the third is
            told wrong; None for no third.
        scale: of the networks.
    """
    right, wrong = (
        None if noise is None else trajectory_plans.training_rows(name, noise, scale)
        for noise in noises
    )
    test = split_of(right.split, "test").y
    groups = [("test", torch.arange(len(test)), test, test)]
    told = right.data.y  # true labels
    groups.append(("train", *(part[~right.wrong] for part in (right.index, told, told))))
    if wrong is not None:
        columns = wrong.index, told, wrong.labels
        groups.append(("train", *(part[wrong.wrong] for part in columns)))
    found = []
    for split, index, true, given in groups:
        labels = dict(zip(index.tolist(), given.tolist(), strict=True))
        for label in classes[:2] if scale == "smoke" else classes:
            rows = index[true == label].tolist()
            can_play = lambda row, split=split: make(split, row, 0) is not None  # noqa: E731
            for row in samples.spread(rows, each, can_play):
                facts = {"split": split, "mislabelled": labels[row] != label}
                found.append(make(split, row, labels[row]) | facts)
    return found


def digit(split: str, row: int, label: int) -> Sample | None:
    """Returns a digit with ten inked patches of 4 × 4 pixels, or None if it has too little ink."""
    patches = samples.inked_patches(split_of("mnist", split).x[row], 10, 4)
    return samples.picture_sample(patches, 4, row, label) if patches else None


def sentence(split: str, row: int, label: int) -> Sample | None:
    """Returns a sentence with ten words that play, or None for one too short or too long."""
    words = split_of("movie-sentences", split).texts[row].split()
    return samples.word_sample(words, 10, row, label) if len(words) in samples.LENGTHS else None


def shape(split: str, row: int, label: int) -> Sample:
    """Returns a shape's ten clusters of points."""
    who = players.clusters(trajectory_plans.thinned(split_of("furniture", split).x[row]), 10)
    return {"index": row, "label": label, "names": list(who.names),
            "owner": who.owner[:, 0].tolist()}  # fmt: skip


def digit_game(model: nn.Module, sample: Sample) -> MaskedGame:
    """Returns the game of a digit of either split: absent patches are black."""
    image = split_of("mnist", sample["split"]).x[sample["index"]]  # (1, 28, 28)
    who = players.Players(samples.picture_owner(sample), sample["names"])
    return MaskedGame(model, image, who, baselines.zero(image), log_odds(sample["label"]))


def shape_game(model: nn.Module, sample: Sample) -> MaskedGame:
    """Returns the game of a shape of either split: an absent cluster is at its mean."""
    points = trajectory_plans.thinned(split_of("furniture", sample["split"]).x[sample["index"]])
    who = players.Players(torch.tensor(sample["owner"])[:, None], sample["names"])  # (P, 1)
    base = baselines.cluster_mean(points, who)
    return MaskedGame(model, points, who, base, log_odds(sample["label"]))
