r"""Which interactions do several networks share? Top sets, their overlap, and both by order.

``found`` is one :class:`~harsanyi.core.result.Interactions` a network, (samples, 2**n) each, all on
the same samples. AND and OR are compared apart; :math:`2^n - 1` coalitions can carry an AND, and
:math:`2^n - 1 - n` an OR, because a single player's OR is its AND and counts as AND.

**Members, zeros and ties.** Sparse explanations have fewer than k effects that are not zero, and
k "strongest" would then be filled up in the order of the index, the same in every network. Here

.. math:: \Omega = \{S : |I(S)| > \max(|I|_{(k+1)}, \; 10^{-3} \max|I|)\}

with :math:`|I|_{(k+1)}` the strength of rank k + 1: zeros never count, a tie across rank k is left
out whole, and neither does what a solver left below a thousandth of the strongest effect of the
network (explanations certified to 1 % are not settled below it). Where k effects stand out, this is
the papers' top k.

Source: Chen et al., ICLR 2024. Chapter: Primitives that networks share.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import sizes
from ..core.result import Interactions

KINDS = ("and", "or")
ZERO = 1e-3  # of a network's strongest effect: what is not stronger counts as zero


def check_networks(found: Sequence[Interactions], least: int = 2) -> None:
    """Raise ValueError unless these are ``least`` networks or more on the same samples."""
    shapes = {tuple(one.and_.shape) for one in found}
    if len(found) < least or len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise ValueError(
            f"found: got {len(found)} network(s) of shapes {sorted(shapes)}, expected {least} or "
            "more, each (samples, 2**n) on the same samples"
        )


def room(n: int) -> Tensor:
    """Return which interactions can differ from zero, bool (2, 2**n): AND, then OR."""
    size = sizes(n)
    return torch.stack([size >= 1, size >= 2])


def top_mask(strength: Tensor, k: int, zero: Tensor | float = 0.0) -> Tensor:
    r"""Return the top set Ω of a strength: those above rank k + 1 and above zero.

    Args:
        strength: (..., M), at least 0.
        k: how many at most, 1 or more.
        zero: a number or (...): what is not stronger never counts.

    Returns:
        bool (..., M) with at most k members; fewer where there are fewer, or where ranks k and
        k + 1 tie.

    Raises:
        ValueError: k below 1.
    """
    if k < 1:
        raise ValueError(f"k: got {k}, expected 1 or more")
    edge = torch.as_tensor(zero, dtype=strength.dtype).expand(strength.shape[:-1])
    if k < strength.shape[-1]:
        edge = torch.maximum(edge, strength.topk(k + 1, dim=-1).values[..., -1])
    return strength > edge[..., None]


def strengths_and_zero(found: Interactions) -> tuple[Tensor, Tensor]:
    """Return strengths (..., 2, 2**n) and what counts as zero (...)."""
    strength = found.effects.abs() * room(found.n)
    return strength, ZERO * strength.amax((-1, -2))


def top_sets(found: Sequence[Interactions], k: int) -> Tensor:
    """Return each network's k strongest of each kind: bool (m, samples, 2, 2**n)."""
    pairs = [strengths_and_zero(one) for one in found]
    return torch.stack([top_mask(s, k, zero[..., None]) for s, zero in pairs])


def salient_sets(found: Sequence[Interactions], threshold: float = 0.05) -> Tensor:
    """Return what exceeds a fraction of each network's strongest: bool (m, samples, 2, 2**n)."""
    return torch.stack([one.salient(threshold).effects != 0 for one in found]) & room(found[0].n)


class Overlap(NamedTuple):
    """Overlap ``value`` and what ``chance`` gives, (...) each; ``members`` of the largest set."""

    value: Tensor
    chance: Tensor
    members: Tensor


def overlap_of(sets: Tensor, choices: int) -> Overlap:
    r"""Return the generalization power of sets and its expectation for random sets of their sizes.

    .. math:: s = \frac{|\bigcap_i \Omega^{(i)}|}{\max_i |\Omega^{(i)}|}, \qquad
              s_{chance} = \frac{M \prod_i |\Omega^{(i)}| / M}{\max_i |\Omega^{(i)}|}

    With k members in each set these are the paper's :math:`|\cap \Omega|/k` and
    :math:`(k/M)^{m-1}`. Where sets differ in size, s is the least of the paper's
    :math:`|\cap\Omega|/|\Omega^{(i)}|` (its Definition 1).

    Args:
        sets: bool (m, ..., M'), one set for each of m networks.
        choices: M, what a random set is drawn from; M' may hold entries that never occur.

    Returns:
        Overlap; NaN where all sets are empty.

    Source: Chen et al., ICLR 2024, Definition 1 and Section 4; the chance line is ours.
    """
    size = sets.sum(-1).double()  # (m, ...)
    largest = size.amax(0)
    expected = choices * (size / choices).prod(0)
    return Overlap(sets.all(0).sum(-1) / largest, expected / largest, largest)


def chance_line(ks: Sequence[int], n: int, kind: str, networks: int = 2) -> list[float]:
    r"""Return :math:`(k/M)^{m-1}` for m random sets of k, M = 2**n − 1 AND or 2**n − 1 − n OR.

    Raises:
        ValueError: a kind other than "and" and "or".
    """
    choices = int(room(n)[KINDS.index(kind)].sum())
    return [min(k / choices, 1.0) ** (networks - 1) for k in ks]


def k_grid(n: int, low: float = 0.05, high: float = 0.45, count: int = 9) -> list[int]:
    """Return k at equal steps from 5 to 45 % of 2**n, the paper's grid."""
    return [round(share * 2**n) for share in torch.linspace(low, high, count).tolist()]


def overlap_curves(found: Sequence[Interactions], ks: Sequence[int]) -> pd.DataFrame:
    """Return the generalization power s against k: columns kind, k, sample, s, chance, members.

    Source: Chen et al., ICLR 2024, Figure 3. Chapter: Primitives that networks share.
    """
    check_networks(found)
    choices = room(found[0].n).sum(-1).tolist()
    frames = []
    for k in ks:
        sets = top_sets(found, k)
        for row, kind in enumerate(KINDS):
            got = overlap_of(sets[:, :, row], choices[row])
            columns = {"s": got.value, "chance": got.chance, "members": got.members}
            columns = {name: value.tolist() for name, value in columns.items()}
            frames.append(
                pd.DataFrame({"kind": kind, "k": k, "sample": range(len(got.value)), **columns})
            )
    return pd.concat(frames, ignore_index=True)
