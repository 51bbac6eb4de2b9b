r"""ADMM's iterations on the CPU, compiled: a few games at a time, so that their tables stay cached.

``admm.Iteration.plain`` says the same in a few tensor operations, for any device; it is the one to
read first. The tests hold the two together.

A group of L games (L a power of two) is worked on side by side: a table is flat, :math:`2^n L`
numbers, entry :math:`S L + g` for coalition S and game g. Every loop then runs over neighbours,
whichever player it is about, and the processor takes several games in one instruction. Where a
table is read in reverse (the OR half with noise) the games stand in reverse order too, so that
complementing each coalition is reversing the flat table.

Chapter: Does the solver change the science?
"""

import numba
import numpy as np

from .levels import mobius_levels, mobius_transposed_levels, multiply


@numba.njit(cache=True, fastmath=True)
def _wishes(out, shift, wish, dual):
    """Write what the fitted effects should be, less the shift, into out."""
    for kind in range(2):
        o, s, w, d = out[kind], shift[kind], wish[kind], dual[kind]
        for i in range(o.size):
            o[i] = w[i] - d[i] - s[i]


@numba.njit(cache=True, fastmath=True)
def _multipliers(unshrunk, effects, shift, wish, dual):
    """Write the multipliers before the shrinking step, which only the last step's check reads."""
    for kind in range(2):
        u, e, s, w, d = unshrunk[kind], effects[kind], shift[kind], wish[kind], dual[kind]
        for i in range(u.size):
            u[i] = e[i] + s[i] - w[i] + d[i]


@numba.njit(cache=True, fastmath=True)
def _shrink_half(effects, shift, wish, dual, threshold, relax):
    for i in range(effects.size):
        fitted = effects[i] + shift[i]
        effects[i] = fitted
        target = relax * fitted + (1 - relax) * wish[i] + dual[i]
        dual[i] = min(max(target, -threshold), threshold)
        wish[i] = target - dual[i]


@numba.njit(cache=True)
def _shrink(effects, shift, wish, dual, games, flipped, threshold, relax):
    """Turn the fitted effects (2, 2**n L), in place; make the wishes and multipliers that follow.

    A single player's two effects shrink as one; the empty AND is 0, the empty OR is free.
    """
    for kind in range(2):
        _shrink_half(effects[kind], shift[kind], wish[kind], dual[kind], threshold, relax)
    one = games
    while one < effects.shape[1]:
        for g in range(games):
            i, j = one + g, one + (games - 1 - g if flipped else g)
            left, right = wish[0, i] + dual[0, i], wish[1, j] + dual[1, j]
            cut = min(max((left + right) / 2, -threshold), threshold)
            dual[0, i], dual[1, j] = cut, cut
            wish[0, i], wish[1, j] = left - cut, right - cut
        one *= 2
    for g in range(games):
        dual[0, g] += wish[0, g]
        wish[0, g] = 0.0
        wish[1, g] += dual[1, g]
        dual[1, g] = 0.0


@numba.njit(cache=True)
def advance_exact(
    steps, games, shift, wish, dual, effects, unshrunk, inverse, to_and, to_or, sizes
):
    """Make iterations without noise on a group of games; tables (2, 2**n L), changed in place."""
    (threshold, relax), x = sizes, effects
    lanes, bits = _log2(games), _log2(inverse.size)
    for step in range(steps):
        _wishes(x, shift, wish, dual)
        multiply(x[0], lanes, bits, to_and.T)
        multiply(x[1], lanes, bits, to_or.T)
        _average(x, inverse)
        multiply(x[0], lanes, bits, to_and)
        multiply(x[1], lanes, bits, to_or)
        if step == steps - 1:
            _multipliers(unshrunk, x, shift, wish, dual)
        _shrink(x, shift, wish, dual, games, False, threshold, relax)


@numba.njit(cache=True, fastmath=True)
def _average(x, inverse):
    """Solve the diagonal system, the same for both halves."""
    left, right = x[0], x[1]
    for i in range(inverse.size):
        left[i] = right[i] = (left[i] + right[i]) * inverse[i]


@numba.njit(cache=True)
def _log2(size):
    bits = 0
    while 1 << bits < size:
        bits += 1
    return bits


@numba.njit(cache=True, fastmath=True)
def _solve(out, inverse, lanes, bits, vt):
    """Solve for one table in the basis of W's right singular vectors, in place."""
    multiply(out, lanes, bits, vt)
    for i in range(out.size):
        out[i] *= inverse[i]
    multiply(out, lanes, bits, vt.T)


@numba.njit(cache=True, fastmath=True)
def _for_alpha(out, right, backwards, box, box_dual, tie):
    last = out.size - 1
    for i in range(out.size):
        out[i] = right[i] + tie[i] * (backwards[last - i] - box[i] + box_dual[i])


@numba.njit(cache=True, fastmath=True)
def _for_beta(out, right, alpha, box, box_dual, tie):
    last = out.size - 1
    for i in range(out.size):
        j = last - i
        out[i] = right[i] + tie[i] * (alpha[j] + box[j] - box_dual[j])


@numba.njit(cache=True, fastmath=True)
def _clip(alpha, backwards, difference, box, box_dual, kappa, relax):
    """Take the difference β − α of the fitted tables, and move the box after it."""
    last = alpha.size - 1
    for i in range(alpha.size):
        difference[i] = backwards[last - i] - alpha[i]
        target = relax * difference[i] + (1 - relax) * box[i] + box_dual[i]
        box[i] = min(max(target, -kappa[i]), kappa[i])
        box_dual[i] = target - box[i]


@numba.njit(cache=True)
def advance_noisy(
    steps, games, shift, wish, dual, effects, unshrunk, box, box_dual, alpha, difference, kappa,
    ties, inverse, vt, sizes,
):  # fmt: skip
    """Make iterations with noise on a group of games, in place.

    Tables are (2, 2**n L) or (2**n L,); those of the OR half have the games in reverse order, and
    so have the second rows of ``ties`` and ``inverse``.
    """
    (threshold, relax), x, right = sizes, effects, np.empty_like(effects)
    back = x[1]
    lanes, bits = _log2(games), _log2(kappa.size)
    for step in range(steps):
        _wishes(right, shift, wish, dual)
        mobius_transposed_levels(right[0], lanes, bits)
        mobius_transposed_levels(right[1], lanes, bits)
        _for_beta(back, right[1], alpha, box, box_dual, ties[1])
        _solve(back, inverse[1], lanes, bits, vt)
        _for_alpha(alpha, right[0], back, box, box_dual, ties[0])
        _solve(alpha, inverse[0], lanes, bits, vt)
        _for_beta(back, right[1], alpha, box, box_dual, ties[1])
        _solve(back, inverse[1], lanes, bits, vt)
        _clip(alpha, back, difference, box, box_dual, kappa, relax)
        x[0] = alpha
        mobius_levels(x[0], lanes, bits)
        mobius_levels(x[1], lanes, bits)
        if step == steps - 1:
            _multipliers(unshrunk, x, shift, wish, dual)
        _shrink(x, shift, wish, dual, games, True, threshold, relax)
