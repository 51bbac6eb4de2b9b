r"""Groups of networks compared with one of them, sample by sample; see :mod:`.robustness`.

Chapter: Generalization, sensitivity, bottleneck.
"""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from ..core.result import Interactions
from .intervals import DRAWS
from .robustness import measures, rows_of, strengths

BOUNDS = ["low", "high", "sham_low", "sham_high"]


def compare_groups_by_order(
    found: Interactions,
    groups: Sequence[str],
    reference: str = "plain",
    seed: int = 0,
    threshold: float = 0.0,
) -> pd.DataFrame:
    r"""Compare each group's shares by order with one group's, sample by sample.

    .. math:: d_k = E_x \bigl[ E_{i \in group}\, p_k^{(i)}(x) - E_{j \in reference}\, p_k^{(j)}(x)
              \bigr]

    The interval holds 95 % of draws of the samples and, in both groups, of the networks; with two
    or three networks to a group that is too narrow rather than too wide. So the difference is also
    set beside the *sham* ones: each network of the reference less the mean of its others.

    Args:
        found: explanations (networks, samples, 2**n).
        groups: a name for each network.
        reference: the group that others are compared with.
        seed: of the draws.
        threshold: as for :func:`~.robustness.strengths`.

    Returns:
        Columns group, order, reference, mean (of the shares), difference, low, high, sham_low,
        sham_high (the smallest and the largest sham; NaN with one network), networks (how many).

    Raises:
        ValueError: not as many groups as networks, or none of the reference.

    Source: ours. Chapter: Generalization, sensitivity, bottleneck.
    """
    size = strengths(found, threshold)
    shares = size / size.sum(-1, keepdim=True)
    return _compared(shares, groups, reference, seed, list(range(1, found.n + 1)), "order")


def compare_groups_by_measure(
    found: Interactions,
    groups: Sequence[str],
    reference: str = "plain",
    seed: int = 0,
    above: Sequence[int] = (3, 5),
    threshold: float = 0.0,
) -> pd.DataFrame:
    """Compare each group's mean order, strength and so on with one group's, sample by sample.

    Arguments, columns and errors as for :func:`compare_groups_by_order`, with the measures of
    :func:`~.robustness.group_measures` in place of orders.

    Source: ours. Chapter: Generalization, sensitivity, bottleneck.
    """
    named = measures(found, above, threshold)
    values = torch.stack(list(named.values()), -1)
    return _compared(values, groups, reference, seed, list(named), "measure")


def _compared(
    values: Tensor, groups: Sequence[str], reference: str, seed: int, labels: list, what: str
) -> pd.DataFrame:
    """Compare groups in values (networks, samples, labels) with the reference's."""
    rows = rows_of(groups, len(values))
    if reference not in rows:
        raise ValueError(f"reference: got {reference!r}, expected one of {', '.join(rows)}")
    base, frames = values[rows[reference]], []
    sham = _sham(base)
    for name, mine in rows.items():
        if name == reference:
            continue
        ours = values[mine]
        means = base.mean((0, 1)), ours.mean((0, 1))
        cells = [*means, means[1] - means[0], *_interval(ours, base, seed), *sham]
        columns = dict(zip(["reference", "mean", "difference", *BOUNDS], cells, strict=True))
        frame = pd.DataFrame({"group": name, what: labels})
        frames.append(frame.assign(**{k: v.tolist() for k, v in columns.items()},
                                   networks=len(mine)))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _interval(ours: Tensor, base: Tensor, seed: int) -> Tensor:
    """Low and high (2, labels) of the difference, samples and networks drawn anew."""
    random = torch.Generator().manual_seed(seed)

    def drawn(size: int) -> Tensor:
        picks = torch.randint(size, (DRAWS, size), generator=random)
        ones = torch.ones(DRAWS, size, dtype=torch.float64) / size
        return torch.zeros(DRAWS, size, dtype=torch.float64).scatter_add_(1, picks, ones)

    samples = drawn(base.shape[1])  # the same for both groups: differences are paired

    def mean(part: Tensor) -> Tensor:
        return torch.einsum("di,ds,isk->dk", drawn(len(part)), samples, part)

    edges = torch.tensor([0.025, 0.975], dtype=torch.float64)
    return (mean(ours) - mean(base)).nanquantile(edges, dim=0)


def _sham(base: Tensor) -> Tensor:
    """Smallest and largest difference (2, labels) of one network from the mean of its others."""
    each = base.mean(1)  # (networks, labels)
    count = len(each)
    if count < 2:
        return torch.full((2, each.shape[1]), torch.nan)
    apart = (each - each.mean(0)) * count / (count - 1)
    return torch.stack([apart.amin(0), apart.amax(0)])
