"""Benchmarks: ratios of two measurements in one run, so that they mean the same on any machine."""

import time
from collections.abc import Callable


def best_time(work: Callable[[], object], repeats: int = 7) -> float:
    """Return the shortest of several runs, in seconds, after one run that is not counted."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    """The processor's seconds in the shortest of several runs; other programs do not count."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)
