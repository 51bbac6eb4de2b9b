r"""The ridge theory: what noise on every interaction leaves of those of a trained network.

A network that learns :math:`y_S = \sum_{T \subseteq S} w^*_T` from triggers
:math:`J_T(x_S) = 1(T \subseteq S)`, each with noise of variance :math:`2^{|T|} \sigma^2`, ends at

.. math:: \hat w = (J^\top J + 2^n \text{diag}(2^{|T|} \sigma^2))^{-1} J^\top J\, w^*

Both matrices are Kronecker powers, of G = [[2, 1], [1, 1]] and of D = diag(1, 2). One 2×2 matrix P
with :math:`P^\top D P = 1` and :math:`P^\top G P = \text{diag}(\lambda)` therefore solves every
player alike, for all σ² at once:

.. math:: \hat w = P^{\otimes n}\, \text{diag} \frac{\lambda^{\otimes n}}
          {\lambda^{\otimes n} + 2^n \sigma^2}\, (P^{-1})^{\otimes n}\, w^*

a filter that opens, as σ² falls, from the large eigenvalues down.

Source: Ren et al., dynamics, NeurIPS 2024, Theorem 3. Chapter: The theory of the two phases.
"""

from functools import lru_cache

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ..core.coalitions import n_players
from ..extraction.kronecker import kronecker_diagonal, kronecker_power

GRAM, PENALTY = np.array([[2.0, 1.0], [1.0, 1.0]]), np.array([1.0, 2.0])
ROUNDING = 1e-11  # a fall of r^(k) that is smaller is no fall


