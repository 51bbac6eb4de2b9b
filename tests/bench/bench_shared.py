"""Joint extraction for LeNet and ResNet-20 on real digits: time for a sample, and what it reaches.

Ten players, α = 0.1 and the papers' noise bound of 2 %. The published descent minimises the
released form, so that is the one compared; it is timed over 300 of its 20,000 steps.
Run with ``python -m tests.bench.bench_shared``.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

import harsanyi as hs
from harsanyi.extraction import released
from harsanyi.extraction.shared_problem import check_shared
from harsanyi.extraction.shared_sgd import PUBLISHED, descend_shared

from . import seconds
from .bench_extraction import digit_tables

ALPHA, NOISE, BOX = 0.1, 0.02, 0.5


def joint(tables: list[Tensor], **changes):
    """Extract jointly to a certified 1 %."""
    return hs.extract_shared(tables, ALPHA, NOISE, 1e-2, box=BOX, **changes)


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield (what, measured, target, unit)."""
    count, names = 8, ("lenet-mnist", "resnet20-mnist", "mlp7-mnist")
    three = [digit_tables(10, count, name=name) for name in names]
    two, one = three[:2], [v[:1] for v in three[:2]]
    joint(one), joint(two)  # compiled
    ours = seconds(lambda: joint(two), 3) / count
    yield "LeNet, ResNet-20, n = 10, jointly 1 %: time of a sample", 1000 * ours, "≤ 500", "ms"
    more = seconds(lambda: joint(three), 3) / count
    yield "  with MLP-7 as the third", 1000 * more, "≤ 1000", "ms"
    settings = PUBLISHED["generalizable-mnist"]
    asked = check_shared(one, ALPHA, NOISE, 1.0, released, BOX)
    short = settings._replace(steps=300)
    descend_shared(asked, settings._replace(steps=10))  # compiled, too
    step = seconds(lambda: descend_shared(asked, short), 3) / short.steps
    mine = seconds(lambda: joint(one, form=released), 3)
    what = "  20,000 published SGD steps (timed: 300) / 1 %"
    yield what, settings.steps * step / mine, "≥ 50", "×"
    reached = descend_shared(asked, settings).objective
    what = "  joint length after all 20,000 steps / certified"
    yield what, float(reached / joint(one, form=released)[0].objective), "≥ 1", "×"


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, measured, target, unit in rows():
        print(f"{name:<66}{measured:>11,.1f}{unit} {target}", flush=True)
