r"""Do the same interactions recur from sample to sample? Dictionaries and what they cover.

``found`` is an :class:`~harsanyi.core.result.Interactions` (samples, 2**n) of one network on
samples with players in common: the cells of a fixed grid on pictures, or columns of a table. AND
and OR are entries of one list: sets are bool (..., 2, 2**n), AND first.

A dictionary of low orders covers much of any network, because few coalitions have a low order; so
beside each coverage stands what random sets with the same number of entries of each kind and order
would cover.

Source: Li and Zhang, ICML 2023; its text was not at hand, and where it leaves a choice, ours is
written here. Chapter: Primitives across samples, and order.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ..core.result import Interactions
from .orders import counts_by_order
from .pooled import pooled_sets
from .sharing import check_networks, room, salient_sets


def entries(found: Interactions, threshold: float = 0.05) -> Tensor:
    """Return the salient interactions Ω of each sample: bool (samples, 2, 2**n)."""
    return salient_sets([found], threshold)[0]


def frequencies(found: Interactions, threshold: float = 0.05) -> Tensor:
    """Return in which share of the samples each interaction is salient: (2, 2**n)."""
    return entries(found, threshold).double().mean(0)


def dictionary(found: Interactions, k: int, threshold: float = 0.05) -> Tensor:
    """Return the k interactions that are salient most often: bool (2, 2**n).

    Frequencies are counts and tie often; among equals the one with the greater summed strength goes
    first, each sample's strengths counted over its strongest. What is never salient never enters.

    Raises:
        ValueError: k below 1.
    """
    if k < 1:
        raise ValueError(f"k: got {k}, expected 1 or more")
    sets, strength = entries(found, threshold), found.effects.abs()
    top = strength.amax((-1, -2), keepdim=True).clamp(min=torch.finfo(strength.dtype).tiny)
    count = sets.sum(0)
    rank = (count + (strength / top).mean(0) / 2).flatten()  # counts first: the rest is below 1
    order = rank.argsort(descending=True, stable=True)[:k]
    return torch.zeros_like(rank, dtype=torch.bool).scatter(0, order, True).view_as(count) & (
        count > 0
    )


class Cover(NamedTuple):
    """Which share of sets is covered, (...) each: ``ratio``, and by random sets."""

    ratio: Tensor
    chance: Tensor
    chance_by_order: Tensor


def cover(sets: Tensor, by: Tensor) -> Cover:
    r"""Return which share of sets another set covers, and what random covers would reach.

    .. math:: ratio = |\Omega \cap D| / |\Omega|, \qquad chance = |D| / M, \qquad
              chance_{order} = \frac{1}{|\Omega|} \sum_{S \in \Omega} d(op_S, |S|)

    with d the share of all interactions of a kind and order that are in D. Both are exact means
    over random covers, of the size of D and of its numbers of each kind and order.

    Args:
        sets: bool (..., 2, 2**n), Ω.
        by: bool (..., 2, 2**n), D; broadcast against ``sets``.

    Returns:
        Cover; NaN where Ω is empty.
    """
    n = sets.shape[-1].bit_length() - 1
    full = counts_by_order(room(n))  # (2, n)
    sets, by = torch.broadcast_tensors(sets, by)
    size = sets.sum((-1, -2)).double()
    dense = counts_by_order(by) / full.clamp(min=1)
    return Cover(
        (sets & by).sum((-1, -2)) / size,
        torch.where(size > 0, by.sum((-1, -2)) / full.sum(), torch.nan),
        (counts_by_order(sets) * dense).sum((-1, -2)) / size,
    )


def _frame(k: int, got: Cover) -> pd.DataFrame:
    columns = {name: value.tolist() for name, value in got._asdict().items()}
    return pd.DataFrame({"k": k, "sample": range(len(got.ratio)), **columns})


def coverage_curves(
    learnt: Interactions, fresh: Interactions, ks: Sequence[int], threshold: float = 0.05
) -> pd.DataFrame:
    r"""Return how much of fresh samples the dictionary of other samples covers.

    .. math:: \rho(k) = E_x \frac{|D_k \cap \Omega_x|}{|\Omega_x|}

    Controls: the two columns of chance; the same call on a network with random weights; and a
    dictionary learnt on another class.

    Args:
        learnt: samples of a class that the dictionary is made from.
        fresh: other samples of the class, (samples, 2**n).
        ks: sizes of the dictionary.
        threshold: fraction of a sample's strongest effect above which one is salient.

    Returns:
        Columns k, sample, ratio, chance, chance_by_order; one row a fresh sample and k.

    Source: LZ-1, Li and Zhang, ICML 2023. Chapter: Primitives across samples, and order.
    """
    sets = entries(fresh, threshold)
    frames = [_frame(k, cover(sets, dictionary(learnt, k, threshold))) for k in ks]
    return pd.concat(frames, ignore_index=True)


def dictionary_cover(
    one: Interactions, other: Interactions, ks: Sequence[int], threshold: float = 0.05
) -> pd.DataFrame:
    """Return which share of one network's dictionary stands in the other's of the same k.

    Returns:
        Columns k, ratio, chance, chance_by_order.

    Source: LZ-2, Li and Zhang, ICML 2023. Chapter: Primitives across samples, and order.
    """
    frames = []
    for k in ks:
        mine, theirs = (dictionary(found, k, threshold) for found in (one, other))
        frames.append(_frame(k, cover(mine[None], theirs)).drop(columns="sample"))
    return pd.concat(frames, ignore_index=True)


def network_cover(
    one: Interactions, other: Interactions, ks: Sequence[int], threshold: float = 0.05
) -> pd.DataFrame:
    """Return which share of a sample's k strongest in one network is salient in another.

    Here the players need not be common to the samples.

    Args:
        one, other: two networks on the same samples, (samples, 2**n) each.
        ks: how many of the strongest of ``one``.
        threshold: of what is salient in ``other``.

    Returns:
        Columns k, sample, ratio, chance, chance_by_order.

    Source: LZ-2, Li and Zhang, ICML 2023. Chapter: Primitives across samples, and order.
    """
    check_networks((one, other))
    sets = entries(other, threshold)
    frames = [_frame(k, cover(pooled_sets([one], k)[0], sets)) for k in ks]
    return pd.concat(frames, ignore_index=True)