@lru_cache(maxsize=1)
def _basis() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return P, its inverse, (2, 2) each, and λ (2,), larger first."""
    root = np.sqrt(PENALTY)
    values, vectors = np.linalg.eigh(GRAM / np.outer(root, root))
    values, vectors = values[::-1].copy(), vectors[:, ::-1]
    return vectors / root[:, None], vectors.T * root, values


def _noises(sigma2: float | Tensor) -> Tensor:
    """Return σ² as a float64 tensor, or say what is wrong with it."""
    sigma2 = torch.as_tensor(sigma2, dtype=torch.float64)
    if not bool((torch.isfinite(sigma2) & (sigma2 >= 0)).all()):
        raise ValueError(f"sigma2: got {sigma2.tolist()}, expected finite numbers, 0 or more")
    return sigma2


def _gains(n: int, sigma2: Tensor, like: Tensor) -> Tensor:
    """Return what the filter lets through, (..., 2**n) for σ² (...), between 0 and 1."""
    spectrum = kronecker_diagonal(_basis()[2], n, like)  # (2**n,)
    return spectrum / (spectrum + 2**n * sigma2.to(like.device)[..., None])


def ridge(weights: Tensor, sigma2: float | Tensor) -> Tensor:
    r"""Return ŵ(σ²), the interactions that the theory expects under noise, in O(n 2ⁿ).

    At σ² = 0 they are w* itself. Entry 0 is the constant :math:`w^*_\varnothing`; it is penalised
    too, so that ŵ of a game and of the same game plus a constant differ. OR effects go in as they
    are: by duality they obey the same equations with presence and absence exchanged, where the
    constant is taken to be 0.

    Args:
        weights: w*, tables (..., 2**n), float64.
        sigma2: σ², a number or a tensor of any shape, at least 0.

    Returns:
        Tensor (..., 2**n), float64, with the axes of σ² in front.

    Raises:
        TypeError: weights are no float64 tensor.
        ValueError: no table, or a σ² that is negative or not finite.

    Source: Ren et al., dynamics, NeurIPS 2024, Theorem 3. Chapter: The theory of the two phases.
    """
    n, sigma2 = n_players(weights, "weights"), _noises(sigma2)
    if weights.dtype != torch.float64:
        raise TypeError(f"weights: got {weights.dtype}, expected torch.float64; use .double()")
    forward, back, _ = _basis()
    inside = kronecker_power(back, weights)  # (..., 2**n) in the eigenbasis
    ones = (1,) * (weights.dim() - 1)
    gains = _gains(n, sigma2, weights).view(*sigma2.shape, *ones, 2**n)
    return kronecker_power(forward, gains * inside)


def row_norms(n: int, sigma2: float | Tensor) -> Tensor:
    r"""Return how much of each order gets through: the norms of M̂'s rows, ŵ = M̂ w*.

    A row's norm depends on its order alone, so one row an order is enough: n + 1 transforms.

    Args:
        n: players.
        sigma2: σ², a number or a tensor of any shape.

    Returns:
        Tensor (..., n + 1), float64: the axes of σ², then orders 0 to n.

    Source: Ren et al., dynamics, NeurIPS 2024, Theorem 4. Chapter: The theory of the two phases.
    """
    sigma2 = _noises(sigma2)
    forward, back, _ = _basis()
    rows = torch.zeros(n + 1, 2**n, dtype=torch.float64)
    rows[range(n + 1), [2**order - 1 for order in range(n + 1)]] = 1  # one coalition an order
    inside = kronecker_power(forward.T.copy(), rows)
    norms = [
        kronecker_power(back.T.copy(), _gains(n, one, rows) * inside).norm(dim=-1)
        for one in sigma2.flatten()
    ]
    return torch.stack(norms).view(*sigma2.shape, n + 1)


def noise_grid(n: int, per_decade: int = 8) -> Tensor:
    r"""Return 0 and a grid of all σ² at which the filter is neither wide open nor shut.

    From a tenth of the σ² that halves the smallest eigenvalue to ten times the one that halves the
    largest: below, ŵ is w*; above, only ŵ's size still changes and not its profile. At n = 10 from
    2.6e-11 to 37.

    Args:
        n: players.
        per_decade: points a factor of ten.

    Returns:
        Tensor (points,), float64, rising, the first 0.

    Chapter: The theory of the two phases.
    """
    large, small = (float(value / 2) ** n for value in _basis()[2])
    low, high = np.log10(small / 10), np.log10(10 * large)
    grid = torch.logspace(
        low, high, 1 + int(np.ceil((high - low) * per_decade)), dtype=torch.float64
    )
    return torch.cat([grid.new_zeros(1), grid])


def ratios(n: int, sigma2: Tensor) -> pd.DataFrame:
    r"""Return r^(k), how much better order k gets through than k + 1, on a grid of σ².

    .. math:: r^{(k)} = \lVert \hat m_T \rVert / \lVert \hat m_{T'} \rVert, \qquad
              |T| = k, \quad |T'| = k + 1

    In print it is above 1 and rises with σ² for all σ². Neither holds: at σ² = 0 it is 1, and there
    are tiny positive σ² where it is below 1, from n = 10 on: 0.99996 at n = 10, k = 0, σ² = 4e-7;
    0.99974 at n = 12, k = 1, 6e-8; 0.99943 at n = 14, k = 2, 8e-9. So a grid belongs to the claim.
    As σ² grows it tends to :math:`\sqrt{10}` for every k.

    Args:
        n: players, 1 or more.
        sigma2: (points,), rising.

    Returns:
        Columns n, order (k, from 0 to n − 1; the paper draws 1 and above), sigma2, ratio, rises
        (not below the point before; true at the first).

    Raises:
        ValueError: a grid that does not rise.

    Source: Ren et al., dynamics, NeurIPS 2024, Proposition 1 and Figure 3, corrected.
    Chapter: The theory of the two phases.
    """
    sigma2 = _noises(sigma2)
    if n < 1 or sigma2.dim() != 1 or bool((sigma2.diff() <= 0).any()):
        raise ValueError(f"n, sigma2: got {n} and {sigma2.tolist()}, expected n ≥ 1, a rising grid")
    norms = row_norms(n, sigma2)  # (points, n + 1)
    ratio = norms[:, :-1] / norms[:, 1:]  # (points, n)
    rises = torch.ones_like(ratio, dtype=torch.bool)
    rises[1:] = ratio.diff(dim=0) >= -ROUNDING
    frames = [
        pd.DataFrame(
            {
                "n": n,
                "order": order,
                "sigma2": sigma2.tolist(),
                "ratio": ratio[:, order].tolist(),
                "rises": rises[:, order].tolist(),
            }
        )
        for order in range(n)
    ]
    return pd.concat(frames, ignore_index=True)
