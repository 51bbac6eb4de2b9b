r"""The tables of several networks told jointly, each by itself, or in AND alone.

``tables`` are m tensors (samples, 2**n), the same samples through m networks.

Source: Chen et al., ICLR 2024, Eq. 4 to 6. Chapter: Primitives that networks share.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ..core.result import Interactions
from ..extraction import extract, extract_shared
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
    """Return how sparse explanations are: columns network, sample, salient, length.

    The length is the sum of absolute effects.
    """
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
