r"""The threshold slider: real explanations under every threshold and a few noise allowances.

The explanations are computed beforehand; the page only counts, draws and rebuilds.

Chapter: What the answer depends on.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

from harsanyi.core.coalitions import n_players
from harsanyi.core.result import Interactions
from harsanyi.networks.owners import Players

from .explorable import Explorable
from .explore import _rounded, grey_picture

CUTS = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7)
MOST_PLAYERS = 12


class Sample(NamedTuple):
    """One sample of the slider: a picture, or a sentence.

    Attributes:
        title: a few words, for its button.
        table: (2**n,) float64, n at most 12, the value of every coalition.
        explanations: κ to the explanation of that table within κ; the same κ for every sample.
        image: float (1, H, W) in [0, 1], with ``players``; None for a sentence.
        players: the picture's ``Players``.
        words: the n players' words, for a sentence; None for a picture.
    """

    title: str
    table: Tensor
    explanations: Mapping[float, Interactions]
    image: Tensor | None = None
    players: Players | None = None
    words: Sequence[str] | None = None


def threshold_slider(
    samples: Sequence[Sample], kappa: float = 0.04, threshold: float = 0.05
) -> Explorable:
    r"""Make the slider: the reader moves τ and κ and sees what survives and what it still explains.

    The error is :func:`harsanyi.studies.sparsity.matching_error` of the survivors,
    :math:`\lVert v - \hat v \rVert / \lVert v - \bar v \rVert` over all coalitions.

    Args:
        samples: one or more.
        kappa: the allowance shown first, one of the explanations' κ.
        threshold: the fraction of the strongest effect shown first, one of ``CUTS``.

    Raises:
        ValueError: no sample, a sample that is neither picture nor sentence, parts that do not fit
            together, different κ, a start that is not offered, or a constant table.

    Chapter: What the answer depends on.
    """
    if not samples:
        raise ValueError("samples: got none, expected one or more")
    kappas = sorted(samples[0].explanations)
    for sample in samples:
        _check(sample, kappas)
    if kappa not in kappas or threshold not in CUTS:
        raise ValueError(
            f"kappa, threshold: got {kappa} and {threshold}, expected one of {kappas} and one of "
            f"{list(CUTS)}"
        )
    data = {
        "samples": [_data(sample, kappas) for sample in samples],
        "cuts": list(CUTS),
        "kappa": kappas.index(kappa),
        "cut": CUTS.index(threshold),
    }
    return Explorable(
        "threshold_slider", "Threshold and allowance", data, extra=("inputs", "areas")
    )


def _check(sample: Sample, kappas: list[float]) -> None:
    n = n_players(sample.table, "table")
    if sample.table.ndim != 1 or n > MOST_PLAYERS or sample.table.max() == sample.table.min():
        raise ValueError(
            f"table of {sample.title!r}: got shape {tuple(sample.table.shape)}, expected one game "
            f"of at most {MOST_PLAYERS} players that is not constant"
        )
    if sorted(sample.explanations) != kappas or not kappas:
        raise ValueError(
            f"explanations of {sample.title!r}: got κ {sorted(sample.explanations)}, expected "
            f"{kappas or 'one or more'}, the same for every sample"
        )
    if any(found.and_.shape != sample.table.shape for found in sample.explanations.values()):
        raise ValueError(f"explanations of {sample.title!r}: expected one game of {n} players each")
    if (sample.words is None) == (sample.image is None):
        raise ValueError(f"{sample.title!r}: expected an image with players, or words; not both")
    if sample.image is not None and (sample.players is None or sample.image.shape[0] != 1):
        raise ValueError(f"{sample.title!r}: expected a grey image (1, H, W) with its players")
    given = len(sample.words) if sample.words is not None else sample.players.n
    if given != n:
        raise ValueError(f"{sample.title!r}: got {given} players, expected the table's {n}")


def _data(sample: Sample, kappas: list[float]) -> dict:
    """Gather what the script reads of one sample."""
    largest = float(sample.table.abs().max())
    data = {
        "title": sample.title,
        "values": _rounded(sample.table, 6),
        "levels": [_level(kappa, sample.explanations[kappa]) for kappa in kappas],
        "digits": 1 if largest >= 100 else 2 if largest >= 1 else 3,
    }
    if sample.words is not None:
        return data | {"tags": list(sample.words), "picture": None}
    tags = [str(i + 1) for i in range(sample.players.n)]
    return data | {"tags": tags, "picture": grey_picture(sample.image, sample.players)}


def _level(kappa: float, found: Interactions) -> dict:
    """Keep the effects that are not zero once rounded, as [mask, value]."""
    both = _rounded(found.effects.flatten(), 5)
    size = found.and_.shape[-1]
    pairs = [(place, value) for place, value in enumerate(both) if value]
    return {
        "kappa": kappa,
        "and": [[place, value] for place, value in pairs if place < size],
        "or": [[place - size, value] for place, value in pairs if place >= size],
    }
