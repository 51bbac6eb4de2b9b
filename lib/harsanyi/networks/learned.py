"""Baselines that are learned: those within reach that make the explanation shortest.

Chapter: A network as a game (what masking does to a network).
"""

from collections.abc import Callable

import torch
from torch import Tensor
from tqdm import tqdm

from ..core.transforms import and_interactions
from .masking import MaskedGame
from .owners import NOBODY, Players
from .values import Value


def learned(
    model: Callable[[Tensor], Tensor],
    x: Tensor,
    players: Players,
    value: Value,
    start: Tensor,
    radius: float | Tensor,
    steps: int = 50,
    rate: float = 0.2,
    progress: bool = False,
) -> Tensor:
    r"""Return the baseline near ``start`` whose dividends are smallest in sum.

    .. math:: \min_r \sum_{S \ne \varnothing} |I_{and}(S; r)| \quad \text{so that} \quad
              \lVert r_i - \text{start}_i \rVert_2 \le \text{radius}_i \text{ for each player } i

    Projected subgradient descent: step t moves each player's part by rate·radius/√t along its
    own subgradient, then back onto its ball; the best baseline met is returned, so the result is
    never worse than the start. A step takes two passes over the coalitions, in batches.

    Args:
        model, x, players, value: as for :class:`~harsanyi.networks.masking.MaskedGame`; x float.
        start: where to begin, x's shape and dtype.
        radius: number or (n,), above 0, in the units of x.
        steps: number of steps.
        rate: the first step as a part of the radius.
        progress: whether to show a bar.

    Returns:
        Tensor of x's shape and dtype on the network's device; as ``start`` where nobody owns.

    Raises:
        TypeError: an x of integers, which has no gradient.
        ValueError: a radius that is not above 0 or of another shape; and all that
            :class:`~harsanyi.networks.masking.MaskedGame` refuses.

    Source: Ren et al., CVPR 2023 (shorter explanations); Ren et al., ICLR 2023 (absence states).
    """
    if not x.is_floating_point():
        raise TypeError(
            f"x: got {x.dtype}, expected floats; learn a baseline of embeddings instead"
        )
    game = MaskedGame(model, x, players, start.detach().clone(), value)
    start, game.baseline = game.baseline, game.baseline.clone().requires_grad_()
    blocks = _Blocks(players, start, radius)
    best, least = start, float("inf")
    for step in tqdm(range(steps + 1), unit="step", disable=not progress):
        length, slope = _length_and_slope(game)
        if length < least:
            best, least = game.baseline.detach().clone(), length
        with torch.no_grad():
            move = rate / (step + 1) ** 0.5 * blocks.direction(slope)
            game.baseline.copy_(start + blocks.into_balls(game.baseline - move - start))
    return best


def _length_and_slope(game: MaskedGame) -> tuple[float, Tensor]:
    """Return the dividends' ℓ1 norm and its subgradient in the baseline.

    The norm's slope in the table comes first, from a table without graph; each batch of
    coalitions then carries its share back to the baseline, so memory does not depend on n.
    """
    table = game.table().requires_grad_()
    length = and_interactions(table).abs().sum()
    (weights,) = torch.autograd.grad(length, table)  # (2**n,) or (k, 2**n)
    slope = torch.zeros_like(game.baseline)
    for masks in torch.arange(2**game.n).split(game.batch_size):
        values = game.differentiable(masks)  # (B,) or (B, k)
        share = (values * weights[..., masks].movedim(-1, 0).to(values.device)).sum()
        slope += torch.autograd.grad(share, game.baseline)[0]
    return length.item(), slope


class _Blocks:
    """The parts of an input that the players own, each with its norm and ball."""

    def __init__(self, players: Players, like: Tensor, radius: float | Tensor):
        radius = torch.as_tensor(radius, dtype=like.dtype, device=like.device)
        if radius.shape not in ((), (players.n,)) or not (radius > 0).all():
            raise ValueError(
                f"radius: got {radius.tolist()}, expected a number above 0, or {players.n} of them"
            )
        self.n = players.n
        owner = players.owner.where(players.owner != NOBODY, self.n).to(like.device)
        self.owner = owner.expand_as(like)
        self.radius = torch.cat([radius.expand(self.n), radius.new_zeros(1)])  # (n+1,), nobody's 0

    def norms(self, tensor: Tensor) -> Tensor:
        """Return the ℓ2 norm of each player's part, (n+1,), nobody's last."""
        squares = torch.zeros_like(self.radius)
        return squares.index_add(0, self.owner.flatten(), tensor.flatten() ** 2).sqrt()

    def direction(self, slope: Tensor) -> Tensor:
        """Return the slope with each player's part scaled to the length of its radius."""
        norms = self.norms(slope)
        return slope * torch.where(norms > 0, self.radius / norms, 0)[self.owner]

    def into_balls(self, offset: Tensor) -> Tensor:
        """Return the offset with each player's part shortened to its radius at most."""
        norms = self.norms(offset)
        return offset * torch.where(norms > self.radius, self.radius / norms, 1)[self.owner]
