r"""Order profiles of groups of networks, say trained with and without dropout, on the same samples.

A network that is surer has stronger dividends of all orders, and one that has learned less may have
another profile for that reason alone. So profiles are compared as shares of each sample's strength,

.. math:: p_k = \sum_{|S| = k} |I(S)| \Big/ \sum_{S \ne \varnothing} |I(S)|

which no factor on the values changes; the strength itself is told apart; and :func:`accuracy_line`
sets each network beside plain ones that know as much. A factor on the logits is none on the
log-odds, nor is a mean of probabilities, so networks with halved logits and averages of disturbed
networks belong beside a comparison as controls.

Explanations are one :class:`~harsanyi.core.result.Interactions` of shape (networks, samples, 2**n),
``groups`` has a name for each network.

Source: Ren et al., NeurIPS 2021 (adversarial training); Zhang et al., ICLR 2021 (dropout); Ren et
al., ICML 2023 (Bayesian networks). Chapter: Generalization, sensitivity, bottleneck.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ..core.compare import order_profile
from ..core.result import Interactions
from .dynamics import salient_strengths, whole_change
from .layerwise import effects_of
from .phases import mean_order


def strengths(found: Interactions, threshold: float = 0.0) -> Tensor:
    """Return the strength of each order, AND plus OR, (networks, samples, n), in nats.

    Args:
        found: explanations (networks, samples, 2**n).
        threshold: above 0 only salient effects count, each network against its own τ, see
            :func:`~harsanyi.studies.dynamics.salient_strengths`.

    Raises:
        ValueError: explanations of another shape.
    """
    if found.and_.dim() != 3:
        raise ValueError(
            f"found: got shape {tuple(found.and_.shape)}, expected (networks, samples, 2**n)"
        )
    if threshold:
        return salient_strengths(found, threshold).strength
    return order_profile(effects_of(found)).strength.sum(-2)


def group_strengths(
    found: Interactions, groups: Sequence[str], threshold: float = 0.0
) -> pd.DataFrame:
    """Return the strength of each order for each network and sample.

    Args:
        found: explanations (networks, samples, 2**n).
        groups: a name for each network.
        threshold: as for :func:`strengths`.

    Returns:
        Columns group, network (its position), sample, order, strength (nats), share (of the
        sample's strength; NaN where it has none).

    Raises:
        ValueError: not as many groups as networks.

    Chapter: Generalization, sensitivity, bottleneck.
    """
    size = strengths(found, threshold)
    shares = size / size.sum(-1, keepdim=True)
    return _tidy({"strength": size, "share": shares}, groups, range(1, found.n + 1), "order")


def group_measures(
    found: Interactions,
    groups: Sequence[str],
    above: Sequence[int] = (3, 5),
    threshold: float = 0.0,
) -> pd.DataFrame:
    r"""Return what sums a profile up, for each network and sample.

    Args:
        found: explanations (networks, samples, 2**n).
        groups: a name for each network.
        above: for each of these orders, the share of strength above it.
        threshold: as for :func:`strengths`.

    Returns:
        Columns group, network, sample, measure, value. The measures are "mean order", "share above
        3", …, "log total" (the logarithm of all strength in nats) and "log change" (that of
        :math:`|v(N) - v(\varnothing)|`).

    Raises:
        ValueError: not as many groups as networks.

    Chapter: Generalization, sensitivity, bottleneck.
    """
    named = measures(found, above, threshold)
    values = torch.stack(list(named.values()), -1)  # (networks, samples, measures)
    return _tidy({"value": values}, groups, list(named), "measure")


def accuracy_line(
    values: Sequence[float],
    accuracies: Sequence[float],
    groups: Sequence[str],
    line: Sequence[str] = ("1 epoch", "2 epochs", "4 epochs", "plain"),
) -> pd.DataFrame:
    """Set each network beside plain ones of its accuracy.

    The plain ones, trained for longer and longer, make a line from accuracy to value, straight
    between the means of their groups and flat beyond the ends.

    Args:
        values: one for each network, its mean order for instance.
        accuracies: of each, on training rows in the papers' way.
        groups: a name for each.
        line: the plain groups.

    Returns:
        Columns group, network, accuracy, value, expected (the line at this accuracy), difference,
        outside (the accuracy is beyond the line's ends).

    Raises:
        ValueError: other numbers of values, accuracies and groups, or no network on the line.

    Source: Ren et al., ICML 2023 (at equal training accuracy). Chapter: Generalization,
    sensitivity, bottleneck.
    """
    if not len(values) == len(accuracies) == len(groups) or not set(line) & set(groups):
        raise ValueError(
            f"values, accuracies, groups: got {len(values)}, {len(accuracies)} and {len(groups)}, "
            f"expected as many of each, some of the groups {', '.join(line)}"
        )
    columns = {"group": groups, "accuracy": accuracies, "value": values}
    frame = pd.DataFrame(columns).rename_axis("network").reset_index()
    knots = frame[frame["group"].isin(line)].groupby("group")[["accuracy", "value"]].mean()
    x, y = knots.sort_values("accuracy").to_numpy(float).T
    frame["expected"] = np.interp(frame["accuracy"], x, y)
    frame["difference"] = frame["value"] - frame["expected"]
    frame["outside"] = (frame["accuracy"] < x[0]) | (frame["accuracy"] > x[-1])
    return frame[["group", "network", *frame.columns.drop(["group", "network"])]]


def measures(found: Interactions, above: Sequence[int], threshold: float) -> dict[str, Tensor]:
    """Return the measures of :func:`group_measures` by name, each (networks, samples)."""
    size = strengths(found, threshold)
    total = size.sum(-1)
    beyond = {f"share above {k}": size[..., k:].sum(-1) / total for k in above}
    change = whole_change(found).abs().log()
    return {"mean order": mean_order(size)} | beyond | {
        "log total": total.log(), "log change": change}  # fmt: skip


def rows_of(groups: Sequence[str], networks: int) -> Mapping[str, list[int]]:
    """Return the positions of each group's networks, in the order in which groups come.

    Raises:
        ValueError: not as many groups as networks.
    """
    if len(groups) != networks:
        raise ValueError(f"groups: got {len(groups)}, expected {networks}, one for each network")
    return {name: [i for i, one in enumerate(groups) if one == name] for name in groups}


def _tidy(values: dict[str, Tensor], groups: Sequence[str], labels, what: str) -> pd.DataFrame:
    """A row for each entry of tensors (networks, samples, labels)."""
    networks, samples, _ = next(iter(values.values())).shape
    rows_of(groups, networks)
    axes = [range(networks), range(samples), list(labels)]
    index = pd.MultiIndex.from_product(axes, names=["network", "sample", what])
    columns = {name: value.flatten().tolist() for name, value in values.items()}
    frame = pd.DataFrame(columns, index=index).reset_index()
    frame.insert(0, "group", [groups[i] for i in frame["network"]])
    return frame
