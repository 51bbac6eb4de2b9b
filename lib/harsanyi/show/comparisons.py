"""Pictures that set explanations side by side: sorted strengths, shares, ranks, maps.

Chapter: AND, OR and both; Attributions from dividends.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from . import style

_DASHES = ("-", "--", ":", "-.")
_LABEL = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}


def _axes(ax):
    import matplotlib.pyplot as plt

    return plt.subplots()[1] if ax is None else ax


def strength_curves(curves: Mapping[str, Tensor], threshold: float = 0.05, ax=None):
    """Draw sorted strengths, each as a share of its strongest, with the line of salience.

    Args:
        curves: name to effects (..., m); leading axes (samples, seeds) are drawn as their median
            with a band from the lower to the upper quartile.
        threshold: the fraction of the strongest effect above which an effect is salient.
        ax: matplotlib axes, or None for new ones.

    Returns:
        The axes; the vertical axis is logarithmic, cut at 1e-4.
    """
    ax = _axes(ax)
    for (name, effects), colour, dash in zip(
        curves.items(), (style.BLUE, style.AMBER, style.GREY), _DASHES, strict=False
    ):
        strength = effects.detach().abs().reshape(-1, effects.shape[-1])
        strength = strength.sort(dim=-1, descending=True).values  # (samples, m)
        strength = (strength / strength[:, :1]).clamp(min=1e-4)
        low, middle, high = strength.quantile(torch.tensor([0.25, 0.5, 0.75]).to(strength), dim=0)
        rank = range(1, len(middle) + 1)
        ax.plot(rank, middle, color=colour, linestyle=dash, label=name)
        ax.fill_between(rank, low, high, color=colour, alpha=0.15, linewidth=0)
    ax.axhline(threshold, color=style.VERMILION, linewidth=1)
    ax.set(yscale="log", ylim=(1e-4, 1.4), xlabel="rank", ylabel="strength / strongest")
    ax.legend()
    return ax


def share_curves(shares: Mapping[str, Sequence[float]], first: int = 1, ax=None):
    """Draw what share of a dividend an index hands on, against the dividend's order.

    Args:
        shares: name to the shares of orders first, first + 1, …
        first: the lowest order drawn.
        ax: matplotlib axes, or None for new ones.
    """
    ax = _axes(ax)
    marks = "osD^v"
    for i, (name, values) in enumerate(shares.items()):
        orders = range(first, first + len(values))
        ax.plot(orders, values, color=style.CYCLE[i], marker=marks[i % 5], ms=5, label=name)
    ax.axhline(0, color=style.GREY, linewidth=0.8)
    ax.set(xlabel="order of the dividend", xticks=list(orders), ylabel="weight")
    ax.legend()
    return ax


def rank_lines(values: Mapping[str, Tensor], names: Sequence[str], ax=None):
    """Draw each player's rank under every attribution, one line a player, rank 1 on top.

    Args:
        values: name of the attribution to (n,) values; the largest ranks first.
        names: the n players' names.
        ax: matplotlib axes, or None for new ones.
    """
    ax = _axes(ax)
    ranks = torch.stack([v.argsort(descending=True).argsort() + 1 for v in values.values()])
    columns = range(len(values))
    moved = ranks.amax(0) - ranks.amin(0)  # (n,)
    for i, name in enumerate(names):
        colour = style.VERMILION if moved[i] == moved.max() and moved[i] else style.BLUE
        strong = colour == style.VERMILION
        ax.plot(columns, ranks[:, i], color=colour, marker="o", ms=5, lw=2.4 if strong else 1.2)
        ax.text(-0.12, ranks[0, i], name, ha="right", va="center", fontsize=9)
        ax.text(columns[-1] + 0.12, ranks[-1, i], name, ha="left", va="center", fontsize=9)
    ax.set(xticks=list(columns), xlim=(-0.9, len(values) - 0.1), ylabel="rank")
    ax.set_xticklabels(list(values), fontsize=9.5)
    ax.set_yticks(range(1, len(names) + 1))
    ax.invert_yaxis()
    return ax


def patch_maps(image: Tensor, owner: Tensor, values: Mapping[str, Tensor]):
    """Draw attributions on a picture: a panel each, blue for, vermilion against, two a row.

    The players are numbered from 1.

    Args:
        image: (1, H, W) or (H, W) float, light ink on dark ground.
        owner: (H, W) int64, the player of each pixel, −1 for none.
        values: name of the attribution to (n,) values; each panel has its own scale.

    Returns:
        The figure.
    """
    import matplotlib.pyplot as plt

    rows = -(-len(values) // 2)
    figure, axes = plt.subplots(rows, 2, figsize=(6.2, 3.1 * rows), squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, (name, value) in zip(axes.flat, values.items(), strict=False):
        top = float(value.abs().max())
        on_pixels = torch.where(owner < 0, torch.nan, value[owner.clamp(min=0)].float())
        ax.imshow(1 - image.squeeze(), cmap="gray", vmin=-0.6, vmax=1)
        shown = ax.imshow(on_pixels, cmap=style.diverging(), vmin=-top, vmax=top, alpha=0.72)
        for player in range(len(value)):
            y, x = (owner == player).nonzero().float().mean(0).tolist()
            ax.text(x, y, player + 1, ha="center", va="center", fontsize=9, bbox=_LABEL)
        ax.set_title(name)
        figure.colorbar(shown, ax=ax, shrink=0.75)
    return figure
