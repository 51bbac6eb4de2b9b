"""One picture through the layers: each layer's strongest interactions, and what becomes of them.

An effect is filled by what becomes of the larger part of it: grey is kept until the output, orange
is forgotten on the way. In the output's own row blue is what the layer before it did not have.

Chapter: Layer by layer.
"""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from torch import Tensor

from harsanyi.core.coalitions import members
from harsanyi.core.result import Interactions
from harsanyi.studies.layerwise import salient_in_sample, shared_effects

from .layer_frame import PARTS, one_sample
from .pictures import _outline, _owners, _paper, _zoom

FILLS = PARTS | {"overlap": "#6b7280"}  # the picture is grey as well
DARK = {"overlap": "#374151", "forget": "#b45309", "new": "#0072B2"}
_INK = np.array(to_rgb("#d1d5db"))


def fate(early: Tensor, late: Tensor, threshold: float = 0.05) -> Tensor:
    """Return what share of each salient effect of a layer a later one keeps.

    Args:
        early, late: effects (2, 2**n) of one sample in two layers.
        threshold: fraction of a layer's strongest effect above which one is salient.

    Returns:
        Tensor (2, 2**n) from 0 to 1; NaN for effects that are not salient in the earlier layer.

    Source: Cheng et al., ICML 2024, Eq. 8, corrected. Chapter: Layer by layer.
    """
    sets = salient_in_sample(torch.stack([early, late])[:, None], threshold)[:, 0]  # (2, 2, 2**n)
    shared = shared_effects(early, late, sets.all(0)).abs()
    return torch.where(sets[0], shared / early.abs(), torch.nan)


def interactions_through_layers(
    image: Tensor,
    players,
    found: Interactions,
    layers: Sequence[str],
    k: int = 4,
    threshold: float = 0.05,
) -> Figure:
    """Draw a row of small pictures for each layer: its k strongest salient effects.

    The members' patches are filled with the colour of the part that is larger; the title has the
    effect and, for a layer, the share that the output keeps. OR interactions have dashed outlines.

    Args:
        image: float (1, H, W), (3, H, W) or (H, W), in [0, 1].
        players: ``Players`` of n players whose ``owner`` broadcasts to the picture.
        found: (layers, 2**n), one sample; the last layer is the output.
        layers: their names.
        k: pictures in a row; 4 read well on a phone.
        threshold: fraction of a layer's strongest effect above which one is salient.

    Returns:
        The figure, 5.6 inches wide.

    Raises:
        ValueError: a picture that does not fit the players, other than one sample, than these
            layers or than two layers or more, or a number of players that differs.

    Source: Cheng et al., ICML 2024, Figure 6. Chapter: Layer by layer.
    """
    owner, effects = _owners(image, players), one_sample(found, layers)
    if found.n != players.n or len(layers) < 2:
        raise ValueError(
            f"found: got {found.n} players and {len(layers)} layers, expected the picture's "
            f"{players.n} players and two layers or more"
        )
    figure, axes = plt.subplots(
        len(layers), k, figsize=(5.6, 1.7 * len(layers) + 0.4), squeeze=False, layout="constrained"
    )
    figure.get_layout_engine().set(h_pad=0.07)
    for at, row in enumerate(axes):
        own = at < len(layers) - 1
        kept = fate(effects[at], effects[-1 if own else at - 1], threshold)
        _row(row, (_paper(image, _INK), owner, players.n), effects[at], kept, own)
        row[0].text(-0.12, 0.5, layers[at], transform=row[0].transAxes, rotation=90, ha="right",
                    va="center", fontsize=11.5, weight="bold")  # fmt: skip
    words = ("kept until the output", "forgotten", "new since the layer before")
    handles = [Patch(color=FILLS[p], label=w) for p, w in zip(PARTS, words, strict=True)]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9.5)
    return figure


def _row(row: Sequence[Axes], scene: tuple, effects: Tensor, kept: Tensor, own: bool) -> None:
    """Draw a layer's strongest effects; ``own`` when the other layer is the output, not before."""
    size, strength = effects.shape[-1], torch.where(kept.isnan(), 0, effects.abs()).flatten()
    for ax in row:
        ax.set_axis_off()
    best = strength.topk(len(row)).indices.tolist()
    for ax, at in zip(row, (one for one in best if strength[one] > 0), strict=False):
        share, value = float(kept.flatten()[at]), float(effects.flatten()[at])
        part = "overlap" if share >= 0.5 else "forget" if own else "new"
        _draw(ax, scene, members(at % size), part, at >= size)
        kind = "OR " if at >= size else ""
        ax.set_title(f"{kind}{value:+.2f}".replace("-", "−"), loc="center", fontsize=11,
                     color=DARK[part], weight="normal", pad=3)  # fmt: skip
        word = f"{100 * share:.0f} % kept" if own else "as before" if share >= 0.5 else "new"
        ax.text(0.5, -0.02, word, transform=ax.transAxes, ha="center", va="top", fontsize=10,
                color=DARK[part])  # fmt: skip


def _draw(ax: Axes, scene: tuple, inside: tuple[int, ...], part: str, is_or: bool) -> None:
    paper, owner, n = scene
    ax.imshow(paper)
    _zoom(ax, owner, 1)
    for player in range(n):
        where = owner == player
        if player not in inside:
            _outline(ax, where, "#d1d5db", 0.6)
            continue
        fill = np.zeros((*where.shape, 4))
        fill[where.numpy()] = (*to_rgb(FILLS[part]), 0.8)
        ax.imshow(fill)
        _outline(ax, where, DARK[part], 1.3, (0, (2, 1)) if is_or else "solid")
