"""Sets of tables of networks trained to be robust, and of the same pictures moved a little.

================  ==================================================================================
set               what is in it
================  ==================================================================================
robust-mnist      LeNets of the kinds in :mod:`.robust_networks`, plain ones, ones with random
                  weights, on ten digits
robust-moved      some of them on five of the digits, each as it is, with normal noise on every
                  pixel, and with the attack that raises this network's loss most
================  ==================================================================================

A network is called by its group and its seed, "dropout 0.5 seed 1" for instance; its kind is the
group, but "trained" for plain ones. A sample of robust-moved has ``move`` ("none", "noise" or
"attack") and ``draw``; absent patches are black whatever the move.

Chapter: Generalization, sensitivity, bottleneck.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from . import recipes, robust_networks, training, variants
from . import table_samples as samples
from .layer_readings import rounded
from .masking import MaskedGame
from .robust_networks import RADIUS, attacked
from .table_plans import MAKERS, MNIST, Part, Source, TableSet, rebuild
from .table_samples import Sample
from .values import log_odds, margin

if TYPE_CHECKING:
    from . import tables

MAKERS.update(robust_networks.MAKERS)
NAME = "lenet-mnist"
SEEDS = {"plain": (0, 1, 2), "1 epoch": (0, 1), "2 epochs": (0, 1), "4 epochs": (0,),
         "softened": (0, 1), "dropout 0.2": (0,), "dropout 0.5": (0, 1), "adversarial": (0, 1),
         "bayesian": (0, 1), "bayesian mean": (0, 1), "noisy": (0,), "ensemble": (0,),
         "draw": tuple(range(6)), "random": (5, 6)}  # fmt: skip
MOVED = ("plain", "dropout 0.5", "adversarial", "bayesian mean")
BITS = 13  # of a table's range that are kept
DEVIATION, DRAWS, STEPS, FEW, ROWS = 0.02, 2, 10, 5, 2000


def _sources(groups: Sequence[str], seeds: Sequence[int] = range(9)) -> tuple[Source, ...]:
    kinds = {"plain": "trained"}
    return tuple(
        Source(f"{group} seed {seed}", NAME, seed, kinds.get(group, group))
        for group in groups for seed in SEEDS[group] if seed in seeds
    )  # fmt: skip


def group(source: Source) -> str:
    """Returns the group of a network: its name without the seed."""
    return source.name.rsplit(" seed ", 1)[0]


def choose(scale: str) -> list[Sample]:
    """Returns one digit of each class that all trained networks of seed 0 tell right."""
    every = samples.choose_pictures([NAME], range(10), 12, 10, 4, scale)
    images = samples.test_split("mnist").x[[sample["index"] for sample in every]]
    labels = torch.tensor([sample["label"] for sample in every])
    right = torch.ones(len(every), dtype=torch.bool)
    for source in _sources(tuple(SEEDS), (0,)):
        right &= training.predict(rebuild(source, scale), [images]).argmax(1) == labels
    told = [sample for sample, good in zip(every, right, strict=True) if good]
    return list({sample["label"]: sample for sample in reversed(told)}.values())[::-1]


def with_moves(scale: str) -> list[Sample]:
    """Returns some of the digits as they are, with each draw of noise, and attacked."""
    moves = [("none", 0), *(("noise", draw) for draw in range(1, DRAWS + 1)), ("attack", DRAWS + 1)]
    few = choose(scale)[:FEW]
    return [sample | {"move": move, "draw": draw} for sample in few for move, draw in moves]


def moved_game(model: nn.Module, sample: Sample) -> MaskedGame:
    """Returns the game of a picture with its move; of one without a move the picture's own."""
    game = samples.picture_game("mnist", log_odds, model, sample)
    move, x = sample.get("move", "none"), game.x
    random = torch.Generator().manual_seed(sample["index"] + 10_000 * sample.get("draw", 0))
    if move == "noise":
        x = x + DEVIATION * torch.randn(x.shape, generator=random)
    elif move == "attack":
        label = sample["label"]
        against = lambda logits, y: -margin(label)(logits)  # noqa: E731
        with torch.random.fork_rng():
            torch.manual_seed(sample["index"])
            x = attacked(model, x[None], torch.tensor([label]), RADIUS, STEPS, against)[0]
    return MaskedGame(model, x, game.players, game.baseline, game.value)


def robust_part(
    plan: TableSet, sources: Sequence[Source], chosen: Sequence[Sample], scale: str
) -> Part:
    """Makes the tables of one network, and measures it on test rows and on training rows."""
    (source,) = sources
    model = rebuild(source, scale)
    task, recipe = variants.task_of(NAME, scale), recipes.find(NAME, scale)
    good = []
    for split in ("test", "train"):
        rows = recipes.load_split(recipe, scale, split)
        some = torch.linspace(0, len(rows.y) - 1, min(ROWS, len(rows.y))).long()  # evenly spread
        outputs = training.predict(model, [task.inputs(rows)[some]])
        good.append(round(float((outputs.argmax(1) == rows.y[some]).double().mean()), 4))
    made = torch.stack([plan.game(model, sample).table() for sample in chosen])
    measured = source._replace(accuracy=good[0], train_accuracy=good[1])
    return Part(rounded(made, BITS).float()[None], (measured,))


SETS: dict[str, TableSet] = {
    "robust-mnist": TableSet(
        "Tables of 29 LeNets, plain and robust, on 10 digits",
        "One test digit of each class, told right by all trained networks of seed 0, 10 inked "
        "patches of 4 × 4 pixels, black where absent, log-odds of the class in nats. Plain "
        "networks, trained for as long as the recipe says or for less, and with halved logits; "
        "with dropout; trained on attacked pictures; with Gaussian weights; an ensemble; random "
        "weights.",
        MNIST, _sources(tuple(SEEDS)), choose,
        functools.partial(samples.picture_game, "mnist", log_odds), part=robust_part),
    "robust-moved": TableSet(
        "Tables of 8 LeNets on 5 digits, moved a little",
        "The first five digits of the set robust-mnist, as they are, with normal noise (deviation "
        f"{DEVIATION}) on every pixel, and attacked: within {RADIUS} of each pixel, {STEPS} steps "
        "against the network itself. 10 inked patches of 4 × 4 pixels, black where absent, "
        "log-odds of the class in nats.",
        MNIST, _sources(MOVED, (0, 1)), with_moves, moved_game, part=robust_part),
}  # fmt: skip


def moves_of(
    tables: tables.Tables, network: str = "plain seed 0", move: str = "noise"
) -> tuple[Tensor, Tensor]:
    """Returns one network's tables without a move and with each draw of one, from robust-moved.

    Args:
        tables: of a set whose samples have ``move``.
        network: a source's name.
        move: "noise" or "attack".

    Returns:
        Clean values (samples, 2**n) and moved ones (draws, samples, 2**n), float64.

    Raises:
        KeyError: the set has no such network, or no such move.

    Chapter: Generalization, sensitivity, bottleneck.
    """
    names = [source.name for source in tables.networks]
    moves = [sample.get("move") for sample in tables.samples]
    if network not in names or move not in moves:
        known = ", ".join(dict.fromkeys(names)), ", ".join(sorted({str(m) for m in moves}))
        raise KeyError(f"got {network!r}, {move!r}; there are {known[0]}, and {known[1]}")
    values = tables.values[names.index(network)]
    clean, moved = (values[[m == which for m in moves]] for which in ("none", move))
    return clean, moved.unflatten(0, (len(clean), -1)).transpose(0, 1)
