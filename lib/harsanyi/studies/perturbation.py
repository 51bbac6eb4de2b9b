r"""The interaction inside an adversarial perturbation: its parts as players of a game.

A perturbation δ is cut into parts; a coalition is the parts that are added to the input, and

.. math:: v(S) = \text{loss}\bigl(f(x + \delta_S), y\bigr)

So it is a masked game whose input is x + δ and whose baseline is x. All else is as for inputs.

Source: Wang et al., ICLR 2021. Chapter: One language for attributions and transferability.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ..networks.masking import MaskedGame
from ..networks.owners import Players
from .contexts import interactions, pairs_of
from .sampled_contexts import sampled_interactions

Loss = Callable[[Tensor, Tensor], Tensor]  # logits (B, C) and classes (B,) to (B,): high is wrong


class Inside(NamedTuple):
    """What a perturbation's parts do to the network, for each sample (samples,), float64.

    Attributes:
        interaction: the mean over pairs of their Shapley interaction.
        gain: by how much all parts together raise the loss.
        alone: the sum of what each part raises it by itself.
    """

    interaction: Tensor
    gain: Tensor
    alone: Tensor


def lead(logits: Tensor, y: Tensor) -> Tensor:
    r"""Return by how much the best wrong class leads: positive where the network is fooled.

    .. math:: \max_{c \ne y} z_c - z_y

    Args:
        logits: (B, C), C ≥ 2.
        y: true classes (B,), int64.

    Source: Wang et al., ICLR 2021. Chapter: One language for attributions and
    transferability.
    """
    own = torch.zeros_like(logits, dtype=torch.bool).scatter(1, y[:, None], True)
    return logits.masked_fill(own, -torch.inf).amax(1) - logits[own]


def log_loss(logits: Tensor, y: Tensor) -> Tensor:
    """Return the cross-entropy of each row (B,) in nats, from logits (B, C) and classes (B,)."""
    return cross_entropy(logits, y, reduction="none")


def perturbation_game(
    model: nn.Module,
    x: Tensor,
    perturbation: Tensor,
    players: Players,
    target: int,
    loss: Loss = lead,
) -> MaskedGame:
    r"""Return the game that the parts of a perturbation play.

    Args:
        model: in evaluation mode, (B, \*shape) to logits (B, C).
        x: one input (\*shape), without a batch axis.
        perturbation: δ, of its shape.
        players: the parts; what nobody owns of δ is always added.
        target: the true class.
        loss: value of a coalition.

    Raises:
        TypeError, ValueError: as for a masked game.

    Source: Wang et al., ICLR 2021. Chapter: One language for attributions and
    transferability.
    """

    def value(logits: Tensor) -> Tensor:
        return loss(logits, torch.full((len(logits),), target, device=logits.device))

    return MaskedGame(model, x + perturbation, players, x, value)


def inside(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    perturbation: Tensor,
    players: Players,
    loss: Loss = lead,
) -> Inside:
    r"""Return the mean interaction inside each sample's perturbation, exactly, from 2n + 2 values.

    .. math:: E_{ij} I_{ij} = \frac{1}{n-1} E_i \bigl[v(N) - v(N \setminus i) - v(i)
              + v(\varnothing)\bigr] = \frac{1}{n (n-1)} \sum_{|S| \ge 2} |S|\, I(S)

    It grows with δ, as the gain does: compare perturbations of one size, or given the gain.

    Args:
        model: in evaluation mode, (B, \*shape) to logits (B, C).
        x, perturbation: (samples, \*shape).
        y: true classes (samples,).
        players: n ≥ 2 parts, the same for all samples.
        loss: value of a coalition.

    Raises:
        TypeError, ValueError: as for a masked game, or fewer than two parts.

    Source: Wang et al., ICLR 2021; in dividends, ours. Chapter: One language for
    attributions and transferability.
    """
    corners, rows = corner_masks(players.n), []
    for one, delta, target in zip(x, perturbation, y.tolist(), strict=True):
        rows.append(perturbation_game(model, one, delta, players, target, loss)(corners))
    costs = torch.stack(rows, 1)  # (2n + 2, samples)
    lone = costs[players.n + 1 : -1] - costs[-1]
    return Inside(mean_of_corners(costs), costs[0] - costs[-1], lone.sum(0))


def pair_interactions(
    game: MaskedGame, pairs: Tensor | None = None, contexts: int | None = None, seed: int = 0
) -> Tensor:
    """Return the Shapley interactions of a game's pairs, by a table or from sampled contexts.

    Args:
        game: of a perturbation, or of any other kind.
        pairs: int64 (pairs, 2); by default all, as :func:`~.contexts.pairs_of`.
        contexts: draws for each pair and context size; by default the exact table, 2**n values.
        seed: of the draws.

    Returns:
        Tensor (pairs,), float64.

    Source: Grabisch & Roubens, 1999; Zhang et al., 2020. Chapter: One language for attributions and
    transferability.
    """
    every = pairs_of(game.n)
    pairs = every if pairs is None else pairs
    if contexts is not None:
        return sampled_interactions(game, game.n, pairs, contexts, seed).mean.mean(0)
    place = torch.zeros(game.n, game.n, dtype=torch.int64)
    place[every[:, 0], every[:, 1]] = place[every[:, 1], every[:, 0]] = torch.arange(len(every))
    return interactions(game.table()).mean(0)[place[pairs[:, 0], pairs[:, 1]]]


def corner_masks(n: int) -> Tensor:
    """Return the coalitions of all, all but one, one alone, and none: int64 (2n + 2,).

    Raises:
        ValueError: fewer than two players.
    """
    pairs_of(n)
    single, full = 1 << torch.arange(n), 2**n - 1
    return torch.cat([torch.tensor([full]), full - single, single, torch.tensor([0])])


def mean_of_corners(values: Tensor) -> Tensor:
    """Return the mean Shapley interaction from values at :func:`corner_masks`, (2n + 2, ...)."""
    n = len(values) // 2 - 1
    parts = values[1 : n + 1] + values[n + 1 : -1]
    return (values[0] + values[-1] - parts.mean(0)) / (n - 1)
