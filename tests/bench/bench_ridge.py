"""The ridge theory solved by its structure, against the dense solve that the paper writes down.

Run with ``python -m tests.bench.bench_ridge``.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from harsanyi.core.coalitions import sizes
from harsanyi.core.transforms import mobius
from harsanyi.studies.ridge import noise_grid, ridge

from . import best_time

SIGMA2 = 0.1


def dense(weights: Tensor, sigma2: float) -> Tensor:
    """ŵ with matrices of 2**n rows and columns, for weights (2**n,)."""
    length = len(weights)
    masks = torch.arange(length)
    j = ((masks[:, None] & masks) == masks).double()
    gram = j.T @ j
    penalty = torch.diag(length * sigma2 * 2.0 ** sizes(length.bit_length() - 1).double())
    return torch.linalg.solve(gram + penalty, gram @ weights)


def _against_dense(n: int) -> float:
    weights = torch.randn(2**n, dtype=torch.float64)
    assert torch.allclose(dense(weights, SIGMA2), ridge(weights, SIGMA2), rtol=0, atol=1e-10)
    slow = best_time(lambda: dense(weights, SIGMA2), 2)
    return slow / best_time(lambda: ridge(weights, SIGMA2), 50)


def _against_mobius(n: int) -> float:
    weights = torch.randn(2**n, dtype=torch.float64)
    return best_time(lambda: ridge(weights, SIGMA2), 20) / best_time(lambda: mobius(weights), 20)


def _grid(n: int) -> float:
    """Time of all noises of a grid over that of one, each by itself."""
    weights = torch.randn(2**n, dtype=torch.float64)
    grid = noise_grid(n)
    together = best_time(lambda: ridge(weights, grid), 5)
    return together / len(grid) / best_time(lambda: ridge(weights, SIGMA2), 20)


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield (what, measured, target, unit), on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield "ridge, n = 10: dense solve / ours", _against_dense(10), "≥ 100", "×"
        yield "ridge, n = 18: time / one Möbius transform", _against_mobius(18), "≤ 20", "×"
        yield "ridge, n = 12: a noise of a grid / a noise by itself", _grid(12), "≤ 1.0", "×"
    finally:
        torch.set_num_threads(threads)


if __name__ == "__main__":
    for name, measured, target, unit in rows():
        print(f"{name:<66}{measured:>11,.1f}{unit} {target}")
