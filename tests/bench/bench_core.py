"""The transforms against shapiq, against copying memory, and one call against many."""

import subprocess
import sys

import numpy as np
import shapiq
import torch

import harsanyi as hs

from . import best_time

_PEAK = """
import psutil, resource, torch, harsanyi as hs
hs.mobius(torch.zeros(8).double())
before = psutil.Process().memory_info().rss
v = torch.ones(2**{n}, dtype=torch.float64)
hs.mobius(v)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print((peak - before) / (8 * 2**{n}))
"""


def _against_shapiq(n: int) -> float:
    v = torch.randn(2**n, dtype=torch.float64)
    bits = 1 << np.arange(n)

    def exact():
        game = shapiq.ExactComputer(lambda c: v.numpy()[c.astype(int) @ bits], n_players=n)
        return game("Moebius", n)

    return best_time(exact, repeats=3) / best_time(lambda: hs.mobius(v), repeats=200)


def _against_copy(n: int) -> float:
    v = torch.randn(2**n, dtype=torch.float64)
    out = torch.empty_like(v)
    return best_time(lambda: hs.mobius(v), 9) / best_time(lambda: out.copy_(v), 9)


def _batch(n: int, count: int) -> float:
    v = torch.randn(count, 2**n, dtype=torch.float64)
    loop = best_time(lambda: [hs.mobius(row) for row in v], 50)
    return loop / best_time(lambda: hs.mobius(v), 200)


def _memory(n: int) -> float:
    code = _PEAK.format(n=n)
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(out.stdout)


def rows():
    """Yield (what, measured, target, unit)."""
    yield "Möbius, n = 10: shapiq's exact computer / ours", _against_shapiq(10), "≥ 1,000", "×"
    yield "Möbius, n = 20: time / one copy of the table", _against_copy(20), "≤ 25", "×"
    yield "Möbius, n = 24: time / one copy of the table", _against_copy(24), "≤ 10", "×"
    yield "Möbius, n = 26: peak memory in tables, input included", _memory(26), "≤ 2.1", " "
    yield "64 tables, n = 10: one at a time / in one call", _batch(10, 64), "≥ 10", "×"
