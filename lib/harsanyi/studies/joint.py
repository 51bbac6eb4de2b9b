r"""The tables of several networks told jointly, each by itself, or in AND alone.

``tables`` are m tensors (samples, 2**n), the same samples through m networks.

Source: Chen et al., ICLR 2024, Eq. 4 to 6. Chapter: Primitives that networks share.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ..core.result import Interactions
from ..extraction import extract, extract_shared
from .controls import pairs_by_kind, permuted
from .sharing import overlap_curves, salient_sets

ALPHA, NOISE, TOL = 0.1, 0.02, 0.01  # the paper's α and allowance, and a certified 1 %

Telling = Callable[[Sequence[Tensor]], tuple[Interactions, ...]]


def joint(
    tables: Sequence[Tensor], alpha: float = ALPHA, noise: float = NOISE, tol: float = TOL
) -> tuple[Interactions, ...]:
    """Explain all networks together, see :func:`harsanyi.extract_shared` (Eq. 6)."""
    return tuple(extract_shared(list(tables), alpha=alpha, noise=noise, tol=tol))


def separate(
    tables: Sequence[Tensor], noise: float = NOISE, tol: float = TOL
) -> tuple[Interactions, ...]:
    """Explain each network by itself, see :func:`harsanyi.extract` (Eq. 4); solved in one call."""
    found = extract(torch.stack(list(tables)), noise=noise, tol=tol)
    return tuple(found[i] for i in range(len(tables)))


def and_only(tables: Sequence[Tensor]) -> tuple[Interactions, ...]:
    """Explain each network by its Harsanyi dividends."""
    return tuple(Interactions.from_table(v) for v in tables)


def tellings(
    tables: Sequence[Tensor], alpha: float = ALPHA, noise: float = NOISE, tol: float = TOL
) -> dict[str, tuple[Interactions, ...]]:
    """Return the paper's three explanations of the same networks.

    Args:
        tables: m tables (samples, 2**n).
        alpha: weight of all effects beside the strongest of each row.
        noise: the allowance of the first two, a fraction of :math:`|v(N) - v(∅)|`.
        tol: relative gap of their certificates.

    Returns:
        "joint", "separate" and "AND only" to m Interactions (samples, 2**n).

    Source: Chen et al., ICLR 2024, Figures 2, 3 and 7.
    """
    return {
        "joint": joint(tables, alpha, noise, tol),
        "separate": separate(tables, noise, tol),
        "AND only": and_only(tables),
    }


def pooled_strengths(found: Interactions) -> Tensor:
    """Return all 2 · 2**n strengths in falling order (samples, 2 · 2**n).

    Where nothing is OR (AND only), each AND effect stands twice, as in the paper, so that all
    curves have the same length.

    Source: Chen et al., ICLR 2024, Figure 2.
    """
    effects = found.effects
    if not found.or_.any():
        effects = torch.stack([found.and_, found.and_], dim=-2)
    return effects.flatten(-2).abs().sort(dim=-1, descending=True).values


def lengths(found: Sequence[Interactions], threshold: float = 0.05) -> pd.DataFrame:
    """Return how sparse explanations are: columns network, sample, salient, length (summed |I|)."""
    counts = salient_sets(found, threshold).sum((-1, -2))  # (m, samples)
    frames = []
    for i, one in enumerate(found):
        total = one.effects.abs().sum((-1, -2)).tolist()
        columns = {"sample": range(len(total)), "salient": counts[i].tolist(), "length": total}
        frames.append(pd.DataFrame({"network": i, **columns}))
    return pd.concat(frames, ignore_index=True)


class Sweep(NamedTuple):
    """Both frames have a column alpha beside those of ``overlap_curves`` and ``lengths``."""

    overlap: pd.DataFrame
    sparsity: pd.DataFrame


def alpha_sweep(
    tables: Sequence[Tensor],
    alphas: Sequence[float],
    ks: Sequence[int],
    noise: float = NOISE,
    tol: float = TOL,
) -> Sweep:
    """Explain the networks jointly for several α and measure overlap and sparsity.

    Source: Chen et al., ICLR 2024, Figure 8. Chapter: Primitives that networks share.
    """
    overlap, sparsity = [], []
    for alpha in alphas:
        found = joint(tables, alpha, noise, tol)
        overlap.append(overlap_curves(found, ks).assign(alpha=alpha))
        sparsity.append(lengths(found).assign(alpha=alpha))
    return Sweep(*(pd.concat(frames, ignore_index=True) for frames in (overlap, sparsity)))


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
    pairs again, with the second network's players in other places.

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
    for relation, pairs in pairs_by_kind(sources).items():
        picks = torch.randperm(len(pairs), generator=random)[:most].tolist()
        chosen = [pairs[i] for i in picks]
        if relation.startswith("other ") and sources[chosen[0][1]].kind == "trained":
            related += chosen
        jobs += [(relation, i, j, tables[j]) for i, j in chosen]
    jobs += [("permuted players", i, j, permuted(tables[j], seed)) for i, j in related[-most:]]
    return pd.concat(
        [
            overlap_curves(tell([tables[i], second]), ks).assign(relation=relation, pair=f"{i}+{j}")
            for relation, i, j, second in jobs
        ],
        ignore_index=True,
    )
