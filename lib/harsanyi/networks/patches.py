"""Square patches of an image as players: a grid, or those that carry the ink.

Source: Cheng et al., ICML 2024 and Chen et al., ICLR 2024, who picked foreground patches by hand.
Chapter: A network as a game.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from .owners import NOBODY, Players


def grid(
    image: Tensor, rows: int, cols: int, picks: Sequence[tuple[int, int]] | None = None
) -> Players:
    """Return the cells of a grid over an image as players.

    Row r of the grid covers the pixel rows y with ⌊y·rows/H⌋ = r, so cells differ by one pixel at
    most where H is no multiple of ``rows``. Player "(r,c)" is the cell in row r and column c.

    Args:
        image: (…, H, W); only its shape is used.
        rows: cells from top to bottom, at most H.
        cols: cells from left to right, at most W.
        picks: the cells that play, as (row, column) from 0; all by default, row by row. The other
            cells are always kept.

    Returns:
        Players with owners (H, W).

    Raises:
        ValueError: no image, a grid finer than the pixels, or a pick outside it or given twice.
    """
    height, width = _size(image)
    if not (1 <= rows <= height and 1 <= cols <= width):
        raise ValueError(
            f"rows, cols: got {rows} x {cols}, expected at least 1 x 1 and no more than the "
            f"{height} x {width} pixels; take a coarser grid"
        )
    cells = [(r, c) for r in range(rows) for c in range(cols)]
    picks = cells if picks is None else [(int(r), int(c)) for r, c in picks]
    number = torch.full((rows, cols), NOBODY)
    for player, (r, c) in enumerate(picks):
        if not (0 <= r < rows and 0 <= c < cols):
            raise ValueError(
                f"picks: got {(r, c)}, expected a row of 0 ... {rows - 1} and a column of "
                f"0 ... {cols - 1}"
            )
        if number[r, c] != NOBODY:
            raise ValueError(f"picks: got {(r, c)} twice, expected different cells; drop one")
        number[r, c] = player
    y = torch.arange(height) * rows // height  # (H,)
    x = torch.arange(width) * cols // width  # (W,)
    return Players(number[y[:, None], x], [f"({r},{c})" for r, c in picks])


def foreground(image: Tensor, n: int = 10, size: int = 3, background: float = 0.0) -> Players:
    r"""Return n patches on the strokes of an image as players; the rest is always kept.

    Ink is the distance to the background, summed over channels. The patch of highest score is
    taken, then the best that does not overlap it, and so on; of equals the first in reading order:

    .. math:: \text{score}(p) = \text{ink}(p) \prod_{q \text{ taken}}
              \left(1 - e^{-\lVert p - q \rVert^2 / 2 r^2}\right), \quad
              r = \frac{\text{ink of the image}}{2\, n \cdot \text{size} \cdot
              \text{most ink of a pixel}}

    The product keeps patches apart, so that they follow the strokes to their ends and do not crowd
    where these are thick: 2r is a patch's share of a stroke that is as wide as the patch. Players
    are numbered from top to bottom and left to right, "patch 1" to "patch n".

    Args:
        image: float (…, H, W).
        n: number of patches.
        size: side of a patch in pixels.
        background: the value that is no ink, in the image's units.

    Returns:
        Players with owners (H, W).

    Raises:
        ValueError: no image, n or size below 1, or fewer than n patches that carry ink.

    Source: Cheng et al., ICML 2024 and Chen et al., ICLR 2024 take 3 × 3 patches of digits.
    """
    height, width = _size(image)
    if n < 1 or not 1 <= size <= min(height, width):
        raise ValueError(
            f"n, size: got {n} patches of {size} pixels a side, expected at least one of 1 ... "
            f"{min(height, width)}"
        )
    ink = (image.detach().double().cpu() - background).abs().reshape(-1, height, width).sum(0)
    corners = _inkiest(ink, n, size)
    owner = torch.full((height, width), NOBODY)
    for player, (y, x) in enumerate(sorted(corners)):
        owner[y : y + size, x : x + size] = player
    return Players(owner, [f"patch {i + 1}" for i in range(n)])


def _inkiest(ink: Tensor, n: int, size: int) -> list[tuple[int, int]]:
    """Return the upper left corners of n windows of ``ink`` (H, W) by the rule above."""
    score = avg_pool2d(ink[None], size, stride=1)[0]  # (H-size+1, W-size+1)
    radius = float(ink.sum() / ink.max()) / (2 * n * size)
    rows, cols = (torch.arange(length, dtype=torch.float64) for length in score.shape)
    corners = []
    while len(corners) < n:
        if not score.max() > 0:
            raise ValueError(
                f"n: got {n} patches of {size} x {size} pixels, but only {len(corners)} that do "
                "not overlap carry ink; take fewer or smaller patches"
            )
        y, x = divmod(int((score == score.max()).flatten().nonzero()[0]), score.shape[1])
        corners.append((y, x))
        distance = (rows[:, None] - y) ** 2 + (cols - x) ** 2  # squared
        score *= -torch.expm1(-distance / (2 * radius**2))
        score[max(0, y - size + 1) : y + size, max(0, x - size + 1) : x + size] = 0
    return corners


def _size(image: Tensor) -> tuple[int, int]:
    if image.dim() < 2:
        raise ValueError(f"image: got shape {tuple(image.shape)}, expected (..., height, width)")
    return image.shape[-2], image.shape[-1]
