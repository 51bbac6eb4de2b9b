r"""How two players interact in contexts of each size, exactly, and how noise alone would.

What j changes in the effect of i while the players S are there is

.. math:: \Delta_{ij}(S) = v(S \cup ij) - v(S \cup i) - v(S \cup j) + v(S),
          \qquad I^{(m)}(i, j) = \mathop{E}_{S \subseteq N \setminus ij, |S| = m} \Delta_{ij}(S)

The papers call the context's size m the "order". It is not the order of an interaction: a dividend
of three players is felt in contexts of 1 to n − 2. And every context size holds all dividends of
orders 2 to m + 2:

.. math:: I^{(m)}(i, j) = \sum_{s=2}^{m+2} \binom{m}{s-2} \Big/ \binom{n-2}{s-2}
          \sum_{S \ni i, j, |S| = s} I(S)

Source: Zhang et al., technical note on interactions of different orders, 2020; Deng et al., ICLR
2022. Chapter: Generalization, sensitivity, bottleneck.
"""

from collections.abc import Iterator
from math import comb

import torch
from torch import Tensor

from ..core.coalitions import n_players, sizes


def pairs_of(n: int) -> Tensor:
    """Return all pairs of players in rising order, int64 (n(n−1)/2, 2).

    Raises:
        ValueError: fewer than two players.
    """
    if n < 2:
        raise ValueError(f"n: got {n} players, expected 2 or more; one has nobody to interact with")
    return torch.combinations(torch.arange(n))


def gain_table(v: Tensor, player: int) -> Tensor:
    r"""Return what a player adds to each coalition of the others: their game.

    .. math:: \Delta_i(S) = v(S \cup i) - v(S), \quad S \subseteq N \setminus i

    The others keep their order. Taken twice it is :math:`\Delta_{ij}`, and its dividends are
    those of v that hold the players taken: :math:`I(S \cup ij)`.

    Args:
        v: table (..., 2**n), float64 or float32.
        player: i, 0 to n − 1.

    Returns:
        Tensor (..., 2**(n−1)).

    Raises:
        TypeError, ValueError: as :func:`harsanyi.mobius`, or no such player.

    Source: Ren et al., CVPR 2023, recursive axiom. Chapter: Generalization, sensitivity,
    bottleneck.
    """
    n = n_players(v, "v")
    if not 0 <= player < n:
        raise ValueError(f"player: got {player}, expected 0 to {n - 1}")
    absent, present = v.unflatten(-1, (-1, 2, 2**player)).unbind(-2)
    return (present - absent).flatten(-2)


def mean_by_size(table: Tensor) -> Tensor:
    """Return a table's means over the coalitions of each size: (..., 2**n) to (..., n + 1)."""
    n = n_players(table)
    sums = table.new_zeros(*table.shape[:-1], n + 1)
    counts = table.new_tensor([comb(n, size) for size in range(n + 1)])
    return sums.index_add(-1, sizes(n).to(table.device), table) / counts


def player_gains(v: Tensor) -> Tensor:
    r"""Return each player's mean gain in contexts of each size; their mean is its Shapley value.

    .. math:: \varphi^{(m)}(i) = E_{|S| = m}\, [v(S \cup i) - v(S)], \qquad
              \varphi^{(m+1)}(i) - \varphi^{(m)}(i) = E_{j \ne i}\, I^{(m)}(i, j)

    Args:
        v: table (..., 2**n), float64 or float32.

    Returns:
        Tensor (..., n context sizes 0 to n − 1, n players).

    Source: Zhang et al., 2020. Chapter: Generalization, sensitivity, bottleneck.
    """
    n = n_players(v, "v")
    return torch.stack([mean_by_size(gain_table(v, i)) for i in range(n)], -1)


def interactions(v: Tensor) -> Tensor:
    r"""Return the interaction of every pair in contexts of each size, exactly.

    .. math:: I^{(m)}(i, j), \quad m = 0, \dots, n - 2

    Their mean over m is the Shapley interaction index of the pair. Time :math:`O(n^2 2^n)` a table.

    Args:
        v: table (..., 2**n), float64 or float32; n ≥ 2.

    Returns:
        Tensor (..., n − 1 context sizes, n(n−1)/2 pairs), pairs as :func:`pairs_of`.

    Raises:
        TypeError, ValueError: as :func:`harsanyi.mobius`, or one player.

    Source: Zhang et al., 2020; Deng et al., ICLR 2022. Chapter: Generalization,
    sensitivity, bottleneck.
    """
    return torch.stack([mean_by_size(table) for table in _differences(v)], -1)


