r"""Does an interaction push the same way in all samples of a class, more than coins would?

Source: Li and Zhang, ICML 2023. Chapter: Primitives across samples, and order.
"""

from functools import cache
from math import lgamma, log

import pandas as pd
import torch

from ..core.coalitions import label, members
from ..core.result import Interactions
from .dictionaries import entries
from .orders import counts_by_order
from .sharing import KINDS


@cache
def one_sided(m: int, p: float = 0.5) -> float:
    r"""Return :math:`E \max(X, m - X)/m` for X binomial (m, p): β of m signs drawn at random.

    It is 1 for m = 1, .75 for m = 2 and 3, .623 for m = 10 (p = ½): never ½.

    Raises:
        ValueError: m below 1.
    """
    if m < 1:
        raise ValueError(f"m: got {m}, expected 1 or more")
    if p in (0.0, 1.0):
        return 1.0
    x = torch.arange(m + 1, dtype=torch.float64)
    log_ways = lgamma(m + 1) - torch.lgamma(x + 1) - torch.lgamma(m - x + 1)
    weights = (log_ways + x * log(p) + (m - x) * log(1 - p)).exp()
    return float((weights * torch.maximum(x, m - x)).sum() / m)


def discrimination(found: Interactions, threshold: float = 0.05) -> pd.DataFrame:
    r"""Return how one-sided the sign of each interaction is over the samples of a class.

    .. math:: \beta(S) = \frac{\max(m^+, m^-)}{m^+ + m^-}

    with :math:`m^\pm` the samples in which S is salient and positive or negative. ``coin`` is the
    mean β of as many fair coins. ``biased`` is that of coins which fall on + as often as all
    salient effects of the same kind and order do: where a value is the log-odds of the true class,
    most single players help, and β is high without any S being special.

    Args:
        found: samples of one class, (samples, 2**n).
        threshold: fraction of a sample's strongest effect above which one is salient.

    Returns:
        One row an interaction that is salient somewhere: kind, coalition, players, order, count
        (:math:`m^+ + m^-`), frequency, beta, coin, biased.

    Source: LZ-3, Li and Zhang, ICML 2023. Chapter: Primitives across samples, and order.
    """
    sets = entries(found, threshold)
    plus = (sets & (found.effects > 0)).sum(0)  # (2, 2**n)
    count = sets.sum(0)
    share = counts_by_order(plus) / counts_by_order(count).clamp(min=1)  # (2, n)
    rows = []
    for row, mask in (count > 0).nonzero().tolist():
        m, up, who = int(count[row, mask]), int(plus[row, mask]), members(mask)
        nulls = one_sided(m), one_sided(m, float(share[row, len(who) - 1]))
        beta = max(up, m - up) / m
        named = label(mask, found.names)
        rows.append((KINDS[row], named, who, len(who), m, m / len(sets), beta, *nulls))
    columns = ["kind", "coalition", "players", "order", "count", "frequency"]
    return pd.DataFrame(rows, columns=[*columns, "beta", "coin", "biased"])


def discrimination_by_frequency(frame: pd.DataFrame, bins: int = 5) -> pd.DataFrame:
    """Average β and its nulls over equal bins of frequency.

    Args:
        frame: from :func:`discrimination`, of one class or several.
        bins: how many, from 0 to 1.

    Returns:
        Columns frequency (the middle of the bin), interactions, beta, coin, biased; empty bins are
        left out.

    Source: LZ-4, Li and Zhang, ICML 2023. Chapter: Primitives across samples, and order.
    """
    place = (frame["frequency"] * bins).clip(upper=bins - 1e-9).astype(int)
    means = frame.groupby(place)[["beta", "coin", "biased"]].mean()
    means.insert(0, "interactions", frame.groupby(place).size())
    means.insert(0, "frequency", (means.index + 0.5) / bins)
    return means.reset_index(drop=True)
