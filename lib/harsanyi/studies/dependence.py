r"""How much an explanation changes when one choice changes: tidy tables of effect sizes.

An explanation here is an :class:`~harsanyi.core.result.Interactions` of many samples, (count, 2**n)
each for AND and OR. One level of a choice is the reference; the others are measured against it, and
so are two controls: the same game solved again by another certified solver, and the reference's own
effects dealt out by chance.

Chapter: What the answer depends on.
"""

from collections.abc import Mapping

import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import sizes
from ..core.compare import similarity
from ..core.indices import shapley
from ..core.result import Interactions
from ..extraction import extract
from .sparsity import carrying

NOISE, TOL, TOP = 0.04, 1e-3, 10


def explain(
    tables: Mapping[str, Tensor], noise: float = NOISE, tol: float = TOL
) -> dict[str, Interactions]:
    """Extract the explanations of the tables of every level in one call for each size.

    Args:
        tables: level to tables (count, 2**n); levels may differ in n.
        noise, tol: see :func:`harsanyi.extract`.
    """
    found = {}
    for size in {v.shape[-1] for v in tables.values()}:
        some = {level: v for level, v in tables.items() if v.shape[-1] == size}
        both = extract(torch.cat(list(some.values())), noise=noise, tol=tol)
        ends = torch.tensor([len(v) for v in some.values()]).cumsum(0).tolist()
        starts = [0, *ends[:-1]]
        found |= {level: both[a:b] for level, a, b in zip(some, starts, ends, strict=True)}
    return {level: found[level] for level in tables}


def agreement(one: Interactions, other: Interactions) -> Tensor:
    r"""Return how much two explanations agree when each is scaled to length 1, (count,).

    .. math:: \frac{\sum_S \min(J_S, J'_S)}{\sum_S \max(J_S, J'_S)}

    where J holds the positive and the negative parts of all effects, AND and OR. 1 is the same
    explanation up to a factor; 0 shares nothing, or says the opposite throughout.

    Source: the similarity of Ren et al., CVPR 2023, here with OR and scaled.
    """
    pair = [found.effects.flatten(-2) for found in (one, other)]
    return similarity(*(e / e.abs().sum(-1, keepdim=True).clamp(min=1e-300) for e in pair))


def shared_top(one: Interactions, other: Interactions, k: int = TOP) -> Tensor:
    """Return the share of the k strongest effects that are the same in kind and sign, (count,)."""
    marks = []
    for found in (one, other):
        flat = found.effects.flatten(-2)
        top = flat.abs().topk(min(k, flat.shape[-1]), dim=-1).indices
        marks.append(torch.zeros_like(flat).scatter(-1, top, flat.gather(-1, top).sign()))
    return ((marks[0] == marks[1]) & (marks[0] != 0)).sum(-1).double() / k


def mean_order(found: Interactions) -> Tensor:
    """Return the order of an effect, averaged with the strengths as weights, (count,)."""
    strength = found.effects.abs().sum(-2)
    order = sizes(found.n).to(strength)
    return (strength * order).sum(-1) / strength.sum(-1).clamp(min=1e-300)


def same_again(v: Tensor, noise: float = NOISE, tol: float = TOL) -> Interactions:
    """Explain the same tables (count, 2**n) by the other certified solver, the interior point.

    The control for "nothing was changed": how far two certified answers to one question differ.
    The default solver itself gives the same answer again to the last digit, players renumbered or
    not, so that repeating it would measure nothing.

    Args:
        v: tables (count, 2**n), n ≤ 12.
        noise, tol: see :func:`harsanyi.extract`.
    """
    return extract(v, noise=noise, tol=tol, method="interior")


def by_chance(found: Interactions, seed: int = 0) -> Interactions:
    """Return the same effects dealt out anew among the coalitions of the same kind and order.

    The control for "nothing in common but how many, how strong and of which orders".
    """
    random = torch.Generator().manual_seed(seed)
    draw = torch.rand(found.effects.shape, generator=random, dtype=torch.float64)
    order = sizes(found.n).double()
    here = order.expand_as(draw).argsort(dim=-1, stable=True)  # by order
    there = (order + 0.999 * draw).argsort(dim=-1)  # by order, shuffled within
    dealt = torch.zeros_like(found.effects)
    dealt.scatter_(-1, there, found.effects.gather(-1, here))
    and_, or_ = dealt.unbind(-2)
    return Interactions(and_, or_, found.empty)


