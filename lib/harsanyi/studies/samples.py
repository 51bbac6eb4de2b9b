"""Games of many samples of a network, made the way that is usual for its kind of data.

The choices, the same for every network of a kind and for every control:

====================  =============================  ====================  ======================
data                  players                        baseline              value
====================  =============================  ====================  ======================
pictures              n inked patches of 4 × 4       black                 log-odds of the class
sentences             all words of one with n words  the mask token        log-odds of the class
census, bikes         n columns, see ``FIXED``       the column's mean     log-odds; bikes an hour
furniture             n clusters of 256 points       the cluster's centre  log-odds of the class
====================  =============================  ====================  ======================

Chapter: Sparsity.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..networks import baselines, players, recipes, training, values
from ..networks.checkpoints import load_network
from ..networks.data import Dataset
from ..networks.masking import MaskedGame

FIXED = {"census": ("race", "native-country"), "bikes": ("atemp",)}  # columns that never play
PATCH = 4  # pixels a side
Maker = Callable[[str, str], nn.Module]


class Tables(NamedTuple):
    """Stacked tables of many samples of one network.

    Attributes:
        v: (count, 2**n) float64, in the units of the value function.
        names: for each sample the n players' names.
        picks: (count,) int64, the samples' rows in their split.
        targets: (count,) the classes that the log-odds are of, or the true numbers.
        network: the network's name.
    """

    v: Tensor
    names: tuple[tuple[str, ...], ...]
    picks: Tensor
    targets: Tensor
    network: str


def random_weights(name: str, scale: str, seed: int = 0) -> nn.Module:
    """Return a network of the named architecture as it is before training, nothing pretrained.

    Args:
        name: as for :func:`harsanyi.networks.load_network`.
        scale: likewise.
        seed: of the weights.
    """
    recipe = recipes.find(name, scale)
    task = recipe.task(recipes.load_split(recipe, scale, "train"), scale)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return task.build(False).eval()


def memorise(
    name: str,
    scale: str,
    targets: Tensor,
    epochs: int = 60,
    batch: int = 16,
    seed: int = 0,
    data: Dataset | None = None,
) -> nn.Module:
    """Train a fresh network on the first rows of a split with targets of your own.

    Nothing is augmented, so the network can learn the rows by heart, whatever their targets.

    Args:
        name: as for :func:`harsanyi.networks.load_network`.
        scale: likewise; it sizes the network.
        targets: (rows,) int64 classes, for instance the true ones permuted.
        epochs: passes over the rows.
        batch: rows a step.
        seed: of weights and order.
        data: the split; by default the rows that the network's recipe trains on at this scale,
            which are thinned out at some scales.

    Returns:
        The network in evaluation mode, on the CPU.
    """
    recipe = recipes.find(name, scale)
    data = recipes.load_split(recipe, scale, "train") if data is None else data
    task = recipe.task(data, scale)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = task.build(False)
    inputs = task.inputs(data)[: len(targets)]
    settings = training.Settings(epochs, batch, seed=seed)
    training.fit(model, [inputs], targets, task.loss, settings, label=f"{name}, own targets")
    return model.eval()


def can_play(data: Dataset, row: int, n: int) -> bool:
    """Return whether a row makes a game of n players: n words, or ink for n patches."""
    if data.texts:
        return len(data.texts[row].split()) == n
    if data.features or data.x.dim() == 3:
        return True
    try:
        players.foreground(data.x[row], n=n, size=PATCH)
    except ValueError:  # a thin digit
        return False
    return True


def spread_rows(data: Dataset, count: int, n: int) -> list[int]:
    """Return ``count`` rows that can play, as evenly spread over the split as they allow.

    Raises:
        ValueError: a count below 1, or fewer such rows than that.
    """
    every = len(data.y)
    chosen: list[int] = []
    for at in range(count):
        row = max(at * every // count, chosen[-1] + 1 if chosen else 0)
        while row < every and not can_play(data, row, n):
            row += 1
        if row < every:
            chosen.append(row)
    if not 1 <= len(chosen) == count:
        raise ValueError(
            f"count, n: got {count} samples of {n} players, expected 1 or more and no more than "
            f"the split has; it gave {len(chosen)} of {every} rows"
        )
    return chosen


def usual_game(model: nn.Module, name: str, data: Dataset, row: int, n: int, target) -> MaskedGame:
    """Return the game of one row of a data set, with the choices of this module's table.

    Args:
        model: takes the inputs of the recipe ``name``.
        name: the recipe's name; its end says the kind of data.
        data: the split.
        row: of the split.
        n: number of players.
        target: the class whose log-odds are the value; not used where the target is a number.

    Raises:
        ValueError: a row without n players.
    """
    value = values.log_odds(int(target)) if data.classes else values.output(0)
    if data.texts:
        code = model.tokenizer.encode(data.texts[row])
        words = [f"{word} ({i + 1})" for i, word in enumerate(code.words)]
        who = players.tokens(code.ids, code.groups, words)
        base = baselines.mask_token(code.ids, model.tokenizer.mask_id)
        return MaskedGame(model, code.ids, who, base, value)
    if data.features:
        fixed = FIXED.get(name.rsplit("-", 1)[1], ())
        playing = [i for i, column in enumerate(data.features) if column not in fixed][:n]
        who = players.columns([data.features[i] for i in playing], playing, len(data.features))
        return MaskedGame(model, data.x[row], who, torch.zeros_like(data.x[row]), value)
    if data.x.dim() == 3:
        points = data.x[row, :: max(1, data.x.shape[1] // 256)]  # (256, 3)
        who = players.clusters(points, n)
        return MaskedGame(model, points, who, baselines.cluster_mean(points, who), value)
    who = players.foreground(data.x[row], n=n, size=PATCH)
    return MaskedGame(model, data.x[row], who, baselines.zero(data.x[row]), value)


def games_of(
    model: nn.Module, name: str, data: Dataset, rows: Sequence[int], n: int, targets: Tensor
) -> Tables:
    """Return the tables of some rows of a data set; ``targets`` has an entry for each of them."""
    games = [
        usual_game(model, name, data, int(row), n, target)
        for row, target in zip(rows, targets, strict=True)
    ]
    tables = torch.stack([game.table() for game in games])  # (count, 2**n)
    return Tables(
        tables, tuple(g.names for g in games), torch.as_tensor(rows), torch.as_tensor(targets), name
    )


def sample_tables(
    name: str, scale: str, count: int, n: int = 10, make: Maker = load_network
) -> Tables:
    """Return the tables of many test samples of a network, spread evenly over the test split.

    The rows depend on the data alone, so that controls made with another ``make`` see the same.

    Args:
        name: as for :func:`harsanyi.networks.load_network`.
        scale: likewise.
        count: how many samples.
        n: players to a sample.
        make: gives the network for a name and a scale: the trained one, or a control such as
            :func:`random_weights`.

    Raises:
        KeyError, ValueError: an unknown network or scale, a count below 1, or too few rows
            of n players.
    """
    data = recipes.load_split(recipes.find(name, scale), scale, "test")
    picks = spread_rows(data, count, n)
    return games_of(make(name, scale), name, data, picks, n, data.y[picks])


def noise_tables(like: Tensor, seed: int = 0) -> Tensor:
    """Return independent normal tables (count, 2**n) of each table's own standard deviation."""
    random = torch.Generator().manual_seed(seed)
    draws = torch.randn(like.shape, generator=random, dtype=torch.float64)
    return draws * like.std(-1, keepdim=True)
