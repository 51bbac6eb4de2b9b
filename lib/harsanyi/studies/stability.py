r"""Which effects are solid: found by other networks as well, and unmoved by noise in the input.

Each by order and beside a null without knowledge. Two *unrelated* games share low orders too, if
their effects shrink with the order (:func:`independent_games`). Low orders are stable under output
noise too, where :math:`\text{sd}\, I(S) = 2^{|S|/2} \sigma` (:func:`with_output_noise`).

Source: Cheng et al., ICML 2024, Figures 4, 5 and 12. Chapter: Which knowledge is solid?
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from tqdm import tqdm

from ..core.coalitions import membership, sizes
from ..core.compare import salient_mask
from ..core.result import Interactions
from .layerwise import effects_of
from .orders import _long, counts_by_order, order_transfer
from .sharing import KINDS


def generalization(
    pairs: Mapping[str, tuple[Interactions, Interactions]], threshold: float = 0.05
) -> pd.DataFrame:
    """Return the IoU of two networks' salient sets by order, with chance, for several pairs.

    Args:
        pairs: from a panel's name, say "middle layers", to two explanations (samples, 2**n) of
            the same samples with the same players.
        threshold: fraction of each sample's strongest effect above which one is salient.

    Returns:
        Columns panel and those of :func:`~.orders.order_transfer`: sample, kind, order,
        similarity, iou, chance.

    Source: Cheng et al., ICML 2024, Figure 4. Chapter: Which knowledge is solid?
    """
    frames = [
        order_transfer(one, other, threshold).assign(panel=name)
        for name, (one, other) in pairs.items()
    ]
    frame = pd.concat(frames, ignore_index=True)
    return frame[["panel", *frame.columns.drop("panel")]]


def independent_games(
    n: int, samples: int, decay: float = 3.0, seed: int = 0
) -> tuple[Interactions, Interactions]:
    r"""Return two unrelated explanations whose effects shrink with the order, :math:`q^{-|S|}`.

    Effects are normal with that standard deviation, each drawn by itself: whatever the two have in
    common by order is a matter of sizes.

    Args:
        n, samples, decay, seed: players, samples of each, q, and the seed of the draws.

    Returns:
        Two Interactions (samples, 2**n), AND only, as :func:`generalization` takes them.

    Source: ours. Chapter: Which knowledge is solid?
    """
    random = torch.Generator().manual_seed(seed)
    draw = torch.randn(2, samples, 2**n, generator=random, dtype=torch.float64)
    and_ = torch.where(sizes(n) > 0, draw * float(decay) ** -sizes(n), 0)
    none, empty = torch.zeros_like(and_[0]), torch.zeros(samples, dtype=torch.float64)
    return Interactions(and_[0], none, empty), Interactions(and_[1], none, empty)


def noisy_tables(
    table: Callable[[Tensor], Tensor],
    x: Tensor,
    deviation: float = 0.02,
    draws: int = 20,
    seed: int = 0,
    progress: bool = False,
) -> Tensor:
    r"""Return the tables of an input with noise, :math:`\varepsilon \sim N(0, deviation^2)`.

    Args:
        table: from an input of x's shape to a table (..., 2**n); it builds a game with the same
            players and baseline and calls its ``table``.
        x: the input, floating, without a batch axis.
        deviation: in x's units; 0.02 in the paper, for pixels of 0 … 1.
        draws: how many noises.
        seed: of the noises, the same for every layer or network that is compared.
        progress: whether to show a bar.

    Returns:
        Tensor (draws, ..., 2**n), float64.

    Raises:
        TypeError: whole numbers, such as token ids.

    Source: Cheng et al., ICML 2024, Figure 5. Chapter: Which knowledge is solid?
    """
    if not x.is_floating_point():
        raise TypeError(f"x: got {x.dtype}, expected a floating dtype; add noise to embeddings")
    random, tables = torch.Generator().manual_seed(seed), []
    for _ in tqdm(range(draws), disable=not progress, unit="draw"):
        noise = torch.randn(x.shape, generator=random, dtype=torch.float64)
        tables.append(table(x + (deviation * noise).to(x.device, x.dtype)))
    return torch.stack(tables)


def with_output_noise(noisy: Tensor, seed: int = 0) -> Tensor:
    r"""Return tables whose noise has the size of the real one, but is independent of everything.

    Each value is its mean over the draws plus normal noise, whose variance is the mean over the
    coalitions of the real variances. Explained like the real ones they are the null of stability.

    Args:
        noisy: tables (draws, ..., 2**n), two draws or more.
        seed: of the draws.

    Source: ours, a null. Chapter: Which knowledge is solid?
    """
    sigma = noisy.var(0).mean(-1, keepdim=True).sqrt()  # (..., 1)
    random = torch.Generator().manual_seed(seed)
    draw = torch.randn(noisy.shape, generator=random, dtype=noisy.dtype)
    return noisy.mean(0) + sigma * draw


def stability(clean: Interactions, noisy: Interactions, threshold: float = 0.05) -> pd.DataFrame:
    r"""Return how large effects are beside their standard deviation under noise, by order.

    .. math:: E_{S \in \Omega^m} \frac{|E_\varepsilon I(S \mid x + \varepsilon)|}
              {\sqrt{\text{Var}_\varepsilon I(S \mid x + \varepsilon)}}

    for each sample; :math:`\Omega^m` are the effects of order m that are salient without noise.
    Effects that the noise doesn't move have no ratio and are left out. With few draws the ratio of
    pure noise is about :math:`\sqrt{2 / (\pi \cdot draws)}`, not 0.

    Args:
        clean: explanations (samples, 2**n) without noise.
        noisy: explanations (draws, samples, 2**n), two draws or more.
        threshold: fraction of each sample's strongest effect above which one is salient.

    Returns:
        Columns sample, kind, order, stability (NaN where undefined), members (salient effects that
        have a ratio), undefined (a word why, or "").

    Raises:
        ValueError: shapes that do not agree, or one draw only.

    Source: Cheng et al., ICML 2024, Figure 5. Chapter: Which knowledge is solid?
    """
    shape = tuple(clean.and_.shape)
    if len(shape) != 2 or noisy.and_.shape[1:] != shape or len(noisy.and_) < 2:
        raise ValueError(
            f"clean, noisy: got {shape} and {tuple(noisy.and_.shape)}, expected (samples, 2**n) "
            "and (draws, samples, 2**n) with two draws or more"
        )
    effects, many = effects_of(clean), effects_of(noisy)  # (samples, 2, 2**n), (draws, ...)
    salient = salient_mask(effects.flatten(-2), threshold).view(effects.shape)
    spread, mean = many.std(0), many.mean(0).abs()
    moved = salient & (spread > 0)
    ratio = torch.where(moved, mean / spread.clamp(min=torch.finfo(spread.dtype).tiny), 0)
    members = counts_by_order(moved)  # (samples, 2, n)
    values = {
        "stability": counts_by_order(ratio) / members,
        "members": members,
        "salient": counts_by_order(salient),
    }
    frame = _long(values, ("sample", "kind", "order"))
    empty = [frame["salient"] == 0, frame["members"] == 0]
    words = np.select(empty, ["nothing salient", "the noise moves nothing"], "")
    frame = frame.assign(order=frame["order"] + 1, kind=[KINDS[i] for i in frame["kind"]])
    return frame.assign(undefined=words).drop(columns="salient")


def input_change(x: Tensor, owner: Tensor, deviation: float = 0.02, seed: int = 0) -> Tensor:
    r"""Return the relative change of each coalition's own part of a noisy input.

    .. math:: \lVert x'_S - x_S \rVert_2 / \lVert x_S \rVert_2

    over the coordinates that the players in S own: how much noise an effect of S gets to see.

    Args:
        x: the input.
        owner: int64, broadcastable to x, as in ``Players.owner``.
        deviation, seed: of the noise, in x's units.

    Returns:
        Tensor (2**n,), float64; NaN for the empty coalition and where x_S is all zero.

    Source: Cheng et al., ICML 2024, Figure 12. Chapter: Which knowledge is solid?
    """
    random = torch.Generator().manual_seed(seed)
    noise = deviation * torch.randn(x.shape, generator=random, dtype=torch.float64)
    owner = owner.expand(x.shape).flatten()
    n, mine = int(owner.max()) + 1, owner >= 0
    parts = torch.zeros(2, n, dtype=torch.float64)
    for row, values in enumerate((noise, x.double().cpu())):
        parts[row].index_add_(0, owner[mine], values.flatten()[mine] ** 2)
    change, size = parts @ membership(n).double().T  # (2**n,) each
    return torch.where(size > 0, (change / size).sqrt(), torch.nan)
