"""Trained networks by name: ``load_network("lenet-mnist")``.

A checkpoint is two files in ``build/networks/<scale>/``: ``<name>.pt`` (weights) and
``<name>.json`` (architecture, settings, measured quality, seconds of this run). From a shell::

    python -m harsanyi.networks.checkpoints lenet-mnist --scale laptop

Chapter: The networks of this book.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from . import recipes, scores, training
from .data import Dataset
from .files import project_root, write_atomically
from .sentences import SentenceTransformer


def names() -> tuple[str, ...]:
    """Returns the names that :func:`load_network` knows."""
    return tuple(recipes.RECIPES)


def checkpoint_path(name: str, scale: str = "laptop") -> Path:
    """Returns where a network's weights stand, or will stand; the JSON is next to it."""
    return project_root() / "build" / "networks" / scale / f"{name}.pt"


def load_network(name: str, scale: str = "laptop") -> nn.Module:
    """Returns a trained network in evaluation mode, on the CPU; trains it first if need be.

    Args:
        name: one of :func:`names`, for instance "lenet-mnist".
        scale: "smoke", "laptop" or "paper".

    Returns:
        The network; sentence networks have their ``tokenizer``.

    Raises:
        KeyError: no network has this name.
        ValueError: there is no such scale, or a data file is damaged.

    Chapter: The networks of this book.
    """
    recipe = recipes.find(name, scale)
    path = checkpoint_path(name, scale)
    if not path.is_file():
        train_network(name, scale)
    task = recipe.task(recipes.load_split(recipe, scale, "train"), scale)
    model = task.build()
    training.load_learned(model, torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()


def describe(name: str, scale: str = "laptop") -> dict[str, Any]:
    """Returns what a checkpoint's JSON tells about a trained network.

    Raises:
        FileNotFoundError: the network has not been trained; the message has the command.
    """
    recipes.find(name, scale)
    path = checkpoint_path(name, scale).with_suffix(".json")
    if not path.is_file():
        command = f"python -m harsanyi.networks.checkpoints {name} --scale {scale}"
        raise FileNotFoundError(f"{path} is missing; make it with: {command}")
    return json.loads(path.read_text(encoding="utf-8"))


def train_network(name: str, scale: str = "laptop") -> dict[str, Any]:
    """Trains one network, measures it and writes its checkpoint; resumes an interrupted run.

    Returns:
        What stands in the checkpoint's JSON.

    Raises:
        KeyError: no network has this name.
        ValueError: there is no such scale.
    """
    began, worked = time.perf_counter(), time.process_time()
    recipe = recipes.find(name, scale)
    settings = recipe.settings[scale]
    train = recipes.load_split(recipe, scale, "train")
    test = recipes.load_split(recipe, scale, "test")
    task = recipe.task(train, scale)
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        model = task.build().to(training.pick_device())
        untrained = task.build(False).to(training.pick_device())
    path = checkpoint_path(name, scale)
    state_file = path.with_suffix(".resume")
    forward, inputs = _prepared(model, task.inputs(train))
    losses = training.fit(
        model, inputs, train.y, task.loss, settings, forward=forward, augment=task.augment,
        state_file=state_file, label=f"{name} ({scale})",
    )  # fmt: skip
    facts = _architecture(model) | _data_facts(recipe.data[scale], train, test)
    measured = {
        "metric": task.score.__name__,
        "score": _measure(model, task, test)._asdict(),
        "random_weights": _measure(untrained, task, test)._asdict(),
    }
    run = {
        "losses": losses,
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - worked, 1),
        "device": training.pick_device().type,
        "torch": torch.__version__,
    }
    record = {"name": name, "scale": scale, **facts, "settings": settings._asdict()}
    record |= measured | run
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, lambda part: torch.save(training.learned_state(model), part))
    write_atomically(path.with_suffix(".json"), lambda part: part.write_text(text, "utf-8"))
    state_file.unlink(missing_ok=True)
    return record


@torch.no_grad()
def _prepared(model: nn.Module, x: Tensor) -> tuple[training.Forward, list[Tensor]]:
    """Returns what to train and on what: for the transformer its frozen layers run only once."""
    if not isinstance(model, SentenceTransformer):
        return model, [x]
    model.eval()
    present = x != model.tokenizer.pad_id  # (N, L)
    frozen = lambda ids, here: model.frozen(model.embed(ids), here)  # noqa: E731
    return model.from_frozen, [training.predict(frozen, [x, present], 64), present]


def _measure(model: nn.Module, task: recipes.Task, test: Dataset) -> scores.Score:
    """Scores a network on the test split."""
    outputs = training.predict(model.eval(), [task.inputs(test)])  # (N, C)
    return task.score(outputs, test.y)


def _architecture(model: nn.Module) -> dict[str, Any]:
    """Class, first sentence of its docstring, numbers of parameters."""
    sizes = [(p.numel(), p.requires_grad) for p in model.parameters()]
    return {
        "architecture": type(model).__name__,
        "description": type(model).__doc__.splitlines()[0],
        "parameters": sum(size for size, _ in sizes),
        "learned_parameters": sum(size for size, learns in sizes if learns),
    }


def _data_facts(name: str, train: Dataset, test: Dataset) -> dict[str, Any]:
    """Data set, rows, classes and what guessing the most frequent class would reach."""
    facts = {"data": name, "train_rows": len(train.y), "test_rows": len(test.y)}
    if not train.classes:
        return facts | {"classes": 0, "majority": 0.0}  # the mean has R² = 0
    majority = (test.y == train.y.mode().values).double().mean().item()
    return facts | {"classes": len(train.classes), "majority": majority}


def main() -> None:
    """The command line: trains one network, or lists the names."""
    parser = argparse.ArgumentParser(prog="python -m harsanyi.networks.checkpoints")
    parser.add_argument("name", nargs="?", choices=names(), metavar="NAME")
    parser.add_argument("--scale", default="laptop", choices=recipes.SCALES)
    parser.add_argument("--list", action="store_true", help="print the networks' names")
    options = parser.parse_args()
    if options.list or not options.name:
        print("\n".join(names()))
        return
    torch.set_num_threads(1)  # small networks are slower on more
    record = train_network(options.name, options.scale)
    score = record["score"]
    print(f"{options.name}: {record['metric']} {score['value']:.3f} "
          f"[{score['low']:.3f}, {score['high']:.3f}] in {record['seconds']} s")  # fmt: skip


if __name__ == "__main__":
    main()
