r"""The overlap of many networks: of pairs, with every control beside them, and of more than two.

Chapter: Primitives that networks share.
"""

from collections.abc import Sequence
from itertools import combinations

import pandas as pd
import torch
from torch import Tensor

from .controls import at_scale, pairs_by_kind, permuted
from .joint import Telling, joint
from .sharing import overlap_curves


def by_networks(
    tables: Sequence[Tensor],
    counts: Sequence[int],
    ks: Sequence[int],
    tell: Telling = joint,
    most: int = 3,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the overlap of m networks for growing m.

    Args:
        tables: tables (samples, 2**n) of all networks there are.
        counts: values of m, each 2 to len(tables).
        ks: sizes of the top sets.
        tell: how the networks of a subset are explained.
        most: at most so many subsets of each size, drawn at random.
        seed: of the draw.

    Returns:
        Columns of ``overlap_curves`` and m, subset (its networks' positions joined by "+").

    Raises:
        ValueError: an m outside 2 … len(tables).

    Source: ours; the paper stops at m = 2. Chapter: Primitives that networks share.
    """
    if not all(2 <= m <= len(tables) for m in counts):
        raise ValueError(f"counts: got {list(counts)}, expected each from 2 to {len(tables)}")
    random, frames = torch.Generator().manual_seed(seed), []
    for m in counts:
        subsets = list(combinations(range(len(tables)), m))
        for i in torch.randperm(len(subsets), generator=random)[:most].tolist():
            curves = overlap_curves(tell([tables[j] for j in subsets[i]]), ks)
            frames.append(curves.assign(m=m, subset="+".join(map(str, subsets[i]))))
    return pd.concat(frames, ignore_index=True)


def pair_curves(
    tables: Sequence[Tensor],
    sources: Sequence,
    ks: Sequence[int],
    tell: Telling = joint,
    most: int = 3,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the overlap of pairs of networks: related ones, and every control beside them.

    Each relation of :func:`.controls.pairs_by_kind` is there, and "permuted players": the related
    pairs again, with the second network's players in other places. Unrelated networks are brought
    to the mean spread of the trained ones, see :func:`.controls.at_scale`.

    Args:
        tables: m tables (samples, 2**n).
        sources: what they are, see :func:`.controls.pairs_by_kind`.
        ks: sizes of the top sets.
        tell: how the two of a pair are explained.
        most: at most so many pairs of each relation, drawn at random.
        seed: of the draws.

    Returns:
        Columns of ``overlap_curves`` and relation, pair (the positions joined by "+"). Pairs can
        have a network in common.

    Source: ours. Chapter: Primitives that networks share.
    """
    random, jobs, related = torch.Generator().manual_seed(seed), [], []
    trained = torch.stack([v for v, s in zip(tables, sources, strict=True) if s.kind == "trained"])
    for relation, pairs in pairs_by_kind(sources).items():
        picks = torch.randperm(len(pairs), generator=random)[:most].tolist()
        chosen = [pairs[i] for i in picks]
        if sources[chosen[0][1]].kind == "trained":
            related += chosen
            jobs += [(relation, i, j, tables[j]) for i, j in chosen]
        else:
            jobs += [(relation, i, j, at_scale(tables[j], trained)) for i, j in chosen]
    jobs += [("permuted players", i, j, permuted(tables[j], seed)) for i, j in related]
    return pd.concat(
        [
            overlap_curves(tell([tables[i], second]), ks).assign(relation=relation, pair=f"{i}+{j}")
            for relation, i, j, second in jobs
        ],
        ignore_index=True,
    )
