r"""Tables of the change of knowledge: a row for each layer, sample, kind and order.

Source: Cheng et al., ICML 2024, Figures 3 and 7 to 10. Chapter: Layer by layer.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import torch

from ..core.compare import order_profile
from ..core.result import Interactions
from .intervals import draw_anew
from .layerwise import (
    Salient,
    chance_change,
    change,
    effects_of,
    salient_in_sample,
)
from .orders import _long
from .sharing import KINDS

Pairs = Callable[[Sequence[str]], list[tuple[int, int]]]
PARTS = ("overlap", "forget", "new")


def to_final(layers: Sequence[str]) -> list[tuple[int, int]]:
    """Pair each layer with the last one, as the paper does: positions."""
    return [(at, len(layers) - 1) for at in range(len(layers) - 1)]


def adjacent(layers: Sequence[str]) -> list[tuple[int, int]]:
    """Pair each layer with the next one: what a single step keeps, forgets and adds."""
    return [(at, at + 1) for at in range(len(layers) - 1)]


def knowledge_change(
    found: Interactions,
    layers: Sequence[str],
    pairs: Pairs = to_final,
    salient: Salient = salient_in_sample,
    threshold: float = 0.05,
    chance: bool = True,
) -> pd.DataFrame:
    """Return what layers share with a later one, what is forgotten and what is new.

    Args:
        found: (layers, samples, 2**n), explanations of :func:`~.layerwise.normalised` tables.
        layers: their names, in the order of the network.
        pairs: ``to_final`` or ``adjacent``, or another function from names to positions.
        salient: ``salient_in_sample`` or ``salient_in_layer``.
        threshold: the fraction in τ.
        chance: whether to compute the overlap of shuffled players too.

    Returns:
        Columns layer, later, depth (position of the layer), sample, kind, order, overlap, forget,
        new, chance (expected overlap; missing if not asked for), completeness, redundancy (NaN
        where undefined) and undefined (a word why, or "").

    Raises:
        ValueError: explanations that are not those of as many layers.

    Source: Cheng et al., ICML 2024, Eq. 8, corrected. Chapter: Layer by layer.
    """
    effects = _checked(found, layers)
    sets = salient(effects, threshold)
    frames = []
    for at, later in pairs(layers):
        four = effects[at], effects[later], sets[at], sets[later]
        got = change(*four)  # (samples, 2, n)
        values = {part: getattr(got, part) for part in PARTS}
        if chance:
            values["chance"] = chance_change(*four).overlap
        frame = _long(values, ("sample", "kind", "order"))
        frame.insert(0, "layer", layers[at])
        frame.insert(1, "later", layers[later])
        frame.insert(2, "depth", at)
        frames.append(frame)
    frame = pd.concat(frames, ignore_index=True)
    frame = frame.assign(order=frame["order"] + 1, kind=[KINDS[i] for i in frame["kind"]])
    return _with_ratios(frame)


def layer_strengths(
    found: Interactions,
    layers: Sequence[str],
    salient: Salient = salient_in_sample,
    threshold: float = 0.05,
) -> pd.DataFrame:
    """Return the salient strength and the number of salient effects of each layer by order.

    Arguments and errors as for :func:`knowledge_change`.

    Returns:
        Columns layer, depth, sample, kind, order, strength, members.

    Source: Cheng et al., ICML 2024, Figures 2 and 3. Chapter: Layer by layer.
    """
    effects = _checked(found, layers)
    sets = salient(effects, threshold)
    values = {
        "strength": order_profile((effects * sets).abs()).positive,
        "members": order_profile(sets.double()).positive,
    }  # (layers, samples, 2, n) each
    frame = _long(values, ("depth", "sample", "kind", "order"))
    frame.insert(0, "layer", [layers[at] for at in frame["depth"]])
    return frame.assign(order=frame["order"] + 1, kind=[KINDS[i] for i in frame["kind"]])


def curves(
    frame: pd.DataFrame, by: Sequence[str] = ("layer", "later", "depth", "kind", "order"),
    seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    r"""Return completeness and redundancy over samples, as ratios of sums, with intervals.

    .. math:: completeness = \frac{\sum_x overlap}{\sum_x overlap + new}, \qquad
              redundancy = \frac{\sum_x forget}{\sum_x overlap + forget}

    A sample without salient effects of an order adds nothing to either sum, so it needs no value
    of its own; a mean of ratios would have to leave it out. ``completeness_chance`` is the first
    with the overlap of shuffled players.

    Args:
        frame: from :func:`knowledge_change`; other columns, such as network or seed, may have been
            added and named in ``by``.
        by: columns that make the groups.
        seed: of the bootstrap over samples.

    Returns:
        Columns ``by``, overlap, forget, new (means over samples), completeness, completeness_low,
        completeness_high, completeness_chance (if there is a column chance), redundancy,
        redundancy_low, redundancy_high (95 %), samples, undefined.

    Source: Cheng et al., ICML 2024, Figure 3; they do not say how they average. Chapter: Layer by
    layer.
    """
    rows = []
    for key, part in frame.groupby(list(by), sort=False):
        columns = [c for c in (*PARTS, "chance") if c in part]
        sums = part.groupby("sample")[columns].sum().to_numpy()  # (samples, 3 or 4)
        mean, drawn = sums.mean(0), sums[draw_anew((len(sums),), seed)].mean(1)
        row = dict(zip(by, key, strict=True)) | dict(zip(columns, mean, strict=True))
        for name, top, other in (("completeness", 0, 2), ("redundancy", 1, 0)):
            row[name] = _ratio(mean[top], mean[top] + mean[other])
            many = _ratio(drawn[:, top], drawn[:, top] + drawn[:, other])
            low, high = (
                np.nanquantile(many, [0.025, 0.975]) if np.isfinite(row[name]) else (np.nan,) * 2
            )
            row |= {f"{name}_low": low, f"{name}_high": high}
        if "chance" in columns:
            row["completeness_chance"] = _ratio(mean[3], mean[0] + mean[2])
        rows.append(row | {"samples": len(sums)})
    return pd.DataFrame(rows).pipe(_with_words)


def _ratio(top, bottom):
    """top / bottom, NaN where bottom is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.asarray(bottom) > 0, np.divide(top, bottom), np.nan)[()]


def _with_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    after, before = frame["overlap"] + frame["new"], frame["overlap"] + frame["forget"]
    ratios = {
        "completeness": _ratio(frame["overlap"].to_numpy(), after.to_numpy()),
        "redundancy": _ratio(frame["forget"].to_numpy(), before.to_numpy()),
    }
    return _with_words(frame.assign(**ratios))


def _with_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the column that says why a ratio has no value."""
    words = np.select(
        [
            frame["completeness"].isna() & frame["redundancy"].isna(),
            frame["completeness"].isna(),
            frame["redundancy"].isna(),
        ],
        ["nothing salient in either layer", "nothing salient in the later layer",
         "nothing salient in the layer"],
        "",
    )  # fmt: skip
    return frame.assign(undefined=words)


def _checked(found: Interactions, layers: Sequence[str]) -> torch.Tensor:
    shape = tuple(found.and_.shape)
    if len(shape) != 3 or shape[0] != len(layers) or len(layers) < 2:
        raise ValueError(
            f"found: got shape {shape} for {len(layers)} layers, expected (layers, samples, 2**n) "
            "with two layers or more; stack the tables of LayeredGame before they are explained"
        )
    return effects_of(found)
