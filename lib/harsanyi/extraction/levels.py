"""Kronecker powers of 2×2 matrices on flat tables, compiled: two levels a pass, block after block.

An index's lowest bits can number games that stand side by side; those are left alone.

Chapter: Does the solver change the science?
"""

import numba

_BLOCK_BITS = 12  # 2**12 float64 = 32 KiB, a core's first-level cache


@numba.njit(fastmath=True, inline="always")
def _two_levels(x, step, a, b, c, d):
    for base in range(0, x.size, 4 * step):
        p0, p1 = x[base : base + step], x[base + step : base + 2 * step]
        p2, p3 = x[base + 2 * step : base + 3 * step], x[base + 3 * step : base + 4 * step]
        for j in range(step):
            y0, y1 = a * p0[j] + b * p1[j], c * p0[j] + d * p1[j]
            y2, y3 = a * p2[j] + b * p3[j], c * p2[j] + d * p3[j]
            p0[j], p2[j] = a * y0 + b * y2, c * y0 + d * y2
            p1[j], p3[j] = a * y1 + b * y3, c * y1 + d * y3


@numba.njit(fastmath=True, inline="always")
def _two_lowest_levels(x, a, b, c, d):
    for j in range(0, x.size, 4):
        x0, x1, x2, x3 = x[j], x[j + 1], x[j + 2], x[j + 3]
        y0, y1, y2, y3 = a * x0 + b * x1, c * x0 + d * x1, a * x2 + b * x3, c * x2 + d * x3
        x[j], x[j + 1] = a * y0 + b * y2, a * y1 + b * y3
        x[j + 2], x[j + 3] = c * y0 + d * y2, c * y1 + d * y3


@numba.njit(fastmath=True, inline="always")
def _one_level(x, step, a, b, c, d):
    for base in range(0, x.size, 2 * step):
        low, high = x[base : base + step], x[base + step : base + 2 * step]
        for j in range(step):
            low[j], high[j] = a * low[j] + b * high[j], c * low[j] + d * high[j]


@numba.njit(fastmath=True, inline="always")
def _levels(x, bit, last, a, b, c, d):
    """Do levels bit..last-1 of x, two at a time."""
    while bit + 1 < last:
        if bit == 0:
            _two_lowest_levels(x, a, b, c, d)
        else:
            _two_levels(x, 1 << bit, a, b, c, d)
        bit += 2
    if bit < last:
        _one_level(x, 1 << bit, a, b, c, d)


@numba.njit(fastmath=True, inline="always")
def _all_levels(x, lanes, bits, a, b, c, d):
    """Do levels lanes..bits-1 of the tables in x, block after block, then across the blocks."""
    low = max(min(bits, _BLOCK_BITS), lanes)
    for start in range(0, x.size, 1 << low):
        _levels(x[start : start + (1 << low)], lanes, low, a, b, c, d)
    if bits > low:
        for start in range(0, x.size, 1 << bits):
            _levels(x[start : start + (1 << bits)], low, bits, a, b, c, d)


@numba.njit(cache=True, fastmath=True)
def multiply(x, lanes, bits, m):
    """Multiply tables, 2**bits entries each, by the Kronecker power of m (2, 2), in place.

    The lowest ``lanes`` bits of an index are the game's, and are left alone.
    """
    _all_levels(x, lanes, bits, m[0, 0], m[0, 1], m[1, 0], m[1, 1])


@numba.njit(cache=True, fastmath=True)
def mobius_levels(x, lanes, bits):
    """Multiply by the Kronecker power of W = [[1, 0], [-1, 1]], in place."""
    _all_levels(x, lanes, bits, 1.0, 0.0, -1.0, 1.0)


@numba.njit(cache=True, fastmath=True)
def mobius_transposed_levels(x, lanes, bits):
    """Multiply by the Kronecker power of W transposed, in place."""
    _all_levels(x, lanes, bits, 1.0, -1.0, 0.0, 1.0)
