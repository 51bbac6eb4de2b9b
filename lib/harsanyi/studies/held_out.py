r"""What m − 1 networks share, tested on a network that took no part.

Chapter: Primitives that networks share.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
import torch
from torch import Tensor

from ..core.result import Interactions
from ..core.transforms import reconstruct
from .controls import permuted
from .joint import Telling, joint, separate
from .pooled import pooled_sets
from .sharing import KINDS, check_networks, room, top_sets


def held_out_overlap(
    fitted: Sequence[Interactions], held: Interactions, ks: Sequence[int]
) -> pd.DataFrame:
    r"""Return how many shared interactions a network that took no part has among its own strongest.

    .. math:: S = \bigcap_{i<m} \Omega^{(i)}, \qquad precision = |S \cap \Omega^{(m)}| / |S|,
              \qquad recall = |S \cap \Omega^{(m)}| / |\Omega^{(m)}|

    at the same k. A random set in place of S has a precision of :math:`|\Omega^{(m)}|/M`, the
    column ``chance``. ``sign`` is the share of :math:`S \cap \Omega^{(m)}` whose sign in the
    held-out network is that of the summed effect of the others; as most low-order effects are
    positive, half is not its chance level: compare it with an unrelated network's.

    Args:
        fitted: the explanations of the others, (samples, 2**n) each, one or more.
        held: the held-out network's own, told by itself.
        ks: sizes of the top sets.

    Returns:
        Columns kind, k, sample, shared (:math:`|S|`), precision, recall, chance, sign; NaN where a
        set is empty.

    Source: ours. Chapter: Primitives that networks share.
    """
    check_networks([*fitted, held])
    choices = room(held.n).sum(-1)  # (2,)
    agree = sum(one.effects for one in fitted).sign() == held.effects.sign()
    frames = []
    for k in ks:
        shared = top_sets(fitted, k).all(0)  # (samples, 2, 2**n)
        own = top_sets([held], k)[0]
        both = shared & own
        hits, size, other = (part.sum(-1).double() for part in (both, shared, own))
        values = {"shared": size, "precision": hits / size, "recall": hits / other}
        values |= {"chance": other / choices, "sign": (both & agree).sum(-1) / hits}
        for row, kind in enumerate(KINDS):
            columns = {name: value[:, row].tolist() for name, value in values.items()}
            frames.append(
                pd.DataFrame({"kind": kind, "k": k, "sample": range(len(size)), **columns})
            )
    return pd.concat(frames, ignore_index=True)


def fit_quality(prediction: Tensor, v: Tensor) -> Tensor:
    r"""Return how much of a table's variance over all masks a prediction explains, (...).

    .. math:: R^2 = \max_{a,\, c \ge 0} \; 1 - \frac{\sum_T (v(T) - a - c\,p(T))^2}
              {\sum_T (v(T) - \bar v)^2}

    Only a shift and a positive scale are fitted, so it is the squared correlation, and 0 where the
    correlation is negative or one of the two is constant.
    """
    one, other = (t - t.mean(-1, keepdim=True) for t in (prediction, v))
    norms = one.norm(dim=-1) * other.norm(dim=-1)
    correlation = (one * other).sum(-1) / norms.clamp(min=torch.finfo(v.dtype).tiny)
    return correlation.clamp(min=0).square()


def _scaled(fitted: Sequence[Interactions]) -> list[Tensor]:
    """Return each network's effects over its own length (samples, 2, 2**n)."""
    tiny = torch.finfo(torch.float64).tiny
    return [
        one.effects / one.effects.abs().sum((-1, -2), keepdim=True).clamp(min=tiny)
        for one in fitted
    ]


def prediction_curves(fitted: Sequence[Interactions], v: Tensor, ks: Sequence[int]) -> pd.DataFrame:
    r"""Return how well what the others share predicts the held-out network's whole table.

    Four predictions from the fitted networks alone, each the mean of their effects over their own
    lengths on some set, put together to a table: "shared" (S, the intersection of the pooled top
    k), "distinctive" (as many that are in some top k but not in all, the strongest), "singles"
    (order 1, a baseline that knows no interaction) and "everything" (all effects).

    Args:
        fitted: the explanations of the others, (samples, 2**n) each, two or more.
        v: the held-out network's tables (samples, 2**n).
        ks: sizes of the top sets.

    Returns:
        Columns which, k, sample, fit (:func:`fit_quality`), members.

    Source: ours. Chapter: Primitives that networks share.
    """
    check_networks(fitted)
    mean = torch.stack(_scaled(fitted)).mean(0)  # (samples, 2, 2**n)
    singles = (room(fitted[0].n)[0] & ~room(fitted[0].n)[1]).expand_as(mean)
    frames = []
    for k in ks:
        tops = pooled_sets(fitted, k)
        shared = tops.all(0)
        rest = (mean.abs() * (tops.any(0) & ~shared)).flatten(-2)
        rank = rest.argsort(dim=-1, descending=True).argsort(dim=-1)
        own = (rank < shared.sum((-1, -2))[:, None]) & (rest > 0)
        kept = {"shared": shared, "distinctive": own.view(shared.shape), "singles": singles}
        kept["everything"] = torch.ones_like(shared)
        for which, keep in kept.items():
            and_, or_ = (mean * keep).unbind(-2)
            fit = fit_quality(reconstruct(and_, or_, mean.new_zeros(len(mean))), v)
            columns = {"fit": fit.tolist(), "members": keep.sum((-1, -2)).tolist()}
            frames.append(
                pd.DataFrame({"which": which, "k": k, "sample": range(len(v)), **columns})
            )
    return pd.concat(frames, ignore_index=True)


def leave_one_out(
    tables: Mapping[str, Tensor],
    ks: Sequence[int],
    unrelated: Mapping[str, Tensor] | None = None,
    tell: Telling = joint,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold out each network in turn: explain the others together and test what they share on it.

    Args:
        tables: name to table (samples, 2**n) of three or more related networks.
        ks: sizes of the top sets.
        unrelated: name to tables of networks that are tested in the held-out one's place.
        tell: how the others are explained; the tested network is always told by itself.

    Returns:
        The frames of :func:`held_out_overlap` and :func:`prediction_curves` with the columns held
        (who took no part) and tested: "held out", "permuted players" (the held-out network with its
        players in other places) or the name of the unrelated network.

    Raises:
        ValueError: fewer than three networks.
    """
    if len(tables) < 3:
        raise ValueError(
            f"tables: got {len(tables)} networks, expected three or more to hold one out"
        )
    moved = {(name, "permuted players"): permuted(v) for name, v in tables.items()}
    foreign = {(None, name): v for name, v in (unrelated or {}).items()}
    tested = {(name, "held out"): v for name, v in tables.items()} | moved | foreign
    alone = dict(zip(tested, separate(list(tested.values())), strict=True))
    overlaps, predictions = [], []
    for held in tables:
        fitted = tell([v for name, v in tables.items() if name != held])
        for (owner, name), v in tested.items():
            if owner in (held, None):
                mark = {"held": held, "tested": name}
                overlaps.append(held_out_overlap(fitted, alone[owner, name], ks).assign(**mark))
                predictions.append(prediction_curves(fitted, v, ks).assign(**mark))
    return pd.concat(overlaps, ignore_index=True), pd.concat(predictions, ignore_index=True)
