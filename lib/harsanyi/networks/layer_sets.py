"""Tables of all layers of several networks: the sets whose names begin with "layers-".

=====================  ==============================  ============================  =============
set                    networks                        readings                      samples
=====================  ==============================  ============================  =============
layers-mnist           mlp7, vgg11, resnet20 (3 each)  probe, dealt, early, head     10 digits
layers-fashion-mnist   mlp7, vgg11, resnet20 (3 each)  probe, head                   10 garments
layers-sentences       minilm (3)                      probe, dealt, early, head     12 sentences
layers-census          mlp (3)                         probe, dealt, head            12 people
layers-noise           mlp7, vgg11, resnet20 (1 each)  probe of one layer, head      6 digits × 11
=====================  ==============================  ============================  =============

The networks, players, baselines and values are those of the sets without "layers-"; all but the
last have a network with random weights of each architecture besides. An entry of ``networks`` is
one reading of one layer; those of a network stand together, in the order of the pass:

- "probe": a linear probe of the layer, fitted on up to 2,000 training rows;
- "dealt": the same, fitted on labels dealt anew (networks of seed 0 only);
- "early": the network's own last linear map on the layer's pooled features, nothing fitted; for
  resnet20 and minilm, where a stream runs from the layer to it;
- "head": the network's own output; its layer is "output".

``accuracy`` and ``calibration`` are the reading's, on up to 2,000 test rows. Features of a
convolution are averaged over 2 × 2 cells for probes and over all places for the early reading,
those of a sentence over its tokens. Values are kept to a millionth of a table's range. The output
of random weights hardly moves when patches go (by 0.0001 nats for vgg11), so that its high orders
are rounding: compare such a network's probes with its last probe.

In layers-noise a sample stands eleven times in a row: ``draw`` 0 as it is, 1 to 10 with normal
noise of deviation 0.02 on each pixel, the same for every network. :func:`layers_of` and
:func:`draws_of` take tables of these sets apart.

Source: Cheng et al., ICML 2024, Appendix M.2. Chapter: Layer by layer.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from . import table_samples as samples
from .layer_readings import ANATOMY, layered_part, sources_of
from .layers import OUTPUT
from .masking import MaskedGame
from .table_plans import MNIST, PICTURES, RANDOM, SENTENCES, Source, TableSet
from .table_samples import Sample
from .values import log_odds

if TYPE_CHECKING:
    import pandas as pd

    from . import tables

DRAWS, DEVIATION = 10, 0.02  # of the noise
MIDDLE = {"mlp7": "hidden 3", "vgg11": "conv 4", "resnet20": "block 5"}
DEEP = tuple(MIDDLE)


def _sources(task: str, *stems: str, dealt: bool = True, early: bool = True) -> tuple[Source, ...]:
    """The readings of three trained networks and a random one of each architecture."""
    found = []
    for stem in stems:
        mine = ("early",) if early and ANATOMY[stem].own else ()
        for seed in range(3):
            more = ("dealt", *mine) if dealt and seed == 0 else mine
            found += sources_of(f"{stem}-{task}", seed, "trained", *more)
        found += sources_of(f"{stem}-{task}", RANDOM, "random")
    return tuple(found)


def noisy_game(split: str, model: nn.Module, sample: Sample) -> MaskedGame:
    """Returns the game of a picture with the noise of its ``draw``; absent patches are black."""
    game = samples.picture_game(split, log_odds, model, sample)
    random, noise = torch.Generator().manual_seed(sample["index"]), torch.zeros(game.x.shape)
    for _ in range(sample["draw"]):
        noise = torch.randn(game.x.shape, generator=random, dtype=torch.float64)
    x = game.x + (DEVIATION * noise).to(game.x.dtype)
    return MaskedGame(model, x, game.players, game.baseline, game.value)


def with_draws(chosen: Sequence[Sample], draws: int = DRAWS) -> list[Sample]:
    """Returns each sample once without noise and then as often as there are draws."""
    return [sample | {"draw": draw} for sample in chosen for draw in range(draws + 1)]


def _choose_pictures(task: str, labels: Sequence[int], scale: str) -> list[Sample]:
    names = [f"{stem}-{task}" for stem in PICTURES]
    return samples.choose_pictures(names, labels, 1, 10, 4, scale)


def _choose_noisy(scale: str) -> list[Sample]:
    return with_draws(_choose_pictures("mnist", range(6), scale))


def _game(task: str) -> Callable[[nn.Module, Sample], MaskedGame]:
    return functools.partial(samples.picture_game, task, log_odds)


SETS: dict[str, TableSet] = {
    "layers-mnist": TableSet(
        "Tables of the layers of 12 networks on 10 digits",
        "One test digit of each class, 10 inked patches of 4 × 4 pixels, black where absent, "
        "log-odds of the class in nats. Three architectures with three seeds each and one with "
        "random weights; five or six layers each, read by linear probes, for seed 0 by probes "
        "of dealt labels too, for resnet20 by its own last layer too, and the network's output.",
        MNIST, _sources("mnist", *DEEP),
        functools.partial(_choose_pictures, "mnist", range(10)), _game("mnist"),
        part=layered_part),
    "layers-fashion-mnist": TableSet(
        "Tables of the layers of 12 networks on 10 garments",
        "One test garment of each class, 10 inked patches of 4 × 4 pixels, black where absent, "
        "log-odds of the class in nats. Three architectures with three seeds each and one with "
        "random weights; five or six layers each, read by linear probes, and the network's "
        "output.",
        "MIT (the garments)", _sources("fashion-mnist", *DEEP, dealt=False, early=False),
        functools.partial(_choose_pictures, "fashion-mnist", range(10)), _game("fashion-mnist"),
        part=layered_part),
    "layers-sentences": TableSet(
        "Tables of the layers of 4 networks on 12 sentences",
        "Six test sentences of each class with 11 to 14 words, of which 10 play (function words "
        "only where others run out), the mask token where absent, log-odds of the class in nats. "
        "A transformer tuned with three seeds (its tunings share the four frozen layers) and one "
        "with random weights; six layers, read by linear probes, for seed 0 by probes of dealt "
        "labels too, for trained ones by their own head too, and the network's output.",
        "MIT (the sentences' package)", _sources("sentences", "minilm"),
        functools.partial(
            samples.choose_sentences, [f"{stem}-sentences" for stem in SENTENCES], 6, 10),
        samples.sentence_game, part=layered_part),
    "layers-census": TableSet(
        "Tables of the layers of 4 networks on 12 people",
        "Six test rows of each class, 10 columns (race and native country never play), the "
        "column's mean where absent, log-odds of the class in nats. A multilayer perceptron with "
        "three seeds and one with random weights; three hidden layers, read by linear probes, "
        "for seed 0 by probes of dealt labels too, and the network's output.",
        "CC BY 4.0 (UCI)", _sources("census", "mlp"),
        functools.partial(samples.choose_rows, ["mlp-census"], 6, 10),
        samples.row_game, part=layered_part),
    "layers-noise": TableSet(
        "Tables of two layers of 3 networks on 6 digits with noise",
        "The digits 0 to 5 of the set layers-mnist, each as it is and with ten draws of normal "
        "noise (deviation 0.02) on every pixel, 10 inked patches of 4 × 4 pixels, black where "
        "absent, log-odds of the class in nats. A middle layer of each of three networks, read "
        "by a linear probe, and the network's output.",
        MNIST,
        tuple(source for stem in DEEP
              for source in sources_of(f"{stem}-mnist", 0, "trained", layers=[MIDDLE[stem]])),
        _choose_noisy, functools.partial(noisy_game, "mnist"), part=layered_part),
}  # fmt: skip


def layers_of(
    tables: tables.Tables, network: str = "resnet20 seed 0", reading: str = "probe"
) -> tuple[Tensor, tuple[str, ...]]:
    """Returns one network's tables of all layers, in the order of the pass, its output last.

    Args:
        tables: of a layered set.
        network: a source's name.
        reading: of the layers before the output: "probe", "dealt" or "early".

    Returns:
        Values (layers, samples, 2**n) float64, and the layers' names, the last "output".

    Raises:
        KeyError: the set has no such network, or no such reading of it.

    Chapter: Layer by layer.
    """
    rows = [i for i, s in enumerate(tables.networks)
            if s.name == network and (s.reading == reading or s.layer == OUTPUT)]  # fmt: skip
    if len(rows) < 2:
        known = {(s.name, s.reading): None for s in tables.networks if s.layer != OUTPUT}
        raise KeyError(
            f"no layers of {network!r} read as {reading!r}; there are "
            + ", ".join(f"{name} ({how})" for name, how in known)
        )
    return tables.values[rows], tuple(tables.networks[i].layer for i in rows)


def draws_of(
    tables: tables.Tables, network: str = "resnet20 seed 0"
) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """Returns one network's tables without noise and with each draw of it, from layers-noise.

    Args:
        tables: of a set whose samples have ``draw``.
        network: a source's name.

    Returns:
        Clean values (layers, samples, 2**n), noisy ones (layers, draws, samples, 2**n), float64,
        and the layers' names. The samples are ``tables.samples[:: draws + 1]``.

    Raises:
        KeyError: as :func:`layers_of`.
        ValueError: a set without noise.

    Chapter: Which knowledge is solid?
    """
    draws = {sample.get("draw") for sample in tables.samples}
    if None in draws:
        raise ValueError(
            "tables: got samples without draws of noise, expected those of layers-noise"
        )
    values, layers = layers_of(tables, network)
    values = values.unflatten(1, (-1, len(draws))).transpose(1, 2)  # (layers, 1 + draws, ...)
    return values[:, 0], values[:, 1:], layers


def quality_frame(tables: tables.Tables) -> pd.DataFrame:
    """Returns how good each reading of a layered set is.

    Returns:
        Columns network (a source's name), kind, seed, reading, layer, depth (0, 1, … within its
        reading; the output follows the deepest layer), accuracy, calibration, fitted.
    """
    import pandas as pd

    rows = []
    for s in tables.networks:
        mine = [one.layer for one in tables.networks if one.name == s.name]
        rows.append({
            "network": s.name, "kind": s.kind, "seed": s.seed, "reading": s.reading,
            "layer": s.layer, "depth": list(dict.fromkeys(mine)).index(s.layer),
            "accuracy": s.accuracy, "calibration": s.calibration, "fitted": s.fitted,
        })  # fmt: skip
    return pd.DataFrame(rows)
