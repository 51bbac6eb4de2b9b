"""Baselines: what an absent player's coordinates are set to.

Each function returns a tensor of the input's shape and dtype; a masked game takes from it the
coordinates of the absent players and ignores the rest.

Chapter: A network as a game.
"""

import torch
from torch import Tensor

from .learned import learned
from .owners import Players

__all__ = ["blur", "cluster_mean", "learned", "mask_token", "mean", "zero"]


def zero(x: Tensor) -> Tensor:
    """Return zeros: black, or nothing, where inputs are not standardised.

    Args:
        x: the input, any shape and dtype.

    Returns:
        Tensor of x's shape and dtype.
    """
    return torch.zeros_like(x)


def mean(data: Tensor) -> Tensor:
    """Return the mean of each coordinate over a data set.

    Args:
        data: float (M, …), M inputs.

    Returns:
        Tensor (…), the data's dtype; summed in float64.

    Raises:
        TypeError: integers, which have no mean of their own kind.
        ValueError: no input.

    Source: Cheng et al., ICML 2024 (images).
    """
    _check_float(data, "data")
    if data.dim() == 0 or not len(data):
        raise ValueError(f"data: got shape {tuple(data.shape)}, expected (M, ...), M at least 1")
    return data.mean(0, dtype=torch.float64).to(data.dtype)


def blur(x: Tensor, sigma: float) -> Tensor:
    r"""Return an image behind frosted glass: its Gaussian mean about each pixel.

    .. math:: r_{yx} = \frac{\sum_{uv} g(y-u)\, g(x-v)\, x_{uv}}{\sum_{uv} g(y-u)\, g(x-v)},
              \quad g(t) = e^{-t^2 / 2\sigma^2}

    Only pixels of the image count, so an even image stays as it is up to its edge.

    Args:
        x: float (…, H, W).
        sigma: width in pixels, above 0.

    Returns:
        Tensor (…, H, W), x's dtype.

    Raises:
        TypeError: integers.
        ValueError: no image, or a sigma that is not above 0.
    """
    _check_float(x, "x")
    if x.dim() < 2 or not sigma > 0:
        raise ValueError(
            f"x, sigma: got shape {tuple(x.shape)} and {sigma}, expected (..., H, W) and above 0"
        )
    rows, cols = (_gauss(length, sigma, x.device) for length in x.shape[-2:])
    return (rows @ x.double() @ cols.T).to(x.dtype)  # (…, H, W)


def mask_token(x: Tensor, token: int | Tensor) -> Tensor:
    """Return the mask token at every position.

    Args:
        x: ids (L,), integers, or embeddings (L, d), float.
        token: the mask's id, or its embedding (d,).

    Returns:
        Tensor of x's shape and dtype.

    Raises:
        TypeError: an embedding for ids, or an id for embeddings.
        ValueError: an embedding of another length.

    Source: Cheng et al., ICML 2024 (text).
    """
    token = torch.as_tensor(token, device=x.device)
    if token.is_floating_point() != x.is_floating_point():
        raise TypeError(
            f"token: got {token.dtype} for an x of {x.dtype}, expected an integer id for ids and a "
            "float vector for embeddings"
        )
    if token.shape != x.shape[1:]:
        raise ValueError(
            f"token: got shape {tuple(token.shape)}, expected {tuple(x.shape[1:])}, one position "
            f"of x {tuple(x.shape)}"
        )
    return token.to(x.dtype).expand_as(x).clone()


def cluster_mean(points: Tensor, players: Players) -> Tensor:
    """Return a cloud in which each player's points sit at their mean.

    Args:
        points: float (P, d).
        players: owners (P, 1) or (P,), as ``clusters`` makes them.

    Returns:
        Tensor (P, d), the points' dtype; points of no player stay where they are.

    Raises:
        TypeError: integers.
        ValueError: owners of another number of points.

    Source: Ren et al. 2024 (point clouds).
    """
    _check_float(points, "points")
    owner = players.owner.flatten().to(points.device)  # (P,)
    if points.dim() != 2 or len(owner) != len(points):
        raise ValueError(
            f"points: got shape {tuple(points.shape)}, expected ({len(owner)}, d), a row for each "
            "owner"
        )
    means = points.clone()
    for player in range(players.n):
        means[owner == player] = points[owner == player].mean(0)
    return means


def _gauss(length: int, sigma: float, device: torch.device) -> Tensor:
    """Return Gaussian weights (length, length), float64, whose rows sum to 1."""
    at = torch.arange(length, dtype=torch.float64, device=device)
    weight = torch.exp(-((at[:, None] - at) ** 2) / (2 * sigma**2))
    return weight / weight.sum(1, keepdim=True)


def _check_float(tensor: Tensor, name: str) -> None:
    if not tensor.is_floating_point():
        raise TypeError(f"{name}: got {tensor.dtype}, expected floats; convert with .float()")
