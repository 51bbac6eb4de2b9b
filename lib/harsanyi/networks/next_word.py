"""The set "next-word": beginnings of sentences, and the networks that tell how they go on.

Source: Chen et al., ICLR 2024 (language models on beginnings of SQuAD sentences, 10 words).
Chapter: Primitives that networks share.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

import torch
from torch import nn

from . import language
from .masking import MaskedGame
from .table_samples import FUNCTION_WORDS, Sample, test_split, word_game, word_sample

SMOL, SMALL = "smollm2", "gru-words"
LENGTHS = range(10, 14)  # words of a beginning
AMONG = 10  # how many of the likeliest next words count as told
PLAIN = FUNCTION_WORDS.union(  # words that tell little and are never what is to be told
    "but not no all more most some any about out up down over just may might should too very one "
    "two other same much many such own make makes made get gets how where why".split()
)
MARKS = ".,;:!?'\"()-…"


def make(network: str, seed: int, kind: str, scale: str = "laptop") -> nn.Module:
    """Returns a network that tells the next word.

    Args:
        network: "smollm2" or "gru-words".
        seed: of random weights or of the training.
        kind: "trained" or "random".
        scale: of the small one.

    Raises:
        KeyError: no such network, or no such kind of it.
    """
    makers = {
        (SMOL, "trained"): lambda: language.smollm2(),
        (SMOL, "random"): lambda: language.smollm2(pretrained=False, seed=seed),
        (SMALL, "trained"): lambda: language.word_gru(seed, scale),
        (SMALL, "random"): lambda: language.untrained_gru(seed),
    }
    if (network, kind) not in makers:
        raise KeyError(f"got {(network, kind)}, expected one of {', '.join(map(str, makers))}")
    return makers[network, kind]()


@torch.no_grad()
def ranks(model: nn.Module, text: str) -> list[int]:
    """Returns for each word of a sentence but the first how many tokens were likelier.

    What is ranked is the word's first token, after all that stands before it; 0 is a hit. A word
    that the network does not know has all tokens before it.
    """
    code = model.tokenizer.encode(text)
    logits = model.steps(code.ids[None, :-1])[0]  # (V, L - 1)
    at = torch.tensor([group[0] for group in code.groups[1:]])  # (words - 1,)
    own = logits[code.ids[at], at - 1]  # (words - 1,)
    found = (logits[:, at - 1] > own).sum(0)  # (words - 1,)
    unknown = code.ids[at] == getattr(model.tokenizer, "unknown_id", -1)
    return found.where(~unknown, len(logits)).tolist()


def score(model: nn.Module, scale: str = "laptop") -> float:
    """Returns the share of test words, but first ones, whose first token the network tells.

    The first token of a word is the whole word for the small network and mostly for the other.
    """
    texts = test_split("movie-sentences").texts[: 20 if scale == "smoke" else 200]
    found = [rank for text in texts if len(text.split()) > 1 for rank in ranks(model, text)]
    return sum(rank == 0 for rank in found) / len(found)


def choose(models: Sequence[nn.Module], count: int, n: int, among: int = AMONG) -> list[Sample]:
    """Returns beginnings of test sentences whose next word every network finds likely.

    Next words are no function words, and no two are the same. ``label`` is the word, without the
    marks behind it.

    Args:
        models: a next word counts when it is among the likeliest ``among`` of each.
        count: how many, each of another sentence, the first that are found.
        n: words that play.
        among: see ``models``.

    Raises:
        ValueError: there are fewer.
    """
    found: dict[str, Sample] = {}
    for row, text in enumerate(test_split("movie-sentences").texts):
        words = text.split()
        bare = [word.rstrip(MARKS) for word in words]
        places = [k for k in LENGTHS if k < len(words) and _worth_telling(bare[k], found)]
        for model in models:  # the cheap one first
            rank = ranks(model, text) if places else []
            places = [k for k in places if rank[k - 1] < among]
        if places:
            k = places[0]
            found[bare[k].lower()] = word_sample(words[:k], n, row, bare[k])
        if len(found) == count:
            return list(found.values())
    raise ValueError(f"got {len(found)} beginnings, expected {count}; raise among, got {among}")


def _worth_telling(word: str, former: Container[str]) -> bool:
    """Whether it is one word, no function word, and none of the former ones."""
    return word.isalpha() and word.lower() not in PLAIN and word.lower() not in former


def target(model: nn.Module, sample: Sample) -> int:
    """Returns the number of the next word's first token."""
    words = sample["words"]
    code = model.tokenizer.encode(" ".join([*words, sample["label"]]))
    return int(code.ids[code.groups[len(words)][0]])


def game(model: nn.Module, sample: Sample) -> MaskedGame:
    """Returns the game of a beginning: log-odds of the next word, absent words masked."""
    return word_game(model, sample, target(model, sample))
