"""Checks of the exercises of the chapter "Layer by layer".

Chapter: Layer by layer.
"""

import math

import torch
from torch import Tensor

from ...core.coalitions import membership, sizes
from ...core.result import Interactions
from ...networks.features import layer_features
from ...studies import layerwise, planted_layers
from ...studies.layer_tables import knowledge_change
from ._check import expect, reader_check


def _drawn(*shape: int, seed: int) -> Tensor:
    """Heavy-tailed effects, so that salient sets differ."""
    random = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=random, dtype=torch.float64) ** 3


@reader_check
def check_split(answer) -> str:
    """``answer(early, late, known, kept)`` returns overlap, forget and new of effects (m,)."""
    for seed, m in ((1101, 6), (1102, 40), (1103, 200)):
        early, late = _drawn(2, m, seed=seed)
        known, kept = early.abs() > 0.3, late.abs() > 0.3
        shared = layerwise.shared_effects(early, late, known & kept).abs().sum()
        before, after = (early.abs() * known).sum(), (late.abs() * kept).sum()
        wanted = [float(v) for v in (shared, before - shared, after - shared)]
        got = [float(v) for v in answer(early.clone(), late.clone(), known, kept)]
        expect(len(got) == 3, f"Got {len(got)} numbers, expected overlap, forget and new.")
        for name, one, other in zip(("overlap", "forget", "new"), got, wanted, strict=True):
            expect(
                abs(one - other) < 1e-9,
                f"{m} coalitions: {name} is {one:.4f}, expected {other:.4f}; overlap + forget must "
                f"give {float(before):.4f}, overlap + new {float(after):.4f}.",
            )
    return "Right: every piece of both layers is on exactly one side of the bill."


@reader_check
def check_completeness(answer) -> str:
    """``answer(overlap, new)`` returns the ratio of sums over samples (m,), NaN for nothing."""
    cases = [([1.0, 0.0], [0.0, 9.0]), ([0.5, 2.0, 0.0], [0.5, 0.0, 0.0]), ([0.0], [3.0])]
    for overlap, new in cases:
        got = float(answer(torch.tensor(overlap), torch.tensor(new)))
        wanted = sum(overlap) / (sum(overlap) + sum(new))
        expect(
            abs(got - wanted) < 1e-6,
            f"overlap {overlap}, new {new}: got {got:.3f}, expected {wanted:.3f}; add up over "
            "samples before you divide.",
        )
    none = float(answer(torch.zeros(3), torch.zeros(3)))
    expect(math.isnan(none), f"Nothing to be complete about: got {none:g}, expected NaN.")
    return "Right: 0.1 in the first case, where a mean of ratios would have said one half."


@reader_check
def check_heart(answer) -> str:
    """``answer(rows)`` is the least number of features with which any labels can be learnt."""
    for rows in (5, 20, 60):
        got = int(answer(rows))
        x, y = _drawn(rows, rows, seed=rows), torch.sign(_drawn(rows, seed=rows + 1))
        misses = []
        for width in (got, got - 1):
            expect(0 <= width <= rows, f"{rows} rows: got {got} features, expected 1 to {rows}.")
            with_bias = torch.cat([x[:, :width], torch.ones(rows, 1, dtype=x.dtype)], 1)
            found = torch.linalg.lstsq(with_bias, y[:, None]).solution
            misses.append(float((with_bias @ found - y[:, None]).abs().max()))
        expect(
            misses[0] < 1e-6,
            f"{rows} rows, {got} features: some labels were missed by {misses[0]:.2f}; take more.",
        )
        expect(misses[1] > 1e-6, f"{rows} rows: {got - 1} would do; don't forget the bias.")
    return "Right: rows − 1 and a bias. From there on a probe's training accuracy says nothing."


@reader_check
def check_chance_overlap(answer) -> str:
    """``answer(early, late)`` is the expected overlap of two lists (m,) when one is shuffled."""
    for seed, m in ((1104, 3), (1105, 12), (1106, 60)):
        early, late = _drawn(2, m, seed=seed) * (_drawn(2, m, seed=seed + 9).abs() > 0.2)
        total = 0.0
        for sign in (1, -1):
            one, other = ((sign * part).clamp(min=0) for part in (early, late))
            total += float(torch.minimum(one[:, None], other[None]).sum())
        got = float(answer(early.clone(), late.clone()))
        expect(
            abs(got - total / m) < 1e-9,
            f"{m} coalitions: got {got:.4f}, expected {total / m:.4f}; each effect of one meets "
            "each of the other with probability 1/m, and opposite signs share nothing.",
        )
    return "Right, and exact: no shuffling needed."


@reader_check
def check_reader(answer) -> str:
    """``answer()`` is a linear reading (6,) of the planted third layer: redundant 3, half of 2."""
    weight = torch.as_tensor(answer(), dtype=torch.float64).flatten()
    expect(weight.shape == (6,), f"Got {weight.numel()} numbers, expected 6, one for each unit.")
    inputs, net = membership(4).double(), planted_layers.planted_layers()
    read = layer_features(net, ["third"], inputs)["third"] @ weight  # (16,)
    with torch.no_grad():
        tables = torch.stack([read, net(inputs)[:, 0]])[:, None]  # (2, 1, 16)
    frame = knowledge_change(Interactions.from_table(tables), ("third", "output"), chance=False)
    rows = frame[frame.kind == "and"].set_index("order")
    half, gone = float(rows.completeness[2]), float(rows.redundancy[3])
    expect(abs(half - 0.5) < 1e-6, f"Completeness of the pairs is {half:.2f}, expected 0.5.")
    expect(gone == 1, f"Redundancy of the threes is {gone:.2f}, expected 1.")
    return "Right. Nobody has touched the layer."


@reader_check
def check_worst_bill(answer) -> str:
    """``answer(n)`` returns effects (2**n,) of two layers of which Eq. 8 loses nine tenths."""
    n = 5
    early, late = (torch.as_tensor(t, dtype=torch.float64) for t in answer(n))
    expect(
        early.shape == late.shape == (2**n,),
        f"Got shapes {tuple(early.shape)} and {tuple(late.shape)}, expected two of ({2**n},).",
    )
    early, late = (torch.where(sizes(n) > 0, t, 0) for t in (early, late))
    known, kept = (t.abs() > 0.05 * t.abs().max() for t in (early, late))
    expect(bool(known.any() and kept.any()), "A layer without a salient effect has no bill.")
    shared = layerwise.shared_effects(early, late, torch.ones_like(known)).abs()
    lost = float((shared * (known & ~kept)).sum() / (early.abs() * known).sum())
    expect(lost >= 0.9, f"As printed, {lost:.1%} of the earlier layer is lost; 90 % are possible.")
    return f"Right: {lost:.1%} of the layer stands on neither side of the published equation."
