"""Tables of networks at several moments of their training: the sets that begin with "training-".

==================  ===============  =======  ============  ====================================
set                 networks         seeds    wrong labels  samples
==================  ===============  =======  ============  ====================================
training-mnist      lenet            3        1 %           10 test and 10 training digits
training-mnist      vgg11, mlp7      2 each   1 %           the same
training-noise      lenet            2        0, 10, 40 %   8 test digits, 8 training digits told
                                                            right, 8 told wrong
training-furniture  pointnet         2        none          10 test and 10 training shapes
training-sentences  cnn              2        none          10 test and 10 training sentences
==================  ===============  =======  ============  ====================================

Each network is a :func:`~harsanyi.networks.trajectories.trajectory`, trained at a constant rate on
up to 2,000 rows; its eight snapshots are eight entries of ``networks``, one after another, the
first before training. All are of the kind "trained", the first too. ``accuracy`` and the losses
are measured on up to 2,000 rows of each split; the last snapshot has the ``curve``.

Players, baselines and values are those of the sets without "training-"; shapes are thinned to 256
points, and ten clusters of them play, each put at its mean where absent. Samples are evenly spread
over the classes, whether the networks tell them right or not; ``index`` is the row in the split.
What is valued is the label that the network was given: the wrong one for training rows told wrong,
which are wrong, with the same label, in all runs with noise. At noise 0 no network was told so: a
control. Values are rounded, by less than a four-thousandth of a table's range.

Source: Ren et al., NeurIPS 2024, appendix G. Chapter: Two phases.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from . import table_samples, trajectories
from . import training_samples as samples
from .layer_readings import rounded
from .table_plans import MNIST, Part, Source, TableSet
from .table_samples import Sample

if TYPE_CHECKING:
    import pandas as pd

    from . import tables

BITS = 11  # of a table's range that are kept
NOISES = (0.0, 0.1, 0.4)


def training_part(
    plan: TableSet, sources: Sequence[Source], chosen: Sequence[Sample], scale: str
) -> Part:
    """Makes the tables of one network at all its snapshots; there is one source for all."""
    (source,) = sources
    run = trajectories.trajectory(source.network, source.seed, source.noise, scale)
    found, measured = [], []
    for number, step in enumerate(run.steps):
        model = run.network(number)
        values = [plan.game(model, sample).table(plan.batch) for sample in chosen]
        found.append(torch.stack(values))
        measured.append(_measured(source, run, step))
    curve = tuple(tuple(row) for row in _short(run.record["curve"]))
    measured[-1] = measured[-1]._replace(curve=curve)
    return Part(rounded(torch.stack(found), BITS).float(), tuple(measured))


def _measured(source: Source, run: trajectories.Trajectory, step: int) -> Source:
    """The source of one snapshot."""
    (row,) = (row for row in _short(run.record["curve"]) if row[0] == step)
    facts = dict(zip(trajectories.COLUMNS, row, strict=True))
    return source._replace(
        step=step, epoch=facts["epoch"], losses=(facts["train_loss"], facts["test_loss"]),
        accuracy=facts["test_accuracy"], train_accuracy=facts["train_accuracy"],
    )  # fmt: skip


def _short(curve: Iterable[Sequence[float | None]]) -> list[list[float | None]]:
    """A curve to four digits."""
    short = lambda number: round(number, 4) if isinstance(number, float) else number  # noqa: E731
    return [[short(number) for number in row] for row in curve]


def _sources(task: str, noises: Sequence[float], **seeds: int) -> tuple[Source, ...]:
    """So many seeds of each architecture at each noise; one source a training."""
    return tuple(
        Source(f"{stem}{f' noise {noise:g}' if len(noises) > 1 else ''} seed {seed}",
               f"{stem}-{task}", seed, "trained", noise=noise)
        for noise in noises for stem, count in seeds.items() for seed in range(count)
    )  # fmt: skip


def _set(title, about, licence, sources, game, *choice) -> TableSet:
    choose = functools.partial(samples.choose, *choice)
    return TableSet(title, about, licence, sources, choose, game, part=training_part)


ALONG = (
    "Each network before training and at seven steps of it, evenly spread on a logarithmic axis."
)
SETS: dict[str, TableSet] = {
    "training-mnist": _set(
        "Tables of 7 networks along their training on 20 digits",
        "One test digit and one training digit of each class, told right, 10 inked patches of "
        "4 × 4 pixels, black where absent, log-odds of the class in nats. Three architectures "
        f"with two or three seeds, 1 % of the training labels dealt to another class. {ALONG}",
        MNIST, _sources("mnist", (0.01,), lenet=3, vgg11=2, mlp7=2), samples.digit_game,
        "lenet-mnist", samples.digit, range(10), 1, (0.01, None)),
    "training-noise": _set(
        "Tables of 6 networks along their training on 24 digits, with wrong labels",
        "Digits of the classes 0 to 7: a test digit, a training digit told right and one told "
        "wrong of each, 10 inked patches of 4 × 4 pixels, black where absent, log-odds of the "
        "label (the wrong one where told wrong) in nats. LeNet with two seeds and 0, 10 or 40 % "
        f"of the training labels dealt to another class. {ALONG}",
        MNIST, _sources("mnist", NOISES, lenet=2), samples.digit_game,
        "lenet-mnist", samples.digit, range(8), 1, (0.4, 0.1)),
    "training-furniture": _set(
        "Tables of 2 networks along their training on 20 shapes",
        "Two test shapes and two training shapes of each of five kinds, 256 points of each in 10 "
        "clusters, each at its mean where absent, log-odds of the kind in nats. PointNet with "
        f"two seeds. {ALONG}",
        "CC BY 3.0, CC0 1.0 (the shapes, see the table of their authors)",
        _sources("furniture", (0.0,), pointnet=2), samples.shape_game,
        "pointnet-furniture", samples.shape, range(5), 2, (0.0, None)),
    "training-sentences": _set(
        "Tables of 2 networks along their training on 20 sentences",
        "Five test sentences and five training sentences of each class with 11 to 14 words, of "
        "which 10 play (function words only where others run out), the mask token where absent, "
        f"log-odds of the class in nats. A convolutional network with two seeds. {ALONG}",
        "MIT (the sentences' package)",
        _sources("sentences", (0.0,), cnn=2), table_samples.sentence_game,
        "cnn-sentences", samples.sentence, range(2), 5, (0.0, None)),
}  # fmt: skip


class Course(NamedTuple):
    """One network along its training, on some of a set's samples.

    Attributes:
        values: (snapshots, samples, 2**n) float64, nats.
        steps: of training before each snapshot; the first is 0.
        epochs: the same in passes over the training rows.
        train_loss: in nats, at each snapshot, with the labels that the network was given.
        test_loss: in nats, on test rows.
        accuracy: on test rows.
        train_accuracy: on the training rows, with the labels that the network was given.
        samples: as in the set.
        curve: the same measures at more moments, columns as in
            :attr:`~harsanyi.networks.trajectories.Trajectory.curve`.
    """

    values: Tensor
    steps: tuple[int, ...]
    epochs: tuple[float, ...]
    train_loss: tuple[float, ...]
    test_loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    train_accuracy: tuple[float, ...]
    samples: tuple[dict, ...]
    curve: pd.DataFrame


def runs_of(tables: tables.Tables) -> tuple[str, ...]:
    """Returns the names of the trainings in a set, for instance "lenet noise 0.4 seed 1"."""
    return tuple(dict.fromkeys(s.name for s in tables.networks if s.step is not None))


def trajectory_of(
    tables: tables.Tables, network: str = "lenet seed 0", split: str = "test",
    mislabelled: bool = False,
) -> Course:  # fmt: skip
    """Returns one training of a set, on the samples of one kind.

    Args:
        tables: of a set of trainings.
        network: one of :func:`runs_of`.
        split: "train" or "test".
        mislabelled: whether of the training rows those told wrong are meant.

    Raises:
        KeyError: the set has no such training.
        ValueError: the set has no such samples.

    Chapter: Two phases.
    """
    if network not in (known := runs_of(tables)):
        raise KeyError(f"no training is called {network!r}; there are {', '.join(known)}")
    kind = (split, mislabelled)
    columns = [i for i, s in enumerate(tables.samples) if (s["split"], s["mislabelled"]) == kind]
    if not columns:
        kinds = sorted({(s["split"], s["mislabelled"]) for s in tables.samples})
        raise ValueError(f"got samples of {kind}, expected (split, mislabelled) among {kinds}")
    rows = [i for i, source in enumerate(tables.networks) if source.name == network]
    sources = [tables.networks[i] for i in rows]
    train_loss, test_loss = zip(*(source.losses for source in sources), strict=True)
    return Course(
        tables.values[rows][:, columns],
        tuple(source.step for source in sources), tuple(source.epoch for source in sources),
        train_loss, test_loss, tuple(source.accuracy for source in sources),
        tuple(source.train_accuracy for source in sources),
        tuple(tables.samples[i] for i in columns), trajectories.frame(sources[-1].curve),
    )  # fmt: skip
