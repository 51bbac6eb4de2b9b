"""From a sentence to token numbers, and from each word to the tokens that stand for it.

Two tokenizers with the same three attributes and one method: :class:`Vocabulary` (whole words,
for the networks trained from scratch) and :class:`WordPieces` (of the pretrained transformer).

Chapter: A network as a game.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from .torchvision_shim import import_torchvision

PIECE = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]|_")


class Encoded(NamedTuple):
    """One sentence as a network reads it.

    Attributes:
        ids: int64 (L,), token numbers, without padding.
        words: the words, as they stand between blanks.
        groups: for each word the positions in ``ids`` of its tokens; frame tokens such as the
            transformer's first and last one are in no group.
    """

    ids: Tensor
    words: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]


class Tokenizer(Protocol):
    """What a sentence network needs of its tokenizer."""

    pad_id: int
    mask_id: int
    size: int

    def encode(self, text: str) -> Encoded:
        """Turns one sentence into token numbers with word groups."""


class Vocabulary:
    """Whole words and punctuation marks in lower case, numbered by frequency.

    Args:
        words: the known words; the first three are the marks for padding, unknown and masked.
    """

    marks = ("<pad>", "<unknown>", "<mask>")
    pad_id, unknown_id, mask_id = range(3)

    def __init__(self, words: Sequence[str]) -> None:
        if tuple(words[:3]) != self.marks:
            raise ValueError(f"got {tuple(words[:3])}, expected first the marks {self.marks}")
        self.words = list(words)
        self.size = len(self.words)
        self._number = {word: number for number, word in enumerate(self.words)}

    @classmethod
    def from_texts(cls, texts: Iterable[str], at_least: int = 2) -> Vocabulary:
        """Numbers the words that occur ``at_least`` times, the most frequent first."""
        count = Counter(piece for text in texts for piece in PIECE.findall(text.lower()))
        kept = sorted((w for w, c in count.items() if c >= at_least), key=lambda w: (-count[w], w))
        return cls([*cls.marks, *kept])

    def encode(self, text: str) -> Encoded:
        """Turns one sentence into token numbers with word groups; see :class:`Encoded`.

        Raises:
            ValueError: the sentence has no word.
        """
        pieces = [PIECE.findall(word.lower()) for word in _words(text)]
        numbers = [[self._number.get(p, self.unknown_id) for p in word] for word in pieces]
        return _grouped(_words(text), numbers, [], [])


class WordPieces:
    """The tokenizer of a pretrained transformer, applied word by word.

    Args:
        folder: holds the tokenizer's files in the form of the ``transformers`` library.
    """

    def __init__(self, folder: Path) -> None:
        import_torchvision()  # transformers imports it, so it must load
        from transformers import AutoTokenizer

        self._tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        self.pad_id = self._tokenizer.pad_token_id
        self.mask_id = self._tokenizer.mask_token_id
        self.size = len(self._tokenizer)

    def encode(self, text: str) -> Encoded:
        """Turns one sentence into token numbers with word groups; see :class:`Encoded`.

        Raises:
            ValueError: the sentence has no word.
        """
        words = _words(text)
        numbers = self._tokenizer(words, add_special_tokens=False)["input_ids"]
        first, last = self._tokenizer.cls_token_id, self._tokenizer.sep_token_id
        return _grouped(words, numbers, [first], [last])


def _words(text: str) -> list[str]:
    """Splits at blanks; refuses a sentence without a word."""
    if not (words := text.split()):
        raise ValueError(f"got {text!r}, expected a sentence with at least one word")
    return words


def _grouped(
    words: list[str], numbers: list[list[int]], first: list[int], last: list[int]
) -> Encoded:
    """Joins the words' token numbers and remembers where each word's stand."""
    ids, groups = list(first), []
    for tokens in numbers:
        groups.append(tuple(range(len(ids), len(ids) + len(tokens))))
        ids += tokens
    return Encoded(torch.tensor(ids + last), tuple(words), tuple(groups))


def batch(tokenizer: Tokenizer, texts: Sequence[str], longest: int) -> Tensor:
    """Encodes sentences as one padded tensor; longer ones lose their end.

    Args:
        tokenizer: turns one sentence into numbers.
        texts: B sentences.
        longest: L is never above it.

    Returns:
        int64 (B, L), padded on the right with the tokenizer's ``pad_id``.
    """
    rows = [tokenizer.encode(text).ids[:longest] for text in texts]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=tokenizer.pad_id)
