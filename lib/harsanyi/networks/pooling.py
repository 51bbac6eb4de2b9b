r"""How the output of a layer becomes one row of numbers for each input, before a probe reads it.

A pooling is a function of a layer's output (B, …) and of the inputs (B, \*x.shape) of the same
batch; it returns (B, F). Any function of that kind can be used in place of these.

Source: Cheng et al., ICML 2024, Appendix M.2 (a linear classifier on a layer's features).
Chapter: Layer by layer.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

Pool = Callable[[Tensor, Tensor], Tensor]


def average(output: Tensor, inputs: Tensor) -> Tensor:
    """Average over places: the plane of a convolution, or the positions of a sentence.

    Args:
        output: (B, C, \\*places) with two or more axes of places, or (B, L, d), or (B, F).
        inputs: not looked at.

    Returns:
        Tensor (B, C), (B, d) or (B, F).
    """
    if output.dim() == 3:
        return output.mean(1)  # (B, d)
    return output.flatten(2).mean(2) if output.dim() > 3 else output  # (B, C)


def flat(output: Tensor, inputs: Tensor) -> Tensor:
    """Keep all numbers of a layer, (B, …) to (B, F): what is where is not lost, F can be large."""
    return output.flatten(1)


def cells(rows: int) -> Pool:
    """Return a pooling that averages a plane in rows × rows cells: (B, C, H, W) to (B, C·rows²).

    It stands between :func:`average` and :func:`flat`: roughly where, at a bearable width. Planes
    no larger than that, and outputs that are no planes, stay as they are.

    Raises:
        ValueError: fewer than one row.
    """
    if rows < 1:
        raise ValueError(f"rows: got {rows}, expected 1 or more")

    def pool(output: Tensor, inputs: Tensor) -> Tensor:
        if output.dim() == 4 and max(output.shape[2:]) > rows:
            output = nn.functional.adaptive_avg_pool2d(output, rows)
        return output.flatten(1)

    pool.__name__ = f"cells{rows}"  # tells one checkpoint from another
    return pool


def words(pad_id: int) -> Pool:
    """Return a pooling that averages (B, L, d) over the positions that are no padding.

    Args:
        pad_id: the id that marks padding; where the inputs are vectors there is none.

    Returns:
        Pooling to (B, d); outputs without positions (B, F) stay as they are.
    """

    def pool(output: Tensor, inputs: Tensor) -> Tensor:
        if output.dim() != 3 or inputs.is_floating_point():
            return average(output, inputs)
        here = inputs[:, : output.shape[1]] != pad_id  # (B, L)
        weight = here[..., None].to(output.dtype)
        return (output * weight).sum(1) / weight.sum(1).clamp(min=1)  # (B, d)

    pool.__name__ = "words"
    return pool


def check_pooled(features: Tensor, layer: str, rows: int) -> Tensor:
    """Return features that are (B, F); raise ValueError for any other shape."""
    shape = tuple(features.shape) if isinstance(features, torch.Tensor) else None
    if shape is None or len(shape) != 2 or shape[0] != rows:
        raise ValueError(
            f"pool: got {shape or type(features).__name__} from layer {layer!r}, expected "
            f"({rows}, F); see harsanyi.networks.pooling"
        )
    return features
