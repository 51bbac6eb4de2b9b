"""What a set of tables is made of: its networks, its samples, the games on them.

Chapter: Primitives that networks share; Layer by layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from . import next_word, variants
from .layers import OUTPUT
from .masking import MaskedGame
from .table_samples import Sample

MAKERS = {"trained": variants.seeded, "other-task": variants.seeded,
          "random": variants.untrained, "shuffled": variants.shuffled}  # fmt: skip
RANDOM, SHUFFLED = 5, 6  # the seeds of two controls
PICTURES, SENTENCES = ("lenet", "resnet20", "vgg11", "mlp7"), ("minilm", "lstm", "cnn")
OF_TRAININGS = ("step", "epoch", "losses", "noise", "train_accuracy", "curve")  # fields of Source
MNIST = "CC BY-SA 3.0 (the digits, as usually stated)"


class Source(NamedTuple):
    """A network behind a set of tables.

    Attributes:
        name: what to call it in a picture, for instance "lenet seed 0".
        network: the recipe it is made by, for instance "lenet-mnist".
        seed: of its weights and its training.
        kind: "trained"; "random": never trained, nothing pretrained; "shuffled": trained on labels
            dealt anew; "other-task": trained for another set of as many classes.
        accuracy: on the test split of this set's task, or on part of it for snapshots; 0 before it
            is measured.
        layer: what the values are read off, "block 5" for instance, or "output".
        reading: how: "head", the network's own output; for a layer "probe", "dealt" or "early",
            see :mod:`.layer_sets`.
        module: the layer's name in ``named_modules()``; "" for the output.
        calibration: expected calibration error of the reading on the test split; None where it
            was not measured.
        fitted: accuracy of a probe on the rows it was fitted on, true labels or dealt ones; None
            for what is no probe.
        step: how many steps of training it has seen, for a snapshot of a training; else None.
        epoch: the same in passes over the training rows.
        losses: on the training rows (with the labels it was given) and on the test rows, in nats.
        noise: share of the training rows whose label was dealt to another class.
        train_accuracy: on the training rows, with the labels it was given.
        curve: with the last snapshot of a training, the rows of its
            :attr:`~harsanyi.networks.trajectories.Trajectory.curve`.
    """

    name: str
    network: str
    seed: int
    kind: str
    accuracy: float = 0.0
    layer: str = OUTPUT
    reading: str = "head"
    module: str = ""
    calibration: float | None = None
    fitted: float | None = None
    step: int | None = None
    epoch: float | None = None
    losses: tuple[float, float] | None = None
    noise: float | None = None
    train_accuracy: float | None = None
    curve: tuple[tuple[float | None, ...], ...] | None = None

    def facts(self) -> dict[str, Any]:
        """Returns the fields as they are kept; those of trainings only where they are known."""
        kept = self._asdict()
        return {k: v for k, v in kept.items() if v is not None or k not in OF_TRAININGS}

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Source:
        """Returns the source that gave these facts, also if JSON made lists of its tuples."""
        return cls(**{name: _tupled(value) for name, value in facts.items()})


def _tupled(value: Any) -> Any:
    """Tuples in place of lists, all the way down."""
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


class Part(NamedTuple):
    """What one network adds to a set.

    Attributes:
        tables: (sources, samples, 2**n) float32.
        sources: those that stand for this network, measured.
    """

    tables: Tensor
    sources: tuple[Source, ...]


def rebuild(source: Source, scale: str = "laptop") -> nn.Module:
    """Returns the network behind a source, trained first if need be, in evaluation mode."""
    if source.network in (next_word.SMOL, next_word.SMALL):
        return next_word.make(source.network, source.seed, source.kind, scale)
    return MAKERS[source.kind](source.network, source.seed, scale)


def score(task: str, source: Source, model: nn.Module, scale: str) -> float:
    """Returns the accuracy of a source's network on a task, be it its own or not."""
    return variants.test_accuracy(model, f"{source.network.split('-')[0]}-{task}", scale)


def plain_part(
    plan: TableSet, sources: Sequence[Source], samples: Sequence[Sample], scale: str
) -> Part:
    """Makes the tables of a network's own output; there is one source."""
    (source,) = sources
    model = rebuild(source, scale)
    accuracy = round(plan.score(source, model, scale), 4)
    tables = [plan.game(model, sample).table(plan.batch) for sample in samples]
    return Part(torch.stack(tables).float()[None], (source._replace(accuracy=accuracy),))


class TableSet(NamedTuple):
    """How a set is made.

    Attributes:
        title: one line.
        about: a few sentences.
        licence: of the data behind it.
        sources: the networks, not yet measured.
        choose: gives the samples for a scale; "smoke" takes a few.
        game: makes the game of a network on a sample.
        score: measures a source's network at a scale, for :func:`plain_part`.
        batch: inputs at a time; None leaves it to the game.
        part: makes what one network adds, from (plan, its sources, samples, scale).
    """

    title: str
    about: str
    licence: str
    sources: tuple[Source, ...]
    choose: Callable[[str], list[Sample]]
    game: Callable[[nn.Module, Sample], MaskedGame]
    score: Callable[[Source, nn.Module, str], float] | None = None
    batch: int | None = None
    part: Callable[[TableSet, Sequence[Source], Sequence[Sample], str], Part] = plain_part
