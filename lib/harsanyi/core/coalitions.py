"""Coalitions as bitmasks: the one convention every table of this library follows.

A *table* is a tensor whose last axis has :math:`2^n` entries. Entry ``m`` belongs to the coalition
whose members are the set bits of ``m``: player ``i`` is present exactly when ``m >> i & 1``. So
entry 0 is the empty coalition and entry ``2**n - 1`` is everyone, ``N``. Leading axes are free:
samples, classes, layers, networks.

Chapter: A network as a game.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import psutil
import torch
from torch import Tensor


def n_players(table: Tensor, name: str = "table") -> int:
    """Return the number of players of a table, checking that it is one.

    Args:
        table: real tensor (..., 2**n), float32 or float64, finite.
        name: what to call it in an error.

    Raises:
        TypeError: not a floating-point tensor.
        ValueError: the last axis is no power of two, or a value is NaN or infinite.
    """
    if not isinstance(table, Tensor) or table.dtype not in (torch.float32, torch.float64):
        got = f"{table.dtype} tensor" if isinstance(table, Tensor) else type(table).__name__
        raise TypeError(
            f"{name}: got a {got}, expected a float64 (or float32) tensor of shape (..., 2**n); "
            "convert it with torch.as_tensor(values, dtype=torch.float64)"
        )
    length = table.shape[-1] if table.ndim else 0
    if length < 1 or length & (length - 1):
        raise ValueError(
            f"{name}: got a last axis of length {length}, expected a power of two, "
            "one value for each of the 2**n coalitions of n players"
        )
    if not torch.isfinite(table.detach().sum()) and not torch.isfinite(table).all():
        bad = int((~torch.isfinite(table)).sum())
        raise ValueError(
            f"{name}: got {bad} NaN or infinite values out of {table.numel()}, expected finite "
            "ones; look at the network's outputs for these coalitions"
        )
    return length.bit_length() - 1


@lru_cache(maxsize=32)
def sizes(n: int) -> Tensor:
    """Return the order of every coalition, :math:`|S|`, as (2**n,) int64. Do not write into it."""
    count = torch.zeros(1, dtype=torch.int64)
    for _ in range(n):
        count = torch.cat([count, count + 1])
    return count


def membership(n: int) -> Tensor:
    """Return who is in which coalition: bool (2**n, n), entry (m, i) is bit i of m.

    Raises:
        ValueError: it would not fit in memory, see :func:`check_memory`.
    """
    check_memory(n, bytes_per_coalition=9 * max(n, 1))
    masks = torch.arange(2**n)
    return (masks[:, None] >> torch.arange(n) & 1).bool()


def members(mask: int) -> tuple[int, ...]:
    """Return the players of one coalition in rising order: ``members(0b101) == (0, 2)``."""
    return tuple(i for i in range(int(mask).bit_length()) if mask >> i & 1)


def mask_of(players: Iterable[int]) -> int:
    """Return the bitmask of a set of players: ``mask_of([0, 2]) == 0b101``."""
    mask = 0
    for player in players:
        if player < 0:
            raise ValueError(f"players: got {player}, expected numbers from 0 upwards")
        mask |= 1 << player
    return mask


def label(mask: int, names: Sequence[str]) -> str:
    """Return a coalition as a reader writes it: ``{not, good}``, or ``∅``."""
    return "{" + ", ".join(names[i] for i in members(mask)) + "}" if mask else "∅"


def check_names(names: Sequence[str] | None, n: int) -> tuple[str, ...]:
    """Return the players' names, ``x1`` to ``xn`` when there are none.

    Raises:
        ValueError: their number is not n, or one occurs twice.
    """
    if names is None:
        return tuple(f"x{i + 1}" for i in range(n))
    names = tuple(str(name) for name in names)
    if len(names) != n:
        raise ValueError(f"names: got {len(names)}, expected {n}, one for each player of the table")
    if len(set(names)) != n:
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(
            f"names: got {twice} more than once, expected different names; number them"
        )
    return names


def check_memory(n: int, bytes_per_coalition: int = 8) -> None:
    """Refuse a table that this machine's free memory cannot hold, before it is allocated.

    Args:
        n: number of players.
        bytes_per_coalition: what one entry costs, all leading axes together.

    Raises:
        ValueError: :math:`2^n` entries need more than the memory that is free.
    """
    if n < 0:
        raise ValueError(f"n: got {n}, expected a number of players, 0 or more")
    needed, free = 2**n * bytes_per_coalition, psutil.virtual_memory().available
    if needed > free:
        raise ValueError(
            f"n: got {n} players, whose 2**{n} values need {needed / 2**30:,.1f} GiB, but "
            f"{free / 2**30:,.1f} GiB are free; group them into fewer players"
        )
