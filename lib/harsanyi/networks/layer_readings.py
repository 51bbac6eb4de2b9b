"""How logits are read off the layers of the project's networks, for layered sets of tables.

All readings of a network are taken from the same passes through it.

Source: Cheng et al., ICML 2024, Appendix M.2. Chapter: Layer by layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from . import pooling, probe_sets, probes, variants
from .calibration import Quality, quality
from .features import layer_features
from .masking import MaskedGame
from .table_plans import MAKERS, Part, Source, TableSet, rebuild
from .table_samples import Sample

BITS = 20  # of a table's range that are kept
CELLS, WORDS = pooling.cells(2), pooling.words(0)  # 0 is the padding of WordPieces


class Anatomy(NamedTuple):
    """Which layers of an architecture are read.

    Attributes:
        layers: from what a layer is called to its name in ``named_modules()``.
        head: the last linear map, which gives the logits.
        pool: from a layer's output to what its probe reads.
        own: the pooling before the head, for the early reading; None where it says little.
    """

    layers: Mapping[str, str]
    head: str
    pool: Callable[[Tensor, Tensor], Tensor]
    own: Callable[[Tensor, Tensor], Tensor] | None = None


ANATOMY = {
    "mlp7": Anatomy({f"hidden {i}": f"{2 * i}" for i in range(1, 7)}, "13", pooling.average),
    "vgg11": Anatomy(
        {"conv 1": "2", "conv 2": "6", "conv 4": "13", "conv 6": "20", "conv 8": "27"}, "29", CELLS
    ),
    "resnet20": Anatomy(
        {f"block {i}": f"{i + 2}" for i in (1, 3, 5, 7, 9)}, "14", CELLS, pooling.average
    ),
    "minilm": Anatomy(
        {f"layer {i + 1}": f"lower.{i}" if i < 4 else f"upper.{i - 4}" for i in range(6)},
        "head", WORDS, WORDS,
    ),
    "mlp": Anatomy({f"hidden {i + 1}": f"body.{3 * i + 1}" for i in range(3)}, "body.9",
                   pooling.average),
}  # fmt: skip


def sources_of(
    name: str, seed: int, kind: str, *more: str, layers: Sequence[str] | None = None
) -> tuple[Source, ...]:
    """Returns the readings of one network: a probe of each layer, others, its own output.

    Args:
        name: the recipe; its stem is in ``ANATOMY``.
        seed: of the network.
        kind: "trained" or "random".
        more: readings beside the probe: "dealt", "early".
        layers: some of the anatomy's; all by default.
    """
    stem = name.split("-")[0]
    label = f"{stem} random" if kind == "random" else f"{stem} seed {seed}"
    places = {at: ANATOMY[stem].layers[at] for at in layers or ANATOMY[stem].layers}
    found = [
        Source(label, name, seed, kind, layer=layer, reading=reading, module=module)
        for reading in ("probe", *more) for layer, module in places.items()
    ]  # fmt: skip
    return (*found, Source(label, name, seed, kind))


class Reader(NamedTuple):
    """How logits come from a network's layer: ``read`` of what ``pool`` makes of ``module``."""

    module: str
    pool: Callable[[Tensor, Tensor], Tensor]
    read: Callable[[Tensor], Tensor]
    fitted: float | None = None


def readers(sources: Sequence[Source], model: nn.Module, scale: str) -> list[Reader]:
    """Returns how the sources of one network are read; fits its probes if need be."""
    name, seed, kind = sources[0].network, sources[0].seed, sources[0].kind
    anatomy = ANATOMY[name.split("-")[0]]
    fitted = {}
    for reading in {s.reading for s in sources} & {"probe", "dealt"}:
        modules = [source.module for source in sources if source.reading == reading]
        fitted[reading] = probe_sets.load_probes(
            name, modules, scale, MAKERS[kind], seed, dealt=reading == "dealt", pool=anatomy.pool
        )

    def reader(source: Source) -> Reader:
        if source.reading in fitted:
            probe = fitted[source.reading][source.module]
            return Reader(source.module, anatomy.pool, probe.reading, probe.train.accuracy)
        if source.reading == "early":
            head = probes.early_head(model.get_submodule(anatomy.head))
            return Reader(source.module, anatomy.own, head)
        return Reader(anatomy.head, anatomy.pool, nn.Identity())

    return [reader(source) for source in sources]


def logits(
    model: nn.Module, how: Sequence[Reader], inputs: Tensor, batch_size: int = 256
) -> list[Tensor]:
    r"""Returns the logits of several readings of one network, (rows, C) float64 each.

    Args:
        model: in evaluation mode.
        how: from :func:`readers`.
        inputs: (rows, \*x.shape).
        batch_size: rows at a time; there is one pass for each pooling.
    """
    found = {
        pool: layer_features(
            model, sorted({one.module for one in how if one.pool is pool}), inputs, pool, batch_size
        )
        for pool in {one.pool for one in how}
    }
    with torch.inference_mode():
        return [one.read(found[one.pool][one.module]).double() for one in how]


def layered_part(
    plan: TableSet, sources: Sequence[Source], chosen: Sequence[Sample], scale: str
) -> Part:
    """Makes the tables of all readings of one network, and measures the readings."""
    model, name = rebuild(sources[0], scale), sources[0].network
    how = readers(sources, model, scale)
    tables = [_tables(plan.game(model, sample), model, how) for sample in chosen]
    x, y = probe_sets._rows(name, scale, "test", variants.task_of(name, scale))
    good = [quality(found, y) for found in logits(model, how, x)]
    measured = (_measured(*each) for each in zip(sources, how, good, strict=True))
    return Part(rounded(torch.stack(tables, 1)).float(), tuple(measured))


def rounded(tables: Tensor, bits: int = BITS) -> Tensor:
    r"""Returns tables (..., 2**n) in steps of :math:`2^{-bits}` of their range, to pack them well.

    The step is a power of two: at most a millionth of the range for 20 bits.
    """
    spread = tables.amax(-1, keepdim=True) - tables.amin(-1, keepdim=True)
    step = torch.exp2(spread.log2().floor() - bits)
    return torch.where(spread > 0, (tables / step).round() * step, tables)


def _tables(game: MaskedGame, model: nn.Module, how: Sequence[Reader]) -> Tensor:
    """The tables (readings, 2**n) of one input, float64."""
    inputs = game.masked(range(2**game.n))
    found = logits(model, how, inputs, game.batch_size)
    return torch.stack([game.value(one) for one in found])


def _measured(source: Source, how: Reader, good: Quality) -> Source:
    short = lambda number: None if number is None else round(number, 4)  # noqa: E731
    return source._replace(accuracy=short(good.accuracy), calibration=short(good.calibration),
                           fitted=short(how.fitted))  # fmt: skip
