r"""Rounded tables as small whole numbers: how sets of rounded values are packed.

If every value of a table is a multiple of one power of two, whole numbers stand for them, counted
from the table's first. Those of coalitions with and without a player are much alike, so for one
player after the other two numbers are replaced by their mean, rounded down, and their difference,
which are small and pack well:

.. math:: (a, b) \mapsto (a + \lfloor (b - a) / 2 \rfloor,\ b - a)

Nothing is lost: decoding gives the very values.

Source: Calderbank et al., 1998 (wavelets that map integers to integers).
"""

from __future__ import annotations

import numpy as np

LIMIT = 2**15  # of what is packed, in magnitude


def encode(values: np.ndarray) -> dict[str, np.ndarray] | None:
    """Returns tables as arrays that pack well, or None where they are not rounded.

    Args:
        values: float32 (..., 2**n).

    Returns:
        "codes" uint8 (2, ..., 2**n), all low bytes first; "exponents" int16 (...) of the power of
        two that each table counts in; "firsts" int32 (...), its first number. None if a number
        does not fit.
    """
    if not np.isfinite(values).all():
        return None
    exponents = _steps(values)
    codes = np.ldexp(values.astype(np.float64), -exponents[..., None])
    firsts, codes = codes[..., 0].copy(), codes - codes[..., :1]
    if not (np.abs(codes).max() < LIMIT and np.abs(firsts).max() < 2**31):
        return None
    codes = codes.astype(np.int32)
    for pairs in _pairs(codes):
        difference = pairs[..., 1, :] - pairs[..., 0, :]
        pairs[..., 0, :] += difference >> 1
        pairs[..., 1, :] = difference
    folded = (codes << 1) ^ (codes >> 31)  # 0, −1, 1, −2, … to 0, 1, 2, 3, …
    if folded.max() >= 2 * LIMIT:
        return None
    halves = folded.astype("<u2")[..., None].view(np.uint8)  # (..., 2**n, 2)
    return {"codes": np.moveaxis(halves, -1, 0), "exponents": exponents.astype("<i2"),
            "firsts": firsts.astype("<i4")}  # fmt: skip


def decode(codes: np.ndarray, exponents: np.ndarray, firsts: np.ndarray) -> np.ndarray:
    """Returns the values float32 that :func:`encode` was given."""
    folded = np.ascontiguousarray(np.moveaxis(codes, 0, -1)).view("<u2")[..., 0].astype(np.int32)
    whole = (folded >> 1) ^ -(folded & 1)
    for pairs in reversed(_pairs(whole)):
        pairs[..., 0, :] -= pairs[..., 1, :] >> 1
        pairs[..., 1, :] += pairs[..., 0, :]
    whole = whole + firsts[..., None].astype(np.float64)
    return np.ldexp(whole, exponents[..., None].astype(np.int32)).astype(np.float32)


def _pairs(codes: np.ndarray) -> list[np.ndarray]:
    """Views (..., 2**(n-i-1), 2, 2**i) of codes (..., 2**n): without and with player i."""
    n = codes.shape[-1].bit_length() - 1
    return [codes.reshape(*codes.shape[:-1], -1, 2, 2**i) for i in range(n)]


def _steps(values: np.ndarray) -> np.ndarray:
    """For each table the exponent of the largest power of two that divides all its values."""
    fraction, exponent = np.frexp(values)
    whole = np.ldexp(fraction, 24).astype(np.int32)  # a float32 has 24 digits
    lowest = exponent - 24 + np.frexp(whole & -whole)[1] - 1
    return np.where(whole != 0, lowest, 127).min(-1)
