r"""Small networks that learn planted games, and the orders they pass on the way.

Are interactions of high order learned late, and by way of lower ones? In a planted game the truth
is known: a few terms of chosen orders, either ANDs,

.. math:: v(S) = \sum_T w_T \prod_{i \in T} x_i, \qquad x_i \in \{0, 1\}

whose dividends are :math:`w_T`, or parities, :math:`\prod_{i \in T} (2 x_i - 1)`. Two things could
make high orders late for reasons that have nothing to do with networks. An AND of k players is 1 in
only :math:`2^{-k}` of the coalitions, so it weighs less in the loss: terms of one variance (see
:mod:`.planted_terms`) and parities, which are all equally large, are the controls. And the coding
of who is absent as 0 is a choice, in whose terms dividends are defined: the coding ±1 is the
control.

Source: Liu et al., NeurIPS 2023, and Zhou et al., AAAI 2024 (which orders are learned first).
Chapter: Generalization, sensitivity, bottleneck.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import membership, sizes
from .planted_terms import Planted

STEPS = 300


class Learned(NamedTuple):
    """What networks made of games, at some moments.

    Attributes:
        steps: of the optimiser, (moments,) from 0.
        tables: of the networks, (moments, games, 2**n) float64.
        seen: the coalitions trained on, bool (games, 2**n).
    """

    steps: tuple[int, ...]
    tables: Tensor
    seen: Tensor


def zero_one(n: int) -> Tensor:
    """Return the inputs (2**n, n) of all coalitions, 1 for who is present and 0 for who is not."""
    return membership(n).float()


def plus_minus(n: int) -> Tensor:
    """Return the inputs (2**n, n) of all coalitions, 1 for who is present and −1 for who is not."""
    return 2 * membership(n).float() - 1


def moments(steps: int = STEPS, count: int = 20) -> tuple[int, ...]:
    """Return 0 and so many log-spaced steps, the last one included, without repetitions."""
    grid = torch.logspace(0, math.log10(steps), count, dtype=torch.float64)
    return (0, *dict.fromkeys(grid.round().long().tolist()))


def learn(
    tables: Tensor,
    coding: Callable[[int], Tensor] = zero_one,
    share: float = 1.0,
    steps: int = STEPS,
    width: int = 32,
    rate: float = 3e-3,
    seed: int = 0,
) -> Learned:
    """Train one small network for each game, all side by side, on all its coalitions at once.

    Two hidden layers of ReLU units, squared error, Adam. A network's steps do not depend on how
    large its game's values are, which Adam divides out, but on how its terms compare.

    Args:
        tables: games (games, 2**n).
        coding: the inputs of all coalitions.
        share: of the coalitions that are trained on, drawn for each game.
        steps: of the optimiser.
        width: units of a hidden layer.
        rate: of learning.
        seed: of weights and of the share.

    Raises:
        ValueError: a share outside 0 to 1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share: got {share}, expected above 0 and at most 1")
    games, entries = tables.shape
    random = torch.Generator().manual_seed(seed)
    inputs = coding(entries.bit_length() - 1)  # (2**n, n)
    rank = torch.rand(games, entries, generator=random).argsort(1).argsort(1)
    seen = rank < max(1, round(share * entries))
    parts = _fresh(games, [inputs.shape[1], width, width, 1], random)
    optimiser = torch.optim.Adam(parts, rate)
    targets, weight = tables.float(), seen / seen.sum(1, keepdim=True)
    wanted, found = moments(steps), []
    for step in range(steps + 1):
        outputs = _forward(parts, inputs)  # (games, 2**n)
        if step in wanted:
            found.append(outputs.detach().double())
        optimiser.zero_grad()
        (weight * (outputs - targets) ** 2).sum().backward()
        optimiser.step()
    return Learned(wanted, torch.stack(found), seen)


def _fresh(games: int, widths: Sequence[int], random: torch.Generator) -> list[Tensor]:
    """Weights (games, a, b) and biases (games, 1, b), as torch's dense layers draw them."""
    parts = []
    for a, b in zip(widths, widths[1:], strict=False):
        for shape in ((games, a, b), (games, 1, b)):
            edge = 1 / math.sqrt(a)
            parts.append(edge * (2 * torch.rand(shape, generator=random) - 1))
    return [part.requires_grad_() for part in parts]


def _forward(parts: list[Tensor], inputs: Tensor) -> Tensor:
    """Outputs (games, rows) of all networks for the same inputs (rows, n)."""
    hidden = inputs.expand(len(parts[0]), -1, -1)  # (games, rows, n)
    layers = list(zip(parts[::2], parts[1::2], strict=True))
    for number, (weight, bias) in enumerate(layers):
        hidden = torch.baddbmm(bias, hidden, weight)
        hidden = hidden.relu() if number < len(layers) - 1 else hidden
    return hidden[..., 0]


