"""The networks for pictures, tables and points; those for sentences are in ``sentences``.

All image networks take (B, 1, 28, 28) and give logits (B, classes). ``width`` scales a network:
the papers' size is the default, the book's laptop scale uses narrower ones.

Chapter: The networks of this book.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LeNet(nn.Sequential):
    """Two convolutions and three dense layers, for 28×28 pictures.

    Source: LeCun et al. (1998), figure 2, with ReLU and maximum pooling.
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),  # (B, 6, 14, 14)
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),  # (B, 16, 5, 5)
            nn.Flatten(),  # (B, 400)
            nn.Linear(400, 120), nn.ReLU(),
            nn.Linear(120, 84), nn.ReLU(),
            nn.Linear(84, classes),
        )  # fmt: skip


class MLP7(nn.Sequential):
    """Seven dense layers of 1,024 units on the 784 pixels.

    Source: the MLP-7 of the papers on interactions (Li and Zhang, 2023).
    """

    def __init__(self, classes: int = 10, width: int = 1024) -> None:
        sizes = [784, *[width] * 6]
        hidden = [(nn.Linear(a, b), nn.ReLU()) for a, b in zip(sizes, sizes[1:], strict=False)]
        super().__init__(
            nn.Flatten(), *(layer for pair in hidden for layer in pair), nn.Linear(width, classes)
        )
        for dense, _ in hidden:  # keeps the signal's size through seven layers (He et al., 2015)
            nn.init.kaiming_normal_(dense.weight, nonlinearity="relu")
            nn.init.zeros_(dense.bias)


class VGG11(nn.Sequential):
    """Eight 3×3 convolutions in the order of VGG-11, four poolings, one dense layer.

    A 28×28 picture is 1×1 after four poolings, so the fifth of the original is left out, and one
    dense layer stands for its three.

    Source: Simonyan and Zisserman (2015), table 1, column A, with batch normalisation.
    """

    plan = (1, "pool", 2, "pool", 4, 4, "pool", 8, 8, "pool", 8, 8)

    def __init__(self, classes: int = 10, width: int = 64) -> None:
        layers: list[nn.Module] = []
        before = 1
        for step in self.plan:
            if step == "pool":
                layers.append(nn.MaxPool2d(2))
                continue
            after = width * step
            convolution = nn.Conv2d(before, after, 3, padding=1, bias=False)
            layers += [convolution, nn.BatchNorm2d(after), nn.ReLU()]
            before = after
        super().__init__(*layers, nn.Flatten(), nn.Linear(before, classes))


class Residual(nn.Module):
    """Two 3×3 convolutions around which the input is added, averaged down where sizes differ."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.extra = after - before
        self.stride = stride
        self.body = nn.Sequential(
            nn.Conv2d(before, after, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(after), nn.ReLU(),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, before, H, W) to (B, after, H/stride, W/stride)."""
        short = x[:, :, :: self.stride, :: self.stride]
        short = nn.functional.pad(short, (0, 0, 0, 0, 0, self.extra))  # new channels start at 0
        return torch.relu(short + self.body(x))


class ResNet20(nn.Sequential):
    """A first convolution, nine residual blocks in three stages, one dense layer.

    Args:
        classes: how many logits.
        width: channels of the first stage; the next have two and four times as many.
        stride: of the first convolution; 2 halves the picture and takes a quarter of the time.

    Source: He et al. (2016), section 4.2, n = 3, shortcut A.
    """

    def __init__(self, classes: int = 10, width: int = 16, stride: int = 1) -> None:
        first = nn.Conv2d(1, width, 3, stride, padding=1, bias=False)
        layers: list[nn.Module] = [first, nn.BatchNorm2d(width), nn.ReLU()]
        before = width
        for stage in range(3):
            for block in range(3):
                after = width * 2**stage
                layers.append(Residual(before, after, 2 if stage and not block else 1))
                before = after
        super().__init__(
            *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes)
        )


class TabularMLP(nn.Module):
    """Three hidden layers on standardised columns.

    Args:
        columns: how many inputs.
        outputs: classes, or 1 for a number.
        width: hidden units a layer.
        dropout: share of hidden units dropped in training.
        shift: added to the output, in the target's unit.
        scale: multiplies the output before; with ``shift`` it lets a regression start at the
            target's mean and deviation.
    """

    def __init__(
        self, columns: int, outputs: int, width: int = 256, dropout: float = 0.1,
        shift: float = 0.0, scale: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__()
        sizes = [columns, width, width, width]
        layers: list[nn.Module] = []
        for before, after in zip(sizes, sizes[1:], strict=False):
            layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout)]
        self.body = nn.Sequential(*layers, nn.Linear(width, outputs))
        self.register_buffer("shift", torch.tensor(float(shift)))
        self.register_buffer("scale", torch.tensor(float(scale)))

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, columns) to (B, outputs): logits, or a number in the target's unit."""
        return self.body(x) * self.scale + self.shift


class PointNet(nn.Module):
    """The same small network on each point, the maximum over points, two dense layers.

    The alignment networks of the original are left out: our shapes stand upright already.

    Source: Qi et al. (2017), section 4.2.
    """

    def __init__(self, classes: int, width: int = 64) -> None:
        super().__init__()
        sizes = [3, width, width, 2 * width, 8 * width]
        layers: list[nn.Module] = []
        for before, after in zip(sizes, sizes[1:], strict=False):
            layers += [nn.Conv1d(before, after, 1, bias=False), nn.BatchNorm1d(after), nn.ReLU()]
        self.each = nn.Sequential(*layers)
        self.all = nn.Sequential(
            nn.Linear(8 * width, 4 * width), nn.BatchNorm1d(4 * width), nn.ReLU(),
            nn.Dropout(0.3), nn.Linear(4 * width, classes),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Maps points (B, P, 3) to logits (B, classes)."""
        features = self.each(x.transpose(1, 2))  # (B, 8 width, P)
        return self.all(features.amax(2))  # (B, classes)
