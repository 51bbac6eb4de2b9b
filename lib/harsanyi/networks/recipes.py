"""One recipe a network: its data, its architecture and its settings at each scale.

``smoke`` takes seconds and a part of the data, ``laptop`` is what the book shows, ``paper`` has
the papers' sizes, full data sets and wants a GPU.

Chapter: The networks of this book.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from . import architectures as nets
from . import augment as augmentations
from . import scores, sentences, text, training
from .data import Dataset, load
from .training import Settings

SCALES = ("smoke", "laptop", "paper")
LONGEST = 48  # tokens; 1 % of the sentences are longer


class Task(NamedTuple):
    """What a recipe asks of the training loop.

    Attributes:
        build: makes the network with fresh weights; ``build(False)`` with none pretrained.
        inputs: turns a split into the network's input (N, ...).
        loss: maps outputs and targets to a scalar.
        score: measures outputs against targets on the test split.
        augment: changes a batch of inputs in training, or None.
    """

    build: Callable[..., nn.Module]
    inputs: Callable[[Dataset], Tensor]
    loss: training.Loss = nn.functional.cross_entropy
    score: Callable[[Tensor, Tensor], scores.Score] = scores.accuracy
    augment: augmentations.Augment | None = None


class Recipe(NamedTuple):
    """A network's name for its data at each scale, its task and its settings."""

    data: dict[str, str]
    task: Callable[[Dataset, str], Task]
    settings: dict[str, Settings]


def _features(data: Dataset) -> Tensor:
    """The inputs as they are loaded."""
    return data.x


def _pictures(
    network: Callable[..., nn.Module],
    sizes: dict[str, dict[str, int]],
    augment: augmentations.Augment | None,
):
    """A task on pictures; ``sizes`` are the network's keyword arguments at each scale."""

    def task(train: Dataset, scale: str) -> Task:
        build = functools.partial(network, len(train.classes), **sizes.get(scale, {}))
        return Task(lambda pretrained=True: build(), _features, augment=augment)

    return task


def _census(train: Dataset, scale: str) -> Task:
    """A task on columns with two classes."""
    build = functools.partial(nets.TabularMLP, train.x.shape[1], len(train.classes))
    return Task(lambda pretrained=True: build(), _features)


def _bikes(train: Dataset, scale: str) -> Task:
    """A task on columns with a number; the loss is the squared error in deviations."""
    shift, scale_ = train.y.mean().item(), train.y.std().item()
    build = functools.partial(nets.TabularMLP, train.x.shape[1], 1, shift=shift, scale=scale_)

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        return nn.functional.mse_loss(outputs[:, 0] / scale_, targets / scale_)

    return Task(lambda pretrained=True: build(), _features, loss, scores.r_squared)


def _sentences(network: Callable[..., nn.Module]):
    """A task on sentences for a network that learns its word vectors from scratch."""

    def task(train: Dataset, scale: str) -> Task:
        words = text.Vocabulary.from_texts(train.texts)
        inputs = lambda data: text.batch(words, data.texts, LONGEST)  # noqa: E731
        augment = augmentations.hide_words(0.1, words.mask_id, words.pad_id)
        return Task(lambda pretrained=True: network(words), inputs, augment=augment)

    return task


def _minilm(train: Dataset, scale: str) -> Task:
    """A task on sentences for the pretrained transformer."""
    pieces = text.WordPieces(sentences.minilm_folder())
    inputs = lambda data: text.batch(pieces, data.texts, LONGEST)  # noqa: E731
    build = lambda pretrained=True: sentences.SentenceTransformer(pretrained=pretrained)  # noqa: E731
    return Task(build, inputs)


def _furniture(train: Dataset, scale: str) -> Task:
    """A task on points."""
    build = functools.partial(nets.PointNet, len(train.classes))
    return Task(lambda pretrained=True: build(), _features, augment=augmentations.turn_points)


def _scaled(smoke: Settings, laptop: Settings, paper: Settings) -> dict[str, Settings]:
    """Settings by scale."""
    return dict(zip(SCALES, (smoke, laptop, paper), strict=True))


def _sets(small: str, full: str | None = None) -> dict[str, str]:
    """Data sets by scale: the small one of this project, and the full one for ``paper``."""
    return {"smoke": small, "laptop": small, "paper": full or small}


