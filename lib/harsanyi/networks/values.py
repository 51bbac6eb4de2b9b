"""Value functions: from a network's outputs to the one number whose making is explained.

Each function here is a factory: it returns a function that takes outputs (B, C), float64, and
returns (B,), float64. Any function of that kind can be used in their place; one that returns (B, k)
makes k tables at once.

Chapter: A network as a game.
"""

from collections.abc import Callable
from operator import index

import torch
from torch import Tensor

Value = Callable[[Tensor], Tensor]


def log_odds(target: int) -> Value:
    r"""Return the log-odds of a class from logits.

    .. math:: v = \log\frac{p_t}{1 - p_t} = z_t - \log\sum_{c \ne t} e^{z_c}

    The second form needs no probability, so nothing is clamped: it stays exact where
    :math:`p_t` rounds to 1.

    Args:
        target: the class t.

    Returns:
        Function from logits (B, C), C ≥ 2, to log-odds (B,) in nats.

    Raises:
        ValueError: when called, logits of another shape or without that class.

    Source: Chen et al., ICLR 2024; Cheng et al., ICML 2024. Chapter: A network as a game.
    """
    target = index(target)

    def value(logits: Tensor) -> Tensor:
        own, others = _split(logits, target)
        return own - others.logsumexp(1)

    return value


def logit(target: int) -> Value:
    """Return the score of a class before the softmax.

    Args:
        target: the class t.

    Returns:
        Function from logits (B, C) to z_t, (B,).

    Raises:
        ValueError: when called, logits of another shape or without that class.

    Source: Chen et al., ICLR 2024 (handwritten threes). Chapter: A network as a game.
    """
    return output(target)


def margin(target: int) -> Value:
    r"""Return by how much a class leads the best of the others.

    .. math:: v = z_t - \max_{c \ne t} z_c

    Args:
        target: the class t.

    Returns:
        Function from logits (B, C), C ≥ 2, to margins (B,), positive where t wins.

    Raises:
        ValueError: when called, logits of another shape or without that class.
    """
    target = index(target)

    def value(logits: Tensor) -> Tensor:
        own, others = _split(logits, target)
        return own - others.amax(1)

    return value


def output(column: int = 0) -> Value:
    """Return one output as it is, say a regression's.

    Args:
        column: which of the C outputs.

    Returns:
        Function from outputs (B, C), or (B,) with column 0, to (B,).

    Raises:
        ValueError: when called, outputs of another shape or without that column.
    """
    column = index(column)

    def value(outputs: Tensor) -> Tensor:
        outputs = outputs[:, None] if outputs.dim() == 1 else outputs
        return _check(outputs, column)[:, column]

    return value


def _split(logits: Tensor, target: int) -> tuple[Tensor, Tensor]:
    """The target's logits (B,) and the others' (B, C-1)."""
    if _check(logits, target).shape[1] < 2:
        raise ValueError(
            "logits: got one class, expected two or more; a single output z is the log-odds of a "
            "sigmoid already, so use output(0)"
        )
    return logits[:, target], torch.cat([logits[:, :target], logits[:, target + 1 :]], 1)


def _check(logits: Tensor, target: int) -> Tensor:
    if logits.dim() != 2:
        raise ValueError(
            f"outputs: got shape {tuple(logits.shape)}, expected (B, C); the network must return "
            "one row for each input, and the input x must have no batch axis"
        )
    if not 0 <= target < logits.shape[1]:
        raise ValueError(
            f"target: got {target}, expected one of the network's outputs, "
            f"0 ... {logits.shape[1] - 1}"
        )
    return logits
