r"""The theory of sparse AND interactions, put to the test: its conditions, and its bound.

With :math:`u(T) = v(T) - v(\varnothing)` and :math:`\bar u^{(m)}` its mean over coalitions of m
players, the theorem assumes: 1. no interaction of more than M players; 2. the means never fall;
3. :math:`\bar u^{(m')} \ge (m'/m)^p\, \bar u^{(m)}` for m' ≤ m and one p > 0.

Source: Ren et al., ICLR 2024 (sparse interaction primitives). Chapter: Why sparse?
"""

from math import comb, floor, isnan, log

import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import n_players, sizes
from ..core.compare import order_profile, salient_mask
from .and_only import and_within_noise


def size_means(v: Tensor) -> Tensor:
    r"""Return the mean output over coalitions of each size, centred: (..., n+1), first entry 0.

    Args:
        v: tables (..., 2**n).
    """
    n = n_players(v, "v")
    u = v - v[..., :1]
    out = u.new_zeros(*u.shape[:-1], n + 1).index_add(-1, sizes(n), u)
    return out / torch.tensor([comb(n, m) for m in range(n + 1)]).to(u)


def is_monotone(v: Tensor) -> Tensor:
    """Return whether the means over coalition sizes never fall: bool (...), condition 2."""
    means = size_means(v)
    slack = 1e-12 * means.abs().amax(-1, keepdim=True)
    return (means.diff(dim=-1) >= -slack).all(-1)


def fitted_p(v: Tensor, all_pairs: bool = True) -> Tensor:
    r"""Return the smallest p of condition 3, (...); NaN where no p will do.

    .. math:: p = \max_{m' < m} \frac{\log \bar u^{(m)} / \bar u^{(m')}}{\log m / m'}

    Args:
        v: tables (..., 2**n).
        all_pairs: False compares with m' = 1 alone, as the released code does; the theorem's proof
            needs no more.

    A mean that is not above 0 leaves no p that fits (but for tables whose means are all at most 0,
    which condition 2 excludes).
    """
    means = size_means(v)[..., 1:]
    n = means.shape[-1]
    some = means.clamp(min=1e-300).log()
    best = torch.full_like(means[..., 0], -torch.inf)
    for small in range(1, n if all_pairs else 2):
        for large in range(small + 1, n + 1):
            slope = (some[..., large - 1] - some[..., small - 1]) / log(large / small)
            best = torch.maximum(best, slope)
    return torch.where((means > 0).all(-1), best, torch.nan)


def strength_above(effects: Tensor, order: int) -> Tensor:
    """Return the share of all strength that lies above an order, (...): condition 1 asks for 0."""
    strength = order_profile(effects).strength  # (..., n)
    return strength[..., order:].sum(-1) / strength.sum(-1)


def signed_share(effects: Tensor) -> Tensor:
    r"""Return :math:`\eta^{(k)}`, each order's signed sum over its strength, (..., n); NaN for 0/0.

    1 where all effects of the order have one sign; near 0 where they cancel.
    """
    profile = order_profile(effects)
    return (profile.positive + profile.negative) / profile.strength


def highest_salient(effects: Tensor, threshold: float = 0.05) -> Tensor:
    """Return the highest order with an effect above 0.05 of the strongest: int64 (...)."""
    n = n_players(effects, "effects")
    salient = salient_mask(effects, threshold)
    return torch.where(salient, sizes(n), 0).amax(-1)


def condition_table(v: Tensor) -> pd.DataFrame:
    """Test the conditions sample by sample.

    Returns:
        Columns sample, rise (v(N) − v(∅), signed), monotone, p (all pairs), p of 1 (reference 1).
    """
    return pd.DataFrame(
        {
            "sample": range(len(v)),
            "rise": (v[:, -1] - v[:, 0]).tolist(),
            "monotone": is_monotone(v).tolist(),
            "p": fitted_p(v).tolist(),
            "p of 1": fitted_p(v, all_pairs=False).tolist(),
        }
    )


def digits_of(value: float, base: int, below: int) -> tuple[list[float], float]:
    r"""Write :math:`|value| = \\sum_{i < below} a_i\, base^i + rest`, the fraction in :math:`a_0`.

    Returns:
        The signed digits a_0 … and the signed rest.
    """
    sign, size = (1.0 if value >= 0 else -1.0), abs(value)
    whole, digits = floor(size), []
    for i in range(below):
        digits.append(float(whole % base) + (size - floor(size) if i == 0 else 0.0))
        whole //= base
    rest = size - sum(a * base**i for i, a in enumerate(digits))
    return [sign * a for a in digits], sign * max(rest, 0.0)


