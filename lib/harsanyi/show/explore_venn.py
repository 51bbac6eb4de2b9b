r"""The browser of what two networks share on a sample, and of what each has for itself.

The pages know each effect's rank in both networks, so that every size of the top sets is there.

Chapter: Primitives that networks share.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from harsanyi.core.result import Interactions
from harsanyi.networks.owners import Players
from harsanyi.networks.table_samples import Sample, picture_owner
from harsanyi.studies.sharing import KINDS, room, strengths_and_zero

from .explorable import Explorable
from .explore import _rounded, grey_picture

SIZES = (5, 10, 15, 20, 25, 30, 40, 50)

Told = Mapping[tuple[str, str], Mapping[str, Sequence[Interactions]]]


class Scene(NamedTuple):
    """One sample of the browser: a picture, or a sentence, and what pairs of networks say of it.

    Attributes:
        title: a few words, for its button.
        found: the two networks' names to how they are told ("joint", "separate") to their two
            explanations, one game (2**n,) each.
        image: float (1, H, W) in [0, 1], with ``players``; None for a sentence.
        players: the picture's ``Players``.
        words: all words of a sentence; None for a picture.
        playing: the positions of the n words that play; all of them when None.
        value_name: what the strengths are measured in.
    """

    title: str
    found: Told
    image: Tensor | None = None
    players: Players | None = None
    words: Sequence[str] | None = None
    playing: Sequence[int] | None = None
    value_name: str = "log-odds"


def scenes(
    found: Told,
    samples: Sequence[Sample],
    titles: Sequence[str],
    images: Tensor | None = None,
    value_name: str = "log-odds",
) -> list[Scene]:
    """Make scenes of samples that stand beside shipped tables.

    Args:
        found: as in :class:`Scene`, but for all samples at once, (samples, 2**n), as
            :func:`harsanyi.studies.joint.tellings` returns for two networks.
        samples: entries of ``Tables.samples``, of pictures or of words.
        titles: one for each sample.
        images: float (samples, 1, H, W) in [0, 1], for pictures.
        value_name: what the strengths are measured in.

    Raises:
        ValueError: numbers of samples, titles, images or explained games that differ.
    """
    games = {one.and_.shape[0] for told in found.values() for two in told.values() for one in two}
    counts = [len(samples), len(titles), *games, *([] if images is None else [len(images)])]
    if len(set(counts)) != 1:
        raise ValueError(f"scenes: got {counts} samples, titles, games (and images); one number")
    made = []
    for i, (sample, title) in enumerate(zip(samples, titles, strict=True)):
        own = {
            pair: {name: tuple(one[i] for one in two) for name, two in told.items()}
            for pair, told in found.items()
        }
        if images is None:
            words, playing = sample["words"], sample["players"]
            made.append(Scene(title, own, None, None, words, playing, value_name))
        else:
            who = Players(picture_owner(sample, *images.shape[-2:]), sample["names"])
            made.append(Scene(title, own, images[i], who, value_name=value_name))
    return made


def venn_browser(scenes: Sequence[Scene], k: int = 50) -> Explorable:
    r"""Make the browser: three regions, only the first network, shared, and only the second.

    A network's set are its k strongest effects, AND and OR pooled, as in
    :func:`harsanyi.studies.pooled.shared_and_own`; what chance would share, with M possible effects
    and sets A and B, is :math:`|A|\,|B| / M`. Where nothing is OR, M counts the ANDs alone.

    Args:
        scenes: one or more; :func:`scenes` makes them of shipped tables.
        k: the size shown first, one of ``SIZES``.

    Raises:
        ValueError: no scene, one that is neither picture nor sentence, parts that do not fit
            together, pairs that are not two networks, or a k that is not offered.

    Source: Chen et al., ICLR 2024, Figure 1. Chapter: Primitives that networks share.
    """
    if not scenes:
        raise ValueError("scenes: got none, expected one or more")
    if k not in SIZES:
        raise ValueError(f"k: got {k}, expected one of {list(SIZES)}")
    for scene in scenes:
        _check(scene)
    data = {
        "scenes": [_data(scene) for scene in scenes],
        "sizes": list(SIZES),
        "size": SIZES.index(k),
    }
    title = "Shared, and each network’s own"
    return Explorable("venn_browser", title, data, extra=("inputs", "areas"))


def _check(scene: Scene) -> None:
    games = [one for told in scene.found.values() for two in told.values() for one in two]
    doubles = all(len(two) == 2 for told in scene.found.values() for two in told.values())
    if not games or not doubles or any(len(pair) != 2 for pair in scene.found):
        raise ValueError(f"{scene.title!r}: expected one or more pairs of two networks each")
    shapes = {tuple(one.and_.shape) for one in games}
    if len(shapes) != 1 or games[0].and_.ndim != 1:
        raise ValueError(
            f"{scene.title!r}: got explanations of shapes {sorted(shapes)}, expected one game "
            "(2**n,) each, of the same players; pick a sample first, as in found[0]"
        )
    if any(set(told) != set(next(iter(scene.found.values()))) for told in scene.found.values()):
        raise ValueError(f"{scene.title!r}: expected every pair told in the same ways")
    if (scene.words is None) == (scene.image is None):
        raise ValueError(f"{scene.title!r}: expected an image with players, or words; not both")
    if scene.image is not None and (scene.players is None or scene.image.shape[0] != 1):
        raise ValueError(f"{scene.title!r}: expected a grey image (1, H, W) with its players")
    n = games[0].n
    given = len(_playing(scene)) if scene.image is None else scene.players.n
    if given != n:
        raise ValueError(f"{scene.title!r}: got {given} players, expected the explanations' {n}")


def _playing(scene: Scene) -> list[int]:
    """Return the positions of the words that play, or say which word there is not."""
    count = len(scene.words)
    playing = list(range(count)) if scene.playing is None else list(scene.playing)
    if any(not 0 <= at < count for at in playing) or len(set(playing)) != len(playing):
        raise ValueError(f"{scene.title!r}: got the players {playing} of {count} words")
    return playing


def _data(scene: Scene) -> dict:
    """Gather what the script reads of one scene."""
    pairs = [
        {"networks": list(pair), "tellings": {name: _both(*two) for name, two in told.items()}}
        for pair, told in scene.found.items()
    ]
    n = next(iter(next(iter(scene.found.values())).values()))[0].n
    data = {"title": scene.title, "pairs": pairs, "valueName": scene.value_name}
    if scene.image is not None:
        tags = [str(i + 1) for i in range(n)]
        return data | {"tags": tags, "picture": grey_picture(scene.image, scene.players)}
    playing = _playing(scene)
    words = [[w, playing.index(i) if i in playing else -1] for i, w in enumerate(scene.words)]
    return data | {"tags": [scene.words[at] for at in playing], "words": words, "picture": None}


def _both(first: Interactions, second: Interactions) -> dict:
    """Keep the effects of either top set as [kind, mask, two strengths, two ranks (0: zero)]."""
    two = (first, second)
    ranks = torch.stack([_ranks(one) for one in two])  # (2, 2 · 2**n)
    kept = ((ranks > 0) & (ranks <= SIZES[-1])).any(0).nonzero()[:, 0].tolist()
    strengths = [_rounded(one.effects.flatten(), 4) for one in two]
    size = first.and_.shape[-1]
    effects = [
        [KINDS[at // size], at % size, *(s[at] for s in strengths), *ranks[:, at].tolist()]
        for at in kept
    ]
    both_kinds = any(bool(one.or_.any()) for one in two)
    choices = int(room(first.n)[: 2 if both_kinds else 1].sum())
    strongest = [max(map(abs, s)) for s in strengths]
    return {"effects": effects, "strongest": strongest, "choices": choices}


def _ranks(found: Interactions) -> Tensor:
    """Return how many effects are at least as strong, int64 (2 · 2**n); 0 for what counts as zero.

    An effect is a member of the top set of size k when its rank is 1 to k: ties count together.
    """
    strength, zero = strengths_and_zero(found)
    flat = strength.flatten()
    rising = flat.sort().values
    rank = len(flat) - torch.searchsorted(rising, flat)  # the number of entries >= this one
    return rank.where(flat > zero, torch.zeros_like(rank))
