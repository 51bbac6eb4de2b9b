r"""Orders that hold on new samples while they are learned, and orders that mislabelled ones need.

Chapter: Two phases; Generalization, sensitivity, bottleneck.
"""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from ..core.result import Interactions
from .dynamics import check_steps, drawn_counts, relative, salient_strengths
from .intervals import DRAWS
from .layerwise import chance_change
from .orders import order_transfer
from .phases import mean_order
from .sharing import KINDS


def transfer_along(
    one: Interactions, other: Interactions, steps: Sequence[float], threshold: float = 0.05
) -> pd.DataFrame:
    r"""Return the similarity of two sets of explanations by order, along training, beside chance.

    .. math:: \frac{\lVert \min(J, J') \rVert_1}{\lVert \max(J, J') \rVert_1}, \quad
              J = [I^+, I^-]

    For the paper's figure give the class means (``orders.mean_effects``) of training and of test
    samples. A mean over a class says something only where the samples have their players in
    common, such as the same places of a picture. ``chance`` is what remains when the players of one
    side are shuffled, with strengths, signs and orders kept: a few strong orders of which all
    coalitions are used are similar by themselves, order n always.

    Args:
        one, other: explanations (snapshots, pairs, 2**n), row by row compared.
        steps: when each snapshot was taken.
        threshold: of ``iou`` alone, as in ``orders.order_transfer``.

    Returns:
        Columns step, sample (the pair), kind, order, similarity, iou, iou_chance, chance (of
        similarity: the ratio of expectations); NaN where there is nothing to compare.

    Raises:
        ValueError: shapes that do not agree.

    Source: Ren et al., dynamics, Figure 3 of the survey. Chapter: Generalization, sensitivity,
    bottleneck.
    """
    if one.and_.dim() != 3 or one.and_.shape != other.and_.shape:
        raise ValueError(
            f"one, other: got {tuple(one.and_.shape)} and {tuple(other.and_.shape)}, expected both "
            "(snapshots, pairs, 2**n)"
        )
    check_steps(steps, len(one.and_))
    frames = []
    for at, step in enumerate(steps):
        frame = order_transfer(one[at], other[at], threshold)
        frame = frame.rename(columns={"chance": "iou_chance"})
        chance = chance_similarity(one[at].effects, other[at].effects)  # (pairs, 2, n)
        where = [frame["sample"], [KINDS.index(kind) for kind in frame["kind"]], frame["order"] - 1]
        frames.append(frame.assign(step=step, chance=chance.numpy()[tuple(where)]))
    frame = pd.concat(frames, ignore_index=True)
    return frame[["step", *frame.columns.drop("step")]]


def chance_similarity(one: Tensor, other: Tensor) -> Tensor:
    r"""Return the similarity by order that is left when one side's players are shuffled.

    .. math:: \frac{E \lVert \min \rVert_1}{\lVert J \rVert_1 + \lVert J' \rVert_1
              - E \lVert \min \rVert_1}

    over the permutations within an order, exactly; see ``layerwise.chance_change``.

    Args:
        one, other: effects (..., 2**n) of one shape.

    Returns:
        Tensor (..., n); NaN where both have nothing.

    Source: ours, a control. Chapter: Generalization, sensitivity, bottleneck.
    """
    every = torch.ones_like(one, dtype=torch.bool)
    change = chance_change(one, other, every, every)
    return change.overlap / (change.overlap + change.forget + change.new)


def compare_groups(
    found: Interactions, odd: Tensor, threshold: float = 0.03, seed: int = 0
) -> pd.DataFrame:
    r"""Compare normal samples with odd ones, say mislabelled, order by order.

    Both are measured against one τ, from all samples. Row by row: the strength of an order, in the
    value's units and in units of the group's mean order (``relative``: bars add up to n, so a group
    whose effects are all larger is not ahead), and the mean order of strength. Each difference
    comes with a 95 % bootstrap interval, both groups drawn anew, and with the range of differences
    when it is dealt anew which samples are odd.

    For a mislabelled sample the value belongs to the label it was trained on; what the same samples
    show with their right label, or before training, is the control.

    Args:
        found: explanations (samples, 2**n); index one snapshot, as in ``found[at]``.
        odd: bool (samples,).
        threshold: the fraction in τ.
        seed: of the draws.

    Returns:
        Columns measure ("strength", "relative", "mean order"), order (0 for the mean order),
        normal, odd, difference (odd less normal), low, high, dealt_low, dealt_high.

    Raises:
        ValueError: a group of fewer than two samples, or shapes that do not fit.

    Source: the survey's comparison (Zhou et al., FITEE 2025). Chapter: Two phases.
    """
    if found.and_.dim() != 2 or odd.shape != found.and_.shape[:1] or odd.dtype != torch.bool:
        raise ValueError(
            f"found, odd: got {tuple(found.and_.shape)} and {odd.dtype} {tuple(odd.shape)}, "
            "expected (samples, 2**n) and bool (samples,)"
        )
    if min(int(odd.sum()), int((~odd).sum())) < 2:
        raise ValueError(f"odd: got {int(odd.sum())} of {len(odd)}, expected two or more of each")
    strength = salient_strengths(found, threshold).strength  # (samples, n)
    ours = _measures(_group_means(strength, odd.double()[None], (~odd).double()[None]))
    anew = _measures(_group_means(strength, *_drawn_groups(odd, seed)))
    dealt = _measures(_group_means(strength, *_dealt_groups(odd, seed)))
    rows = []
    for name, pair in ours.items():  # (2, 1, orders): normal, then odd
        edges = torch.tensor([0.025, 0.975], dtype=pair.dtype)
        bounds = [(d[name][1] - d[name][0]).nanquantile(edges, dim=0) for d in (anew, dealt)]
        for at in range(pair.shape[-1]):
            normal, other = (float(value) for value in pair[:, 0, at])
            order = at + 1 if name != "mean order" else 0
            ends = (float(end) for bound in bounds for end in bound[:, at])
            rows.append((name, order, normal, other, other - normal, *ends))
    columns = ["measure", "order", "normal", "odd", "difference"]
    return pd.DataFrame(rows, columns=[*columns, "low", "high", "dealt_low", "dealt_high"])


def _group_means(strength: Tensor, odd: Tensor, normal: Tensor) -> Tensor:
    """Mean profiles (2, draws, n) of normal and odd, for weights (draws, samples) of each."""
    return torch.stack([w @ strength / w.sum(1, keepdim=True) for w in (normal, odd)])


def _drawn_groups(odd: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Weights (DRAWS, samples) of the odd and of the normal when each group is drawn anew."""
    pair = []
    for at, group in enumerate((odd, ~odd)):
        weights = torch.zeros(DRAWS, len(odd), dtype=torch.float64)
        weights[:, group] = drawn_counts(int(group.sum()), seed + at)
        pair.append(weights)
    return pair[0], pair[1]


def _dealt_groups(odd: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Weights of the odd and of the normal when it is dealt anew who is odd."""
    random = torch.Generator().manual_seed(seed)
    dealt = odd[torch.rand(DRAWS, len(odd), generator=random).argsort(1)]
    return dealt.double(), (~dealt).double()


def _measures(means: Tensor) -> dict[str, Tensor]:
    """Turn mean profiles (2, draws, n) into the three measures, (2, draws, n or 1) each."""
    order = mean_order(means)[..., None]
    return {"strength": means, "relative": relative(means), "mean order": order}
