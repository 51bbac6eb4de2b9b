r"""The training slider: how a network comes to its interactions, under the reader's hand.

Everything is computed beforehand; the page draws it and puts it into words.

Chapter: Two phases.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from harsanyi.core.compare import salient_mask
from harsanyi.core.result import Interactions
from harsanyi.networks.training_sets import Course
from harsanyi.studies.dynamics import profiles, salient_strengths, spindle, whole_change
from harsanyi.studies.layerwise import effects_of
from harsanyi.studies.phases import LEAST_SAMPLES, find_phases, mean_order
from harsanyi.studies.sharing import KINDS

from .explorable import Explorable
from .explore_layers import sample_title, shown_players

LISTED = 5  # interactions that the page lists at each moment
UNIT = "log-odds of the class, in nats"

Run = tuple[Interactions, Course]


def training_slider(
    runs: Mapping[str, Run],
    images: Tensor | None = None,
    pictured: Sequence[int] = range(4),
    titles: Sequence[str] | None = None,
    unit: str = "epoch",
    threshold: float = 0.03,
    value_name: str = UNIT,
) -> Explorable:
    """Make the slider: the reader moves through a training and sees its interactions change.

    At each moment it shows the profile of positive and negative strength by order beside that of no
    knowledge at all, the losses, the mean order with the turn where the rule finds two phases, and
    the strongest interactions of some samples. Bars and lines are of all samples.

    Args:
        runs: name of a training to its explanations (snapshots, samples, 2**n) and to its
            :class:`harsanyi.networks.training_sets.Course`; all of the same samples, at most 12
            players.
        images: float (samples, 1, H, W) in [0, 1] of all samples, for pictures.
        pictured: which samples can be looked at; those that there are.
        titles: a few words for the button of each pictured sample; its label when None.
        unit: what the course's epochs are called.
        threshold: the fraction in τ.
        value_name: what an interaction's size is measured in.

    Raises:
        ValueError: no run, or samples, players, images or titles that do not fit together.

    Source: Ren et al., dynamics, NeurIPS 2024, Figure 2. Chapter: Two phases.
    """
    samples = _check(runs, images)
    pictured = [at for at in pictured if at < len(samples)]
    titles = [sample_title(samples[at]) for at in pictured] if titles is None else list(titles)
    if not pictured or len(titles) != len(pictured):
        raise ValueError(
            f"titles: got {len(titles)} for {len(pictured)} pictured samples of {len(samples)}, "
            "expected one for each"
        )
    n = next(iter(runs.values()))[0].n
    scenes = [
        {"title": title} | shown_players(samples[at], None if images is None else images[at], n)
        for at, title in zip(pictured, titles, strict=True)
    ]
    told = [{"name": name} | _told(*run, pictured, threshold) for name, run in runs.items()]
    data = {"runs": told, "scenes": scenes, "spindle": _short(spindle(n), 3)}
    data |= {"listed": LISTED, "unit": unit, "valueName": value_name}
    title = "Through a training: interactions by order, losses, one sample"
    return Explorable(
        "training_slider", title, data, extra=("inputs", "areas", "charts", "trajectory")
    )


def _check(runs: Mapping[str, Run], images: Tensor | None) -> Sequence[dict]:
    """Return the samples, which all runs have in common."""
    if not runs:
        raise ValueError("runs: got none, expected one or more")
    samples = list(next(iter(runs.values()))[1].samples)
    n = next(iter(runs.values()))[0].n
    for name, (found, course) in runs.items():
        shape = tuple(found.and_.shape)
        if shape != (len(course.epochs), len(samples), 2**n) or len(course.epochs) < 2 or n > 12:
            raise ValueError(
                f"runs: got explanations of shape {shape} for {name!r}, expected "
                f"({len(course.epochs)} snapshots, {len(samples)} samples, 2**{n}), two snapshots "
                "or more and at most 12 players"
            )
        if [one["names"] for one in course.samples] != [one["names"] for one in samples]:
            raise ValueError(f"runs: {name!r} has other samples than the first run")
    if images is not None and (len(images) != len(samples) or "patches" not in samples[0]):
        raise ValueError(
            f"images: got {len(images)} for {len(samples)} samples, expected one for each, and "
            "samples with patches"
        )
    if images is None and "patches" in samples[0]:
        raise ValueError("images: expected those of the samples, which have patches; got None")
    return samples


def _told(found: Interactions, course: Course, pictured: Sequence[int], threshold: float) -> dict:
    """Tell one run: bars, losses, the path of the mean order, and some samples' interactions."""
    steps = [float(epoch) for epoch in course.epochs]
    strength = salient_strengths(found, threshold).strength  # (snapshots, samples, n)
    frame = profiles(found, steps, threshold)[["mean", "low", "high"]].fillna(0)
    bars = torch.tensor(frame.to_numpy()).reshape(len(steps), found.n, 2 * 3)  # of each sign
    effects, change = effects_of(found), whole_change(found)  # (…, 2, 2**n), (…)
    scale = change.abs().mean(-1, keepdim=True).expand(change.shape)
    keep = salient_mask(effects.flatten(-2), threshold, scale).view(effects.shape)
    return {
        "at": [float(f"{step:.4g}") for step in steps],
        "losses": [[float(f"{loss:.4g}") for loss in each]
                   for each in (course.train_loss, course.test_loss)],
        "right": [[float(f"{share:.4g}") for share in each]
                  for each in (course.train_accuracy, course.accuracy)],
        "bars": _short(bars, 3),
        "count": _short(keep.sum((-1, -2)).double().mean(-1), 1),
        "strength": [float(f"{total:.3g}") for total in strength.sum(-1).mean(-1).tolist()],
        "order": _short(mean_order(strength.mean(1)).nan_to_num(), 3),
        **_turn(strength, steps),
        "effects": [_strongest(effects[:, at], keep[:, at]) for at in pictured],
        "whole": [[float(f"{one:.3g}") for one in change[:, at].tolist()] for at in pictured],
    }  # fmt: skip


def _turn(strength: Tensor, steps: Sequence[float]) -> dict:
    """What the rule says of a run; nothing where it cannot judge."""
    if strength.shape[1] < LEAST_SAMPLES or bool((strength.sum((1, 2)) <= 0).any()):
        return {"verdict": None, "turn": None}
    found = find_phases(strength.double(), steps)
    two = found.verdict == "two phases"
    return {
        "verdict": found.verdict,
        "turn": [float(f"{x:.4g}") for x in found[1:4]] if two else None,
    }


def _strongest(effects: Tensor, keep: Tensor) -> list[list]:
    """Return [kind, mask, values] of what is listed at any snapshot; 0 is not salient then."""
    weight = torch.where(keep, effects.abs(), 0)  # (snapshots, 2, 2**n)
    top = weight.flatten(1).topk(LISTED).indices
    picks = torch.zeros_like(keep).flatten(1).scatter(1, top, True).view(keep.shape) & keep
    held = torch.where(keep, effects, 0)
    return [
        [KINDS[kind], mask, [float(f"{x:.3g}") if x else 0 for x in held[:, kind, mask].tolist()]]
        for kind, mask in picks.any(0).nonzero().tolist()
    ]


def _short(values: Tensor, digits: int) -> list:
    """Round to some decimals; 0 needs one character."""

    def shorten(one):
        if isinstance(one, list):
            return [shorten(x) for x in one]
        return round(one, digits) if math.fabs(one) >= 0.5 * 10**-digits else 0

    return shorten(values.tolist())
