r"""Do two networks that differ in their seed agree more when they were trained on attacked inputs?

Each step of training attacks its batch first: projected gradient ascent on the loss within
:math:`\lVert x' - x \rVert_\infty \le \epsilon`.

Source: Ren et al., CVPR 2023 (sparse concepts), Table 3; the attack, Madry et al., ICLR 2018.
Chapter: Reproductions.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..core.compare import similarity
from ..core.transforms import and_interactions
from ..networks import recipes
from ..networks.data import Dataset
from .concepts import dense
from .samples import spread_rows, usual_game

RADIUS = 0.1  # of the attack, in standard deviations of a column


class Seeds(NamedTuple):
    """What two seeds of one network agree on, for each sample (count,).

    Attributes:
        interactions: similarity of their dividends.
        other_sample: the same between one seed's sample and the other seed's next sample.
        outputs: correlation of their tables.
        score: how far the two rise, on average, from a constant guess (0) to no error (1) on test
            rows: in accuracy, or in squared error for a number.
    """

    interactions: Tensor
    other_sample: Tensor
    outputs: Tensor
    score: float


def attack(
    model: nn.Module, x: Tensor, y: Tensor, loss: Callable, steps: int, radius: float = RADIUS
) -> Tensor:
    """Return inputs (B, d) within ``radius`` that raise the loss, after so many signed steps.

    The steps add up to twice the radius.
    """
    moved = x.clone()
    for _ in range(steps):
        moved.requires_grad_()
        (slope,) = torch.autograd.grad(loss(model(moved), y), moved)
        moved = (moved + 2 * radius / steps * slope.sign()).detach()
        moved = torch.minimum(torch.maximum(moved, x - radius), x + radius)
    return moved


def train(
    model: nn.Module, x: Tensor, y: Tensor, loss: Callable, epochs: int, steps: int, seed: int
) -> nn.Module:
    """Train a network in place with AdamW on attacked batches of 256; 0 ``steps`` is no attack."""
    optimiser = torch.optim.AdamW(model.parameters(), 2e-3)
    random = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=random).split(256):
            batch = attack(model, x[rows], y[rows], loss, steps)
            optimiser.zero_grad()
            loss(model(batch), y[rows]).backward()
            optimiser.step()
    return model.eval()


def two_seeds(
    name: str, layers: int, residual: bool, steps: int, rows: int, epochs: int, count: int,
    scale: str = "laptop", seeds: tuple[int, int] = (0, 1),
) -> Seeds:  # fmt: skip
    """Train MLP or ResMLP twice and compare the dividends of the same test samples.

    Args:
        name: a recipe on columns, "mlp-census" or "mlp-bikes", for its data and games.
        layers: of the network; 100 wide.
        residual: whether it is a ResMLP.
        steps: of the attack in training; 0 for none.
        rows: training rows.
        epochs: passes over them.
        count: test samples.
        scale: of the recipe.
        seeds: of weights and order.
    """
    recipe = recipes.find(name, scale)
    train_rows, test = (recipes.load_split(recipe, scale, part) for part in ("train", "test"))
    x, y, loss = _task(train_rows, rows)
    shift, spread = (0.0, 1.0) if test.classes else (train_rows.y.mean(), train_rows.y.std())
    picks, models = spread_rows(test, count, 10), []
    for seed in seeds:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = dense(x.shape[1], len(test.classes) or 1, layers, residual)
        models.append(train(model, x, y, loss, epochs, steps, seed))
    tables = torch.stack([_tables(model, name, test, picks) for model in models])
    with torch.no_grad():
        scores = [_score(model(test.x), test, shift, spread) for model in models]
    one, other = and_interactions(tables)
    centred = tables - tables.mean(-1, keepdim=True)
    a, b = centred / centred.norm(dim=-1, keepdim=True)
    return Seeds(
        similarity(one, other), similarity(one, other.roll(1, 0)), (a * b).sum(-1),
        sum(scores) / len(scores),
    )  # fmt: skip


def _task(data: Dataset, rows: int):
    """The first rows, evenly spread, with targets and loss; a number is standardised."""
    some = torch.linspace(0, len(data.y) - 1, min(rows, len(data.y))).long()
    x, y = data.x[some], data.y[some]
    if data.classes:
        return x, y, nn.functional.cross_entropy
    y = (y - data.y.mean()) / data.y.std()
    return x, y, lambda out, target: nn.functional.mse_loss(out[:, 0], target)


def _tables(model: nn.Module, name: str, data: Dataset, picks: list[int]) -> Tensor:
    targets = data.y[picks] if data.classes else [0] * len(picks)
    pairs = zip(picks, targets, strict=True)
    return torch.stack([usual_game(model, name, data, row, 10, t).table() for row, t in pairs])


def _score(outputs: Tensor, data: Dataset, shift: float, spread: float) -> float:
    """Return the rise above the best constant guess; a number's output is put back in its units."""
    if data.classes:
        right = float((outputs.argmax(1) == data.y).double().mean())
        guess = float((data.y.mode()[0] == data.y).double().mean())
        return (right - guess) / (1 - guess)
    found = outputs[:, 0] * spread + shift
    return float(1 - (found - data.y).square().mean() / data.y.var(correction=0))
