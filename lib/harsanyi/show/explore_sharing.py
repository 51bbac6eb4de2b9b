r"""Explorables of sharing: overlap for every α and k, and what two networks share on a sample.

Everything is computed beforehand; the pages draw, compare and put into words.

Chapter: Primitives that networks share.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from harsanyi.studies.controls import excess
from harsanyi.studies.intervals import with_errors
from harsanyi.studies.joint import Sweep
from harsanyi.studies.sharing import KINDS

from .explorable import Explorable
from .explore_venn import Scene, scenes, venn_browser

__all__ = ["Scene", "alpha_k_slider", "scenes", "venn_browser"]

_BY = ["kind", "alpha", "k"]
_OVERLAP = (*_BY, "sample", "s", "chance", "members")
_SPARSITY = ("alpha", "sample", "salient")


def alpha_k_slider(
    sweeps: Mapping[str, Sweep],
    separate: Sweep | None = None,
    alpha: float = 0.1,
    k: int | None = None,
) -> Explorable:
    r"""Make the slider: the reader moves α and k and sees overlap and sparsity beside the controls.

    It shows :math:`s_{and}`, :math:`s_{or}` and the number of salient interactions of a network,
    means over samples with 95 % bootstrap intervals. The chance line is the related pair's. What
    the page says about a control rests on the interval of the paired difference, see
    :func:`harsanyi.studies.controls.excess`.

    Args:
        sweeps: name to what :func:`harsanyi.studies.joint.alpha_sweep` returned: the related pair
            first, then one or more controls, each a trained and an unrelated network. All on the
            same samples, α and k; rows of several pairs under one name are averaged by sample.
            An unrelated network with smaller outputs has less to share by its scale alone, see
            :func:`harsanyi.studies.controls.at_scale`.
        separate: the related pair told one by one: the frames of ``sharing.overlap_curves`` and
            ``joint.lengths``, on the same samples and k. A reference line, when given.
        alpha: shown first, one of the α.
        k: shown first, one of the k; the fourth smallest (or the largest) when None.

    Raises:
        ValueError: no control, missing columns, different samples, α or k, an overlap that is not
            a number on any sample, or a start that is not offered.

    Chapter: Primitives that networks share.
    """
    names = list(sweeps)
    if len(names) < 2:
        raise ValueError(
            f"sweeps: got {names}, expected a related pair and one or more controls; an overlap "
            "without a control says little"
        )
    alphas, ks = _grid(sweeps)
    k = ks[min(3, len(ks) - 1)] if k is None else k
    if alpha not in alphas or k not in ks:
        raise ValueError(f"alpha, k: got {alpha} and {k}, expected one of {alphas} and one of {ks}")
    first, *controls = sweeps.values()
    data = {
        "curves": names,
        "alphas": alphas,
        "ks": ks,
        "samples": int(first.overlap["sample"].nunique()),
        "overlap": _by_kind([_means(one.overlap, "s") for one in sweeps.values()], _INTERVAL),
        "chance": _by_kind([_means(first.overlap, "chance")], ["mean"]),
        "members": _by_kind([_means(first.overlap, "members")], ["mean"]),
        "gain": _by_kind([_gains(first, one) for one in controls], _GAIN),
        "salient": [_salient(one.sparsity, alphas) for one in sweeps.values()],
        "separate": None if separate is None else _reference(separate, first, alphas),
        "start": [alphas.index(alpha), ks.index(k)],
    }
    title = "What two networks share, for every α and k"
    return Explorable("alpha_k_slider", title, data, extra=("inputs",))


_INTERVAL = ["mean", "low", "high"]
_GAIN = ["gain", "gain_low", "gain_high", "excess"]


def _grid(sweeps: Mapping[str, Sweep]) -> tuple[list[float], list[int]]:
    """Return the α and k that all sweeps have, or say which differ."""
    found = {}
    for name, sweep in sweeps.items():
        for frame, wanted in ((sweep.overlap, _OVERLAP), (sweep.sparsity, _SPARSITY)):
            if missing := [column for column in wanted if column not in frame]:
                raise ValueError(
                    f"{name!r}: got the columns {list(frame)}, without {missing}; expected the "
                    "frames that alpha_sweep returns"
                )
        used = sweep.overlap.dropna(subset=["s"])
        found[name] = tuple(sorted(set(used[axis].tolist())) for axis in ("alpha", "k", "sample"))
        cells = used.groupby(_BY).ngroups
        if cells != len(KINDS) * len(found[name][0]) * len(found[name][1]):
            raise ValueError(
                f"{name!r}: got an overlap for {cells} of the kinds, α and k, expected all; where "
                "no network has an effect there is none, so leave that α or k out"
            )
    alphas, ks, _ = first = next(iter(found.values()))
    for name, other in found.items():
        if other != first:
            raise ValueError(
                f"{name!r}: got α, k and samples {other}, expected those of the first, {first}"
            )
    return alphas, ks


def _means(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return with_errors(frame, column, by=_BY)


def _gains(related: Sweep, unrelated: Sweep) -> pd.DataFrame:
    return excess(related.overlap, unrelated.overlap, by=_BY)


def _by_kind(frames: Sequence[pd.DataFrame], columns: Sequence[str]) -> dict[str, list]:
    """Nest numbers as kind, then frame, α, k, column."""
    told = {}
    for kind in KINDS:
        picked = [frame[frame["kind"] == kind] for frame in frames]
        told[kind] = [
            [_numbers(part, columns) for _, part in one.sort_values(_BY).groupby("alpha")]
            for one in picked
        ]
    return told


def _numbers(frame: pd.DataFrame, columns: Sequence[str], digits: int = 4) -> list[list[float]]:
    return frame[list(columns)].round(digits).to_numpy().tolist()


def _salient(frame: pd.DataFrame, alphas: Sequence[float]) -> list[list[float]]:
    """Return mean, low and high of the salient interactions of a network at each α."""
    told = with_errors(frame, "salient", by=["alpha"]).sort_values("alpha")
    if told["alpha"].tolist() != list(alphas):
        raise ValueError(f"sparsity: got α {told['alpha'].tolist()}, expected {list(alphas)}")
    return _numbers(told, _INTERVAL, 2)


def _reference(separate: Sweep, related: Sweep, alphas: Sequence[float]) -> dict:
    """Return overlap by kind and k, and salient interactions, of networks told one by one."""
    axes = [
        sorted(set(frame[axis].tolist()))
        for axis in ("k", "sample")
        for frame in (separate.overlap, related.overlap)
    ]
    if axes[0] != axes[1] or axes[2] != axes[3]:
        raise ValueError(
            f"separate: got k {axes[0]} and samples {axes[2]}, expected the sweeps' {axes[1]} and "
            f"{axes[3]}"
        )
    means = _means(separate.overlap.assign(alpha=alphas[0]), "s")
    counts = float(separate.sparsity["salient"].mean())
    told = _by_kind([means], ["mean"])
    return {
        "overlap": {kind: [cell[0] for cell in told[kind][0][0]] for kind in KINDS},
        "salient": round(counts, 2),
    }
