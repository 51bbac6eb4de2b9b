r"""The transforms between a game and its interactions, each in :math:`O(n 2^n)` steps.

All of them take a table (..., 2**n) and return one of the same shape, dtype and device, and all can
be differentiated any number of times.

Chapter: Harsanyi dividends; AND, OR and both.
"""

import torch
from torch import Tensor

from .coalitions import n_players


def _butterfly(table: Tensor, sign: int) -> Tensor:
    """Replace entry S by the sum over T ⊆ S of sign^(|S|-|T|) times entry T."""
    n = table.shape[-1].bit_length() - 1
    out = table.detach().clone(memory_format=torch.contiguous_format)
    if out.device.type == "cpu":
        from .butterfly import transform_in_place  # compiled on first use, then cached on disk

        transform_in_place(out.numpy().reshape(-1), n, sign)
        return out
    for bit in range(n):
        pairs = out.view(-1, 2, 2**bit)
        pairs[:, 1] += sign * pairs[:, 0]
    return out


class _SubsetTransform(torch.autograd.Function):
    """The butterfly as a linear map: its gradient is the same butterfly over supersets."""

    @staticmethod
    def forward(ctx, table: Tensor, sign: int) -> Tensor:
        ctx.sign = sign
        return _butterfly(table, sign)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        return _SubsetTransform.apply(gradient.flip(-1), ctx.sign).flip(-1), None


def _transform(table: Tensor, sign: int) -> Tensor:
    if table.requires_grad and torch.is_grad_enabled():
        return _SubsetTransform.apply(table, sign)
    return _butterfly(table, sign)


def mobius(v: Tensor) -> Tensor:
    r"""Return the Möbius transform of a table over subsets.

    .. math:: m(S) = \sum_{T \subseteq S} (-1)^{|S|-|T|}\, v(T)

    Nothing is centred: entry 0 is :math:`v(\varnothing)`. The other entries are the Harsanyi
    dividends.

    Args:
        v: table (..., 2**n), float64 or float32, in the units of the value function.

    Returns:
        Tensor (..., 2**n), same dtype and device.

    Raises:
        TypeError: no floating-point tensor.
        ValueError: length no power of two, or values that are not finite.

    Source: Harsanyi (1963); Rota (1964). Chapter: Harsanyi dividends.

    Example:
        >>> mobius(torch.tensor([0.0, 1.0, 1.0, 3.0]))  # {1} and {2} give 1, together 3
        tensor([0., 1., 1., 1.])
    """
    n_players(v, "v")
    return _transform(v, -1)


def zeta(interactions: Tensor) -> Tensor:
    r"""Return the sums over subsets: the inverse of :func:`mobius`.

    .. math:: v(T) = \sum_{S \subseteq T} m(S)

    Args:
        interactions: table (..., 2**n), float64 or float32.

    Returns:
        Tensor (..., 2**n), same dtype and device.

    Raises:
        TypeError, ValueError: as :func:`mobius`.

    Source: Rota (1964); Kennes (1992). Chapter: Harsanyi dividends.
    """
    n_players(interactions, "interactions")
    return _transform(interactions, 1)


def superset_sums(table: Tensor) -> Tensor:
    r"""Return for every S the sum of a table over all supersets of S.

    .. math:: u(S) = \sum_{T \supseteq S} t(T)

    Args:
        table: (..., 2**n), float64 or float32.

    Returns:
        Tensor (..., 2**n), same dtype and device.

    Raises:
        TypeError, ValueError: as :func:`mobius`.

    Source: Rota (1964). Chapter: Attributions from dividends.
    """
    n_players(table, "table")
    return _transform(table.flip(-1), 1).flip(-1)


def _without_empty(table: Tensor) -> Tensor:
    keep = torch.ones_like(table[..., :1]).expand(*table.shape[:-1], table.shape[-1]).clone()
    keep[..., 0] = 0
    return table * keep


def and_interactions(v: Tensor) -> Tensor:
    r"""Return the AND interactions (Harsanyi dividends) of a game, with entry 0 set to 0.

    .. math:: I_{and}(S) = \sum_{T \subseteq S} (-1)^{|S|-|T|}\, v(x_T), \quad S \ne \varnothing

    The game is centred first, so :math:`v(\varnothing)` is carried by no interaction.

    Args:
        v: table (..., 2**n), float64 or float32, in the units of the value function.

    Returns:
        Tensor (..., 2**n), same dtype and device.

    Raises:
        TypeError, ValueError: as :func:`mobius`.

    Source: Harsanyi (1963); Ren et al., CVPR 2023, Eq. 2. Chapter: Harsanyi dividends.
    """
    return _without_empty(mobius(v))


def or_interactions(v: Tensor) -> Tensor:
    r"""Return the OR interactions of a game, with entry 0 set to 0.

    .. math:: I_{or}(S) = -\sum_{T \subseteq S} (-1)^{|S|-|T|}\, v(x_{N \setminus T}),
              \quad S \ne \varnothing

    As a table: minus the Möbius transform of the reversed game, since complementing a coalition
    reverses the order of bitmasks.

    Args:
        v: table (..., 2**n), float64 or float32, in the units of the value function.

    Returns:
        Tensor (..., 2**n), same dtype and device.

    Raises:
        TypeError, ValueError: as :func:`mobius`.

    Source: Chen et al., ICLR 2024, Eq. 3. Chapter: AND, OR and both.
    """
    n_players(v, "v")
    return 0 - _without_empty(_transform(v.flip(-1), -1))


def reconstruct(and_: Tensor, or_: Tensor | None = None, empty: Tensor | float = 0.0) -> Tensor:
    r"""Return the game that a set of AND and OR interactions describes.

    .. math:: v(x_T) = v(\varnothing) + \sum_{\varnothing \ne S \subseteq T} I_{and}(S)
              + \sum_{S \cap T \ne \varnothing} I_{or}(S)

    An OR interaction acts unless T lies wholly outside S, so its sum is the total minus a sum over
    the subsets of the complement of T.

    Args:
        and_: AND interactions (..., 2**n); entry 0 is ignored.
        or_: OR interactions of the same shape, or None; entry 0 is ignored.
        empty: value of the empty coalition, a number or a tensor of the leading axes.

    Returns:
        Tensor (..., 2**n), same dtype and device as ``and_``.

    Raises:
        TypeError, ValueError: as :func:`mobius`, or shapes that differ.

    Source: Chen et al., ICLR 2024, Theorem 2. Chapter: AND, OR and both.
    """
    n_players(and_, "and_")
    table = _transform(_without_empty(and_), 1)
    if or_ is not None:
        n_players(or_, "or_")
        if or_.shape != and_.shape:
            raise ValueError(
                f"or_: got shape {tuple(or_.shape)}, expected that of and_, {tuple(and_.shape)}"
            )
        inside = _transform(_without_empty(or_), 1)  # sums over S ⊆ T
        table = table + inside[..., -1:] - inside.flip(-1)
    empty = torch.as_tensor(empty, dtype=table.dtype, device=table.device)
    return table + empty[..., None]