def strengths(v: Tensor) -> Tensor:
    r"""Return the mean strength in contexts of each size, before anything cancels.

    .. math:: E_{|S| = m}\, |\Delta_{ij}(S)|

    Beside :math:`|I^{(m)}(i, j)|` it tells a small interaction from one that changes its sign from
    context to context; their ratio, averaged over pairs, is the D of Ren et al., 2021.

    Args:
        v: table (..., 2**n), float64 or float32; n ≥ 2.

    Returns:
        Tensor (..., n − 1 context sizes, n(n−1)/2 pairs).

    Source: Ren et al., NeurIPS 2021. Chapter: Generalization, sensitivity, bottleneck.
    """
    return torch.stack([mean_by_size(table.abs()) for table in _differences(v)], -1)


def dividend_weights(n: int) -> Tensor:
    r"""Return what part of each dividend a context size holds.

    .. math:: w_{m, s} = \binom{m}{s-2} \Big/ \binom{n-2}{s-2}

    Args:
        n: players, 2 or more.

    Returns:
        Tensor (n − 1 context sizes, n orders 1 to n), float64; column 1 is 0.

    Source: ours. Chapter: Generalization, sensitivity, bottleneck.
    """
    pairs_of(n)
    rows = [[0] + [comb(m, t) / comb(n - 2, t) for t in range(n - 1)] for m in range(n - 1)]
    return torch.tensor(rows, dtype=torch.float64)


def output_parts(v: Tensor) -> tuple[Tensor, Tensor]:
    r"""Return how the output is made of single players and of contexts of each size.

    .. math:: v(N) - v(\varnothing) = \sum_i \bigl(v(i) - v(\varnothing)\bigr)
              + \sum_{m=0}^{n-2} \frac{n - 1 - m}{n (n-1)} \sum_{i \ne j} I^{(m)}(i, j)

    Args:
        v: table (..., 2**n), float64 or float32; n ≥ 2.

    Returns:
        The first sum (...), and the terms of the second, (..., n − 1).

    Source: Zhang et al., 2020; Deng et al., ICLR 2022. Chapter: Generalization,
    sensitivity, bottleneck.
    """
    found, n = interactions(v), n_players(v, "v")
    share = torch.arange(n - 1, 0, -1).to(found) / (n * (n - 1))
    alone = v[..., [1 << i for i in range(n)]] - v[..., :1]
    return alone.sum(-1), 2 * share * found.sum(-1)  # each pair is summed in both directions


def relative_strength(found: Tensor) -> Tensor:
    r"""Return the mean strength of contexts of each size, relative to the mean over sizes.

    .. math:: J^{(m)} = \frac{E_x E_{ij} |I^{(m)}(i, j \mid x)|}
                             {E_{m'} E_x E_{ij} |I^{(m')}(i, j \mid x)|}

    Args:
        found: (..., samples, context sizes, pairs), as :func:`interactions` returns.

    Returns:
        Tensor (..., context sizes) with mean 1; NaN where nothing interacts.

    Source: Deng et al., ICLR 2022. Chapter: Generalization, sensitivity, bottleneck.
    """
    mean = found.abs().mean((-3, -1))
    return mean / mean.mean(-1, keepdim=True)


def null_strength(n: int, contexts: int | None = None) -> Tensor:
    r"""Return the J of tables of independent noise: a bottleneck without a network.

    .. math:: J^{(m)} \propto \sqrt{\tfrac{1}{k} + \bigl(1 - \tfrac1k\bigr) \tfrac{1}{C}},
              \quad C = \binom{n-2}{m}, \quad k = \text{contexts}

    :math:`\Delta_{ij}` has the same variance, four values', in all contexts, and there are most of
    them at middle sizes, so most of it cancels there. With all contexts it is :math:`C^{-1/2}`.

    Args:
        n: players, 2 or more.
        contexts: draws, as for :func:`~.sampled_contexts.sampled_interactions`; by default all
            contexts.

    Returns:
        Tensor (n − 1,), float64, with mean 1; exact for Gaussian noise.

    Source: ours. Chapter: Generalization, sensitivity, bottleneck.
    """
    pairs_of(n)
    every = torch.tensor([comb(n - 2, m) for m in range(n - 1)], dtype=torch.float64)
    drawn = 0.0 if contexts is None else 1 / contexts * (every > contexts)
    root = (drawn + (1 - drawn) / every).sqrt()
    return root / root.mean()


def _differences(v: Tensor) -> Iterator[Tensor]:
    """The tables (..., 2**(n-2)) of each pair, in the order of pairs_of."""
    for i, j in pairs_of(n_players(v, "v")).tolist():
        yield gain_table(gain_table(v, j), i)  # j first: i keeps its place