def theorem_bounds(effects: Tensor, means: Tensor, p: float, tau: float, top: int) -> dict:
    r"""Return the theorem's bounds on the number of salient effects of orders 1 to ``top``.

    The construction of the proof: :math:`A^{(k)} / \bar u^{(1)} = \lambda^{(k)} n^{p+\delta} +
    \sum_i a_i^{(k)} n^i`, its digits to base n; then :math:`R^{(k)} \le \frac{\bar u^{(1)}}{\tau
    |\eta^{(k)}|} |\lambda^{(k)} n^{p+\delta} + \sum_i a_i^{(k)} n^i|`.

    Args:
        effects: AND interactions (2**n,).
        means: of coalition sizes (n+1,).
        p: of condition 3, or any other number.
        tau: the threshold.
        top: the theorem's M.

    Returns:
        "true δ": the bound with the δ of the construction; "markov": summed strength over τ;
        "published": the bound with the theorem's upper limit on δ, the least over m₀ from n − top
        on that has one, NaN where none has; "delta".

    Raises:
        ValueError: the mean over single players is 0.

    Source: Ren et al., ICLR 2024, Theorems 2 and 3. Chapter: Why sparse?
    """
    n = n_players(effects, "effects")
    size, first = sizes(n), float(means[1])
    if first == 0:
        raise ValueError("means: got a mean of 0 over single players, by which the theorem divides")
    sums = [float(effects[size == k].sum()) for k in range(1, top + 1)]
    total = [float(effects[size == k].abs().sum()) for k in range(1, top + 1)]
    parts = [digits_of(a / first, n, max(0, floor(p))) for a in sums]
    rests = [rest for _, rest in parts]
    delta = max((log(abs(r), n) - p for r in rests if r), default=0.0)
    lambdas = [rest / n ** (p + delta) for rest in rests]

    def bound(exponent: float) -> float:
        right = 0.0
        for lam, (digits, _), a, t in zip(lambdas, parts, sums, total, strict=True):
            if a:
                low = sum(d * n**i for i, d in enumerate(digits))
                right += abs(first) * t / (tau * abs(a)) * abs(lam * n ** (p + exponent) + low)
        return right

    limits = [_limit(lambdas, parts, n, m, p) for m in range(max(1, n - top), n + 1)]
    limits = [limit for limit in limits if limit is not None]
    return {
        "true δ": bound(delta),
        "markov": sum(total) / tau,
        "published": bound(min(limits)) if limits else float("nan"),
        "delta": delta,
    }


def _limit(lambdas, parts, n: int, m: int, p: float) -> float | None:
    """The theorem's upper limit on δ for one m₀, or None where its logarithm is undefined."""
    weights = [comb(m, k) / comb(n, k) for k in range(1, len(lambdas) + 1)]
    lam = sum(w * x for w, x in zip(weights, lambdas, strict=True))
    low = sum(
        w * sum(d * n ** (i - p) for i, d in enumerate(digits))
        for w, (digits, _) in zip(weights, parts, strict=True)
    )
    inside = (1 - low) / lam if lam > 0 else low / -lam if lam < 0 else 0.0
    return log(inside, n) if inside > 0 else None


def and_counts(effects: Tensor) -> Tensor:
    """Return the salient AND interactions of orders 1 to n − 1, at 0.05 of the strongest: (...)."""
    n = n_players(effects, "effects")
    return (salient_mask(effects) & (sizes(n) < n)).sum(-1)


def bound_table(v: Tensor, noise: float = 0.04) -> pd.DataFrame:
    """Count salient AND interactions and set the theorem's bounds beside, sample by sample.

    As in the paper: AND only, noise removed within the allowance, τ = 0.05 of the strongest, M the
    order below the last; p with reference 1. Interactions are counted in orders 1 to M.

    Args:
        v: tables (count, 2**n).
        noise: the allowance; 0 counts the dividends as they are.

    Returns:
        Columns of :func:`condition_table`; real, the count; highest, the highest salient order; and
        the columns of :func:`theorem_bounds`, of which "published" is NaN where no p fits.
    """
    n = n_players(v, "v")
    effects = and_within_noise(v, noise).and_
    table = condition_table(v)
    counts = and_counts(effects).tolist()
    rows = []
    for i, means in enumerate(size_means(v)):
        tau = 0.05 * float(effects[i].abs().max())
        p = table["p of 1"][i]
        bounds = theorem_bounds(effects[i], means, 1.0 if isnan(p) else p, tau, n - 1)
        if isnan(p):
            bounds["published"] = float("nan")
        rows.append({"real": counts[i], "highest": int(highest_salient(effects[i]))} | bounds)
    return pd.concat([table, pd.DataFrame(rows)], axis=1)
