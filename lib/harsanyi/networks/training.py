"""Training one network: seeded, with a bar, and resumable after every epoch.

Chapter: The networks of this book.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from tqdm import tqdm

from .augment import Augment
from .files import write_atomically

Forward = Callable[..., Tensor]
Loss = Callable[[Tensor, Tensor], Tensor]


class Settings(NamedTuple):
    """How a network is trained; the whole of it stands in the checkpoint's JSON.

    Attributes:
        epochs: passes over the training rows.
        batch: rows a step.
        rate: the highest learning rate of the one-cycle schedule.
        decay: weight decay of AdamW.
        rows: at most so many rows of each split, evenly spread; 0 means all.
        seed: of weights, order, dropout and augmentation.
    """

    epochs: int
    batch: int = 64
    rate: float = 2e-3
    decay: float = 1e-2
    rows: int = 0
    seed: int = 0


def pick_device() -> torch.device:
    """Returns the GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fit(
    model: nn.Module,
    inputs: Sequence[Tensor],
    targets: Tensor,
    loss: Loss,
    settings: Settings,
    *,
    forward: Forward | None = None,
    augment: Augment | None = None,
    state_file: Path | None = None,
    after_epoch: Callable[[int], None] | None = None,
    label: str = "training",
) -> list[float]:
    """Trains a network with AdamW and a one-cycle schedule.

    Chance in epoch t depends on the seed and t alone, so a run that was interrupted and resumed
    from ``state_file`` ends with the same weights as one that was not.

    Args:
        model: is trained in place, on the device where its parameters are.
        inputs: one or more tensors (N, ...); batches of them are the arguments of ``forward``.
        targets: (N,), int64 classes or float32 numbers.
        loss: maps outputs (B, C) and targets (B,) to a scalar.
        settings: how to train.
        forward: what is called on a batch; the model itself by default.
        augment: maps a batch of the first input and a generator to a changed batch.
        state_file: where the state after each epoch is kept; removed by the caller when done.
        after_epoch: called with the number of epochs done.
        label: stands before the bar.

    Returns:
        The mean loss of each epoch.

    Raises:
        ValueError: inputs and targets have different lengths, or the loss is not finite.
    """
    if any(len(x) != len(targets) for x in inputs):
        got = [len(x) for x in inputs]
        raise ValueError(f"got inputs of {got} rows and {len(targets)} targets; they must agree")
    run = _Run(model, inputs, targets, loss, settings, forward or model, augment)
    if state_file is not None and state_file.is_file():
        run.load(state_file)
    bar = tqdm(total=settings.epochs * run.steps, initial=len(run.losses) * run.steps, desc=label)
    with bar:
        for epoch in range(len(run.losses), settings.epochs):
            run.epoch(epoch, bar)
            if state_file is not None:
                write_atomically(state_file, run.save)
            if after_epoch is not None:
                after_epoch(epoch + 1)
    return run.losses


class _Run:
    """What one training run holds between its epochs."""

    def __init__(self, model, inputs, targets, loss, settings, forward, augment) -> None:
        self.model, self.inputs, self.targets = model, inputs, targets
        self.loss, self.settings = loss, settings
        self.forward, self.augment = forward, augment
        self.steps = math.ceil(len(targets) / settings.batch)
        self.losses: list[float] = []
        learned = [p for p in model.parameters() if p.requires_grad]
        self.device = learned[0].device
        self.optimiser = torch.optim.AdamW(learned, settings.rate, weight_decay=settings.decay)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, settings.rate, total_steps=settings.epochs * self.steps
        )

    def epoch(self, number: int, bar: tqdm) -> None:
        """Makes one pass over the rows in a fresh order."""
        seed = self.settings.seed * 10_000 + number
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self.targets), generator=generator)  # (N,)
        total = 0.0
        self.model.train()
        with torch.random.fork_rng():  # dropout's chance is ours, the caller's stays as it was
            torch.manual_seed(seed)
            for rows in order.split(self.settings.batch):
                total += self._step(rows, generator) * len(rows)
                bar.update()
        self.losses.append(total / len(self.targets))
        bar.set_postfix(loss=f"{self.losses[-1]:.3f}")

    def _step(self, rows: Tensor, generator: torch.Generator) -> float:
        """One step of the optimiser on the rows (B,) int64; returns their mean loss."""
        first, *others = (x[rows] for x in self.inputs)
        if self.augment is not None:
            first = self.augment(first, generator)
        batch = [x.to(self.device) for x in (first, *others)]
        loss = self.loss(self.forward(*batch), self.targets[rows].to(self.device))
        if not torch.isfinite(loss):
            raise ValueError(f"the loss became {loss.item()}; lower the learning rate")
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.optimiser.param_groups[0]["params"], 5.0)
        self.optimiser.step()
        self.schedule.step()
        return loss.item()

    def save(self, path: Path) -> None:
        """Writes all that the next epoch depends on."""
        state = {
            "model": learned_state(self.model),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "losses": self.losses,
            "settings": self.settings._asdict(),
        }
        torch.save(state, path)

    def load(self, path: Path) -> None:
        """Goes on from what :meth:`save` wrote, unless other settings made it."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["settings"] != self.settings._asdict():
            return
        load_learned(self.model, state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.losses = state["losses"]


def _frozen_names(model: nn.Module) -> set[str]:
    """Names of the parameters that don't learn."""
    return {name for name, p in model.named_parameters() if not p.requires_grad}


def learned_state(model: nn.Module) -> dict[str, Tensor]:
    """Returns a network's state without its frozen parameters, on the CPU."""
    frozen = _frozen_names(model)
    return {k: v.detach().cpu() for k, v in model.state_dict().items() if k not in frozen}


def load_learned(model: nn.Module, state: dict[str, Tensor]) -> None:
    """Puts a state from :func:`learned_state` back; frozen parameters stay.

    Raises:
        RuntimeError: the state is not of this architecture.
    """
    frozen = {k: v for k, v in model.state_dict().items() if k in _frozen_names(model)}
    model.load_state_dict(state | frozen)


@torch.no_grad()
def predict(forward: Forward, inputs: Sequence[Tensor], batch: int = 256) -> Tensor:
    """Returns the outputs (N, C) on the CPU, computed in batches on the device of the weights.

    Args:
        forward: the network in evaluation mode, or a part of it.
        inputs: one or more tensors (N, ...).
        batch: rows at a time.
    """
    device = pick_device()
    parts = zip(*(x.split(batch) for x in inputs), strict=True)
    return torch.cat([forward(*(x.to(device) for x in part)).cpu() for part in parts])
