"""Which samples stand in the sets of tables, and the games that are played on them.

The sets are in :mod:`harsanyi.networks.tables`.

A sample is a dictionary of plain values, so that it can be kept beside its tables; see
:class:`~harsanyi.networks.tables.Tables` for what it holds.

Source: Chen et al., ICLR 2024 (inked patches; 10 random words that are no stop words).
Chapter: Primitives that networks share.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from . import baselines, data, players, recipes, training, variants
from .masking import MaskedGame
from .owners import NOBODY
from .values import Value, log_odds

Sample = dict[str, Any]
STILL = ("race", "native-country")  # columns of census that never play
LENGTHS = range(11, 15)  # words of a sentence
FUNCTION_WORDS = frozenset(
    "a an the and or of to in on at by for with from as into it its it's is are was were be been "
    "has have had do does did that this these those there their they them he she his her him you "
    "your we our i my me who which what than then so if when while will would can could".split()
)

test_split = functools.cache(lambda name: data.load(name, "test"))


def spread(rows: Sequence[int], count: int, can_play: Callable[[int], bool]) -> Iterator[int]:
    """Yields ``count`` of some rows, those that can play, as evenly spread as they allow.

    Raises:
        ValueError: from some point on fewer rows than that can play.
    """
    at = 0
    for number in range(count):
        at = max(at, number * len(rows) // count)
        while at < len(rows) and not can_play(rows[at]):
            at += 1
        if at == len(rows):
            raise ValueError(f"got {len(rows)} rows, of which {number} can play, expected {count}")
        yield rows[at]
        at += 1


def rows_told_right(names: Sequence[str], scale: str) -> Tensor:
    """Returns where every one of some trained networks tells the class; bool, a test row each.

    Args:
        names: recipes with the same data; the networks are those of seed 0.
        scale: of the networks.
    """
    test = test_split(recipes.find(names[0], scale).data["laptop"])
    right = torch.ones(len(test.y), dtype=torch.bool)
    for name in names:
        inputs = variants.task_of(name, scale).inputs(test)
        outputs = training.predict(variants.seeded(name, 0, scale), [inputs])  # (N, C)
        right &= outputs.argmax(1) == test.y
    return right


def _of_each(names, scale: str, labels: Sequence[int], each: int, can_play) -> list[int]:
    """Rows told right by every network, ``each`` of each class; one of each for "smoke"."""
    test, right = test_split(recipes.find(names[0], scale).data["laptop"]), None
    right = rows_told_right(names, scale)
    each = 1 if scale == "smoke" else each
    return [
        row for label in labels
        for row in spread((right & (test.y == label)).nonzero()[:, 0].tolist(), each, can_play)
    ]  # fmt: skip


def choose_pictures(
    names: Sequence[str], labels: Sequence[int], each: int, n: int, size: int, scale: str
) -> list[Sample]:
    """Returns pictures of some classes with ``n`` inked patches of ``size`` pixels a side.

    Args:
        names: the recipes whose networks must tell them right.
        labels: the classes.
        each: how many pictures of each.
        n: players.
        size: of a patch.
        scale: of the networks; "smoke" takes one picture of each class.
    """
    test = test_split(recipes.find(names[0], scale).data["laptop"])
    patches = lambda row: inked_patches(test.x[row], n, size)  # noqa: E731
    return [
        picture_sample(patches(row), size, row, int(test.y[row]))
        for row in _of_each(names, scale, labels, each, lambda row: bool(patches(row)))
    ]


def inked_patches(image: Tensor, n: int, size: int) -> list[list[int]]:
    """Returns the upper left pixels of n inked patches; none if there is too little ink."""
    try:
        owner = players.foreground(image, n=n, size=size).owner  # (H, W)
    except ValueError:
        return []
    return [(owner == player).nonzero()[0].tolist() for player in range(n)]


def picture_sample(patches: list[list[int]], size: int, index: int, label: int) -> Sample:
    """Returns a sample of a picture whose patches play."""
    names = [f"patch {i + 1}" for i in range(len(patches))]
    return {"index": index, "label": label, "names": names, "patches": patches, "size": size}


def picture_owner(sample: Sample, height: int = 28, width: int = 28) -> Tensor:
    """Returns who owns which pixel of a picture's sample; int64 (height, width), −1 for nobody."""
    owner, size = torch.full((height, width), NOBODY), sample["size"]
    for player, (y, x) in enumerate(sample["patches"]):
        owner[y : y + size, x : x + size] = player
    return owner


def picture_game(
    split: str, value: Callable[[int], Value], model: nn.Module, sample: Sample
) -> MaskedGame:
    """Returns the game of a picture of a data set: absent patches are black."""
    image = test_split(split).x[sample["index"]]  # (1, 28, 28)
    who = players.Players(picture_owner(sample), sample["names"])
    return MaskedGame(model, image, who, baselines.zero(image), value(sample["label"]))


def playing_words(words: Sequence[str], n: int, seed: int) -> list[int]:
    """Returns the positions of n words drawn at random, function words only if others run out."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(words), generator=generator).tolist()
    bare = [word.lower().strip(".,;:!?'\"()-") for word in words]
    order.sort(key=lambda at: bare[at] in FUNCTION_WORDS)  # stable: chance decides within both
    return sorted(order[:n])


def word_sample(words: Sequence[str], n: int, index: int, label: int | str) -> Sample:
    """Returns a sample of words, of which n play."""
    playing = playing_words(words, n, seed=index)
    names = players.tokens([words[at] for at in playing]).names
    return {"index": index, "label": label, "names": list(names),
            "words": list(words), "players": playing}  # fmt: skip


def choose_sentences(names: Sequence[str], each: int, n: int, scale: str) -> list[Sample]:
    """Returns sentences of 11 to 14 words, ``each`` of each class; arguments as for pictures."""
    test = test_split("movie-sentences")
    fits = lambda row: len(test.texts[row].split()) in LENGTHS  # noqa: E731
    return [
        word_sample(test.texts[row].split(), n, row, int(test.y[row]))
        for row in _of_each(names, scale, (0, 1), each, fits)
    ]


def word_game(model: nn.Module, sample: Sample, target: int) -> MaskedGame:
    """Returns the game of a sample of words: absent ones become the network's mask token."""
    code = model.tokenizer.encode(" ".join(sample["words"]))
    who = players.tokens(code.ids, [code.groups[at] for at in sample["players"]], sample["names"])
    base = baselines.mask_token(code.ids, model.tokenizer.mask_id)
    return MaskedGame(model, code.ids, who, base, log_odds(target))


def sentence_game(model: nn.Module, sample: Sample) -> MaskedGame:
    """Returns the game of a sentence: the log-odds of its class."""
    return word_game(model, sample, sample["label"])


def choose_rows(names: Sequence[str], each: int, n: int, scale: str) -> list[Sample]:
    """Returns rows of census, ``each`` of each class; arguments as for pictures."""
    test = test_split("census")
    columns = [name for name in test.features if name not in STILL][:n]
    return [
        {"index": row, "label": int(test.y[row]), "names": columns, "columns": columns}
        for row in _of_each(names, scale, (0, 1), each, lambda row: True)
    ]


def row_game(model: nn.Module, sample: Sample) -> MaskedGame:
    """Returns the game of a row of census: absent columns stand at their mean."""
    test = test_split("census")
    x, at = test.x[sample["index"]], [test.features.index(name) for name in sample["columns"]]
    who = players.columns(sample["names"], at, len(test.features))
    return MaskedGame(model, x, who, torch.zeros_like(x), log_odds(sample["label"]))
