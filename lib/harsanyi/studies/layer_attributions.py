r"""Attributions at the layers of a network: what they see of its change, and what cancels in them.

An attribution gives each player one number. The Shapley value is a sum of the same interactions
whose change from layer to layer is counted in :mod:`.layerwise`, AND or OR,

.. math:: \varphi_i = \sum_{S \ni i} \frac{I(S)}{|S|},

so where one interaction of a player grows and another shrinks, the sum may stand still.

Source: Cheng et al., ICML 2024, Figure 6, where the comparison is a picture. Chapter: Which
knowledge is solid?
"""

import warnings
from collections.abc import Mapping, Sequence

import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import membership, n_players, sizes
from ..core.compare import similarity
from ..core.result import Interactions
from ..networks.layers import LayeredGame
from .layer_tables import Pairs, to_final
from .layerwise import effects_of
from .orders import _long

SIGNS = 20  # random signs, for the null


def integrated_gradients(game: LayeredGame, steps: int = 64) -> Tensor:
    r"""Return the integrated gradients of every layer's value, summed over each player's inputs.

    .. math:: \sum_{k \text{ of } i} (x_k - x'_k) \int_0^1
              \partial_k v^{(l)}\bigl(x' + t (x - x')\bigr) \, dt

    with :math:`x'` the input in which no player is present, as in the game. They come from captum.

    Args:
        game: the layers on one input of floating numbers; words as embeddings, not as ids.
        steps: points of the Gauss–Legendre rule along the path.

    Returns:
        Tensor (layers, n), float64; its sum over players is v(N) − v(∅) but for the rule's error.

    Raises:
        TypeError: an input of whole numbers.
        ValueError: no step.

    Source: Sundararajan et al., ICML 2017, Eq. 1; captum. Chapter: Which knowledge is solid?
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at its import, of a progress bar that it is without
        from captum.attr import IntegratedGradients
    inner = game.game
    if not inner.x.is_floating_point():
        raise TypeError(f"game: got {inner.x.dtype} inputs, expected a floating dtype; for words "
                        "build the game on embeddings and the network behind them")  # fmt: skip
    if steps < 1:
        raise ValueError(f"steps: got {steps}, expected 1 or more")
    x, empty = inner.masked([2**inner.n - 1]), inner.masked([0])
    method = IntegratedGradients(lambda inputs: inner.value(inner.model(inputs)))
    owner = inner.players.owner.to(x.device).expand(inner.x.shape).flatten()
    mine, rows = owner >= 0, []
    for column in range(len(game.layers)):
        found = method.attribute(x, empty, target=column, n_steps=steps, internal_batch_size=steps)
        row = torch.zeros(inner.n, dtype=torch.float64, device=x.device)
        row.index_add_(0, owner[mine], found[0].flatten()[mine].double())
        rows.append(row.cpu())
    return torch.stack(rows)  # (layers, n)


def shapley_by_order(effects: Tensor) -> Tensor:
    r"""Return what the interactions of each order give to each player, AND and OR alike.

    .. math:: \varphi_i^{(m)} = \frac{1}{m} \sum_{S \ni i, |S| = m} I_{and}(S) + I_{or}(S)

    Args:
        effects: (..., 2, 2**n), AND then OR.

    Returns:
        Tensor (..., n orders, n players); its sum over orders is the Shapley value of what the
        effects tell, the table but for the noise that was allowed.

    Source: Harsanyi, 1963, for AND; an OR is shared evenly as well, by symmetry. Chapter: Which
    knowledge is solid?
    """
    n = n_players(effects, "effects")
    size = sizes(n).to(effects.device)
    share = effects.sum(-2) / size.clamp(min=1)  # (..., 2**n)
    inside = membership(n).to(effects)  # (2**n, n)
    return torch.stack([(share * (size == m)) @ inside for m in range(1, n + 1)], -2)


def unseen_change(
    found: Interactions, layers: Sequence[str], pairs: Pairs = to_final, seed: int = 0
) -> pd.DataFrame:
    r"""Return how much of the interactions' change from layer to layer Shapley values can't show.

    With :math:`\Delta` the change from one layer to the other,

    .. math:: \underbrace{\sum_S |\Delta I(S)|}_{change} \;\ge\;
              \underbrace{\sum_m \sum_i |\Delta \varphi_i^{(m)}|}_{by\_order} \;\ge\;
              \underbrace{\sum_i |\Delta \varphi_i|}_{seen}

    The first step loses what cancels within a player's interactions of one order, the second what
    cancels between orders. ``missed`` is 1 − seen / change, ``between`` the share that cancels
    between orders. ``chance`` and ``between_chance`` are the same two for the same changes with
    random signs: so much is lost by any sum.

    Args:
        found: (layers, samples, 2**n), as for :func:`~.layer_tables.knowledge_change`.
        layers: their names.
        pairs: which layers are compared, ``to_final`` or ``adjacent``.
        seed: of the random signs.

    Returns:
        Columns layer, later, depth, sample, change, by_order, seen, missed, between, chance,
        between_chance; the last four are NaN where nothing changes.

    Raises:
        ValueError: explanations that are not those of as many layers.

    Source: ours. Chapter: Which knowledge is solid?
    """
    effects = effects_of(found)
    if effects.dim() != 4 or len(effects) != len(layers):
        raise ValueError(f"found: got {tuple(found.and_.shape)} for {len(layers)} layers, expected "
                         "(layers, samples, 2**n)")  # fmt: skip
    random, frames = torch.Generator().manual_seed(seed), []
    for at, later in pairs(layers):
        moved = effects[later] - effects[at]  # (samples, 2, 2**n)
        change = moved.abs().sum((-1, -2))
        by_order, seen = _sums(moved)
        signs = torch.randint(2, (SIGNS, *moved.shape), generator=random) * 2 - 1
        by_chance, left = (part.mean(0) for part in _sums(moved * signs))
        values = {"change": change, "by_order": by_order, "seen": seen}
        values |= {"missed": 1 - seen / change, "between": (by_order - seen) / change}
        values |= {"chance": 1 - left / change, "between_chance": (by_chance - left) / change}
        frame = _long(values, ("sample",))
        frame.insert(0, "layer", layers[at])
        frame.insert(1, "later", layers[later])
        frame.insert(2, "depth", at)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def agreement_with_output(attributions: Mapping[str, Tensor]) -> pd.DataFrame:
    r"""Return how well attributions at each layer agree with the same method's at the output.

    Args:
        attributions: from a method's name to (layers, samples, k), the output last; k players, or
            k interactions, which are then compared in the same two ways.

    Returns:
        Columns method, depth (position of the layer), sample, rank (Spearman's correlation over
        the k numbers; NaN where all of a row are equal) and similarity (the smaller over the larger
        strengths where the signs agree, each row first scaled to a strength of 1).

    Source: Cheng et al., ICML 2024, Figure 6, where it is a picture. Chapter: Which knowledge is
    solid?
    """
    frames = []
    for name, rows in attributions.items():
        early, late = rows[:-1], rows[-1:].expand_as(rows[:-1])  # (layers - 1, samples, k)
        unit = [r / r.abs().sum(-1, keepdim=True) for r in (early, late)]
        values = {
            "rank": _correlation(_ranks(early), _ranks(late)),
            "similarity": similarity(*unit),
        }
        frames.append(_long(values, ("depth", "sample")).assign(method=name))
    frame = pd.concat(frames, ignore_index=True)
    return frame[["method", "depth", "sample", "rank", "similarity"]]


def _sums(moved: Tensor) -> tuple[Tensor, Tensor]:
    """Sums of absolute Shapley changes, order by order and in all."""
    parts = shapley_by_order(moved)  # (..., n orders, n players)
    return parts.abs().sum((-1, -2)), parts.sum(-2).abs().sum(-1)


def _ranks(values: Tensor) -> Tensor:
    """Ranks along the last axis, ties at their mean."""
    below = (values[..., None, :] < values[..., :, None]).sum(-1)
    equal = (values[..., None, :] == values[..., :, None]).sum(-1)
    return below + (equal - 1) / 2


def _correlation(one: Tensor, other: Tensor) -> Tensor:
    """Pearson's correlation along the last axis."""
    one, other = (t.double() - t.double().mean(-1, keepdim=True) for t in (one, other))
    return (one * other).sum(-1) / (one.norm(dim=-1) * other.norm(dim=-1))
