r"""Where an attribution of a network stands: its weights on dividends, and the methods it is near.

Gradients are no function of a table of masked outputs. That they are weighted sums of its dividends
is a claim about the network, and this is its test.

Source: Deng et al., TPAMI 2024, who prove weights through Taylor series. Chapter: One language for
attributions and transferability.
"""

from collections.abc import Mapping

import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import n_players
from .attribution import REMOVAL, Weight, attribute, player_sums
from .intervals import draw_anew
from .layer_attributions import agreement_with_output


def fitted_weights(attributions: Tensor, dividends: Tensor, seed: int = 0) -> pd.DataFrame:
    r"""Return the weights by order that tell attributions of a network best, by least squares.

    .. math:: \min_w \sum_{x, i} \Bigl(a_i(x) - \sum_s w(s)\, D_i^{(s)}(x)\Bigr)^2

    For an attribution that is no function of the table, as gradients. Sums of neighbouring orders
    often cancel in networks and then the intervals are wide: read them first.

    Args:
        attributions: (samples, n); samples · n must be n or more.
        dividends: (samples, 2**n).
        seed: of the bootstrap over samples.

    Returns:
        Columns order, weight, low, high (95 %).

    Raises:
        ValueError: shapes that don't fit.

    Source: ours. Chapter: One language for attributions and transferability.
    """
    sums = _matched(attributions, dividends)  # (samples, n players, n orders)
    weights = _solve(sums[None], attributions[None])[0]
    (drawn,) = draw_anew((len(sums),), seed)
    drawn = torch.as_tensor(drawn)
    low, high = _solve(sums[drawn], attributions[drawn]).quantile(
        torch.tensor([0.025, 0.975], dtype=torch.float64), 0
    )
    columns = {"weight": weights.tolist(), "low": low.tolist(), "high": high.tolist()}
    return pd.DataFrame({"order": range(1, len(weights) + 1), **columns})


def placement(
    attributions: Tensor,
    dividends: Tensor,
    methods: Mapping[str, Weight] = REMOVAL,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Return how well known weights, and fitted ones, tell attributions of a network.

    .. math:: explained = 1 - \sum_i (a_i - b_i)^2 \Big/ \sum_i a_i^2

    "fitted" are weights fitted to the other samples, "shuffled" the same for attributions whose
    players have changed places in each sample: what so many weights explain by chance.

    Args:
        attributions: a, (samples, n), two samples or more.
        dividends: (samples, 2**n).
        methods: the known ones; no scale is fitted.
        seed: of the shuffle.

    Returns:
        Columns method, sample, explained (1 is all, 0 no more than zeros would; NaN for an
        attribution of zeros), rank (Spearman's correlation over players).

    Raises:
        ValueError: shapes that don't fit, or one sample.

    Source: ours. Chapter: One language for attributions and transferability.
    """
    sums = _matched(attributions, dividends)
    if len(sums) < 2:
        raise ValueError("attributions: got one sample, expected two or more, to fit and to judge")
    random = torch.Generator().manual_seed(seed)
    places = torch.rand(attributions.shape, generator=random).argsort(1)
    shuffled = attributions.gather(1, places)
    told = {name: (attributions, attribute(dividends, w)) for name, w in methods.items()}
    told |= {"fitted": (attributions, _left_out(sums, attributions))}
    told |= {"shuffled": (shuffled, _left_out(sums, shuffled))}
    frames = []
    for name, (a, b) in told.items():
        frame = agreement_with_output({name: torch.stack([b, a])})[["method", "sample", "rank"]]
        explained = 1 - (a - b).square().sum(1) / a.square().sum(1)
        frame.insert(2, "explained", explained.tolist())
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _matched(attributions: Tensor, dividends: Tensor) -> Tensor:
    """Sums of dividends (samples, n players, n orders), shapes checked."""
    n = n_players(dividends, "dividends")
    if dividends.dim() != 2 or attributions.shape != (len(dividends), n):
        raise ValueError(
            f"attributions: got {tuple(attributions.shape)} for dividends "
            f"{tuple(dividends.shape)}, expected (samples, n) and (samples, 2**n)"
        )
    return player_sums(dividends.double()).mT


def _solve(sums: Tensor, attributions: Tensor) -> Tensor:
    """Least squares (draws, n) of (draws, samples, n, n) and (draws, samples, n)."""
    rows, right = sums.flatten(1, 2), attributions.double().flatten(1)[..., None]
    return torch.linalg.lstsq(rows, right, driver="gelsd").solution[..., 0]


def _left_out(sums: Tensor, attributions: Tensor) -> Tensor:
    """Each sample's attributions (samples, n) told with weights fitted to all others."""
    count = len(sums)
    others = torch.arange(count - 1) + (torch.arange(count - 1) >= torch.arange(count)[:, None])
    weights = _solve(sums[others], attributions[others])  # (samples, n orders)
    return (sums @ weights[..., None])[..., 0]