def half_times(learned: Learned, planted: Planted) -> pd.DataFrame:
    r"""Return when each term has reached half its weight in the network's own table.

    Returns:
        Columns game, term (position), order, step (straight between moments, from the last moment
        below half on; NaN where it ends below), end (the weight at the end over the planted one),
        active (the share of coalitions where an AND of this order is 1), seen, unseen (the share
        of variance explained at the end on coalitions trained on, and on others; NaN without any).

    Chapter: Generalization, sensitivity, bottleneck.
    """
    own = _own(learned, planted)  # (moments, games, k)
    orders = sizes(planted.tables.shape[1].bit_length() - 1)[planted.terms]
    told = [_explained(learned, planted, here) for here in (learned.seen, ~learned.seen)]
    rows = []
    for game in range(own.shape[1]):
        for at in range(own.shape[2]):
            order = int(orders[game, at])
            rows.append((game, at, order, _crossing(learned.steps, own[:, game, at].tolist()),
                         float(own[-1, game, at]), 2.0**-order,
                         *(float(part[-1, game]) for part in told)))  # fmt: skip
    columns = ["game", "term", "order", "step", "end", "active", "seen", "unseen"]
    return pd.DataFrame(rows, columns=columns)


def detour(learned: Learned, planted: Planted) -> pd.DataFrame:
    r"""Return how strong the weights below a term are while it is learned, beside others.

    All in units of the term's planted weight, in the term's own kind: dividends for ANDs, parities
    for parities. Below: the mean absolute weight over its non-empty proper subsets. Beside: the
    same over coalitions that are no part of a term, order by order as many. What subsets have more
    is the detour; what both have is a network that is not yet anything. Subsets that are planted
    themselves, or are part of another term, are left out.

    Returns:
        Columns step, game, term, order, own (weight over the planted one), below, beside (NaN where
        there are none: order 1).

    Source: Liu et al., NeurIPS 2023; the comparison, ours. Chapter: Generalization, sensitivity,
    bottleneck.
    """
    own, size = _own(learned, planted), sizes(planted.tables.shape[1].bit_length() - 1)
    found = planted.coefficients(learned.tables).abs()  # (moments, games, 2**n)
    masks, rows = torch.arange(len(size)), []
    for game, terms in enumerate(planted.terms.tolist()):
        part = torch.stack([masks & ~mask == 0 for mask in terms])  # (k, 2**n) subsets, itself too
        free = ~part.any(0)
        for at, mask in enumerate(terms):
            mine = part[at] & (part.sum(0) == 1) & (masks > 0) & (masks != mask)
            pairs = [(mine & (size == k), free & (size == k)) for k in range(1, int(size[mask]))]
            pairs = [(a, b) for a, b in pairs if a.any() and b.any()]
            means = [_matched(found[:, game], pairs, side) for side in (0, 1)]
            scale = float(planted.weights[game, at].abs())
            for moment, step in enumerate(learned.steps):
                rows.append((step, game, at, int(size[mask]), float(own[moment, game, at]),
                             *(float(mean[moment]) / scale for mean in means)))  # fmt: skip
    return pd.DataFrame(rows, columns=["step", "game", "term", "order", "own", "below", "beside"])


def _matched(strength: Tensor, pairs: list[tuple[Tensor, Tensor]], side: int) -> Tensor:
    """Mean (moments,) over one side of pairs of sets, each order weighted by its first set."""
    if not pairs:
        return torch.full((len(strength),), torch.nan, dtype=strength.dtype)
    counts = torch.tensor([float(pair[0].sum()) for pair in pairs], dtype=strength.dtype)
    means = torch.stack([strength[:, pair[side]].mean(1) for pair in pairs], 1)
    return means @ counts / counts.sum()


def _own(learned: Learned, planted: Planted) -> Tensor:
    """The weight of each term over the planted one, (moments, games, k)."""
    found = planted.coefficients(learned.tables)
    picks = planted.terms.expand(len(found), -1, -1)
    return found.gather(-1, picks) / planted.weights


def _explained(learned: Learned, planted: Planted, here: Tensor) -> Tensor:
    """The share of variance explained on some coalitions (games, 2**n): (moments, games)."""
    count = here.sum(1)
    mean = (planted.tables * here).sum(1, keepdim=True) / count[:, None]
    whole = ((planted.tables - mean) ** 2 * here).sum(1)
    left = ((learned.tables - planted.tables) ** 2 * here).sum(-1)
    return 1 - left / torch.where(whole > 0, whole, torch.nan)


def _crossing(steps: Sequence[int], own: list[float]) -> float:
    """The step where a path comes to half for good, NaN if it never does."""
    if own[-1] < 0.5:
        return math.nan
    last = max((i for i, value in enumerate(own) if value < 0.5), default=-1)
    if last < 0:
        return float(steps[0])
    low, high = own[last], own[last + 1]
    return steps[last] + (steps[last + 1] - steps[last]) * (0.5 - low) / (high - low)
