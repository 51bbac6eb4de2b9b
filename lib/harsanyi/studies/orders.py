r"""What is shared at which order: between networks, seeds and samples, beside chance.

Chapter: Primitives that networks share; Primitives across samples, and order.
"""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import label, members, sizes
from ..core.compare import order_profile
from ..core.result import Interactions
from .sharing import KINDS, check_networks, room, salient_sets


def _long(values: dict[str, Tensor], axes: Sequence[str]) -> pd.DataFrame:
    """Turn tensors of one shape into a frame: a column for each axis' index and each tensor."""
    first = next(iter(values.values()))
    index = pd.MultiIndex.from_product([range(size) for size in first.shape], names=list(axes))
    data = {name: value.flatten().tolist() for name, value in values.items()}
    return pd.DataFrame(data, index=index).reset_index()


def counts_by_order(sets: Tensor) -> Tensor:
    """Return how many members of each order a set has, or its counts: (..., 2**n) to (..., n)."""
    return order_profile(sets.double()).positive


def shared_by_order(found: Sequence[Interactions], threshold: float = 0.05) -> pd.DataFrame:
    r"""Return the strength of all salient effects and of the shared ones, by order and sign.

    .. math:: All^{\pm}(o) = \sum_{op} \sum_{S \in \Omega_{op}, |S| = o} \max(0, \pm I_{op}(S)),
              \qquad Shared^{\pm}(o) = \text{the same over } \textstyle\bigcap_i \Omega^{(i)}_{op}

    :math:`\Omega^{(i)}` are the effects above τ = threshold · max of network i. As in the paper,
    an effect is shared when it is salient in all networks, whatever its sign there; ``agree``
    keeps only those whose sign is the same in all. ``chance`` is what would be shared if the other
    networks' salient sets were drawn at random within each order and kind.

    Args:
        found: m networks, (samples, 2**n) each.
        threshold: the fraction in τ.

    Returns:
        Columns network, sample, order (1 to n), sign (+1 or −1), all, shared, agree, chance; the
        strengths of sign −1 are at most 0.

    Source: Chen et al., ICLR 2024, Figures 4 and 10. Chapter: Primitives that networks share.
    """
    check_networks(found)
    sets = salient_sets(found, threshold)  # (m, samples, 2, 2**n)
    effects = torch.stack([one.effects for one in found])
    both = sets.all(0)
    same = both & (effects.sign() == effects[:1].sign()).all(0)
    full = counts_by_order(room(found[0].n)).clamp(min=1)  # (2, n)
    dense = counts_by_order(sets) / full  # (m, samples, 2, n)
    others = torch.stack(
        [torch.cat([dense[:i], dense[i + 1 :]]).prod(0) for i in range(len(found))]
    )
    every = order_profile(effects * sets)
    parts = [order_profile(effects * keep) for keep in (both, same)]
    frames = []
    for at, sign in enumerate((1, -1)):
        values = {"all": every[at], "shared": parts[0][at], "agree": parts[1][at]}
        values["chance"] = every[at] * others
        summed = {name: value.sum(-2) for name, value in values.items()}  # AND plus OR
        frames.append(_long(summed, ("network", "sample", "order")).assign(sign=sign))
    frame = pd.concat(frames, ignore_index=True)
    return frame.assign(order=frame["order"] + 1)


