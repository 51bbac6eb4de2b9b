r"""The same 2×2 matrix applied to every player: Kronecker powers of a matrix, in :math:`O(n 2^n)`.

:math:`M^{\otimes n}` is a :math:`2^n \times 2^n` matrix that is never built: each player's axis of
the table is multiplied by M in turn, as in the fast Möbius transform, of which it is the general
form.

Chapter: Does the solver change the science?
"""

import numba
import numpy as np
import torch
from torch import Tensor


@numba.njit(cache=True, fastmath=True)
def _two_levels(x, step, a, b, c, d):
    for base in range(0, x.size, 4 * step):
        p0, p1 = x[base : base + step], x[base + step : base + 2 * step]
        p2, p3 = x[base + 2 * step : base + 3 * step], x[base + 3 * step : base + 4 * step]
        for j in range(step):
            y0, y1 = a * p0[j] + b * p1[j], c * p0[j] + d * p1[j]
            y2, y3 = a * p2[j] + b * p3[j], c * p2[j] + d * p3[j]
            p0[j], p2[j] = a * y0 + b * y2, c * y0 + d * y2
            p1[j], p3[j] = a * y1 + b * y3, c * y1 + d * y3


@numba.njit(cache=True, fastmath=True)
def _two_lowest_levels(x, a, b, c, d):
    for j in range(0, x.size, 4):
        x0, x1, x2, x3 = x[j], x[j + 1], x[j + 2], x[j + 3]
        y0, y1, y2, y3 = a * x0 + b * x1, c * x0 + d * x1, a * x2 + b * x3, c * x2 + d * x3
        x[j], x[j + 1] = a * y0 + b * y2, a * y1 + b * y3
        x[j + 2], x[j + 3] = c * y0 + d * y2, c * y1 + d * y3


@numba.njit(cache=True, fastmath=True)
def _one_level(x, step, a, b, c, d):
    for base in range(0, x.size, 2 * step):
        low, high = x[base : base + step], x[base + step : base + 2 * step]
        for j in range(step):
            low[j], high[j] = a * low[j] + b * high[j], c * low[j] + d * high[j]


@numba.njit(cache=True)
def _all_levels(x, n, a, b, c, d):
    bit = 0
    if n >= 2:
        _two_lowest_levels(x, a, b, c, d)
        bit = 2
    while bit + 1 < n:
        _two_levels(x, 1 << bit, a, b, c, d)
        bit += 2
    if bit < n:
        _one_level(x, 1 << bit, a, b, c, d)


def kronecker_power(matrix: np.ndarray, table: Tensor) -> Tensor:
    r"""Multiply a table by the n-th Kronecker power of a 2×2 matrix.

    .. math:: (M^{\otimes n} t)(S) = \sum_T \prod_i M_{S_i T_i}\, t(T)

    Args:
        matrix: (2, 2) float64; row: player absent, present after; column: before.
        table: (..., 2**n) float64, on any device; left as it was.

    Returns:
        Tensor (..., 2**n), float64.
    """
    out = table.clone(memory_format=torch.contiguous_format)
    n = out.shape[-1].bit_length() - 1
    (a, b), (c, d) = matrix.tolist()
    if out.device.type == "cpu":
        _all_levels(out.numpy().reshape(-1), n, a, b, c, d)
        return out
    for bit in range(n):
        pairs = out.view(-1, 2, 2**bit)
        low, high = pairs[:, 0], pairs[:, 1]
        pairs[:, 0], pairs[:, 1] = a * low + b * high, c * low + d * high
    return out


def kronecker_diagonal(pair: np.ndarray, n: int, like: Tensor) -> Tensor:
    """Return the diagonal (2**n,) of the n-th Kronecker power of diag(pair)."""
    diagonal = np.ones(1)
    for _ in range(n):
        diagonal = np.concatenate([diagonal * pair[0], diagonal * pair[1]])
    return like.new_tensor(diagonal)
