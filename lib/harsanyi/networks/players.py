"""Players: which coordinates of an input are masked together.

Pixels, words, columns and points differ only in how their owners are found, which is what the
functions of this file and of ``patches`` do. All return a :class:`~harsanyi.networks.Players`.

Chapter: A network as a game.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from .owners import NOBODY, Players, claim
from .patches import foreground, grid

__all__ = ["Players", "clusters", "columns", "foreground", "from_masks", "grid", "tokens"]


def from_masks(masks: Sequence[Tensor], names: Sequence[str] | None = None) -> Players:
    """Return players given as sets of coordinates, say pixel sets drawn by hand.

    Args:
        masks: n bool tensors of one shape, each true where its player is.
        names: n different strings; x1 … xn by default.

    Returns:
        Players with owners of the masks' shape.

    Raises:
        TypeError: a mask that is not bool.
        ValueError: no mask, different shapes, an empty mask, or two that overlap.
    """
    masks = [torch.as_tensor(mask).cpu() for mask in masks]
    owner = torch.full(masks[0].shape if masks else (0,), NOBODY)
    for i, mask in enumerate(masks):
        if mask.dtype != torch.bool:
            raise TypeError(f"masks: got {mask.dtype} at {i}, expected bool, e.g. mask > 0")
        if mask.shape != owner.shape:
            raise ValueError(
                f"masks: got shape {tuple(mask.shape)} at {i}, expected {tuple(owner.shape)} as "
                "at 0; draw all masks on one image"
            )
        if not mask.any():
            raise ValueError(f"masks: got an empty one at {i}, expected a true entry; leave it out")
        claim(owner, mask, i)
    return Players(owner, names)


def tokens(
    words: Sequence,
    groups: Sequence | None = None,
    names: Sequence[str] | None = None,
    length: int | None = None,
) -> Players:
    """Return tokens or words as players, for inputs of token ids (L,).

    For inputs of embeddings (L, d) take ``tokens(…).embedded()``. Players are named by their
    words; the second "very" is named "very (2)".

    Args:
        words: the tokens in order, strings or ids.
        groups: for each player its position, or the positions of all its tokens (a word in several
            pieces). Positions in no group are always kept. Every position by default.
        names: n strings in place of the words.
        length: L where the input is longer than ``words`` (padding, which is always kept).

    Returns:
        Players with owners (L,).

    Raises:
        ValueError: a position out of range or in two groups, an empty group, or a length shorter
            than the words.
    """
    words = [str(w.item() if isinstance(w, Tensor) else w) for w in words]
    length = len(words) if length is None else length
    if length < len(words):
        raise ValueError(f"length: got {length}, expected at least the {len(words)} words")
    groups = _groups(range(len(words)) if groups is None else groups)
    owner = _own(groups, length)
    if names is None:
        names = [" ".join((words + ["pad"] * length)[p] for p in g) for g in groups]
    return Players(owner, _numbered(names))


def columns(
    names: Sequence[str], coordinates: Sequence | None = None, length: int | None = None
) -> Players:
    """Return the columns of a table as players, for inputs (D,).

    Args:
        names: n different column names.
        coordinates: for each column its coordinate, or all its coordinates (one-hot). The i-th
            column owns coordinate i by default.
        length: D where the last coordinates belong to no column.

    Returns:
        Players with owners (D,).

    Raises:
        ValueError: coordinates that overlap, are out of range or missing, or not one entry a name.
    """
    groups = _groups(range(len(names)) if coordinates is None else coordinates)
    if len(groups) != len(names):
        raise ValueError(
            f"coordinates: got {len(groups)} entries, expected {len(names)}, one for each name"
        )
    if length is None:
        length = 1 + max((c for group in groups for c in group), default=-1)
    return Players(_own(groups, length), names)


def clusters(points: Tensor, n: int, among: int | None = None, seed: int = 0) -> Players:
    """Return clusters of points as players, found by k-means, for inputs (P, d).

    The cloud is cut into ``among`` clusters and the n that hold most points play; the others are
    always kept. Players are numbered along the first coordinate of their centres.

    Args:
        points: float (P, d), usually d = 3.
        n: number of players.
        among: number of clusters, n by default; Ren et al. 2024 take 10 players among 30.
        seed: start of k-means; the same seed gives the same players.

    Returns:
        Players with owners (P, 1), named "cluster 1" to "cluster n".

    Raises:
        ValueError: points of another shape, or not 1 ≤ n ≤ among ≤ number of different points.
    """
    from sklearn.cluster import KMeans

    among = n if among is None else among
    if points.dim() != 2:
        raise ValueError(f"points: got shape {tuple(points.shape)}, expected (P, d), a row each")
    different = len(torch.unique(points, dim=0))
    if not 1 <= n <= among <= different:
        raise ValueError(
            f"n, among: got {n} players among {among} clusters of {different} different points, "
            "expected 1 <= n <= among <= different points; take fewer"
        )
    found = KMeans(among, n_init=4, random_state=seed).fit(points.detach().double().cpu().numpy())
    label = torch.as_tensor(found.labels_, dtype=torch.int64)  # (P,)
    first = torch.as_tensor(found.cluster_centers_)[:, 0]  # (among,)
    largest = torch.bincount(label, minlength=among).argsort(descending=True, stable=True)[:n]
    number = torch.full((among,), NOBODY)
    number[largest[first[largest].argsort(stable=True)]] = torch.arange(n)
    return Players(number[label][:, None], [f"cluster {i + 1}" for i in range(n)])


def _groups(entries: Sequence) -> list[list[int]]:
    return [[int(p) for p in e] if hasattr(e, "__iter__") else [int(e)] for e in entries]


def _own(groups: list[list[int]], length: int) -> Tensor:
    """Owners (length,) of groups of positions."""
    owner = torch.full((length,), NOBODY)
    for player, group in enumerate(groups):
        outside = [p for p in group if not 0 <= p < length]
        if outside:
            raise ValueError(
                f"player {player}: got position {outside[0]}, expected one of 0 ... {length - 1}"
            )
        if not group:
            raise ValueError(f"player {player}: got no position, expected one; leave it out")
        where = torch.zeros(length, dtype=torch.bool)
        where[group] = True
        claim(owner, where, player)
    return owner


def _numbered(names: Sequence[str]) -> list[str]:
    """Names made different: the second "very" becomes "very (2)"."""
    earlier = [list(names[:i]).count(name) for i, name in enumerate(names)]
    return [f"{name} ({k + 1})" if k else name for name, k in zip(names, earlier, strict=True)]
