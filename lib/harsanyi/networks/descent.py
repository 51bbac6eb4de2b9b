"""Plain gradient descent with snapshots: seeded, with a bar, resumable after every snapshot.

Chapter: Two phases.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from tqdm import tqdm

from . import training
from .augment import Augment
from .files import write_atomically

MOMENTUM = 0.9
POINTS = 24  # of the curve, beside the snapshots


class Plan(NamedTuple):
    """How a network is trained.

    Attributes:
        epochs: passes over the training rows.
        rate: of learning, the same in every step.
        batch: at most so many rows a step; the batches of a pass are as equal as can be.
        rows: at most so many training rows, evenly spread; 0 means all.
        snapshots: how many, with the one before training.
        first: passes before the second snapshot, about where the training loss begins to move.
    """

    epochs: int
    rate: float = 0.01
    batch: int = 128
    rows: int = 2000
    snapshots: int = 8
    first: float = 0.5


def moments(plan: Plan, rows: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns the steps of the snapshots, and all those at which the network is measured.

    Both are 0 and then evenly spread on a logarithmic axis, from the plan's ``first`` to the end;
    steps that fall together count once.
    """
    each = math.ceil(rows / plan.batch)  # steps an epoch
    ends = math.log(max(1, round(plan.first * each))), math.log(plan.epochs * each)

    def spread(count: int) -> set[int]:
        between = torch.linspace(*ends, count, dtype=torch.float64)
        return {round(step) for step in between.exp().tolist()}

    kept = {0} | spread(plan.snapshots - 1)
    return tuple(sorted(kept)), tuple(sorted(kept | spread(POINTS)))


@torch.no_grad()
def settle(model: nn.Module, batches: Sequence[Tensor]) -> None:
    """Averages the statistics of batch normalisation anew over some batches of inputs, in place.

    The weights stay, and so does what the network computes in training; without batch
    normalisation nothing happens. The network is in evaluation mode afterwards.
    """
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average over the batches
    if norms:
        device = next(model.parameters()).device
        with torch.random.fork_rng():
            model.train()
            for batch in batches:
                model(batch.to(device))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.eval()


class Descent:
    """One training by stochastic gradient descent with momentum 0.9 at a constant rate.

    Chance in a step depends on the seed and the step alone, so a run that was interrupted and
    goes on ends with the same weights as one that was not.

    Args:
        model: is trained in place, on the device where its parameters are.
        inputs: (N, ...).
        targets: (N,).
        loss: maps outputs (B, C) and targets (B,) to a scalar.
        plan: how to train.
        seed: of the order of the rows and of dropout.
        measure: called with the network in evaluation mode; returns a row of the curve.
        augment: maps a batch of inputs and a generator to a changed batch.

    Attributes:
        states: the learned weights at each snapshot so far.
        curve: for each step at which the network was measured: step, epoch and what ``measure``
            returned.
        seconds: of computing time, over all parts of an interrupted run.
    """

    def __init__(
        self, model: nn.Module, inputs: Tensor, targets: Tensor, loss: training.Loss, plan: Plan,
        seed: int, measure: Callable[[nn.Module], Sequence[float | None]],
        augment: Augment | None = None,
    ) -> None:  # fmt: skip
        self.model, self.inputs, self.targets, self.loss = model, inputs, targets, loss
        self.plan, self.seed, self.measure, self.augment = plan, seed, measure, augment
        self.each = math.ceil(len(targets) / plan.batch)  # steps an epoch
        self.kept, self.measured = moments(plan, len(targets))
        learned = [p for p in model.parameters() if p.requires_grad]
        self.device = learned[0].device
        self.optimiser = torch.optim.SGD(learned, plan.rate, momentum=MOMENTUM)
        self.states: list[dict[str, Tensor]] = []
        self.curve: list[tuple[float | None, ...]] = []
        self.done, self.seconds = 0, 0.0

    def run(self, state_file: Path, label: str, progress: bool = True) -> None:
        """Trains to the end; goes on from ``state_file`` if it is of the same plan.

        Raises:
            ValueError: the loss is not finite.
        """
        if state_file.is_file():
            self._load(state_file)
        began = time.process_time() - self.seconds
        total = self.kept[-1]
        with tqdm(total=total, initial=self.done, desc=label, disable=not progress) as bar:
            while True:
                if self.done in self.measured and not self._known():
                    self._look(bar)
                    self.seconds = time.process_time() - began
                    if self.done in self.kept:
                        write_atomically(state_file, self._save)
                if self.done == total:
                    return
                self._step()
                bar.update()

    def _known(self) -> bool:
        return bool(self.curve) and self.curve[-1][0] == self.done

    def _look(self, bar: tqdm) -> None:
        """Measures the network, and keeps it at a snapshot's step."""
        settle(self.model, self.inputs.tensor_split(self.each))
        row = tuple(self.measure(self.model))
        self.curve.append((self.done, self.done / self.each, *row))
        bar.set_postfix(loss=f"{row[0]:.3f}", test=f"{row[1]:.3f}")
        if self.done in self.kept:
            state = training.learned_state(self.model)
            self.states.append({name: value.clone() for name, value in state.items()})

    def _step(self) -> None:
        """One step of the optimiser."""
        epoch, number = divmod(self.done, self.each)
        order = torch.Generator().manual_seed(self.seed * 10_000 + epoch)
        rows = torch.randperm(len(self.targets), generator=order)  # (N,)
        rows = rows.tensor_split(self.each)[number]  # (B,)
        seed = self.seed * 10_000_000 + self.done
        x = self.inputs[rows]
        if self.augment is not None:
            x = self.augment(x, torch.Generator().manual_seed(seed))
        self.model.train()
        with torch.random.fork_rng():  # dropout's chance is ours, the caller's stays as it was
            torch.manual_seed(seed)
            outputs = self.model(x.to(self.device))
        loss = self.loss(outputs, self.targets[rows].to(self.device))
        if not torch.isfinite(loss):
            raise ValueError(f"the loss became {loss.item()}; lower the plan's rate of learning")
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.done += 1

    def _save(self, path: Path) -> None:
        """Writes all that the next step depends on."""
        state = {
            "plan": self.plan._asdict(), "done": self.done, "seconds": self.seconds,
            "states": self.states, "curve": self.curve, "optimiser": self.optimiser.state_dict(),
        }  # fmt: skip
        torch.save(state, path)

    def _load(self, path: Path) -> None:
        """Goes on from what :meth:`_save` wrote, unless another plan made it."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        if Plan(**state["plan"]) != self.plan:
            return
        self.states, self.curve = state["states"], state["curve"]
        self.done, self.seconds = state["done"], state["seconds"]
        training.load_learned(self.model, self.states[-1])
        self.optimiser.load_state_dict(state["optimiser"])
