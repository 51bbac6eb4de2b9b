r"""What a reproduction of Cheng et al. needs beyond single studies: layers that are read once.

All readings of a set of tables are explained in one call, controls beside them, and every figure
draws on that.

====================  =====================================================================
reading               what it is
====================  =====================================================================
trained               probes on the layers of a trained network, its own output last
early                 no probe: the network's own head applied to each layer
random                probes on a network that was never trained
dealt                 probes on the trained network, fitted on labels dealt anew
====================  =====================================================================

The last two take the trained network's place layer by layer: stretched to its spread, allowed as
much noise, and compared with its output. What they share with it is not the network's knowledge.

Source: Cheng et al., ICML 2024. Chapter: Layerwise change, reproduced.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ..core.result import Interactions
from ..networks.layer_sets import layers_of
from ..networks.tables import Tables
from .controls import at_scale
from .layer_tables import curves, knowledge_change
from .layerwise import Salient, normalised, salient_in_sample
from .tellings import TOL, extract_within, of_rise

READINGS = ("trained", "early", "random", "dealt")
CONTROLS = ("random", "dealt")


class Read(NamedTuple):
    """The layers of one network on some samples, explained.

    Attributes:
        data: what the samples are.
        stem: the architecture, "resnet20" for instance.
        network: its name, "resnet20 seed 0".
        reading: one of ``READINGS``.
        layers: names in the order of the pass, "output" last.
        values: tables (layers, samples, 2**n), normalised; those of controls stretched.
        found: their explanations, likewise (layers, samples, 2**n).
    """

    data: str
    stem: str
    network: str
    reading: str
    layers: tuple[str, ...]
    values: Tensor
    found: Interactions

    def at(self, layer: str) -> Interactions:
        """Return the explanations (samples, 2**n) of one layer."""
        return self.found[self.layers.index(layer)]


def read_layers(
    tables: Tables,
    data: str,
    readings: Sequence[str] = READINGS,
    allowed: Callable[[Tensor], Tensor] = of_rise,
    tol: float = TOL,
) -> list[Read]:
    """Explain the layers of all networks of a set, and its controls.

    Args:
        tables: a set of layered tables, or part of one.
        data: what to call its samples.
        readings: which; those that the set does not have are left out, "trained" is always there.
        allowed: from tables (count, 2**n) to how much noise each may have (count,), as in
            :mod:`.tellings`; for a control it is asked of what stands in its place.
        tol: relative gap of the certificates.

    Returns:
        A Read for each network and reading, the trained ones first.

    Raises:
        ValueError: a set without a trained network.

    Source: Cheng et al., ICML 2024, Section 3.2; the controls are ours.
    """
    jobs = _jobs(tables, readings)
    if not jobs:
        kinds = sorted({source.kind for source in tables.networks})
        raise ValueError(f"tables: got networks of kind {kinds}, expected trained ones")
    flat = torch.cat([job.values.flatten(0, 1) for job in jobs])
    kappa = torch.cat([allowed(job.like.flatten(0, 1)) for job in jobs])
    found, start, reads = extract_within(flat, kappa, tol), 0, []
    for job in jobs:
        shape = job.values.shape
        part = found[start : start + shape[0] * shape[1]]
        start += shape[0] * shape[1]
        effects = [part.and_, part.or_, part.empty[:, None]]
        and_, or_, empty = (e.reshape(*shape[:2], e.shape[-1]) for e in effects)
        own = Interactions(and_, or_, empty[..., 0])
        if job.reading in CONTROLS:
            own = _with_output_of(own, next(r for r in reads if r.network == job.goal))
        reads.append(Read(data, job.name.split()[0], job.name, job.reading, job.layers,
                          job.values, own))  # fmt: skip
    return reads


class _Job(NamedTuple):
    name: str
    goal: str
    reading: str
    layers: tuple[str, ...]
    values: Tensor  # (layers, samples, 2**n); of a control without the output
    like: Tensor  # of the same shape; says how much noise is allowed


def _jobs(tables: Tables, readings: Sequence[str]) -> list[_Job]:
    """What is to be explained, the trained networks first."""
    jobs = []
    for name in _names(tables, "trained", "probe"):
        v, layers = layers_of(tables, name, "probe")
        v = normalised(v)
        jobs.append(_Job(name, name, "trained", layers, v, v))
    trained = {job.name: job for job in jobs}
    first = {job.name.split()[0]: job for job in reversed(jobs)}  # of each architecture
    if "early" in readings:
        for name in _names(tables, "trained", "early"):
            v, layers = layers_of(tables, name, "early")
            v = normalised(v)
            jobs.append(_Job(name, name, "early", layers, v, v))
    asked = [("random", "random", "probe"), ("dealt", "trained", "dealt")]
    for reading, kind, read in asked:
        for name in _names(tables, kind, read) if reading in readings else ():
            goal = trained[name] if reading == "dealt" else first.get(name.split()[0])
            if goal is not None:
                v, like = layers_of(tables, name, read)[0][:-1], goal.values[:-1]
                v = torch.stack([at_scale(a, b) for a, b in zip(v, like, strict=True)])
                jobs.append(_Job(name, goal.name, reading, goal.layers, v, like))
    return jobs


def _names(tables: Tables, kind: str, reading: str) -> list[str]:
    """The networks of a kind that have a reading, in their order."""
    fits = [s.name for s in tables.networks if s.kind == kind and s.reading == reading]
    return list(dict.fromkeys(fits))


def _with_output_of(own: Interactions, goal: Read) -> Interactions:
    """Put the goal's output behind a control's layers."""
    last = goal.found[-1:]
    parts = [torch.cat([getattr(x, a) for x in (own, last)]) for a in ("and_", "or_", "empty")]
    return Interactions(*parts)


def middle(layers: Sequence[str]) -> str:
    """Return the layer nearest to two thirds of the way, as the paper's intermediate ones are.

    Args:
        layers: names in the order of the pass, the output last.

    Source: Cheng et al., ICML 2024, Appendix M.3.
    """
    count = len(layers) - 1
    return layers[min(range(count), key=lambda i: abs((i + 1) / count - 2 / 3))]


def changes(
    reads: Sequence[Read], salient: Salient = salient_in_sample, chance: bool = True, **more
) -> pd.DataFrame:
    """Return what the layers of all networks share with their output, forget and have yet to learn.

    Args:
        reads: from :func:`read_layers`.
        salient, chance, more: as for :func:`~.layer_tables.knowledge_change`.

    Returns:
        Its columns, and data, stem, network, reading.
    """
    frames = [
        knowledge_change(one.found, one.layers, salient=salient, chance=chance, **more).assign(
            data=one.data, stem=one.stem, network=one.network, reading=one.reading
        )
        for one in reads
    ]
    return pd.concat(frames, ignore_index=True)


def shares(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    r"""Return completeness and redundancy as ratios of sums, without intervals, in one sweep.

    .. math:: completeness = \frac{\sum overlap}{\sum overlap + new}, \qquad
              redundancy = \frac{\sum forget}{\sum overlap + forget}

    Args:
        frame: from :func:`changes`.
        by: columns that make the groups.

    Returns:
        Columns completeness, chance (completeness with the overlap of shuffled players, if the
        frame has it), redundancy, indexed by the groups; NaN where undefined.
    """
    sums = frame.groupby(list(by), sort=False)[["overlap", "forget", "new"]].sum()
    after, before = sums["overlap"] + sums["new"], sums["overlap"] + sums["forget"]
    found = {"completeness": sums["overlap"] / after.where(after > 0)}
    if "chance" in frame:
        shuffled = frame.groupby(list(by), sort=False)["chance"].sum()
        found["chance"] = shuffled / after.where(after > 0)
    found["redundancy"] = sums["forget"] / before.where(before > 0)
    return pd.DataFrame(found)


def by_network(frame: pd.DataFrame, *more: str) -> pd.DataFrame:
    """Return completeness and redundancy of each architecture and layer, seeds taken together.

    Args:
        frame: from :func:`changes`; orders that are not wanted are left out before.
        more: further columns that make groups, "order" for instance.

    Returns:
        As :func:`~.layer_tables.curves`.
    """
    return curves(frame, ("data", "stem", "reading", "kind", "layer", "depth", *more))


def rises_then_falls(line: Sequence[float], margin: float = 0.05) -> bool:
    """Return whether a line is higher inside than at both of its ends, by a margin.

    NaN is left out. Of k independent values the greatest lies inside with a chance of 1 − 2/k, so
    beside a share of such lines belongs that chance, or a control's share.
    """
    kept = [value for value in line if value == value]
    return len(kept) > 2 and max(kept[1:-1]) > max(kept[0], kept[-1]) + margin


def pairs_at(
    reads: Sequence[Read], layer: Callable[[Sequence[str]], str], same_stem: bool = False
) -> dict[str, tuple[Interactions, Interactions]]:
    """Return all pairs of trained networks, at one layer of each.

    Args:
        reads: from :func:`read_layers`, of one set.
        layer: from names of layers to the one that is compared: :func:`middle`, or the last.
        same_stem: pairs of seeds of an architecture; else pairs of two architectures, the same
            seed in both.

    Returns:
        From "a × b" to two explanations (samples, 2**n).
    """
    some, found = [r for r in reads if r.reading == "trained"], {}
    for i, one in enumerate(some):
        for other in some[i + 1 :]:
            same_seed = one.network.split()[-1] == other.network.split()[-1]
            if (one.stem == other.stem) == same_stem and (same_stem or same_seed):
                pair = one.at(layer(one.layers)), other.at(layer(other.layers))
                found[f"{one.network} × {other.network}"] = pair
    return found
