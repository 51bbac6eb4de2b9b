r"""Which orders change when input or weights change a little, and what noise alone would do.

A change of the outputs has dividends of its own: :math:`\Delta I = I' - I` are those of the table
:math:`v' - v`. If its entries were independent noise of deviation σ, a dividend of order s would
change by :math:`2^{s/2} \sigma`, whatever the network is. So high orders *must* look less stable;
what a network adds is how far it is from that law.

Source: Liu et al., NeurIPS 2023 (noise, attacks); Ren et al., NeurIPS 2021 (attacks); Ren et al.,
ICML 2023 (weights). Chapter: Generalization, sensitivity, bottleneck.
"""

import math
from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import sizes
from ..core.transforms import mobius, zeta
from ..networks.masking import MaskedGame
from .attacks import attack
from .contexts import mean_by_size
from .dynamics import spindle


def moved_tables(games: Sequence[MaskedGame], moves: Tensor) -> Tensor:
    r"""Return the tables of inputs that are moved a little; absent players stay at the baseline.

    Args:
        games: one for each sample.
        moves: (draws, samples, \*x.shape), what is added to each input.

    Returns:
        Tensor (draws, samples, 2**n), float64.

    Raises:
        ValueError: moves of another number of samples or another shape.

    Chapter: Generalization, sensitivity, bottleneck.
    """
    shape = tuple(games[0].x.shape)
    if moves.shape[1:] != (len(games), *shape):
        raise ValueError(
            f"moves: got shape {tuple(moves.shape)}, expected (draws, {len(games)}, "
            f"{', '.join(map(str, shape))})"
        )
    return torch.stack([
        torch.stack([
            MaskedGame(g.model, g.x + by.to(g.x), g.players, g.baseline, g.value).table()
            for g, by in zip(games, draw, strict=True)
        ])
        for draw in moves
    ])  # fmt: skip


def noise_moves(
    games: Sequence[MaskedGame], deviation: float = 0.02, draws: int = 5, seed: int = 0
) -> Tensor:
    r"""Return independent normal noise for every coordinate, (draws, samples, \*x.shape)."""
    random = torch.Generator().manual_seed(seed)
    x = torch.stack([game.x for game in games])
    return deviation * torch.randn((draws, *x.shape), generator=random)


def attack_moves(
    games: Sequence[MaskedGame], labels: Sequence[int], radius: float = 0.15, steps: int = 10
) -> Tensor:
    r"""Return the attack on each whole input, (1, samples, \*x.shape), by projected ascent.

    Args:
        games: one for each sample, of one network, inputs between 0 and 1.
        labels: the true classes.
        radius: the largest change of a coordinate.
        steps: how many.

    Raises:
        ValueError: as :func:`~harsanyi.studies.attacks.attack`.

    Source: Madry et al., ICLR 2018. Chapter: Generalization, sensitivity, bottleneck.
    """
    x = torch.stack([game.x for game in games])
    return attack(games[0].model, x, torch.tensor(list(labels)), radius, steps)[None]


