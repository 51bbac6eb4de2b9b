r"""The same 2×2 matrix applied to every player: Kronecker powers of a matrix, in :math:`O(n 2^n)`.

:math:`M^{\otimes n}` is a :math:`2^n \times 2^n` matrix that is never built: each player's axis of
the table is multiplied by M in turn, as in the fast Möbius transform, of which it is the general
form.

Chapter: Does the solver change the science?
"""

import numpy as np
import torch
from torch import Tensor

from .levels import multiply


def kronecker_power(matrix: np.ndarray, table: Tensor) -> Tensor:
    r"""Multiply a table by the n-th Kronecker power of a 2×2 matrix.

    .. math:: (M^{\otimes n} t)(S) = \sum_T \prod_i M_{S_i T_i}\, t(T)

    Args:
        matrix: (2, 2) float64; row: player absent, present after; column: before.
        table: (..., 2**n) float64, on any device; left as it was.

    Returns:
        Tensor (..., 2**n), float64.
    """
    out = table.clone(memory_format=torch.contiguous_format)
    n = out.shape[-1].bit_length() - 1
    if out.device.type == "cpu":
        multiply(out.numpy().reshape(-1), 0, n, np.asarray(matrix))
        return out
    (a, b), (c, d) = matrix.tolist()
    for bit in range(n):
        pairs = out.view(-1, 2, 2**bit)
        low, high = pairs[:, 0], pairs[:, 1]
        pairs[:, 0], pairs[:, 1] = a * low + b * high, c * low + d * high
    return out


def kronecker_diagonal(pair: np.ndarray, n: int, like: Tensor) -> Tensor:
    """Return the diagonal (2**n,) of the n-th Kronecker power of diag(pair)."""
    diagonal = np.ones(1)
    for _ in range(n):
        diagonal = np.concatenate([diagonal * pair[0], diagonal * pair[1]])
    return like.new_tensor(diagonal)
