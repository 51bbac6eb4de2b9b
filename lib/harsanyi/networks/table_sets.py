"""The sets of :mod:`harsanyi.networks.tables`: which networks, which samples, which players.

====================  ==========================  =======================  =====================
set                   players                     baseline                 value
====================  ==========================  =======================  =====================
mnist, fashion-mnist  10 inked patches of 4 × 4   black                    log-odds of the class
mnist-3               8 inked patches of 3 × 3    black                    score of a three
sentences             10 words                    the mask token           log-odds of the class
census                10 columns                  the column's mean        log-odds of the class
next-word             10 words of a beginning     a vector of no word      log-odds of the word
layers-…              see :mod:`.layer_sets`
training-…            see :mod:`.training_sets`
robust-…              see :mod:`.robust_sets`
====================  ==========================  =======================  =====================

What is no player is always kept. But for the trainings, all samples come from the test split and
are told right by every trained network of seed 0, so that none is explained on its errors. The
controls take seeds that no trained network of the set starts from, lest they share its first
weights.

Source: Chen et al., ICLR 2024 (threes, 8 patches, score; sentences, 10 words).
Chapter: Primitives that networks share.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from . import layer_sets, next_word, robust_sets, training_sets
from . import table_samples as samples
from .table_plans import MNIST, PICTURES, RANDOM, SENTENCES, SHUFFLED, Source, TableSet, score
from .table_samples import Sample
from .values import log_odds, logit

OTHER = {"mnist": ("fashion-mnist", 3), "fashion-mnist": ("mnist", 2)}  # the third: data and seed


def relatives(
    stems: Sequence[str], task: str, seeds: Sequence[int], other: tuple[str, int] | None = None
) -> tuple[Source, ...]:
    """Returns the networks of some architectures for a task: several seeds, then controls.

    Args:
        stems: the beginnings of the recipes' names, "lenet" for instance.
        task: their end.
        seeds: how many seeds for each architecture, counted from 0.
        other: the end of the other task's recipes and the seed; no such control without it.
    """
    found = []
    for stem, count in zip(stems, seeds, strict=True):
        name = f"{stem}-{task}"
        found += [Source(f"{stem} seed {seed}", name, seed, "trained") for seed in range(count)]
        found.append(Source(f"{stem} random", name, RANDOM, "random"))
        found.append(Source(f"{stem} shuffled", name, SHUFFLED, "shuffled"))
        if other is not None:
            found.append(Source(f"{stem} other task", f"{stem}-{other[0]}", other[1], "other-task"))
    return tuple(found)


def _pictures(task: str, seeds: int, labels, each: int, n: int, size: int, value):
    """Networks, samples, games and scores of a set of pictures."""
    names = [f"{stem}-{task}" for stem in PICTURES]
    choose = functools.partial(samples.choose_pictures, names, labels, each, n, size)
    game = functools.partial(samples.picture_game, task, value)
    sources = relatives(PICTURES, task, [seeds] * len(PICTURES), OTHER[task])
    return sources, choose, game, functools.partial(score, task)


def _choose_beginnings(scale: str) -> list[Sample]:
    """Sixteen beginnings, or two for "smoke", told by the trained networks."""
    models = [
        next_word.make(name, 0, "trained", scale) for name in (next_word.SMALL, next_word.SMOL)
    ]
    return next_word.choose(models, 2 if scale == "smoke" else 16, 10)


SETS: dict[str, TableSet] = {
    "mnist": TableSet(
        "Tables of 24 networks on 20 digits",
        "Two test digits of each class, 10 inked patches of 4 × 4 pixels, black where absent, "
        "log-odds of the class in nats. Four architectures with three seeds each; of each also "
        "one never trained, one trained on shuffled labels, one trained on garments.",
        MNIST, *_pictures("mnist", 3, range(10), 2, 10, 4, log_odds)),
    "mnist-3": TableSet(
        "Tables of 24 networks on 40 threes",
        "Forty test digits of class 3, 8 inked patches of 3 × 3 pixels, black where absent, "
        "the score of a three before the softmax. The networks of the set mnist.",
        MNIST, *_pictures("mnist", 3, (3,), 40, 8, 3, logit)),
    "sentences": TableSet(
        "Tables of 12 networks on 24 sentences",
        "Twelve test sentences of each class with 11 to 14 words, of which 10 play (function "
        "words only where others run out), the mask token where absent, log-odds of the class "
        "in nats. A tuned transformer (its tunings share the frozen layers), an LSTM and a CNN "
        "with two seeds each; of each also one never trained and one trained on shuffled "
        "labels.",
        "MIT (the sentences' package)",
        relatives(SENTENCES, "sentences", (2, 2, 2)),
        functools.partial(
            samples.choose_sentences, [f"{stem}-sentences" for stem in SENTENCES], 12, 10),
        samples.sentence_game, functools.partial(score, "sentences")),
    "census": TableSet(
        "Tables of 7 networks on 20 people",
        "Ten test rows of each class, 10 columns (race and native country never play), the "
        "column's mean where absent, log-odds of the class in nats. A multilayer perceptron "
        "with five seeds, one never trained, one trained on shuffled labels.",
        "CC BY 4.0 (UCI)",
        relatives(("mlp",), "census", (5,)),
        functools.partial(samples.choose_rows, ["mlp-census"], 10, 10),
        samples.row_game, functools.partial(score, "census")),
    "fashion-mnist": TableSet(
        "Tables of 20 networks on 20 garments",
        "Two test garments of each class, 10 inked patches of 4 × 4 pixels, black where "
        "absent, log-odds of the class in nats. Four architectures with two seeds each; of "
        "each also one never trained, one trained on shuffled labels, one trained on digits.",
        "MIT (the garments)",
        *_pictures("fashion-mnist", 2, range(10), 2, 10, 4, log_odds)),
    "next-word": TableSet(
        "Tables of 5 language models on 16 beginnings of sentences",
        "Beginnings of test sentences, 10 to 13 words of which 10 play, a mask token where "
        "absent (a vector of no word, see language.py), log-odds in nats of the next word, its "
        "first token, which is among the ten likeliest of SmolLM2 and of gru seed 0. SmolLM2-135M "
        "pretrained and with random weights; a small recurrent network trained on the training "
        "sentences with two seeds, and one never trained.",
        "MIT (the sentences' package), Apache-2.0 (SmolLM2)",
        (Source("smollm2", next_word.SMOL, 0, "trained"),
         Source("smollm2 random", next_word.SMOL, RANDOM, "random"),
         Source("gru seed 0", next_word.SMALL, 0, "trained"),
         Source("gru seed 1", next_word.SMALL, 1, "trained"),
         Source("gru random", next_word.SMALL, RANDOM, "random")),
        _choose_beginnings, next_word.game,
        lambda source, model, scale: next_word.score(model, scale), 1024),
    **layer_sets.SETS,
    **training_sets.SETS,
    **robust_sets.SETS,
}  # fmt: skip


def find(name: str) -> TableSet:
    """Returns how a set is made.

    Raises:
        KeyError: no set has this name.
    """
    if name not in SETS:
        raise KeyError(f"no set of tables is called {name!r}; there are {', '.join(SETS)}")
    return SETS[name]
