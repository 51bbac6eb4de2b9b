r"""What sharing is compared with: unrelated networks, permuted players, and an honest measure.

An overlap alone says little. Part of it is chance; part is the objective's, which asks for common
effects and finds some in any two tables; part is the shape that all explanations have (low orders
are strong everywhere). Each control here removes the networks' common knowledge and leaves one of
these in.

====================  =====================================================================
control               what is left in
====================  =====================================================================
chance line           the size of the sets
permuted players      the size, the orders, the objective; only *which* players act is lost
random weights        the architecture, the picture's edges, the objective (see :func:`at_scale`)
shuffled labels       all that, and training, but nothing to learn about the labels
other task            all that, and training on something real
====================  =====================================================================

Chapter: Primitives that networks share.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import n_players
from .intervals import draw_anew, resampled_means


def pairs_by_kind(sources: Sequence) -> dict[str, list[tuple[int, int]]]:
    """Pair each trained network with each other one, by what the other one is.

    Args:
        sources: m objects with the attributes ``network`` (the architecture's name), ``seed`` and
            ``kind`` ("trained", or what else it is), as ``networks.tables`` has them.

    Returns:
        From "other seed" (trained, the same architecture), "other architecture" (trained) and each
        other kind found to pairs (i, j) of positions, i trained; empty ones are left out.
    """
    pairs: dict[str, list[tuple[int, int]]] = {"other seed": [], "other architecture": []}
    trained = [i for i, source in enumerate(sources) if source.kind == "trained"]
    for i in trained:
        for j, other in enumerate(sources):
            if other.kind != "trained":
                pairs.setdefault(other.kind, []).append((i, j))
            elif i < j:
                same = other.network == sources[i].network
                pairs["other seed" if same else "other architecture"].append((i, j))
    return {kind: found for kind, found in pairs.items() if found}


def permuted(v: Tensor, seed: int = 0) -> Tensor:
    """Return tables whose players have changed places, each table's by a draw of its own.

    No player keeps its place. Sparsity, orders, strengths and the values of ∅ and N stay what they
    were; with n = 1 nothing can move.

    Args:
        v: tables (..., 2**n).
        seed: of the draws.
    """
    n = n_players(v, "v")
    random = torch.Generator().manual_seed(seed)
    flat, masks = v.reshape(-1, 2**n), torch.arange(2**n)
    moved = []
    for table in flat:
        circle = torch.randperm(n, generator=random)  # one cycle through all players
        after = torch.empty(n, dtype=torch.int64)
        after[circle] = circle.roll(1)
        source = sum(((masks >> i) & 1) << int(after[i]) for i in range(n))
        moved.append(table[source])
    return torch.stack(moved).view(v.shape)


def at_scale(v: Tensor, like: Tensor) -> Tensor:
    r"""Return tables stretched to the spread of others, :math:`v(\varnothing)` kept.

    A joint objective adds up effects in the units of the values. A network with random weights has
    values a hundredth as large, so its effects cost nothing, stay dense, and overlap little for
    that reason alone. A fair unrelated network speaks as loudly as the one whose place it takes.

    Args:
        v: tables (samples, 2**n).
        like: tables (..., samples, 2**n); the standard deviations over their masks are averaged
            over the leading axes.

    Raises:
        ValueError: a table of ``v`` that is constant.
    """
    spread = v.std(-1, keepdim=True)  # (samples, 1)
    if bool((spread == 0).any()):
        raise ValueError("v: got a table with one value throughout, expected values that differ")
    wanted = like.std(-1, keepdim=True).reshape(-1, *spread.shape).mean(0)
    return v[..., :1] + (v - v[..., :1]) * wanted / spread


def excess(
    related: pd.DataFrame,
    unrelated: pd.DataFrame,
    column: str = "s",
    by: Sequence[str] = ("kind", "k"),
    seed: int = 0,
) -> pd.DataFrame:
    r"""Return how much more is shared than by unrelated networks told by the same objective.

    .. math:: e = \frac{\bar s - \bar s_0}{1 - \bar s_0}

    with :math:`\bar s` the mean overlap of the related networks, and :math:`\bar s_0` that of a
    trained and an unrelated network on the same samples, at the same k, with the same objective.
    1: all that can be shared is; 0: no more than two networks that have nothing to share; below 0:
    less than those.

    Why this and not s: s rises with k by chance, and a joint objective lifts it for any two tables;
    both are in :math:`s_0` and go out. Why divided: where unrelated networks reach .6, only .4 is
    left to gain; Cohen's κ corrects agreement for chance in the same way. Why a ratio of means and
    not a mean of ratios: on a sample where :math:`s_0` is near 1 the ratio has no meaning.

    What it cannot do: where :math:`\bar s_0` is near 1 (a joint objective at large k) hardly
    anything is left to be gained, small differences are blown up, and e is not worth reading; the
    plain difference ``gain`` stands beside it, and :mod:`.held_out` has a better question. And e
    depends on which networks are called unrelated: report the kind that leaves the least, and
    permuted players beside it.

    Args:
        related, unrelated: frames with the columns sample, ``by`` and ``column``, as
            ``sharing.overlap_curves`` returns, concatenated over pairs.
        column: the overlap.
        by: columns that make the groups.
        seed: of the draws; both frames are drawn alike, so what a sample adds to both cancels.

    Returns:
        Columns ``by``, related, unrelated, excess, low, high, gain, gain_low, gain_high; the
        intervals hold 95 % of bootstrap draws over samples.

    Raises:
        ValueError: frames on different samples or with different groups.

    Source: ours. Chapter: Primitives that networks share.
    """
    pair = [
        frame.dropna(subset=[column]).groupby([*by, "sample"], sort=False)[column].mean()
        for frame in (related, unrelated)
    ]
    s, s0 = (part.unstack("sample").sort_index(axis=1) for part in pair)
    if list(s.columns) != list(s0.columns) or set(s.index) != set(s0.index):
        raise ValueError(
            f"related, unrelated: got {len(s.columns)} and {len(s0.columns)} samples, {len(s)} and "
            f"{len(s0)} groups of {', '.join(by)}; expected the same samples and groups in both"
        )
    rows, draws = [], draw_anew((len(s.columns),), seed)
    for key in s.index:
        one, zero = s.loc[key].to_numpy(), s0.loc[key].to_numpy()
        drawn, drawn0 = resampled_means(one, draws), resampled_means(zero, draws)
        mean, mean0 = float(np.nanmean(one)), float(np.nanmean(zero))
        gain, room_left = drawn - drawn0, np.maximum(1 - drawn0, 1e-12)
        limits = [*np.nanquantile(gain / room_left, [0.025, 0.975]), mean - mean0]
        limits += [*np.nanquantile(gain, [0.025, 0.975])]
        names = key if isinstance(key, tuple) else (key,)
        rows.append((*names, mean, mean0, (mean - mean0) / max(1 - mean0, 1e-12), *limits))
    columns = ["related", "unrelated", "excess", "low", "high", "gain", "gain_low", "gain_high"]
    return pd.DataFrame(rows, columns=[*by, *columns])
