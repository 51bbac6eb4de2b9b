r"""How few interactions, by whose threshold, and how well do the few match: tidy tables.

An explanation here is an :class:`~harsanyi.core.result.Interactions` of many samples, (count, 2**n)
each for AND and OR, and ``v`` is the table (count, 2**n) that it explains.

Chapter: Sparsity.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd
import torch
from torch import Tensor

from ..core.result import Interactions
from ..core.transforms import reconstruct

# Names that chapters reach through this module as well.
from .samples import Tables as Tables
from .samples import games_of as games_of
from .samples import memorise as memorise
from .samples import noise_tables as noise_tables
from .samples import random_weights as random_weights
from .samples import sample_tables as sample_tables
from .samples import spread_rows as spread_rows
from .tellings import NOISE as NOISE
from .tellings import TOL, extract_within, of_rise, rises
from .tellings import of_range as of_range
from .tellings import tellings as tellings

Threshold = Callable[[Tensor, Tensor], Tensor]


def _own_strongest(strength: Tensor, rise: Tensor) -> Tensor:
    return 0.05 * strength.amax(-1)


def _pooled_strongest(strength: Tensor, rise: Tensor) -> Tensor:
    return (0.05 * strength.max()).expand(len(strength))


def _mean_rise(strength: Tensor, rise: Tensor) -> Tensor:
    return (0.03 * rise.mean()).expand(len(strength))


def _own_rise(strength: Tensor, rise: Tensor) -> Tensor:
    return 0.02 * rise


THRESHOLDS: dict[str, Threshold] = {
    "5 % of own max": _own_strongest,  # Chen et al. 2024; Ren et al. 2024; Li & Zhang 2023
    "5 % of pooled max": _pooled_strongest,  # Cheng et al. 2024, appendix M.4
    "3 % of mean rise": _mean_rise,  # Ren et al., dynamics
    "2 % of own rise": _own_rise,  # the released code of Chen et al.
}
"""The papers' four thresholds, from strengths (count, m) and rises (count,) to τ (count,)."""


def strengths(found: Interactions) -> Tensor:
    """Return the absolute effects (count, 2·2**n) of both kinds, singles counted as AND already."""
    return found.effects.flatten(-2).abs()


def sorted_strengths(found: Interactions) -> Tensor:
    """Return each sample's strengths in falling order (count, 2·2**n), in the units of v."""
    return strengths(found).sort(dim=-1, descending=True).values


def thresholds(found: Interactions, v: Tensor) -> dict[str, Tensor]:
    """Return τ (count,) of each sample under each of the papers' four rules, in the units of v."""
    strength, rise = strengths(found), rises(v)
    return {name: rule(strength, rise) for name, rule in THRESHOLDS.items()}


def salient_counts(found: Interactions, v: Tensor) -> pd.DataFrame:
    """Return how many effects exceed τ: columns sample, threshold, tau, salient.

    Source: Chen et al., ICLR 2024; Cheng et al., ICML 2024. Chapter: Sparsity.
    """
    strength = strengths(found)
    rows = []
    for name, tau in thresholds(found, v).items():
        counts = (strength > tau[:, None]).sum(-1)
        rows += [(i, name, float(t), int(c)) for i, (t, c) in enumerate(zip(tau, counts))]  # noqa: B905
    return pd.DataFrame(rows, columns=["sample", "threshold", "tau", "salient"])


def note(found: Interactions, v: Tensor) -> str:
    """Return the mean salient count under each threshold in one line, for the head of a figure."""
    counts = salient_counts(found, v).groupby("threshold", sort=False).salient.mean()
    return "salient: " + " · ".join(f"{count:.0f} ({name})" for name, count in counts.items())


def carrying(found: Interactions, share: float = 0.9) -> Tensor:
    """Return how many of the strongest effects carry a share of all strength: int64 (count,).

    It needs no threshold. A sample without effects needs none.
    """
    ordered = sorted_strengths(found)
    needed = ordered.cumsum(-1) < share * ordered.sum(-1, keepdim=True)
    return needed.sum(-1) + (ordered[:, 0] > 0)


def strongest(found: Interactions, k: int) -> Interactions:
    """Return the same explanations with all but each sample's k strongest effects set to zero."""
    flat = found.effects.flatten(-2)
    top = flat.abs().topk(min(k, flat.shape[-1]), dim=-1).indices
    kept = torch.zeros_like(flat).scatter(-1, top, flat.gather(-1, top))
    and_, or_ = kept.view(found.effects.shape).unbind(-2)
    return Interactions(and_, or_, found.empty, found.names)


