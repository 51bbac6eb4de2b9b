r"""Networks at several moments of one training: ``trajectory("lenet-mnist", seed=0)``.

A network is trained as the dynamics paper does it, by stochastic gradient descent with momentum
0.9 at one constant rate (the recipes' rates rise and fall, which would make phases by itself), with
no decay and on few rows, so that it can over-fit. Snapshots are taken before training, then at
steps evenly spread on a logarithmic axis, from about where the training loss begins to move to the
end. A trajectory is two files in ``build/networks/<scale>/trajectories``; an interrupted run goes
on from its last snapshot. From a shell::

    python -m harsanyi.networks.trajectories lenet-mnist --seed 0 --noise 0.01

Only the sentences' networks see changed inputs, a tenth of the words hidden, for else their mask
token would mean nothing. Before a network is measured or kept, the statistics of its batch
normalisation are averaged anew over the training rows, also before training: the running averages
lag behind early on, and those of an untrained network are of no data at all.

Source: Ren et al., NeurIPS 2024, appendix G. Chapter: Two phases.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from . import checkpoints, recipes, training, variants
from .data import Dataset, load
from .descent import Descent, Plan
from .files import write_atomically
from .sentences import SentenceNetwork
from .trajectory_plans import Rows, inputs_of, plan_of, training_rows

if TYPE_CHECKING:
    import pandas as pd

MEASURED = 2000  # at most so many rows of each split
COLUMNS = ("step", "epoch", "train_loss", "test_loss", "train_accuracy", "test_accuracy", "wrong")


class Trajectory(NamedTuple):
    """A training from before its first step to its end.

    Attributes:
        name: of the recipe whose network is trained, "lenet-mnist" for instance.
        seed: of the weights and of the order of the rows.
        noise: share of the training rows whose label was dealt to another class.
        scale: "smoke", "laptop" or "paper".
        record: what stands in the JSON file.
        states: the weights at each snapshot.
    """

    name: str
    seed: int
    noise: float
    scale: str
    record: dict[str, Any]
    states: tuple[dict[str, Tensor], ...]

    @property
    def steps(self) -> tuple[int, ...]:
        """After how many steps each snapshot was taken; the first is 0."""
        return tuple(self.record["steps"])

    @property
    def epochs(self) -> tuple[float, ...]:
        """The same in passes over the training rows."""
        return tuple(step / self.record["steps_per_epoch"] for step in self.steps)

    @property
    def curve(self) -> pd.DataFrame:
        """How good the network was, at the snapshots and at other moments.

        Columns step, epoch, train_loss, test_loss (nats), train_accuracy, test_accuracy and wrong,
        the share of the wrongly labelled rows that are told as they are labelled (NaN if there are
        none). In evaluation mode; of the training rows with the labels they were given.
        """
        return frame(self.record["curve"])

    def network(self, number: int) -> nn.Module:
        """Returns the network at a snapshot (−1 for the last), in evaluation mode, on the CPU."""
        rows = training_rows(self.name, self.noise, self.scale)
        task = recipes.find(self.name, self.scale).task(rows.data, self.scale)
        model = variants._built(task, self.seed)
        training.load_learned(model, self.states[number])
        return model.eval()


def frame(curve: Sequence[Sequence[float | None]]) -> pd.DataFrame:
    """Returns the rows of a curve as :attr:`Trajectory.curve` has them."""
    import pandas as pd

    return pd.DataFrame(curve, columns=COLUMNS).astype(float).astype({"step": int})


def trajectory(
    name: str, seed: int = 0, noise: float = 0.0, scale: str = "laptop", progress: bool = True
) -> Trajectory:
    """Returns a network along its training; trains it if need be.

    Args:
        name: as for :func:`~harsanyi.networks.load_network`; see ``PLANS`` of
            :mod:`.trajectory_plans` for what is planned.
        seed: of the weights, of the order of the rows and of dropout. Two runs that differ in
            noise alone start from the same weights and see the rows in the same order.
        noise: share of the training rows whose label is dealt to another class; the same rows and
            labels for every seed.
        scale: "smoke", "laptop" or "paper".
        progress: whether to show a bar.

    Raises:
        KeyError: no network has this name, or none of its architecture is planned.
        ValueError: there is no such scale, a noise that is no share, or a loss that is not finite.

    Source: Ren et al., NeurIPS 2024, appendix G. Chapter: Two phases.
    """
    plan = plan_of(name, scale)
    label = f"{name}-seed-{seed}-noise-{noise:g}"
    path = checkpoints.checkpoint_path(f"trajectories/{label}", scale)
    record = path.with_suffix(".json")
    if path.is_file() and record.is_file():
        facts = json.loads(record.read_text("utf-8"))
        if Plan(**facts["plan"]) == plan:
            states = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
            return Trajectory(name, seed, noise, scale, facts, tuple(states))
    facts, states = _train(name, seed, noise, scale, path.with_suffix(".resume"), progress)
    text = json.dumps(facts, indent=1) + "\n"
    write_atomically(path, lambda part: torch.save(states, part))
    write_atomically(record, lambda part: part.write_text(text, "utf-8"))
    path.with_suffix(".resume").unlink(missing_ok=True)
    return Trajectory(name, seed, noise, scale, json.loads(text), tuple(states))


def _train(name, seed, noise, scale, state_file, progress):
    """Trains a network; returns what to write in the JSON file, and the snapshots."""
    recipe, plan = recipes.find(name, scale), plan_of(name, scale)
    rows, test = training_rows(name, noise, scale), load(recipe.data[scale], "test")
    task = recipe.task(rows.data, scale)
    model = variants._built(task, seed).to(training.pick_device())
    augment = task.augment if isinstance(model, SentenceNetwork) else None
    inputs = inputs_of(task, rows.data)
    run = Descent(
        model, inputs, rows.labels, task.loss, plan, seed,
        _measure(task, inputs, rows, test), augment,
    )  # fmt: skip
    run.run(state_file, f"{state_file.stem} ({scale})", progress)
    facts = {
        "name": name, "seed": seed, "noise": noise, "scale": scale, "plan": plan._asdict(),
        "rows": len(rows.labels), "wrong_rows": int(rows.wrong.sum()),
        "steps": run.kept, "steps_per_epoch": run.each, "curve": run.curve,
        "cpu_seconds": round(run.seconds, 1), "device": training.pick_device().type,
        "torch": torch.__version__,
    }  # fmt: skip
    return facts, run.states


def _measure(
    task: recipes.Task, inputs: Tensor, rows: Rows, test: Dataset
) -> Callable[[nn.Module], list[float | None]]:
    """Returns what measures a network on some rows of both splits: the curve from its third."""
    picks = [
        torch.linspace(0, count - 1, min(count, MEASURED)).round().long()
        for count in (len(rows.labels), len(test.y))
    ]
    x = [inputs[picks[0]], inputs_of(task, test)[picks[1]]]
    y, wrong = [rows.labels[picks[0]], test.y[picks[1]]], rows.wrong[picks[0]]

    def measure(model: nn.Module) -> list[float | None]:
        outputs = [training.predict(model, [some], 64) for some in x]  # (rows, C) each
        losses = [task.loss(*pair).item() for pair in zip(outputs, y, strict=True)]
        right = [one.argmax(1) == to for one, to in zip(outputs, y, strict=True)]
        shares = [hits.double().mean().item() for hits in right]
        learned = right[0][wrong].double().mean().item() if wrong.any() else None
        return [*losses, *shares, learned]

    return measure


def main() -> None:
    """The command line: trains one network and prints its curve."""
    parser = argparse.ArgumentParser(prog="python -m harsanyi.networks.trajectories")
    parser.add_argument("name", metavar="NAME", help="lenet-mnist, for instance")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--noise", type=float, default=0.0, help="share of wrong labels")
    parser.add_argument("--scale", default="laptop", choices=recipes.SCALES)
    options = parser.parse_args()
    torch.set_num_threads(1)  # small networks are slower on more
    run = trajectory(options.name, options.seed, options.noise, options.scale)
    print(run.curve.round(4).to_string(index=False))
    print(f"snapshots after {', '.join(map(str, run.steps))} steps, "
          f"{run.record['cpu_seconds']} s of computing time")  # fmt: skip


if __name__ == "__main__":
    main()
