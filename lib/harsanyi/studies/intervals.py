r"""Means with bootstrap intervals, over samples or over samples and pairs of networks.

Chapter: Primitives that networks share.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

DRAWS = 2000


def _by_axes(part: pd.DataFrame, column: str, over: Sequence[str]) -> np.ndarray:
    """Return the means of a column on the grid of some columns, NaN where there are no rows."""
    means = part.groupby(list(over), sort=True)[column].mean()
    grid = means if len(over) == 1 else means.unstack(list(over)[1:])
    return grid.to_numpy().reshape([part[axis].nunique() for axis in over])


def draw_anew(shape: tuple[int, ...], seed: int) -> tuple[np.ndarray, ...]:
    """Draw each axis anew, by itself: indices that broadcast to DRAWS grids of shape."""
    random, axes = np.random.default_rng(seed), []
    for axis, size in enumerate(shape):
        drawn = random.integers(size, size=(DRAWS, size))
        axes.append(np.expand_dims(drawn, [i + 1 for i in range(len(shape)) if i != axis]))
    return tuple(axes)


def resampled_means(grid: np.ndarray, draws: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return the mean of each resampled grid (DRAWS,)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a draw that holds nothing but NaN
        return np.nanmean(grid[draws].reshape(DRAWS, -1), axis=1)


def with_errors(
    frame: pd.DataFrame,
    column: str,
    by: Sequence[str],
    over: Sequence[str] = ("sample",),
    seed: int = 0,
) -> pd.DataFrame:
    """Return mean, low and high (a 95 % bootstrap interval) of a column for each group.

    Rows that share the values of ``over`` are averaged first, so that ten pairs of networks on one
    sample do not count as ten samples. With two columns in ``over``, such as sample and pair, both
    are drawn anew, independently.

    Args:
        frame: one row a measurement; NaN is left out.
        column: what is averaged.
        by: columns that make the groups, in the order of the result.
        over: columns whose values are drawn anew.
        seed: of the draws.
    """
    rows = []
    for key, part in frame.dropna(subset=[column]).groupby(list(by), sort=False):
        grid = _by_axes(part, column, over)
        low, high = np.nanquantile(
            resampled_means(grid, draw_anew(grid.shape, seed)), [0.025, 0.975]
        )
        rows.append((*key, float(np.nanmean(grid)), low, high, grid.shape[0]))
    return pd.DataFrame(rows, columns=[*by, "mean", "low", "high", "samples"])
