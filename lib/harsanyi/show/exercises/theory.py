"""Checks of the exercises of the chapter "The theory of the two phases".

Chapter: The theory of the two phases.
"""

import math

import torch
from torch import Tensor

from ...core.coalitions import sizes
from ...studies import ridge_fit
from ...studies.phases import mean_order
from ...studies.ridge import noise_grid, ridge
from ._check import expect, reader_check


def _random(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _told(values) -> str:
    """A few numbers, short."""
    return ", ".join(f"{float(value):.4g}" for value in values)


def _order(weights: Tensor) -> float:
    """The mean order of one table's strength, the constant left out."""
    size = sizes(weights.shape[-1].bit_length() - 1)
    strength = torch.zeros(int(size.max()) + 1, dtype=torch.float64)
    return float(mean_order(strength.index_add(0, size, weights.abs())[1:]))


@reader_check
def check_noisy_regression(answer) -> str:
    """``answer(X, y, covariance)`` has the least expected loss with noise on every row of X."""
    for seed, rows, columns in [(1, 5, 2), (2, 9, 3), (3, 4, 4)]:
        x, y = _random(rows, columns, seed=seed), _random(rows, seed=seed + 10)
        root = _random(columns, columns, seed=seed + 20)
        covariance = root @ root.T
        expected = torch.linalg.solve(x.T @ x + rows * covariance, x.T @ y)
        got = torch.as_tensor(answer(x.clone(), y.clone(), covariance.clone())).double()
        expect(got.shape == (columns,), f"Got shape {tuple(got.shape)}, expected ({columns},).")
        once = torch.linalg.solve(x.T @ x + covariance, x.T @ y)
        expect(
            not torch.allclose(got, once),
            "The covariance counts once for every row: the loss is a sum over rows.",
        )
        expect(
            torch.allclose(got, expected, atol=1e-8),
            f"{rows} rows, {columns} columns: got {_told(got)}, expected {_told(expected)}.",
        )
    return "Right: noise in the regressors is a penalty on the weights, whatever its covariance."


@reader_check
def check_gains(answer) -> str:
    """``answer(n, sigma2)`` are the n + 1 different gains, largest first."""
    for n, sigma2 in [(1, 0.5), (3, 0.1), (10, 1e-3), (6, 0.0)]:
        large, small = ((5 + sign * math.sqrt(17)) / 4 for sign in (1, -1))
        values = [large ** (n - j) * small**j for j in range(n + 1)]
        expected = [value / (value + 2**n * sigma2) for value in values]
        got = [float(value) for value in answer(n, sigma2)]
        expect(
            len(got) == n + 1,
            f"n = {n}: got {len(got)} numbers, expected {n + 1}: j players of n have the small "
            "eigenvalue, and which ones they are makes no difference.",
        )
        expect(
            all(abs(a - b) < 1e-9 for a, b in zip(got, expected, strict=True)),
            f"n = {n}, σ² = {sigma2:g}: got {_told(got[:4])} …, expected {_told(expected[:4])} …",
        )
    return "Right: a filter on 1,024 numbers, and eleven gains tell all of it."


@reader_check
def check_far_end(answer) -> str:
    """``answer(n)`` is the share of each order 1 to n at large σ² if all outputs are alike."""
    for n in (1, 4, 10):
        raw = [math.comb(n, k) * 4.0**-k for k in range(1, n + 1)]
        expected = [value / sum(raw) for value in raw]
        got = [float(value) for value in answer(n)]
        expect(len(got) == n, f"n = {n}: got {len(got)} numbers, expected {n}, without order 0.")
        expect(abs(sum(got) - 1) < 1e-9, f"n = {n}: the shares add up to {sum(got):.4f}, not 1.")
        expect(
            all(abs(a - b) < 1e-9 for a, b in zip(got, expected, strict=True)),
            f"n = {n}: got {_told(got[:4])} …, expected {_told(expected[:4])} …: each interaction "
            "of order k has 4^−k; how many are there?",
        )
    constant = torch.zeros(2**10, dtype=torch.float64)
    constant[0] = 1.0
    return (
        "Right. A game with the same output everywhere has no interaction at all, and the ridge at "
        f"σ² = 1000 tells it with a mean order of {_order(ridge(constant, 1000.0)):.2f}."
    )


@reader_check
def check_downhill(answer) -> str:
    """``answer()`` is a w* of three players whose mean order falls as the noise goes."""
    weights = torch.as_tensor(answer(), dtype=torch.float64)
    expect(weights.shape == (8,), f"Got shape {tuple(weights.shape)}, expected (8,).")
    expect(bool(weights[1:].any()), "Nothing is learned: all interactions are 0.")
    before, after = _order(ridge(weights, 0.1)), _order(weights)
    expect(
        before > after + 0.05,
        f"Mean order {before:.2f} at σ² = 0.1 and {after:.2f} without noise: expected it to fall "
        "by more than 0.05. What can the ridge not do to a game of order 1?",
    )
    return f"Right: {before:.2f} at σ² = 0.1, {after:.2f} without noise. The order went down."


@reader_check
def check_fit_noise(answer) -> str:
    """``answer(measured, family)`` is the number of the point whose mean profile is nearest."""
    random = torch.Generator().manual_seed(5)
    weights = _random(6, 2, 2**5, seed=6) * (torch.rand(6, 2, 2**5, generator=random) < 0.3)
    family = ridge_fit.ridge_family(weights, noise_grid(5, 4))  # (points, samples, n)
    for at in (0, 12, 25):
        measured = 7 * family[at] * (0.05 * _random(6, 5, seed=at)).exp()
        near = ridge_fit.profile_distance(measured.mean(0), family.mean(1)).nan_to_num(nan=1.0)
        expected, got = int(near.argmin()), int(answer(measured.clone(), family.clone()))
        expect(
            abs(float(near[got] - near[expected])) < 1e-9,
            f"Got point {got} at a distance of {float(near[got]):.3f}, expected {expected} at "
            f"{float(near[expected]):.3f}. Take means over samples first, then divide each profile "
            "by its mean over orders.",
        )
    return "Right. And a best fit there is always: its distance is what says something."
