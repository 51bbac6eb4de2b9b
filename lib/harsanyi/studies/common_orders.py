r"""What of each order carries over to new samples, where all samples have the same players.

The dividends of many samples of a class are averaged, once over training rows and once over test
rows, and the two means J and J' compared order by order:

.. math:: s^{(k)} = \frac{\lVert \min(J, J') \rVert_1}{\lVert \max(J, J') \rVert_1} \text{ over }
          |S| = k

A mean over few samples differs from the next such mean whatever the split, and more so the higher
the order. So training rows are dealt to two groups: what test rows lose is the similarity of the
two less that with the test rows, all means being taken over equally many samples.

Source: Zhou et al., AAAI 2024; Ren et al., dynamics, NeurIPS 2024. Chapter: Generalization,
sensitivity, bottleneck.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor, nn

from ..core.compare import order_profile
from ..core.transforms import mobius
from ..networks.baselines import zero
from ..networks.data import Dataset
from ..networks.masking import MaskedGame
from ..networks.owners import Players
from ..networks.values import Value, log_odds
from .intervals import with_errors
from .learned_orders import chance_similarity


class Groups(NamedTuple):
    """Effects of three groups of samples, ``each`` a class: (classes, each, 2**n), float64.

    Attributes:
        seen: training rows.
        again: other training rows.
        fresh: test rows.
    """

    seen: Tensor
    again: Tensor
    fresh: Tensor


def rows_by_class(labels: Tensor, each: int, first: int = 0) -> Tensor:
    """Return the first rows of each class, (classes, each) int64, classes in rising order.

    Args:
        labels: (rows,) classes.
        each: how many of each class.
        first: how many of each class are passed over.

    Raises:
        ValueError: a class with too few rows.
    """
    found = []
    for label in labels.unique().tolist():
        rows = (labels == label).nonzero().flatten()[first : first + each]
        if len(rows) < each:
            raise ValueError(
                f"labels: got {len(rows)} rows of class {label} after the first {first}, "
                f"expected {each}"
            )
        found.append(rows)
    return torch.stack(found)


def tables_of_rows(
    model: nn.Module,
    data: Dataset,
    rows: Tensor,
    players: Players,
    value: Callable[[int], Value] = log_odds,
) -> Tensor:
    r"""Return the tables of some rows of a data set, all with the same players, black where absent.

    Args:
        model: in evaluation mode, (B, \*shape) to logits (B, C).
        data: with inputs x (N, \*shape) and classes y (N,).
        rows: int64, of any shape.
        players: whose owners fit one input.
        value: from a row's class to its value function.

    Returns:
        Tensor (\*rows, 2**n), float64.

    Raises:
        TypeError, ValueError: as for a masked game.
    """
    tables = [
        MaskedGame(model, x, players, zero(x), value(label)).table()
        for x, label in zip(data.x[rows.flatten()], data.y[rows.flatten()].tolist(), strict=True)
    ]
    return torch.stack(tables).unflatten(0, rows.shape)


def three_groups(
    model: nn.Module,
    train: Dataset,
    test: Dataset,
    players: Players,
    each: int,
    value: Callable[[int], Value] = log_odds,
) -> Groups:
    r"""Return the AND effects of two groups of training rows and one of test rows.

    Args:
        model: in evaluation mode, (B, \*shape) to logits (B, C).
        train: the rows it was trained on; the first 2 · each of every class are taken.
        test: rows it has not seen; the first of every class.
        players: the same for all samples.
        each: samples of a class in a group.
        value: from a row's class to its value function.

    Raises:
        TypeError, ValueError: as for a masked game, or a class with too few rows.

    Source: Zhou et al., AAAI 2024; the second training group is ours. Chapter: Generalization,
    sensitivity, bottleneck.
    """
    split = [(train, 0), (train, each), (test, 0)]
    return Groups(
        *(
            mobius(tables_of_rows(model, data, rows_by_class(data.y, each, at), players, value))
            for data, at in split
        )
    )


def similarity_by_order(one: Tensor, other: Tensor) -> Tensor:
    """Return the similarity of two tables of effects order by order, (..., 2**n) to (..., n).

    NaN where both have nothing.

    Source: Zhou et al., AAAI 2024. Chapter: Generalization, sensitivity, bottleneck.
    """
    low = torch.minimum(one.clamp(min=0), other.clamp(min=0))
    low = low + torch.minimum((-one).clamp(min=0), (-other).clamp(min=0))
    high = one.abs() + other.abs() - low  # min + max = sum, sign by sign
    return order_profile(low).positive / order_profile(high).positive


def carry_over(groups: Groups) -> pd.DataFrame:
    """Return how alike the class means are, order by order: one row a class, order and pair.

    Args:
        groups: effects of the three groups.

    Returns:
        Columns class (a position), order, train (training rows against other training rows), test
        (test rows against training rows, the mean of the two groups), lost (train less test),
        chance (of test, when the players of one side are shuffled).

    Source: Zhou et al., AAAI 2024; train, lost and chance are ours. Chapter: Generalization,
    sensitivity, bottleneck.
    """
    seen, again, fresh = (group.mean(-2) for group in groups)  # (classes, 2**n)
    train = similarity_by_order(seen, again)  # (classes, n)
    test = (similarity_by_order(seen, fresh) + similarity_by_order(again, fresh)) / 2
    chance = chance_similarity(seen[:, None], fresh[:, None])[:, 0]
    values = {"train": train, "test": test, "lost": train - test, "chance": chance}
    index = pd.MultiIndex.from_product(
        [range(len(train)), range(1, train.shape[1] + 1)], names=["class", "order"]
    )
    flat = {name: value.flatten().tolist() for name, value in values.items()}
    return pd.DataFrame(flat, index=index).reset_index()


def lost_by_order(
    frame: pd.DataFrame, reference: pd.DataFrame | None = None, seed: int = 0
) -> pd.DataFrame:
    """Return what test rows lose at each order, beyond another network if one is given.

    Args:
        frame: of :func:`carry_over`.
        reference: likewise, of a network on the same samples, such as one with random weights; the
            difference is taken class by class.
        seed: of the bootstrap over classes.

    Returns:
        Columns order, mean, low, high (95 %), samples (classes).

    Source: ours, a control. Chapter: Generalization, sensitivity, bottleneck.
    """
    lost = frame.set_index(["class", "order"])["lost"]
    if reference is not None:
        lost = lost - reference.set_index(["class", "order"])["lost"]
    return with_errors(lost.reset_index(), "lost", ["order"], ["class"], seed)


def mean_by_order(
    frame: pd.DataFrame, columns: Sequence[str] = ("train", "test", "chance"), seed: int = 0
) -> pd.DataFrame:
    """Return the columns of :func:`carry_over` averaged over classes, one under the other.

    Args:
        frame: of :func:`carry_over`.
        columns: which.
        seed: of the bootstrap over classes.

    Returns:
        Columns order, pair (the name of the column), mean, low, high (95 %), samples (classes).
    """
    long = frame.melt(["class", "order"], list(columns), "pair", "similarity")
    return with_errors(long, "similarity", ["order", "pair"], ["class"], seed)
