r"""ADMM's iterations on the CPU, compiled: game after game, so that its tables stay in the cache.

``admm.Iteration.plain`` says the same in a few tensor operations, for any device; it is the one to
read first. The tests hold the two together.

Chapter: Does the solver change the science?
"""

import numba
import numpy as np

_BLOCK_BITS = 12  # 2**12 float64 = 32 KiB, a core's first-level cache


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


@numba.njit(cache=True)
def multiply(x, n, m):
    """Multiply each table of x (flat, 2**n each) by the Kronecker power of m (2, 2), in place."""
    a, b, c, d = m[0, 0], m[0, 1], m[1, 0], m[1, 1]
    low = min(n, _BLOCK_BITS)
    for start in range(0, x.size, 1 << low):
        _levels(x[start : start + (1 << low)], 0, low, a, b, c, d)
    if n > low:
        _levels(x, low, n, a, b, c, d)


@numba.njit(cache=True, fastmath=True)
def _shrink(effects, shift, wish, dual, unshrunk, threshold, relax):
    """Turn the fitted effects (2, 2**n), in place, and make the wishes and multipliers that follow.

    A single player's two effects shrink as one; the empty AND is 0, the empty OR is free.
    """
    size = effects.shape[1]
    for kind in range(2):
        for i in range(size):
            fitted = effects[kind, i] + shift[kind, i]
            effects[kind, i] = fitted
            unshrunk[kind, i] = fitted - wish[kind, i] + dual[kind, i]
            target = relax * fitted + (1 - relax) * wish[kind, i] + dual[kind, i]
            dual[kind, i] = min(max(target, -threshold), threshold)
            wish[kind, i] = target - dual[kind, i]
    one = 1
    while one < size:
        left, right = wish[0, one] + dual[0, one], wish[1, one] + dual[1, one]
        cut = min(max((left + right) / 2, -threshold), threshold)
        dual[0, one], dual[1, one] = cut, cut
        wish[0, one], wish[1, one] = left - cut, right - cut
        one *= 2
    dual[0, 0] += wish[0, 0]
    wish[0, 0] = 0.0
    wish[1, 0] += dual[1, 0]
    dual[1, 0] = 0.0


@numba.njit(cache=True)
def _players(table):
    """The n of a table of 2**n entries."""
    n = 0
    while 1 << n < table.size:
        n += 1
    return n


@numba.njit(cache=True)
def advance_exact(steps, shift, wish, dual, effects, unshrunk, inverse, to_and, to_or, sizes):
    """Make iterations without noise; tables (B, 2, 2**n) are changed in place."""
    n, (threshold, relax) = _players(inverse), sizes
    for game in range(len(wish)):
        x = effects[game]
        for _ in range(steps):
            x[:] = wish[game] - dual[game] - shift[game]
            multiply(x[0], n, to_and.T)
            multiply(x[1], n, to_or.T)
            x[0] = (x[0] + x[1]) * inverse
            x[1] = x[0]
            multiply(x[0], n, to_and)
            multiply(x[1], n, to_or)
            _shrink(x, shift[game], wish[game], dual[game], unshrunk[game], threshold, relax)


@numba.njit(cache=True, fastmath=True)
def _fit(out, right, other, box, mine, tie, inverse, n, vt):
    """Fit α (``mine`` = 1) or the reversed β (−1) to its wishes, the other one and the box."""
    last = out.size - 1
    for i in range(out.size):
        difference = -box[i] if mine > 0 else box[last - i]
        out[i] = right[i] + tie * (other[last - i] + difference)
    multiply(out, n, vt)
    for i in range(out.size):
        out[i] *= inverse[i]
    multiply(out, n, vt.T)


@numba.njit(cache=True, fastmath=True)
def _clip(alpha, backwards, difference, box, box_dual, kappa, relax):
    """Take the difference β − α of the fitted tables, and move the box after it."""
    last = alpha.size - 1
    for i in range(1, alpha.size):
        difference[i] = backwards[last - i] - alpha[i]
        target = relax * difference[i] + (1 - relax) * box[i] + box_dual[i]
        box[i] = min(max(target, -kappa), kappa)
        box_dual[i] = target - box[i]
    difference[0] = backwards[last] - alpha[0]
    box_dual[0] += relax * difference[0]


@numba.njit(cache=True)
def advance_noisy(
    steps, shift, wish, dual, effects, unshrunk, box, box_dual, alpha, difference, kappa, ties,
    squares, w, vt, sizes,
):  # fmt: skip
    """Make iterations with noise; tables (B, 2, 2**n) and (B, 2**n) are changed in place."""
    n, (threshold, relax) = _players(squares), sizes
    right, near = np.empty((2, squares.size)), np.empty(squares.size)
    for game in range(len(wish)):
        x, a, tie = effects[game], alpha[game], ties[game]
        back, inverse = x[1], 1 / (squares + tie)
        for _ in range(steps):
            right[:] = wish[game] - dual[game] - shift[game]
            multiply(right.reshape(-1), n, w.T)
            near[:] = box[game] - box_dual[game]
            _fit(back, right[1], a, near, -1, tie, inverse, n, vt)
            _fit(a, right[0], back, near, 1, tie, inverse, n, vt)
            _fit(back, right[1], a, near, -1, tie, inverse, n, vt)
            _clip(a, back, difference[game], box[game], box_dual[game], kappa[game], relax)
            x[0] = a
            multiply(x.reshape(-1), n, w)
            _shrink(x, shift[game], wish[game], dual[game], unshrunk[game], threshold, relax)