def sensitivity(clean: Tensor, moved: Tensor) -> pd.DataFrame:
    r"""Return by how much dividends of each order change, relative to their strength, beside noise.

    .. math:: \text{ratio}^{(s)} = \frac{E_{|S| = s} |I'(S) - I(S)|}{E_{|S| = s} |I(S)|}, \qquad
              \text{null}^{(s)} = \sqrt{2 / \pi}\; 2^{s/2} \sigma

    where σ is the deviation over the coalitions of what the outputs changed by; what all outputs
    change by alike moves no dividend.

    Args:
        clean: values (samples, 2**n).
        moved: the same of moved inputs, (draws, samples, 2**n).

    Returns:
        Columns sample, order (1 to n), strength (E of the absolute dividend, nats), shift (of its
        change), ratio, null (the shift if the outputs' change were independent noise), null_ratio,
        excess (shift over null), share (of all change, summed over coalitions, at this order),
        null_share.

    Raises:
        ValueError: shapes that do not fit.

    Source: Liu et al., NeurIPS 2023 (their α and κ); the null, ours. Chapter: Generalization,
    sensitivity, bottleneck.
    """
    if clean.dim() != 2 or moved.dim() != 3 or moved.shape[1:] != clean.shape:
        raise ValueError(
            f"clean, moved: got {tuple(clean.shape)} and {tuple(moved.shape)}, expected "
            "(samples, 2**n) and (draws, samples, 2**n)"
        )
    change = moved - clean
    strength = mean_by_size(mobius(clean).abs())[..., 1:]  # (samples, n)
    shift = mean_by_size(mobius(change).abs())[..., 1:].mean(0)
    samples, n = shift.shape
    sigma = change.std(-1, correction=0).mean(0)  # (samples,)
    orders = torch.arange(1, n + 1, dtype=shift.dtype)
    null = math.sqrt(2 / math.pi) * sigma[:, None] * 2 ** (orders / 2)
    count = torch.tensor([math.comb(n, k) for k in range(1, n + 1)], dtype=shift.dtype)
    total = (shift * count).sum(1, keepdim=True)
    columns = {
        "strength": strength, "shift": shift, "ratio": shift / strength, "null": null,
        "null_ratio": null / strength, "excess": shift / null, "share": shift * count / total,
        "null_share": (spindle(n) / n).expand(samples, n),
    }  # fmt: skip
    index = pd.MultiIndex.from_product([range(samples), range(1, n + 1)], names=["sample", "order"])
    flat = {name: value.flatten().tolist() for name, value in columns.items()}
    return pd.DataFrame(flat, index=index).reset_index()


def weight_variation(draws: Tensor) -> pd.DataFrame:
    r"""Return how dividends of each order vary when a Bayesian network's weights are drawn anew.

    .. math:: V^{(s)} = E_x E_{|S| = s} \mathrm{Var}\, I(S), \qquad
              K^{(s)} = E_x E_{|S| = s} \frac{|E\, I(S)|}{\mathrm{Var}\, I(S)}

    beside what both would be if each draw's outputs differed from the mean by independent noise of
    the same variance σ², and the mean dividends were nothing: :math:`2^s \sigma^2`, and
    :math:`\sqrt{2 / (\pi d)}\,(d - 1) / (d - 3) \,/\, \sqrt{2^s \sigma^2}` from d draws.

    Args:
        draws: effects (draws, samples, 2**n) of single draws, four or more.

    Returns:
        Columns order (1 to n), V (nats²), V_null, K (1/nats), K_null.

    Raises:
        ValueError: fewer than four draws.

    Source: Ren et al., ICML 2023, Figure 3; the null, ours. Chapter: Generalization, sensitivity,
    bottleneck.
    """
    count = len(draws)
    if draws.dim() != 3 or count < 4:
        raise ValueError(
            f"draws: got shape {tuple(draws.shape)}, expected (draws, samples, 2**n) with 4 draws "
            "or more"
        )
    mean, spread = draws.mean(0), draws.var(0)
    outputs = zeta(draws)
    outputs = outputs - outputs.mean(-1, keepdim=True)  # what all change by alike moves nothing
    noise = outputs.var(0).mean(-1)  # (samples,), σ²
    quotient = torch.where(spread > 0, mean.abs() / spread, torch.nan)
    size = sizes(draws.shape[-1].bit_length() - 1)
    rows = []
    for order in range(1, int(size.max()) + 1):
        here, law = size == order, 2**order * noise
        chance = math.sqrt(2 / (math.pi * count)) * (count - 1) / (count - 3) / law.sqrt()
        rows.append((order, float(spread[:, here].mean()), float(law.mean()),
                     float(quotient[:, here].nanmean()), float(chance.mean())))  # fmt: skip
    return pd.DataFrame(rows, columns=["order", "V", "V_null", "K", "K_null"])
