r"""What a reproduction of Chen et al. needs beyond single studies: pairs that are told once.

A pair of networks is explained once in every way, its controls beside it; all figures draw on that.

Source: Chen et al., ICLR 2024. Chapter: Generalizable primitives, reproduced.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ..core.result import Interactions
from ..networks import tables as shipped
from .controls import at_scale, permuted
from .held_out import held_out_overlap
from .intervals import with_errors
from .joint import NOISE, TOL, and_only, joint, separate
from .sharing import overlap_curves

UNRELATED = ("random", "shuffled", "other-task", "permuted players")


def take(
    name: str,
    scale: str,
    samples: int | None = None,
    players: int | None = None,
    networks: Sequence[str] | None = None,
    seeds: int | None = None,
) -> shipped.Tables:
    """Return part of a set of tables, computed anew at the scale "paper", else as it comes.

    Args:
        name: of the set, see :func:`harsanyi.networks.tables.load_tables`.
        scale: "smoke", "laptop" or "paper".
        samples: how many, evenly spread over the set; all by default.
        players: the first so many play, or as many as there are; the others are always kept.
        networks: beginnings of the names of the networks that are kept; all by default.
        seeds: how many trained networks of each architecture are kept; all by default.

    Raises:
        KeyError, FileNotFoundError, ValueError: as ``load_tables``, or no such network.
    """
    full = shipped.compute(name, scale) if scale == "paper" else shipped.load_tables(name)
    count, most = len(full.samples), full.values.shape[-1].bit_length() - 1
    n = most if players is None else min(players, most)
    unknown = [s for s in networks or () if not any(x.name.startswith(s) for x in full.networks)]
    if unknown:
        known = ", ".join(source.name for source in full.networks)
        raise ValueError(f"networks: got {unknown}, expected beginnings of {known}")
    keep = [
        i
        for i, source in enumerate(full.networks)
        if (networks is None or source.name.startswith(tuple(networks)))
        and (source.kind != "trained" or seeds is None or source.seed < seeds)
    ]
    some = count if samples is None else min(samples, count)
    picks = [i * count // some for i in range(some)]
    masks = torch.arange(2**n) | (2**most - 2**n)  # the rest is present
    names = [dict(s, names=s["names"][:n]) for s in (full.samples[i] for i in picks)]
    values = full.values[keep][:, picks][..., masks]
    return full._replace(
        values=values, networks=tuple(full.networks[i] for i in keep), samples=tuple(names)
    )


class Told(NamedTuple):
    """Two networks on the same samples, and what was found in them.

    Attributes:
        relation: what the second is to the first: "related", or the kind of control.
        pair: the two names, joined by " × ".
        values: their tables, (samples, 2**n) each.
        found: "joint", "separate" and "AND only" to two Interactions each.
    """

    relation: str
    pair: str
    values: tuple[Tensor, Tensor]
    found: dict[str, tuple[Interactions, ...]]


def unrelated_to(tables: shipped.Tables, first: str, second: str) -> dict[str, str]:
    """Return for each kind of control the network that takes the place of ``second``.

    It has the architecture of ``second`` where there is one, else that of ``first``.
    """
    found = {}
    for stem in (first.split()[0], second.split()[0]):
        alike = [source for source in tables.networks if source.name.split()[0] == stem]
        found |= {source.kind: source.name for source in alike if source.kind in UNRELATED}
    return found


def tell_pairs(
    tables: shipped.Tables,
    pairs: Sequence[tuple[str, str]],
    controls: Sequence[str] = UNRELATED,
    noise: float = NOISE,
    tol: float = TOL,
) -> list[Told]:
    """Explain pairs of networks jointly, each by itself, and in AND alone.

    The controls are those of the first pair: its second network gives way to an unrelated one,
    brought to its spread, or has its players in other places. What the set has not is left out.

    Args:
        tables: a set, or part of one.
        pairs: names of related networks.
        controls: some of ``UNRELATED``.
        noise, tol: allowance and relative gap of the first two, as in ``extract_shared``.

    Raises:
        KeyError: a name that is not in the set.

    Source: Chen et al., ICLR 2024, Eqs. 4 and 6; the controls are ours.
    """
    by_name = {source.name: v for source, v in zip(tables.networks, tables.values, strict=True)}
    jobs = [("related", a, b, by_name[a], by_name[b]) for a, b in pairs]
    first, second = pairs[0]
    for kind, other in unrelated_to(tables, first, second).items():
        if kind in controls:
            loud = at_scale(by_name[other], by_name[second])
            jobs.append((kind, first, other, by_name[first], loud))
    if "permuted players" in controls:
        moved = permuted(by_name[second], seed=1)
        jobs.append(("permuted players", first, second, by_name[first], moved))
    alone = separate([v for job in jobs for v in job[3:]], noise, tol)
    told = []
    for i, (relation, a, b, one, other) in enumerate(jobs):
        found = {
            "joint": joint((one, other), noise=noise, tol=tol),
            "separate": alone[2 * i : 2 * i + 2],
            "AND only": and_only((one, other)),
        }
        told.append(Told(relation, f"{a} × {b}", (one, other), found))
    return told


def curves(told: Sequence[Told], ks: Sequence[int]) -> pd.DataFrame:
    """Return the overlap of all pairs: ``overlap_curves`` with telling, relation and pair."""
    frames = [
        overlap_curves(found, ks).assign(telling=name, relation=one.relation, pair=one.pair)
        for one in told
        for name, found in one.found.items()
    ]
    return pd.concat(frames, ignore_index=True)


def paired(
    frame: pd.DataFrame,
    axis: str,
    one: str,
    other: str,
    column: str = "s",
    by: Sequence[str] = ("kind", "k"),
    over: Sequence[str] = ("sample",),
) -> pd.DataFrame:
    """Return by how much a column is larger where ``axis`` is ``one`` than where it is ``other``.

    The difference is taken sample by sample (after a mean over what is not named), so what a
    sample adds to both cancels.

    Args:
        frame: one row a measurement.
        axis, one, other: a column, such as telling or relation, and two of its values.
        column: what is compared.
        by, over: groups, and what is drawn anew, see ``intervals.with_errors``.

    Returns:
        Columns ``by``, mean, low, high, samples.
    """
    part = frame[frame[axis].isin((one, other))]
    wide = part.pivot_table(index=[*by, *over], columns=axis, values=column, sort=False)
    gain = (wide[one] - wide[other]).rename("gain").reset_index()
    return with_errors(gain, "gain", by, over)


def held_out_curves(
    one: Told, tested: Mapping[str, Tensor], ks: Sequence[int], noise: float = NOISE
) -> pd.DataFrame:
    """Return how much of what a pair shares networks have that took no part.

    Args:
        one: a pair.
        tested: name to table (samples, 2**n), each told by itself within ``noise``.
        ks: sizes of the top sets.

    Returns:
        ``held_out_overlap`` with the columns telling (of the pair) and tested.

    Source: ours.
    """
    alone = dict(zip(tested, separate(list(tested.values()), noise), strict=True))
    frames = [
        held_out_overlap(found, own, ks).assign(telling=telling, tested=name)
        for telling, found in one.found.items()
        for name, own in alone.items()
    ]
    return pd.concat(frames, ignore_index=True)