NARROW = {"smoke": {"width": 8}, "laptop": {"width": 16}}
HALVED = {"smoke": {"width": 8, "stride": 2}, "laptop": {"stride": 2}}
AUGMENT = {"mnist": augmentations.shift_pixels, "fashion-mnist": augmentations.mirror_pixels}
LENET = {
    "mnist": _scaled(Settings(3, rows=2000), Settings(8), Settings(30)),
    "fashion-mnist": _scaled(
        Settings(4, rate=4e-3, rows=2000), Settings(14, rate=4e-3), Settings(30)),
}  # fmt: skip
PICTURES: dict[str, tuple] = {  # network, sizes by scale, whether pictures are changed, settings
    f"{name}-{data}": (network, sizes, name != "mlp7", settings)
    for data in AUGMENT
    for name, network, sizes, settings in (
        ("lenet", nets.LeNet, {}, LENET[data]),
        ("mlp7", nets.MLP7, {"smoke": {"width": 128}}, _scaled(
            Settings(3, rows=2000), Settings(5, batch=128, rate=1e-3),
            Settings(60, batch=128, rate=1e-3))),
        ("vgg11", nets.VGG11, NARROW, _scaled(
            Settings(3, rows=1500), Settings(5), Settings(60, batch=128))),
        ("resnet20", nets.ResNet20, HALVED, _scaled(
            Settings(3, rows=1500, rate=1e-2), Settings(5, rate=1e-2),
            Settings(100, batch=128, rate=1e-2))),
    )
}  # fmt: skip


def _picture_recipe(name: str) -> Recipe:
    """The recipe of one of ``PICTURES``."""
    network, sizes, changed, settings = PICTURES[name]
    data = name.split("-", 1)[1]
    task = _pictures(network, sizes, AUGMENT[data] if changed else None)
    return Recipe(_sets(data, f"{data}-full"), task, settings)


RECIPES: dict[str, Recipe] = {name: _picture_recipe(name) for name in PICTURES} | {
    "mlp-census": Recipe(_sets("census"), _census, _scaled(
        Settings(1, batch=256, rows=4000), Settings(6, batch=256), Settings(30, batch=256))),
    "mlp-bikes": Recipe(_sets("bikes"), _bikes, _scaled(
        Settings(20, batch=256, rate=5e-3, rows=3000), Settings(40, batch=256, rate=5e-3),
        Settings(100, batch=256, rate=5e-3))),
    "lstm-sentences": Recipe(_sets("movie-sentences"), _sentences(sentences.TextLSTM), _scaled(
        Settings(2, rows=1500, rate=4e-3), Settings(3, rate=4e-3), Settings(4, rate=4e-3))),
    "cnn-sentences": Recipe(_sets("movie-sentences"), _sentences(sentences.TextCNN), _scaled(
        Settings(2, rows=2000, rate=4e-3), Settings(4, rate=4e-3), Settings(4, rate=4e-3))),
    "minilm-sentences": Recipe(_sets("movie-sentences"), _minilm, _scaled(
        Settings(1, batch=32, rate=5e-4, rows=200), Settings(2, batch=32, rate=2e-4, rows=3000),
        Settings(3, batch=32, rate=1e-4))),
    "pointnet-furniture": Recipe(_sets("furniture"), _furniture, _scaled(
        Settings(10, batch=16), Settings(40, batch=16), Settings(200, batch=16))),
}  # fmt: skip


def find(name: str, scale: str) -> Recipe:
    """Returns the recipe of a network.

    Raises:
        KeyError: no network has this name.
        ValueError: there is no such scale.
    """
    if name not in RECIPES:
        raise KeyError(f"no network is called {name!r}; there are {', '.join(RECIPES)}")
    if scale not in SCALES:
        raise ValueError(f"got scale {scale!r}, expected one of {', '.join(SCALES)}")
    return RECIPES[name]


def load_split(recipe: Recipe, scale: str, split: str) -> Dataset:
    """Loads one split of a recipe's data, with at most as many rows as the settings say."""
    data = load(recipe.data[scale], split)
    rows = recipe.settings[scale].rows
    if not rows or rows >= len(data.y):
        return data
    picks = torch.linspace(0, len(data.y) - 1, rows).long()  # (rows,), evenly spread
    few = lambda values: tuple(values[i] for i in picks.tolist()) if values else ()  # noqa: E731
    return data._replace(x=data.x[picks], y=data.y[picks], texts=few(data.texts),
                         rows=few(data.rows))  # fmt: skip