def matching_error(found: Interactions, v: Tensor) -> Tensor:
    r"""Return the error of all outputs when only these effects are kept, (count,).

    .. math:: \sqrt{\textstyle\sum_T (v(T) - \hat v(T))^2} \Big/
              \sqrt{\textstyle\sum_T (v(T) - \bar v)^2}

    0 is a perfect match; 1 is what one constant, the mean output, would reach.

    Source: the figure is Chen et al., ICLR 2024, Figure 6; the number is ours. Chapter: Sparsity.
    """
    rebuilt = reconstruct(found.and_, found.or_, found.empty)
    spread = v - v.mean(-1, keepdim=True)
    return (rebuilt - v).norm(dim=-1) / spread.norm(dim=-1).clamp(min=1e-300)


def explained_ratio(found: Interactions, v: Tensor) -> Tensor:
    r"""Return the ratio :math:`R_\Omega` of kept strength, (count,).

    .. math:: R_\Omega = \frac{\sum_\Omega |I|}{\sum_\Omega |I| + |v(N) - v(\varnothing)
              - \sum_\Omega I|}

    It looks at the whole input alone, so effects that are left out and cancel there do not show.

    Source: Ren et al., CVPR 2023; the same as the matching precision of Chen et al., ICLR 2024.
    """
    kept = strengths(found).sum(-1)
    rest = v[..., -1] - v[..., 0] - found.effects.flatten(-2).sum(-1)
    return kept / (kept + rest.abs()).clamp(min=1e-300)


def match_curves(found: Interactions, v: Tensor, ks: Sequence[int]) -> pd.DataFrame:
    """Return both measures for growing numbers of effects: columns sample, kept, ratio, error.

    Source: Ren et al., CVPR 2023, Figure 6; Chen et al., ICLR 2024, Figures 6 and 11.
    """
    rows = []
    for k in ks:
        few = strongest(found, k)
        pairs = zip(explained_ratio(few, v).tolist(), matching_error(few, v).tolist(), strict=True)
        rows += [(i, k, ratio, error) for i, (ratio, error) in enumerate(pairs)]
    return pd.DataFrame(rows, columns=["sample", "kept", "ratio", "error"])


def mean_and_error(values: Tensor | Iterable[float], seed: int = 0) -> tuple[float, float, float]:
    """Return the mean over samples and its 95 % interval from 2,000 bootstrap draws."""
    values = torch.as_tensor(values if isinstance(values, Tensor) else list(values)).double()
    random = torch.Generator().manual_seed(seed)
    draws = torch.randint(len(values), (2000, len(values)), generator=random)
    means = values[draws].mean(-1)
    low, high = means.quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    return float(values.mean()), low, high


def survey(
    tables: Mapping[str, Tensor], kappa: Callable[[Tensor], Tensor] = of_rise, tol: float = TOL
) -> pd.DataFrame:
    """Extract AND–OR with noise for tables of many sources and measure each sample.

    Args:
        tables: source to tables (count, 2**n), all of the same n; they are solved in one call.
        kappa: maps tables to the allowance of each: ``tellings.of_rise`` or ``tellings.of_range``.
        tol: relative gap of the certificates.

    Returns:
        One row a sample: source, sample, one column for each of ``THRESHOLDS`` (numbers of salient
        effects), "carry 90 %" (number of effects), "length / range", "match error" (of the effects
        above 5 % of the own strongest), "gap".
    """
    everything = extract_within(
        torch.cat(list(tables.values())), torch.cat([kappa(v) for v in tables.values()]), tol
    )
    frames, start = [], 0
    for source, v in tables.items():
        found = everything[start : start + len(v)]
        start += len(v)
        counts = salient_counts(found, v)
        wide = counts.pivot(index="sample", columns="threshold", values="salient")
        wide = wide[list(THRESHOLDS)].reset_index()
        wide["carry 90 %"] = carrying(found).tolist()
        wide["length / range"] = (found.objective / (v.amax(-1) - v.amin(-1))).tolist()
        wide["match error"] = matching_error(found.salient(0.05), v).tolist()
        wide["gap"] = found.gap.tolist()
        frames.append(wide.assign(source=source))
    return pd.concat(frames, ignore_index=True).rename_axis(columns=None)


def averages(frame: pd.DataFrame, column: str, by: str = "source") -> pd.DataFrame:
    """Return mean, low, high (a 95 % bootstrap interval) and samples of a column, a row a source.

    The sources stand in the order in which they first occur.
    """
    rows = {
        name: (*mean_and_error(part[column]), len(part))
        for name, part in frame.groupby(by, sort=False)
    }
    return pd.DataFrame.from_dict(rows, "index", columns=["mean", "low", "high", "samples"])


def paired_factor(frame: pd.DataFrame, column: str, one: str, other: str) -> tuple:
    """Return by what factor ``other`` exceeds ``one`` on the same samples, and its 95 % interval.

    The geometric mean over samples of other / one; sample i of both must be the same input.
    """
    values = frame.set_index(["source", "sample"])[column]
    logs = torch.tensor((values[other] / values[one]).tolist()).log()
    return tuple(torch.tensor(mean_and_error(logs)).exp().tolist())
