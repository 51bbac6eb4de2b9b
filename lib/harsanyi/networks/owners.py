"""The one concept behind all players: a tensor that says who owns each coordinate of an input.

Source: Chen et al., ICLR 2024; Cheng et al., ICML 2024 (patches, words and clusters as players).
Chapter: A network as a game.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..core.coalitions import check_names, mask_of

NOBODY = -1


class Players:
    """The owner of every coordinate of an input, and the players' names.

    Args:
        owner: int64, of a shape that broadcasts to the input's: −1 belongs to no player and is
            always kept, i in 0 … n−1 belongs to player i. An image (C, H, W) takes owners (H, W);
            token embeddings (L, d) take (L, 1).
        names: n different strings; x1 … xn by default.

    Attributes:
        owner: int64, on the CPU. Do not write into it.
        names: tuple of n strings.

    Raises:
        TypeError: the owners are no integers.
        ValueError: an owner below −1 or above n−1, a player without a coordinate, no player at
            all, or names that are too few, too many or repeated.

    Chapter: A network as a game.
    """

    def __init__(self, owner: Tensor, names: Sequence[str] | None = None):
        owner = torch.as_tensor(owner)
        if owner.is_floating_point() or owner.is_complex() or owner.dtype == torch.bool:
            raise TypeError(
                f"owner: got {owner.dtype}, expected integers, the player of each coordinate and "
                "-1 for none; for yes-or-no masks use from_masks"
            )
        self.owner = owner.to("cpu", torch.int64)
        highest = int(self.owner.max()) if self.owner.numel() else NOBODY
        n = highest + 1 if names is None else len(names)
        _check_owner(self.owner, n)
        self.names = check_names(names, n)

    @property
    def n(self) -> int:
        """The number of players."""
        return len(self.names)

    def where(self, player: int) -> Tensor:
        """Return the coordinates of one player: bool, of the owners' shape."""
        return self.owner == player

    def coalition(self, *names: str) -> int:
        """Return the bitmask of the players with these names.

        Raises:
            KeyError: a name that no player has.
        """
        for name in names:
            if name not in self.names:
                raise KeyError(f"name: got {name!r}, expected one of {list(self.names)}")
        return mask_of(self.names.index(name) for name in names)

    def embedded(self) -> "Players":
        """Return the same players over vectors: owners (…, 1) from (…), for inputs (…, d)."""
        return Players(self.owner[..., None], self.names)

    def __repr__(self) -> str:
        return f"Players(n={self.n}, owner={tuple(self.owner.shape)}, names={list(self.names)})"


def claim(owner: Tensor, where: Tensor, player: int) -> None:
    """Give a player the coordinates ``where`` of ``owner``, in place.

    Args:
        owner: int64, any shape.
        where: bool, same shape.
        player: its number.

    Raises:
        ValueError: another player has one of them already.
    """
    taken = owner[where]
    others = taken[taken != NOBODY]
    if others.numel():
        raise ValueError(
            f"players: got {int(others[0])} and {player} overlapping in {others.numel()} "
            "coordinates, expected one owner at most for each; take them from one of the two"
        )
    owner[where] = player


def _check_owner(owner: Tensor, n: int) -> None:
    if n == 0:
        raise ValueError("players: got none, expected at least one; give it a coordinate")
    outside = owner[(owner < NOBODY) | (owner >= n)]
    if outside.numel():
        raise ValueError(
            f"owner: got {int(outside[0])}, expected -1 (no player) or a player of 0 ... {n - 1}; "
            "renumber the players or name them all"
        )
    counts = torch.bincount(owner.flatten() + 1, minlength=n + 1)[1:]
    if (counts == 0).any():
        raise ValueError(
            f"players: got player {int((counts == 0).nonzero()[0])} of {n} without a coordinate, "
            "expected at least one for each; leave it out or give it one"
        )
