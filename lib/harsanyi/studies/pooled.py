r"""AND and OR pooled: what is shared and what is a network's own, by name, and how well few match.

``found`` is as in :mod:`harsanyi.studies.sharing`, and so are members, zeros and ties.

Chapter: Primitives that networks share.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import label, members
from ..core.result import Interactions
from .sharing import KINDS, check_networks, overlap_of, room, strengths_and_zero, top_mask
from .sparsity import match_curves


def pooled_sets(found: Sequence[Interactions], k: int) -> Tensor:
    """Return each network's k strongest of both kinds together: bool (m, samples, 2, 2**n)."""
    pairs = [strengths_and_zero(one) for one in found]
    flat = [top_mask(s.flatten(-2), k, zero) for s, zero in pairs]
    return torch.stack([f.view(s.shape) for f, (s, _) in zip(flat, pairs, strict=True)])


def pooled_counts(found: Sequence[Interactions], k: int = 50) -> pd.DataFrame:
    """Return how many of each network's k strongest effects, AND and OR pooled, all of them have.

    Returns:
        Columns sample, shared, own (the rest of a set, mean over networks), chance (of shared).

    Source: Chen et al., ICLR 2024, Figures 1, 5 and 9. Chapter: Primitives that networks share.
    """
    check_networks(found)
    sets = pooled_sets(found, k).flatten(-2)
    got = overlap_of(sets, int(room(found[0].n).sum()))
    shared = sets.all(0).sum(-1).double()
    own = sets.sum(-1).double().mean(0) - shared
    columns = {"shared": shared, "own": own, "chance": got.chance * got.members}
    columns = {name: value.tolist() for name, value in columns.items()}
    return pd.DataFrame({"sample": range(len(shared)), **columns})


def shared_and_own(
    found: Sequence[Interactions], sample: int, labels: Sequence[str], k: int = 50
) -> pd.DataFrame:
    """Name the pooled top-k effects of one sample and say which networks have them.

    Args:
        found: m networks; the players' names are those of the first.
        sample: which sample.
        labels: the m networks' names.
        k: size of each network's set.

    Returns:
        Columns kind, coalition, players, order, where ("shared" where all have it, else the names
        joined by " + "), and a column of strengths for each network; shared ones come first, then
        by mean strength.

    Source: Chen et al., ICLR 2024, Figure 1. Chapter: Primitives that networks share.
    """
    check_networks(found)
    picked = [one[sample : sample + 1] for one in found]
    sets = pooled_sets(picked, k)[:, 0]  # (m, 2, 2**n)
    effects = torch.stack([one.effects[0] for one in picked])
    rows = []
    for row, mask in sets.any(0).nonzero().tolist():
        has = [name for name, inside in zip(labels, sets[:, row, mask], strict=True) if inside]
        where = "shared" if len(has) == len(labels) else " + ".join(has)
        who = members(mask)
        named = label(mask, found[0].names)
        rows.append((KINDS[row], named, who, len(who), where, *effects[:, row, mask].tolist()))
    columns = ["kind", "coalition", "players", "order", "where", *labels]
    frame = pd.DataFrame(rows, columns=columns)
    frame["rank"] = frame[list(labels)].abs().mean(axis=1) + 1e9 * (frame["where"] == "shared")
    return frame.sort_values("rank", ascending=False, ignore_index=True).drop(columns="rank")


def precision_curves(
    found: Mapping[str, Interactions], tables: Mapping[str, Tensor], ks: Sequence[int]
) -> pd.DataFrame:
    """Return the matching precision of several networks against k, and the error that it hides.

    The precision (``ratio``) looks at the whole sample only; ``error`` is over all 2**n masks.

    Returns:
        Columns network, sample, kept, ratio, error, see :func:`.sparsity.match_curves`.

    Source: Chen et al., ICLR 2024, appendix M, Figure 11. Chapter: Primitives that networks share.
    """
    frames = [
        match_curves(one, tables[name], ks).assign(network=name) for name, one in found.items()
    ]
    return pd.concat(frames, ignore_index=True)
