"""Which perturbations fool other networks, and what goes with that.

Source: Wang et al., ICLR 2021. Chapter: One language for attributions and transferability.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from ..networks import checks
from .intervals import draw_anew, with_errors
from .perturbation import Loss, lead


def transfer(
    networks: Mapping[str, nn.Module],
    x: Tensor,
    y: Tensor,
    perturbations: Mapping[str, Tensor],
    loss: Loss = lead,
) -> pd.DataFrame:
    r"""Return what each perturbation does to each network.

    .. math:: utility = \text{loss}(f(x + \delta), y) - \text{loss}(f(x), y)

    Args:
        networks: by name, in evaluation mode, (B, \*shape) to logits (B, C).
        x: inputs (samples, \*shape).
        y: true classes (samples,), int64.
        perturbations: by name, such as the network they were made on, (samples, \*shape).
        loss: of the utility.

    Returns:
        Columns perturbation, target (the network), sample, right (whether it knows the clean
        input), fooled (whether it was right and is wrong now), utility.

    Raises:
        ValueError: a network in training mode, or perturbations of another shape.

    Source: Wang et al., ICLR 2021. Chapter: One language for attributions and
    transferability.
    """
    frames = []
    for target, network in networks.items():
        checks.check_mode(network)
        clean = _logits(network, x)
        right = clean.argmax(1) == y
        for name, delta in perturbations.items():
            if delta.shape != x.shape:
                raise ValueError(f"perturbations: got {tuple(delta.shape)} for {name!r}, expected "
                                 f"that of x, {tuple(x.shape)}")  # fmt: skip
            moved = _logits(network, x + delta)
            frame = pd.DataFrame({"perturbation": name, "target": target, "sample": range(len(x))})
            frame["right"] = right.tolist()
            frame["fooled"] = (right & (moved.argmax(1) != y)).tolist()
            frame["utility"] = (loss(moved, y) - loss(clean, y)).tolist()
            frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def transfer_rate(frame: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Return the share of the inputs a network knew that it no longer knows.

    Args:
        frame: as :func:`transfer` returns.
        seed: of the bootstrap over samples.

    Returns:
        Columns perturbation, target, mean (the rate), low, high (95 %), samples (known ones).

    Source: Wang et al., ICLR 2021 (transferability). Chapter: One language for
    attributions and transferability.
    """
    known = frame[frame["right"]].astype({"fooled": float})
    return with_errors(known, "fooled", ("perturbation", "target"), seed=seed)


def of_another(x: Tensor, perturbation: Tensor, bounds: Sequence[float] = (0.0, 1.0)) -> Tensor:
    r"""Return each sample the perturbation of the next one: a control that keeps its look.

    Args:
        x, perturbation: (samples, \*shape), two samples or more.
        bounds: smallest and largest value of an input.
    """
    return (x + perturbation.roll(-1, 0)).clamp(*bounds) - x


def random_signs(
    x: Tensor, radius: float, bounds: Sequence[float] = (0.0, 1.0), seed: int = 0
) -> Tensor:
    r"""Return perturbations of random signs, ± radius at each coordinate: a control of size.

    Args:
        x: (samples, \*shape).
        radius: in the units of x.
        bounds: smallest and largest value of an input.
        seed: of the signs.
    """
    random = torch.Generator().manual_seed(seed)
    signs = torch.randint(2, x.shape, generator=random).to(x) * 2 - 1
    return (x + radius * signs).clamp(*bounds) - x


def association(
    frame: pd.DataFrame,
    one: str,
    other: str,
    by: Sequence[str],
    given: str | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the rank correlation of two columns over the rows of each group.

    Args:
        frame: one row a sample.
        one, other: the columns, "interaction" and "utility" say.
        by: columns that make the groups.
        given: a column whose ranks are taken out of both first (a partial correlation), such as
            the gain on the source.
        seed: of the bootstrap over rows.

    Returns:
        Columns ``by``, r, low, high (95 %), samples; NaN where a column is constant.

    Source: Spearman, 1904. Chapter: One language for attributions and transferability.
    """
    rows, columns = [], [one, other, *([given] if given else [])]
    for key, part in frame.dropna(subset=columns).groupby(list(by), sort=False):
        ranks = part[columns].rank().to_numpy().T  # (2 or 3, samples)
        (drawn,) = draw_anew((len(part),), seed)
        with np.errstate(invalid="ignore", divide="ignore"):
            r, resampled = _correlation(ranks[:, None])[0], _correlation(ranks[:, drawn])
        low, high = np.nanquantile(resampled, [0.025, 0.975]) if np.isfinite(r) else (r, r)
        rows.append((*key, float(r), float(low), float(high), len(part)))
    return pd.DataFrame(rows, columns=[*by, "r", "low", "high", "samples"])


def _correlation(columns: np.ndarray) -> np.ndarray:
    """Correlation of the first two of (2 or 3, draws, samples), given the third."""
    centred = columns - columns.mean(-1, keepdims=True)
    if len(columns) == 3:
        third = centred[2]
        slope = (centred[:2] * third).sum(-1) / (third**2).sum(-1)
        centred = centred[:2] - slope[..., None] * third
    one, two = centred[:2]
    return (one * two).sum(-1) / np.sqrt((one**2).sum(-1) * (two**2).sum(-1))


def _logits(network: nn.Module, x: Tensor) -> Tensor:
    with torch.inference_mode():
        return network(x).double()
