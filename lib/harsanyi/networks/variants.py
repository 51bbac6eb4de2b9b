"""Relatives of a recipe's network: other seeds, random weights, shuffled labels.

A claim about what networks share needs networks of the same kind that may share it, and others
that cannot. A relative is trained as its recipe says (same data, same settings, same number of
steps) and kept in ``build/networks/<scale>/variants/`` in the form of any other checkpoint.

Chapter: Primitives that networks share.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def kept(
    label: str, scale: str, model: nn.Module, train: Callable[[nn.Module, Path], dict[str, Any]]
) -> nn.Module:
    """Returns a network with the weights of its checkpoint, trained first where there is none.

    Args:
        label: the checkpoint's name among the relatives.
        scale: "smoke", "laptop" or "paper".
        model: as it is before training.
        train: trains it in place, keeps the state of an unfinished run in the file it is given,
            and returns what to write beside the weights.

    Returns:
        The model, in evaluation mode, on the CPU.
    """
    path = checkpoints.checkpoint_path(f"variants/{label}", scale)
    if path.is_file():
        training.load_learned(model, torch.load(path, map_location="cpu", weights_only=True))
        return model.eval()
    state_file, began = path.with_suffix(".resume"), time.process_time()
    record = {"name": label, "scale": scale} | train(model.to(training.pick_device()), state_file)
    record |= {"cpu_seconds": round(time.process_time() - began, 1), "torch": torch.__version__}
    text = json.dumps(record, indent=2) + "\n"
    write_atomically(path, lambda part: torch.save(training.learned_state(model), part))
    write_atomically(path.with_suffix(".json"), lambda part: part.write_text(text, "utf-8"))
    state_file.unlink(missing_ok=True)
    return model.cpu().eval()


def _trained(name: str, seed: int, scale: str, shuffle: bool) -> nn.Module:
    """A relative that is trained by a recipe, on true labels or on dealt ones."""
    label = f"{name}-{'shuffled' if shuffle else 'seed'}-{seed}"
    task = task_of(name, scale)

    def train(model: nn.Module, state_file: Path) -> dict[str, Any]:
        recipe = recipes.find(name, scale)
        rows = recipes.load_split(recipe, scale, "train")
        settings = recipe.settings[scale]._replace(seed=seed)
        targets = deal(rows.y, seed) if shuffle else rows.y
        forward, inputs = checkpoints._prepared(model, task.inputs(rows))
        losses = training.fit(
            model, inputs, targets, task.loss, settings, forward=forward, augment=task.augment,
            state_file=state_file, label=f"{label} ({scale})",
        )  # fmt: skip
        labels = "shuffled" if shuffle else "true"
        return {"labels": labels, "settings": settings._asdict(), "losses": losses}

    return kept(label, scale, _built(task, seed), train)