def order_transfer(one: Interactions, other: Interactions, threshold: float = 0.05) -> pd.DataFrame:
    r"""Compare pairs of explanations order by order, AND and OR apart.

    .. math:: similarity = \frac{\lVert \min(J, J') \rVert_1}{\lVert \max(J, J') \rVert_1},
              \quad J = [I^+, I^-], \qquad IoU = \frac{|\Omega \cap \Omega'|}{|\Omega \cup \Omega'|}

    each over the coalitions of one order. Two random sets that hold shares d and d' of an order
    have an IoU of :math:`dd'/(d + d' - dd')`, which is :math:`d/(2-d)` at equal d. The similarity
    has no such formula: beside it belongs the same with ``controls.permuted`` tables.

    Args:
        one, other: (pairs, 2**n) each: row i of one with row i of the other. Networks, seeds,
            samples, or means over a class from the training and the test split.
        threshold: fraction of each explanation's strongest effect above which one is salient.

    Returns:
        Columns sample (the pair), kind, order, similarity, iou, chance (of iou); NaN where there is
        nothing to compare.

    Source: Cheng et al., ICML 2024, Figure 4 (IoU); Ren et al., dynamics, Figure 3 (similarity).
    Chapter: Primitives across samples, and order.
    """
    check_networks((one, other))
    sets = salient_sets((one, other), threshold)  # (2, pairs, 2, 2**n)
    dense = counts_by_order(sets) / counts_by_order(room(one.n)).clamp(min=1)
    signed = [
        torch.stack([e.clamp(min=0), (-e).clamp(min=0)]) for e in (one.effects, other.effects)
    ]
    low = order_profile(torch.minimum(*signed).sum(0)).positive
    high = order_profile(torch.maximum(*signed).sum(0)).positive
    iou = counts_by_order(sets.all(0)) / counts_by_order(sets.any(0))
    chance = dense.prod(0) / (dense.sum(0) - dense.prod(0))
    values = {"similarity": low / high, "iou": iou, "chance": chance}  # (pairs, 2, n) each
    frame = _long(values, ("sample", "kind", "order"))
    kinds = [KINDS[i] for i in frame["kind"]]
    return frame.assign(order=frame["order"] + 1, kind=kinds)


def sample_pairs(
    labels: Tensor, same: bool, count: int, seed: int = 0
) -> tuple[list[int], list[int]]:
    """Draw pairs of different samples of the same class, or of two classes: two lists of rows.

    Args:
        labels: (samples,) classes.
        same: whether the two of a pair have the same class.
        count: how many pairs, or as many as there are.
        seed: of the draw.
    """
    first, second = torch.triu_indices(len(labels), len(labels), offset=1)
    fits = (labels[first] == labels[second]) == same
    first, second = first[fits], second[fits]
    picks = torch.randperm(len(first), generator=torch.Generator().manual_seed(seed))[:count]
    return first[picks].tolist(), second[picks].tolist()


def mean_effects(found: Interactions, labels: Tensor) -> Interactions:
    """Return the mean effects of each class (classes, 2**n), classes in rising order.

    Args:
        found: (samples, 2**n), samples that have their players in common.
        labels: (samples,) classes.
    """
    parts = [found[labels == c] for c in labels.unique().tolist()]
    and_, or_, empty = (
        torch.stack([getattr(part, name).mean(0) for part in parts])
        for name in ("and_", "or_", "empty")
    )
    return Interactions(and_, or_, empty, found.names)


def most_shared(
    found: Sequence[Interactions], networks: Sequence[str], k: int = 10, threshold: float = 0.05
) -> pd.DataFrame:
    """Return the k primitives that most networks and samples share, with their strengths.

    A primitive is told by its players, so the samples must have them in common; for one sample give
    ``found`` of one row each. An effect counts for a network and sample where it is salient and has
    its more frequent sign; among equals the stronger (mean strength over the strongest of each
    explanation) comes first.

    Args:
        found: m networks, (samples, 2**n) each; one network will do.
        networks: their names.
        k: how many primitives.
        threshold: fraction of each explanation's strongest effect above which one is salient.

    Returns:
        Columns kind, coalition, players, order, share (of the networks' samples that have it), and
        for each network the mean effect as a share of the strongest.

    Source: Chen et al., ICLR 2024, Section 4. Chapter: Primitives across samples, and order.
    """
    check_networks(found, least=1)
    effects = torch.stack([one.effects for one in found])  # (m, samples, 2, 2**n)
    top = effects.abs().amax((-1, -2), keepdim=True)
    scaled = effects / top.clamp(min=torch.finfo(effects.dtype).tiny)
    signs = salient_sets(found, threshold) * effects.sign()
    share = (
        torch.maximum((signs > 0).sum((0, 1)), (signs < 0).sum((0, 1))) / signs[:, :, 0, 0].numel()
    )
    mean = scaled.mean(1)  # (m, 2, 2**n)
    rank = share + 1e-6 * mean.abs().mean(0)
    half = len(sizes(found[0].n))
    rows = []
    for position in rank.flatten().argsort(descending=True, stable=True)[:k].tolist():
        kind, mask = divmod(position, half)
        if share[kind, mask] > 0:
            who = members(mask)
            values = mean[:, kind, mask].tolist()
            named = label(mask, found[0].names)
            rows.append((KINDS[kind], named, who, len(who), float(share[kind, mask]), *values))
    return pd.DataFrame(rows, columns=["kind", "coalition", "players", "order", "share", *networks])
