r"""The joint iterations on the CPU, compiled: the networks of a few samples at a time.

``shared_iteration.SharedIteration.plain`` says the same in tensor operations, for any device; it is
the one to read first. The tests hold the two together. Each network is fitted as in ``compiled``, G
samples side by side, the OR half's in reverse order; tables are (m, 2, 2**n G) or (m, 2**n G). Then
the rows are shrunk, and where there is a box the splits moved into it, across the m networks.

Chapter: Primitives that networks share.
"""

import numba
import numpy as np

from .compiled import _average, _clip, _for_alpha, _for_beta, _log2, _solve, _wishes
from .levels import mobius_levels, mobius_transposed_levels, multiply


@numba.njit(cache=True, fastmath=True)
def _targets(effects, shift, wish, dual, unshrunk, relax):
    """Turn the fitted effects (2, 2**n G), in place; leave what is to be shrunk in ``dual``."""
    for kind in range(2):
        e, s, w, d, u = effects[kind], shift[kind], wish[kind], dual[kind], unshrunk[kind]
        for j in range(e.size):
            fitted = e[j] + s[j]
            e[j] = fitted
            u[j] = fitted - w[j] + d[j]
            d[j] += relax * fitted + (1 - relax) * w[j]


@numba.njit(cache=True, fastmath=True)
def _shrink_two(wish0, wish1, dual0, dual1, most, each):
    for j in range(wish0.size):
        x0, x1 = dual0[j], dual1[j]
        c0, c1 = max(abs(x0) - each, 0.0), max(abs(x1) - each, 0.0)
        level = max(max(c0, c1) - most, (c0 + c1 - most) / 2, 0.0)
        z0, z1 = min(c0, level), min(c1, level)
        wish0[j], wish1[j] = z0 if x0 > 0 else -z0, z1 if x1 > 0 else -z1
        dual0[j], dual1[j] = x0 - wish0[j], x1 - wish1[j]


@numba.njit(cache=True, fastmath=True)
def _raise(level, total, above, dual, kind, most, each):
    """Move each row's level to where the entries above the last one exceed it by ``most``."""
    total[:], above[:] = -most, 0.0
    for i in range(len(dual)):
        d = dual[i, kind]
        for j in range(d.size):
            left = max(abs(d[j]) - each, 0.0)
            total[j] += left if left > level[j] else 0.0
            above[j] += 1.0 if left > level[j] else 0.0
    for j in range(level.size):
        level[j] = total[j] / above[j] if above[j] > 0 else level[j]


@numba.njit(cache=True, fastmath=True)
def _shrink_rows(wish, dual, kind, most, each):
    """Shrink rows across networks; of the targets in ``dual`` make wishes and multipliers."""
    m, _, size = wish.shape
    if m == 2:
        _shrink_two(wish[0, kind], wish[1, kind], dual[0, kind], dual[1, kind], most, each)
        return
    level, total, above = np.full(size, -1.0), np.empty(size), np.empty(size)
    for _ in range(m):
        _raise(level, total, above, dual, kind, most, each)
    for i in range(m):
        w, d = wish[i, kind], dual[i, kind]
        for j in range(size):
            left = min(max(abs(d[j]) - each, 0.0), max(level[j], 0.0))
            w[j] = left if d[j] > 0 else -left
            d[j] -= w[j]


@numba.njit(cache=True)
def _shrink(wish, dual, games, flipped, most, each):
    """Shrink all rows (m, 2, 2**n G), a single player's two effects as one, the empty ones not."""
    m, _, size = wish.shape
    for kind in range(2):
        _shrink_rows(wish, dual, kind, most, each)
    left, right, cut = np.empty((m, games)), np.empty((m, games)), np.empty((m, 1, games))
    small, turn, one = np.empty_like(cut), -1 if flipped else 1, games
    while one < size:
        now = slice(one, one + games)
        left[:] = wish[:, 0, now] + dual[:, 0, now]
        right[:] = (wish[:, 1, now] + dual[:, 1, now])[:, ::turn]
        cut[:, 0] = (left + right) / 2
        _shrink_rows(small, cut, 0, most, each)
        dual[:, 0, now], dual[:, 1, now] = cut[:, 0], cut[:, 0, ::turn]
        wish[:, 0, now], wish[:, 1, now] = left - cut[:, 0], (right - cut[:, 0])[:, ::turn]
        one *= 2
    dual[:, 0, :games] += wish[:, 0, :games]
    wish[:, 0, :games] = 0.0
    wish[:, 1, :games] += dual[:, 1, :games]
    dual[:, 1, :games] = 0.0


