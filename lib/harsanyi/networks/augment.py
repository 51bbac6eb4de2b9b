"""Seeded changes of a batch in training, each of them something that leaves the answer as it is.

Every function takes a batch and a generator and returns a changed copy.

Chapter: The networks of this book.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

Augment = Callable[[Tensor, torch.Generator], Tensor]


def shift_pixels(x: Tensor, generator: torch.Generator) -> Tensor:
    """Moves each picture (B, 1, 28, 28) by up to two pixels in both directions."""
    padded = nn.functional.pad(x, (2, 2, 2, 2))
    dy, dx = torch.randint(5, (2, len(x), 1, 1), generator=generator)  # (B, 1, 1) each
    grid = torch.arange(28)
    rows = torch.arange(len(x))[:, None, None]
    return padded[rows, 0, grid[:, None] + dy, grid + dx][:, None]  # (B, 1, 28, 28)


def mirror_pixels(x: Tensor, generator: torch.Generator) -> Tensor:
    """Exchanges left and right in about half of the pictures (B, 1, 28, 28)."""
    turned = torch.rand((len(x), 1, 1, 1), generator=generator) < 0.5
    return torch.where(turned, x.flip(3), x)


def hide_words(share: float, mask_id: int, pad_id: int) -> Augment:
    """Returns a function that puts the mask token in place of a share of the tokens (B, L).

    The network thereby learns what the mask token means: nothing known here.
    """

    def augment(ids: Tensor, generator: torch.Generator) -> Tensor:
        hidden = torch.rand(ids.shape, generator=generator) < share
        return torch.where(hidden & (ids != pad_id), mask_id, ids)

    return augment


def turn_points(x: Tensor, generator: torch.Generator, keep: int = 256) -> Tensor:
    """Mirrors, turns a little, stretches and thins clouds (B, P, 3) to (B, keep, 3); up stays up.

    Left and right are exchanged at random; the front stays in front, within 17 degrees.
    """
    count = len(x)
    angle = 0.6 * torch.rand(count, generator=generator) - 0.3  # (B,), radians
    side = 1 - 2 * torch.randint(2, (count,), generator=generator)  # (B,), −1 or 1
    c, s, o = angle.cos(), angle.sin(), torch.zeros(count)
    turn = torch.stack([side * c, o, side * s, o, o + 1, o, -s, o, c], 1).view(count, 3, 3)
    stretch = 0.8 + 0.4 * torch.rand((count, 1, 3), generator=generator)
    some = torch.randperm(x.shape[1], generator=generator)[:keep]
    noise = 0.01 * torch.randn((count, len(some), 3), generator=generator)
    return (x[:, some] * stretch) @ turn + noise
