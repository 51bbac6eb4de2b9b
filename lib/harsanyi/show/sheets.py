"""Every masked picture of a game on one sheet, in order of its value.

Chapter: A network as a game.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from torch import Tensor

from . import style

_INK = np.array(to_rgb("#111827"))


def masked_sheet(
    pictures: Tensor,
    values: Tensor,
    columns: int = 12,
    count: int | None = None,
    label: str = "log-odds",
    framed: Sequence[int] = (),
) -> Figure:
    """Lay masked pictures out by their value, the highest first, on paper coloured by the value.

    Blue paper is a value above zero, vermilion below, white at zero. The number beside a row is
    the value of its first picture.

    Args:
        pictures: float (B, 1, H, W) or (B, H, W), in [0, 1].
        values: (B,), finite.
        columns: pictures in a row.
        count: how many to show, spread evenly over the ranks from highest to lowest; all when None.
        label: what the value is.
        framed: indices into ``pictures`` to frame in amber, where they are shown.

    Returns:
        The figure, 7 inches wide.

    Raises:
        ValueError: shapes that do not fit together, values that are not finite, or a count or
            columns out of range.

    Chapter: A network as a game.
    """
    pictures = _check_sheet(pictures, values, columns)
    total = len(values)
    count = total if count is None else count
    if not 1 <= count <= total:
        raise ValueError(f"count: got {count}, expected 1 to {total}, the number of pictures")
    ranks = torch.linspace(0, total - 1, count).round().long()
    order = values.argsort(descending=True, stable=True)[ranks]  # (count,)
    rows = -(-count // columns)
    sheet = _mosaic(pictures[order], values[order] / values.abs().max().clamp_min(1e-12), columns)
    figure, ax = plt.subplots(figsize=(7, 6.3 * sheet.shape[0] / sheet.shape[1] + 0.35))
    ax.imshow(sheet)
    step = pictures.shape[-1] + 1, pictures.shape[-2] + 1  # one pixel of gap
    for place, index in enumerate(order.tolist()):
        if index in framed:
            corner = place % columns * step[0] - 1, place // columns * step[1] - 1
            ax.add_patch(plt.Rectangle(corner, *step, fill=False, ec=style.AMBER, lw=2, zorder=3))
    every = -(-rows // 12)
    shown = range(0, rows, every)
    ax.set_yticks([(r + 0.5) * step[1] - 1 for r in shown])
    ax.set_yticklabels([f"{values[order[r * columns]]:+.1f}".replace("-", "−") for r in shown])
    ax.set(xticks=[], ylabel=f"{label} of the row’s first picture")
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return figure


def _check_sheet(pictures: Tensor, values: Tensor, columns: int) -> Tensor:
    """Check a sheet's pictures and values, and return the pictures as (B, H, W)."""
    if pictures.dim() == 4 and pictures.shape[1] == 1:
        pictures = pictures[:, 0]
    if pictures.dim() != 3 or values.shape != pictures.shape[:1] or not len(values):
        raise ValueError(
            f"pictures, values: got shapes {tuple(pictures.shape)} and {tuple(values.shape)}, "
            "expected (B, 1, H, W) or (B, H, W), and (B,)"
        )
    if not torch.isfinite(values).all():
        raise ValueError("values: got NaN or infinity, expected finite values")
    if columns < 1:
        raise ValueError(f"columns: got {columns}, expected 1 or more")
    return pictures


def _mosaic(pictures: Tensor, shades: Tensor, columns: int) -> np.ndarray:
    """Put pictures (B, H, W) row by row on paper of shades (B,) in [-1, 1]: RGB (…, …, 3)."""
    count, height, width = pictures.shape
    rows = -(-count // columns)
    middle = style.diverging()(np.linspace(0.22, 0.78, 129))  # light enough for dark ink
    colours = LinearSegmentedColormap.from_list("paper", middle)
    paper = colours(((shades + 1) / 2).double().cpu().numpy())[:, None, None, :3]  # (B, 1, 1, 3)
    ink = pictures.detach().clamp(0, 1).cpu().numpy()[..., None]  # (B, H, W, 1)
    tiles = np.ones((rows * columns, height + 1, width + 1, 3))
    tiles[:count, :height, :width] = paper * (1 - ink) + _INK * ink
    tiles = tiles.reshape(rows, columns, height + 1, width + 1, 3)
    return tiles.swapaxes(1, 2).reshape(rows * (height + 1), columns * (width + 1), 3)
