"""The certified extraction on a real network's tables: time, lengths, memory.

The tables are LeNet's on MNIST digits (log-odds of the true class, patches against black), the
noise bound is the papers' 4 %. The published descent is timed over 500 of its 20,000 steps. One
call for many tables saves the checks' overhead, which weighs less with noise: steps cost more then.
Run with ``python -m tests.bench.bench_extraction``.
"""

import subprocess
import sys
from collections.abc import Iterator

import torch
from torch import Tensor

import harsanyi as hs
from harsanyi.extraction.problem import check_problem
from harsanyi.extraction.sgd import PUBLISHED, descend
from harsanyi.networks import baselines, data, load_network, players, values

from . import seconds

NOISE = 0.04

_PEAK = """
import psutil, resource, sys, time, torch, warnings, harsanyi as hs
torch.set_num_threads(1)
v = torch.load(sys.argv[1])
hs.extract(torch.rand(16).double(), 0.04, 0.5)
before = psutil.Process().memory_info().rss
start = time.process_time()
warnings.simplefilter("ignore")
found = hs.extract(v, {noise}, {tol}, max_iterations={most})
seconds = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print((peak - before) / 2**30, float(found.gap), seconds)
"""


def digit_tables(n: int, count: int, size: int = 4, name: str = "lenet-mnist") -> Tensor:
    """Tables (count, 2**n) of a network on test digits with enough ink for n patches."""
    network, digits = load_network(name, "laptop"), data.load("mnist", "test")
    tables = []
    for x, y in zip(digits.x, digits.y, strict=True):
        try:
            who = players.foreground(x, n=n, size=size)
        except ValueError:
            continue
        game = hs.MaskedGame(network, x, who, baselines.zero(x), values.log_odds(int(y)))
        tables.append(game.table())
        if len(tables) == count:
            break
    return torch.stack(tables)


def one_percent(tables: Tensor, repeats: int = 3) -> float:
    """Mean seconds of a certified 1 %, table by table."""
    times = [seconds(lambda v=v: hs.extract(v, NOISE, 1e-2), repeats) for v in tables]
    return sum(times) / len(times)


def large(table: Tensor, path, noise: float, tol: float, most: int) -> tuple[float, float, float]:
    """Extract in a process of its own: memory beyond the start in GiB, gap, seconds."""
    torch.save(table, path)
    code = _PEAK.format(noise=noise, tol=tol, most=most)
    out = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    memory, gap, spent = map(float, out.stdout.split())
    return memory, gap, spent


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield (what, measured, target, unit)."""
    import tempfile
    from pathlib import Path

    tables = digit_tables(10, 64)
    few = tables[:4]
    hs.extract(few, NOISE, 0.5)  # compiled
    ours = one_percent(few)
    settings = PUBLISHED["generalizable-mnist"]
    short = settings._replace(steps=500)
    asked = check_problem(few[:1], NOISE, 1.0)
    descend(asked, settings._replace(steps=10))  # compiled, too
    step = seconds(lambda: descend(asked, short), 3) / short.steps
    what = "LeNet, n = 10: 20,000 published SGD steps (timed: 500) / 1 %"
    yield what, settings.steps * step / ours, "≥ 50", "×"
    reached = descend(asked, settings).objective
    what = "  length after all 20,000 steps / length certified"
    yield what, float(reached / hs.extract(few[:1], NOISE, 1e-2).objective), "≥ 1", "×"
    yield "LeNet, 1 %: n = 12 / n = 10", one_percent(digit_tables(12, 2), 1) / ours, "≤ 20", "×"
    for noise in (0.0, NOISE):
        alone = sum(seconds(lambda v=v, x=noise: hs.extract(v, x, 1e-2)) for v in tables)
        together = seconds(lambda x=noise: hs.extract(tables, x, 1e-2), 3)
        what = f"LeNet, n = 10, noise {noise:.0%}: 64 tables alone / in one call"
        yield what, alone / together, "≥ 3", "×"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.pt"
        memory, gap, spent = large(digit_tables(14, 1, 3)[0], path, NOISE, 1e-2, 20_000)
        yield f"LeNet, n = 14: GiB for a gap of {gap:.1%} in {spent:.0f} s", memory, "≤ 2", " "
        memory, gap, spent = large(digit_tables(16, 1, 3)[0], path, NOISE, 1e-2, 8000)
        yield f"LeNet, n = 16: GiB for a gap of {gap:.1%} in {spent:.0f} s", memory, "≤ 4", " "


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, measured, target, unit in rows():
        print(f"{name:<66}{measured:>11,.1f}{unit} {target}", flush=True)
