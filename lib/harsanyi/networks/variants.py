"""Relatives of a recipe's network: other seeds, random weights, shuffled labels.

A claim about what networks share needs networks of the same kind that may share it, and others
that cannot. A relative is trained as its recipe says (same data, same settings, same number of
steps) and kept in ``build/networks/<scale>/variants/`` in the form of any other checkpoint.

Chapter: Primitives that networks share.
"""

from __future__ import annotations

import json
import time

import torch
from torch import Tensor, nn

from . import checkpoints, recipes, training
from .files import write_atomically


def seeded(name: str, seed: int = 0, scale: str = "laptop") -> nn.Module:
    """Returns a recipe's network trained with another seed, in evaluation mode, on the CPU.

    The seed sets weights, order of the rows, dropout and augmentation; the recipe's own seed gives
    the network of :func:`~harsanyi.networks.load_network`. Trains the network if need be.

    Args:
        name: as for :func:`~harsanyi.networks.load_network`.
        seed: of the run.
        scale: "smoke", "laptop" or "paper".

    Raises:
        KeyError: no network has this name.
        ValueError: there is no such scale.

    Chapter: Primitives that networks share.
    """
    if seed == recipes.find(name, scale).settings[scale].seed:
        return checkpoints.load_network(name, scale)
    return _trained(name, seed, scale, shuffle=False)


def shuffled(name: str, seed: int = 0, scale: str = "laptop") -> nn.Module:
    """Returns a network trained by its recipe on labels dealt anew to the training rows.

    Each label keeps its number of rows, but which row it goes to is chance, so nothing that the
    network learns holds for other rows. Arguments and errors as for :func:`seeded`; the seed deals
    the labels as well.
    """
    recipes.find(name, scale)
    return _trained(name, seed, scale, shuffle=True)


def untrained(name: str, seed: int = 0, scale: str = "laptop") -> nn.Module:
    """Returns a network as it is before training, nothing pretrained, in evaluation mode.

    Arguments and errors as for :func:`seeded`. With the seed of a trained network these are the
    very weights that it started from, so a control takes another one.
    """
    return _built(task_of(name, scale), seed, pretrained=False).eval()


def test_accuracy(model: nn.Module, name: str, scale: str = "laptop") -> float:
    """Returns a network's score on the test split of a recipe, not always its own.

    Args:
        model: takes the recipe's inputs and returns as many outputs.
        name: the recipe.
        scale: "smoke", "laptop" or "paper".

    Returns:
        The share of rows whose class is right, or what else the recipe measures.
    """
    task, test = task_of(name, scale), recipes.load_split(recipes.find(name, scale), scale, "test")
    outputs = training.predict(model.eval(), [task.inputs(test)])  # (N, C)
    return task.score(outputs, test.y).value


def deal(labels: Tensor, seed: int) -> Tensor:
    """Returns labels (N,) in another order, which depends on N and the seed alone."""
    generator = torch.Generator().manual_seed(seed)
    return labels[torch.randperm(len(labels), generator=generator)]


def task_of(name: str, scale: str = "laptop") -> recipes.Task:
    """Returns what a recipe asks for; a sentence network's vocabulary is its training split's."""
    recipe = recipes.find(name, scale)
    return recipe.task(recipes.load_split(recipe, scale, "train"), scale)


def _built(task: recipes.Task, seed: int, pretrained: bool = True) -> nn.Module:
    """A fresh network; the caller's chance stays as it was."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return task.build() if pretrained else task.build(False)


def _trained(name: str, seed: int, scale: str, shuffle: bool) -> nn.Module:
    """Loads a relative, trained first where its checkpoint is missing."""
    label = f"{name}-{'shuffled' if shuffle else 'seed'}-{seed}"
    path = checkpoints.checkpoint_path(f"variants/{label}", scale)
    task = task_of(name, scale)
    model = _built(task, seed)
    if path.is_file():
        training.load_learned(model, torch.load(path, map_location="cpu", weights_only=True))
        return model.eval()
    began, recipe = time.process_time(), recipes.find(name, scale)
    train = recipes.load_split(recipe, scale, "train")
    settings = recipe.settings[scale]._replace(seed=seed)
    targets = deal(train.y, seed) if shuffle else train.y
    state_file = path.with_suffix(".resume")
    forward, inputs = checkpoints._prepared(model.to(training.pick_device()), task.inputs(train))
    losses = training.fit(
        model, inputs, targets, task.loss, settings, forward=forward, augment=task.augment,
        state_file=state_file, label=f"{label} ({scale})",
    )  # fmt: skip
    record = {
        "name": name, "scale": scale, "labels": "shuffled" if shuffle else "true",
        "settings": settings._asdict(), "losses": losses, "torch": torch.__version__,
        "cpu_seconds": round(time.process_time() - began, 1),
    }  # fmt: skip
    text = json.dumps(record, indent=2) + "\n"
    write_atomically(path, lambda part: torch.save(training.learned_state(model), part))
    write_atomically(path.with_suffix(".json"), lambda part: part.write_text(text, "utf-8"))
    state_file.unlink(missing_ok=True)
    return model.cpu().eval()
