r"""Games whose interactions are known: networks with a planted common part and parts of their own.

Chapter: Primitives that networks share.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from ..core.coalitions import sizes
from ..core.result import Interactions
from ..core.transforms import reconstruct
from .sharing import room


class PlantedNetworks(NamedTuple):
    """Tables of m networks on the same samples, and the truth about them.

    Attributes:
        tables: (m, samples, 2**n) float64.
        truth: the planted interactions of each network, m Interactions (samples, 2**n).
        shared: bool (samples, 2, 2**n), what all networks have: AND, then OR.
        own: bool (m, samples, 2, 2**n), what one network alone has.
    """

    tables: Tensor
    truth: tuple[Interactions, ...]
    shared: Tensor
    own: Tensor


def _strength(shape: tuple[int, ...], random: torch.Generator) -> Tensor:
    """Return strengths between 1/2 and 2, either sign."""
    sign = torch.randint(2, shape, generator=random).double() * 2 - 1
    return sign * 2 ** (2 * torch.rand(shape, generator=random, dtype=torch.float64) - 1)


def planted_networks(
    n: int = 8,
    shared: int = 6,
    own: int = 6,
    networks: int = 2,
    samples: int = 1,
    seed: int = 0,
    noise: float = 0.0,
    highest: int = 3,
) -> PlantedNetworks:
    """Plant AND and OR interactions of low orders, some in all networks, some in one alone.

    Which coalitions are planted is drawn evenly from the AND of orders 1 to ``highest`` and the OR
    of orders 2 to ``highest``. A shared interaction has one sign, and a strength between 1/2 and 2
    that each network scales by a factor of its own between 0.7 and 1.4. With ``shared`` = 0 the
    networks have nothing in common.

    Args:
        n: players.
        shared: interactions that all networks have.
        own: interactions that each network alone has.
        networks: how many networks, m.
        samples: games of each network, planted independently.
        seed: of everything.
        noise: each value is shifted evenly within ± this fraction of the game's
            :math:`|v(N) - v(∅)|`, the values of ∅ and N excepted.
        highest: the highest order planted.

    Raises:
        ValueError: more interactions than there are places.
    """
    random = torch.Generator().manual_seed(seed)
    places = (room(n) & (sizes(n) <= highest)).flatten().nonzero().flatten()
    needed = shared + networks * own
    if needed > len(places):
        raise ValueError(
            f"shared, own: got {needed} interactions to plant, expected at most {len(places)}, the "
            f"coalitions of up to {highest} of {n} players; plant fewer or raise highest"
        )
    order = torch.rand(samples, len(places), generator=random).argsort(-1)[:, :needed]
    picks = places[order]  # (samples, needed)
    effects = torch.zeros(networks, samples, 2 * 2**n, dtype=torch.float64)
    common = _strength((samples, shared), random)
    for i in range(networks):
        scale = 2 ** (torch.rand(samples, shared, generator=random, dtype=torch.float64) - 0.5)
        mine = picks[:, shared + i * own : shared + (i + 1) * own]
        effects[i].scatter_(-1, picks[:, :shared], common * scale)
        effects[i].scatter_(-1, mine, _strength((samples, own), random))
    and_, or_ = effects.view(networks, samples, 2, 2**n).unbind(-2)
    tables = reconstruct(and_, or_, torch.zeros(networks, samples, dtype=torch.float64))
    shift = 2 * torch.rand(tables.shape, generator=random, dtype=torch.float64) - 1
    shift[..., [0, -1]] = 0.0
    tables = tables + noise * tables[..., -1:].abs() * shift
    has = (effects != 0).view(networks, samples, 2, 2**n)
    both = torch.zeros(samples, 2 * 2**n, dtype=torch.bool)
    both = both.scatter(-1, picks[:, :shared], True).view(samples, 2, 2**n)
    zero = torch.zeros(samples, dtype=torch.float64)
    truth = tuple(Interactions(and_[i], or_[i], zero) for i in range(networks))
    return PlantedNetworks(tables, truth, both, has & ~both)


def planted_pair(
    n: int = 8, shared: int = 6, own: int = 6, seed: int = 0, noise: float = 0.0
) -> PlantedNetworks:
    """Plant two networks on one sample, see :func:`planted_networks`."""
    return planted_networks(n, shared, own, seed=seed, noise=noise)
