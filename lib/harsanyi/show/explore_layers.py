r"""The layer slider: one sample's knowledge from layer to layer, under the reader's hand.

What each layer shares with the output is computed beforehand; the page draws it, sorts it and puts
it into words.

Chapter: Layer by layer.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from harsanyi.core.compare import order_profile
from harsanyi.core.result import Interactions
from harsanyi.networks.owners import Players
from harsanyi.networks.table_samples import Sample, picture_owner
from harsanyi.studies.layerwise import (
    Salient,
    chance_change,
    change,
    effects_of,
    salient_in_sample,
    shared_effects,
)
from harsanyi.studies.sharing import KINDS

from .explorable import Explorable
from .explore import grey_picture

LISTED = 6  # interactions that the page lists, of each layer and choice of kinds
UNIT = "log-odds, in units of their mean change at the layer"


def layer_slider(
    found: Interactions,
    layers: Sequence[str],
    samples: Sequence[Sample],
    images: Tensor | None = None,
    titles: Sequence[str] | None = None,
    salient: Salient = salient_in_sample,
    threshold: float = 0.05,
    value_name: str = UNIT,
) -> Explorable:
    """Make the slider: the reader moves through the layers and sees what the output will keep.

    For each layer it shows overlap, forgotten and new strength by order beside the overlap that
    shuffled players would give, the interactions that weigh most in the comparison, and
    completeness and redundancy so far; see :mod:`harsanyi.studies.layerwise`.

    Args:
        found: (layers, samples, 2**n), at most 12 players, explanations of ``normalised`` tables:
            what ``knowledge_change`` takes. The last layer is the output.
        layers: their names, in the order of the network.
        samples: one dictionary a sample, as in ``Tables.samples``; pictures have patches, sentences
            words and players; of others the players' names are shown.
        images: float (samples, 1, H, W) in [0, 1], for pictures.
        titles: a few words a sample, for its button; its label or its first words when None.
        salient: as for ``knowledge_change``.
        threshold: the fraction in τ.
        value_name: what the strengths are measured in.

    Raises:
        ValueError: numbers of layers, samples, images, titles or players that do not fit together.

    Source: Cheng et al., ICML 2024, Figures 3 and 6. Chapter: Layer by layer.
    """
    titles = [sample_title(s) for s in samples] if titles is None else list(titles)
    _check(found, layers, samples, images, titles)
    effects = effects_of(found)  # (layers, samples, 2, 2**n)
    sets = salient(effects, threshold)
    scenes = []
    for i, (sample, title) in enumerate(zip(samples, titles, strict=True)):
        told = {"title": title} | _told(effects[:, i], sets[:, i])
        scenes.append(told | shown_players(sample, None if images is None else images[i], found.n))
    data = {"layers": list(layers), "scenes": scenes, "listed": LISTED, "valueName": value_name}
    title = "From layer to layer: what is kept, forgotten, still to come"
    return Explorable("layer_slider", title, data, extra=("inputs", "areas", "charts"))


def _check(found, layers, samples, images, titles) -> None:
    shape = tuple(found.and_.shape)
    if len(shape) != 3 or shape[0] != len(layers) or len(layers) < 2 or found.n > 12:
        raise ValueError(
            f"found: got shape {shape} for {len(layers)} layers, expected (layers, samples, 2**n) "
            "with two layers or more and at most 12 players"
        )
    counts = [shape[1], len(samples), len(titles), *([] if images is None else [len(images)])]
    if len(set(counts)) != 1 or not samples:
        raise ValueError(
            f"layer_slider: got {counts} explained games, samples, titles (and images), expected "
            "one number for all"
        )
    for sample, title in zip(samples, titles, strict=True):
        if (images is not None) != ("patches" in sample):
            raise ValueError(
                f"{title!r}: expected images for samples with patches, and for no other"
            )
        given = len(sample["players"]) if "words" in sample else len(sample["names"])
        if given != found.n:
            raise ValueError(f"{title!r}: got {given} players, expected the explained {found.n}")


def sample_title(sample: Sample) -> str:
    """Return a few letters for a sample's button: its first words, or its label."""
    if "words" in sample:
        return " ".join(sample["words"][:3]) + " …"
    return str(sample.get("label", sample.get("index", "sample")))


def shown_players(sample: Sample, image: Tensor | None, n: int) -> dict:
    """Gather how a sample and its players are shown: a picture, or words of which some play.

    Args:
        sample: as in ``Tables.samples``.
        image: float (1, H, W) in [0, 1] of a sample with patches; None otherwise.
        n: players.
    """
    if image is not None:
        owner = picture_owner(sample, *image.shape[-2:])
        rows, columns = _around(owner)
        who = Players(owner[rows, columns], sample["names"])
        picture = grey_picture(image[:, rows, columns], who)
        return {"tags": [str(i + 1) for i in range(n)], "picture": picture}
    words = list(sample.get("words", sample["names"]))
    playing = list(sample["players"]) if "words" in sample else list(range(n))
    shown = [[word, playing.index(i) if i in playing else -1] for i, word in enumerate(words)]
    return {"tags": [words[at] for at in playing], "words": shown, "picture": None}


def _around(owner: Tensor, margin: int = 1) -> tuple[slice, slice]:
    """The smallest square, as far as the picture reaches, with all players and a margin."""
    spans = [at.nonzero().flatten()[[0, -1]] for at in ((owner >= 0).any(1), (owner >= 0).any(0))]
    side = max(int(high - low) for low, high in spans) + 1 + 2 * margin
    slices = []
    for (low, high), size in zip(spans, owner.shape, strict=True):
        start = max(0, min(int(low + high + 1 - side) // 2, size - side))
        slices.append(slice(start, min(start + side, size)))
    return tuple(slices)


def _told(effects: Tensor, sets: Tensor) -> dict:
    """Tell one sample: effects and salience (layers, 2, 2**n), each layer beside the last one."""
    late, kept = effects[-1:], sets[-1:]
    parts = change(effects, late, sets, kept)  # (layers, 2, n) each
    chance = chance_change(effects, late, sets, kept).overlap
    each = torch.stack([*parts, chance], -1)  # (layers, 2, n, 4)
    counts = torch.stack(
        [order_profile(s.double()).positive.sum(-1) for s in (sets, kept & sets)], -1
    )  # (layers, 2, 2)
    return {
        "change": [_short(each[:, kind]) for kind in range(len(KINDS))],
        "counts": [counts[:, kind].int().tolist() for kind in range(len(KINDS))],
        "effects": _strongest(effects, sets),
    }


def _strongest(effects: Tensor, sets: Tensor) -> list[list]:
    """Return [kind, mask, values, salience] of what any layer lists, each by layer."""
    shared = shared_effects(effects, effects[-1:], sets & sets[-1:]).abs()
    weight = torch.where(sets, effects.abs(), 0)
    weight = weight + weight[-1:] - shared  # overlap + forget + new, (layers, 2, 2**n)
    top = weight.topk(min(LISTED, weight.shape[-1]), -1).indices  # (layers, 2, LISTED)
    picks = torch.zeros_like(sets).scatter_(-1, top, True) & (weight > 0)
    return [
        [KINDS[kind], mask, _short(effects[:, kind, mask]), sets[:, kind, mask].int().tolist()]
        for kind, mask in picks.any(0).nonzero().tolist()
    ]


def _short(values: Tensor) -> list:
    """Round to four decimals: strengths are of the order of 1, and 0 needs one character."""
    nested = (values * 1e4).round().long().tolist()

    def shorten(one):
        return [shorten(x) for x in one] if isinstance(one, list) else one / 1e4 if one else 0

    return shorten(nested)