def describe(level: str, found: Interactions) -> pd.DataFrame:
    """Return what can be said of any explanations: columns sample, level, salient, carry, order."""
    strength = found.effects.flatten(-2).abs()
    salient = (strength > 0.05 * strength.amax(-1, keepdim=True)).sum(-1)
    columns = {
        "sample": range(len(strength)), "level": level, "salient": salient.tolist(),
        "carry 90 %": carrying(found).tolist(), "order": mean_order(found).tolist(),
    }  # fmt: skip
    return pd.DataFrame(columns)


def vary(explanations: Mapping[str, Interactions]) -> pd.DataFrame:
    """Measure every level of one choice against the first, sample by sample.

    Args:
        explanations: level to explanations of the same samples by the same players.

    Returns:
        The columns of :func:`describe`, and agreement and top 10 (shared) with the first level.

    Raises:
        ValueError: levels of different shapes, which no measure here can compare.
    """
    first = next(iter(explanations.values()))
    frames = []
    for level, found in explanations.items():
        if found.and_.shape != first.and_.shape:
            raise ValueError(
                f"explanations: got shape {tuple(found.and_.shape)} at {level!r}, expected "
                f"{tuple(first.and_.shape)}; compare other players by describe and pixel_map"
            )
        frame = describe(level, found)
        frame["agreement"] = agreement(first, found).tolist()
        frame[f"top {TOP}"] = shared_top(first, found).tolist()
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def effect_sizes(choice: str, rows: pd.DataFrame, again: Tensor, chance: Tensor) -> pd.DataFrame:
    r"""Summarise the rows of :func:`vary`, one line for each level but the first.

    .. math:: \text{effect} = \frac{a_{again} - a}{a_{again} - a_{chance}}

    for the agreement a of each sample: 0 where a level changes no more than another solver does, 1
    where it leaves no more than chance would.

    Args:
        choice: what was varied.
        rows: from :func:`vary`.
        again: agreement (count,) of the first level with :func:`same_again`.
        chance: agreement (count,) of the first level with :func:`by_chance`.

    Returns:
        Columns choice, level, agreement, effect, low, high (median and quartiles over samples),
        top 10, salient (median of the ratio to the first level), order (median of the difference).
    """
    levels = list(dict.fromkeys(rows.level))
    base = rows[rows.level == levels[0]].set_index("sample")
    out = []
    for level in levels[1:]:
        here = rows[rows.level == level].set_index("sample")
        a = torch.tensor(here.agreement.to_numpy())
        effect = (again - a) / (again - chance)
        low, middle, high = torch.quantile(effect, torch.tensor([0.25, 0.5, 0.75]).to(a)).tolist()
        ratio = (here.salient / base.salient).median()
        shift = (here.order - base.order).median()
        top = here[f"top {TOP}"].median()
        out.append((choice, level, here.agreement.median(), middle, low, high, top, ratio, shift))
    names = ["choice", "level", "agreement", "effect", "low", "high", f"top {TOP}", "salient ×"]
    return pd.DataFrame(out, columns=[*names, "order ±"])


def pixel_map(v: Tensor, owner: Tensor) -> Tensor:
    """Return the Shapley values (2**n,) spread evenly over each player's pixels, (H, W).

    It makes explanations by different players comparable; a pixel of no player gets 0.
    """
    value = shapley(v)
    count = torch.stack([(owner == i).sum() for i in range(len(value))])
    share = torch.cat([value / count, value.new_zeros(1)])  # the last entry is nobody's
    return share[owner.where(owner >= 0, torch.tensor(len(value)))]


def correlation(one: Tensor, other: Tensor) -> float:
    """Return Pearson's correlation of two maps of the same shape, NaN where one is even."""
    a, b = (m.flatten() - m.mean() for m in (one, other))
    return float((a @ b) / (a.norm() * b.norm()))