@numba.njit(cache=True)
def advance_shared_exact(
    steps, games, shift, wish, dual, effects, unshrunk, inverse, to_and, to_or, sizes
):
    """Make iterations without noise or box on a group of samples, in place."""
    most, each, relax = sizes
    lanes, bits = _log2(games), _log2(inverse.size)
    for _ in range(steps):
        for i in range(len(wish)):
            x = effects[i]
            _wishes(x, shift[i], wish[i], dual[i])
            multiply(x[0], lanes, bits, to_and.T)
            multiply(x[1], lanes, bits, to_or.T)
            _average(x, inverse)
            multiply(x[0], lanes, bits, to_and)
            multiply(x[1], lanes, bits, to_or)
            _targets(x, shift[i], wish[i], dual[i], unshrunk[i], relax)
        _shrink(wish, dual, games, False, most, each)


@numba.njit(cache=True, fastmath=True)
def _tie_alpha(out, backwards, split, split_dual, part):
    last = out.size - 1
    for j in range(out.size):
        out[j] += part * (2 * (split[j] - split_dual[j]) - backwards[last - j])


@numba.njit(cache=True, fastmath=True)
def _tie_beta(out, alpha, split, split_dual, part):
    last = out.size - 1
    for j in range(out.size):
        k = last - j
        out[j] += part * (2 * (split[k] - split_dual[k]) - alpha[k])


@numba.njit(cache=True)
def _centre(x, box):
    """Where the pulls on a box's centre balance that hold points (m,) within it."""
    low, high, below, above = -np.inf, np.inf, -1.0, 1.0
    for k in range(2 * len(x)):
        knot = x[k] - box[k] if k < len(x) else x[k - len(x)] + box[k - len(x)]
        pull = 0.0
        for i in range(len(x)):
            pull += max(knot - x[i] - box[i], 0.0) - max(x[i] - box[i] - knot, 0.0)
        if pull <= 0 and knot > low:
            low, below = knot, pull
        if pull >= 0 and knot < high:
            high, above = knot, pull
    return low + (high - low) * (-below / (above - below)) if above > below else low


@numba.njit(cache=True)
def _move_splits(alpha, effects, middle, split, split_dual, box, relax):
    """Take the middle of the fitted α and β, and move the wished-for splits after it."""
    last, row = alpha.shape[1] - 1, np.empty(len(alpha))
    for j in range(last + 1):
        lowest, highest = np.inf, -np.inf
        for i in range(len(row)):
            middle[i, j] = (alpha[i, j] + effects[i, 1, last - j]) / 2
            row[i] = relax * middle[i, j] + (1 - relax) * split[i, j] + split_dual[i, j]
            lowest, highest = min(lowest, row[i] + box[i, j]), max(highest, row[i] - box[i, j])
        centre = _centre(row, box[:, j]) if highest > lowest else 0.0
        for i in range(len(row)):
            split[i, j] = row[i]
            if highest > lowest:
                split[i, j] = min(max(row[i], centre - box[i, j]), centre + box[i, j])
            split_dual[i, j] = row[i] - split[i, j]


@numba.njit(cache=True)
def _fit(x, alpha, right, noise, noise_dual, split, split_dual, ties, inverse, part, shape, vt):
    """Fit β, α and β again; the reversed β is left in x[1]."""
    lanes, bits = shape
    for turn in range(3):
        if turn == 1:
            _for_alpha(alpha, right[0], x[1], noise, noise_dual, ties[0])
            if part > 0:
                _tie_alpha(alpha, x[1], split, split_dual, part)
            _solve(alpha, inverse[0], lanes, bits, vt)
        else:
            _for_beta(x[1], right[1], alpha, noise, noise_dual, ties[1])
            if part > 0:
                _tie_beta(x[1], alpha, split, split_dual, part)
            _solve(x[1], inverse[1], lanes, bits, vt)


@numba.njit(cache=True)
def advance_shared_tied(
    steps, games, shift, wish, dual, effects, unshrunk, alpha, difference, noise, noise_dual,
    middle, split, split_dual, kappa, box, ties, inverse, part, vt, sizes,
):  # fmt: skip
    """Make iterations with noise, and with a box where ``part`` > 0, on a group, in place."""
    (most, each, relax), right = sizes, np.empty_like(effects[0])
    shape = lanes, bits = _log2(games), _log2(alpha.shape[1])
    for _ in range(steps):
        for i in range(len(wish)):
            x = effects[i]
            _wishes(right, shift[i], wish[i], dual[i])
            mobius_transposed_levels(right[0], lanes, bits)
            mobius_transposed_levels(right[1], lanes, bits)
            _fit(x, alpha[i], right, noise[i], noise_dual[i], split[i], split_dual[i], ties[i],
                 inverse[i], part, shape, vt)  # fmt: skip
            _clip(alpha[i], x[1], difference[i], noise[i], noise_dual[i], kappa[i], relax)
        if part > 0:
            _move_splits(alpha, effects, middle, split, split_dual, box, relax)
        for i in range(len(wish)):
            x = effects[i]
            x[0] = alpha[i]
            mobius_levels(x[0], lanes, bits)
            mobius_levels(x[1], lanes, bits)
            _targets(x, shift[i], wish[i], dual[i], unshrunk[i], relax)
        _shrink(wish, dual, games, True, most, each)
