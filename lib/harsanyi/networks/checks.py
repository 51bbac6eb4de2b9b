"""What a masked game refuses at the door, and in which words.

Chapter: A network as a game.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .owners import Players

MOST_PLAYERS = 62  # a coalition is an int64, with one bit to spare for what is always kept


def module_of(model) -> nn.Module:
    """Return the module that a network is, or that it is a method of.

    Raises:
        TypeError: neither.
    """
    module = getattr(model, "__self__", model)
    if not isinstance(module, nn.Module):
        raise TypeError(
            f"model: got a {type(model).__name__}, expected a torch.nn.Module or a method of one, "
            "so that its mode and device are known; wrap it in one"
        )
    return module


def check_types(x, players, baseline, value) -> None:
    """Raise TypeError unless each argument of a masked game is of its kind."""
    expected = (
        ("x", x, Tensor, "a tensor, one input without a batch axis"),
        ("players", players, Players, "Players; make them with harsanyi.networks.players"),
        ("baseline", baseline, Tensor, "a tensor; make it with harsanyi.networks.baselines"),
    )
    for name, got, kind, wanted in expected:
        if not isinstance(got, kind):
            raise TypeError(f"{name}: got a {type(got).__name__}, expected {wanted}")
    if not callable(value):
        raise TypeError(
            f"value: got a {type(value).__name__}, expected a function from outputs (B, C) to "
            "(B,); make it with harsanyi.networks.values, e.g. log_odds(target)"
        )


def check_mode(model: nn.Module) -> None:
    """Raise ValueError if any part of a network is in training mode."""
    for name, module in model.named_modules():
        if module.training:
            raise ValueError(
                f"model: got {name or type(model).__name__} in training mode, expected evaluation "
                "mode, where equal inputs give equal outputs; call model.eval()"
            )


def check_fit(x: Tensor, players: Players, baseline: Tensor) -> None:
    """Raise ValueError or TypeError unless players and baseline fit the input.

    Args:
        x: the input, any shape.
        players: owners of a shape that broadcasts to x's.
        baseline: x's shape and dtype.
    """
    if players.n > MOST_PLAYERS:
        raise ValueError(
            f"players: got {players.n}, expected at most {MOST_PLAYERS}; group them into fewer"
        )
    owner = players.owner.shape
    short = (1,) * (x.dim() - len(owner)) + tuple(owner)
    if len(short) != x.dim() or any(o not in (1, s) for o, s in zip(short, x.shape, strict=True)):
        hint = "use players.embedded()" if tuple(owner) == tuple(x.shape[:-1]) else "give x's own"
        raise ValueError(
            f"players: got owners of shape {tuple(owner)}, expected one that broadcasts to x's "
            f"{tuple(x.shape)} without a batch axis; {hint}"
        )
    if baseline.shape != x.shape:
        raise ValueError(
            f"baseline: got shape {tuple(baseline.shape)}, expected x's {tuple(x.shape)}; "
            "expand it, or drop its batch axis"
        )
    if baseline.dtype != x.dtype:
        raise TypeError(
            f"baseline: got {baseline.dtype}, expected x's {x.dtype}; convert it with .to(x.dtype)"
        )
    for name, tensor in (("x", x), ("baseline", baseline)):
        if not torch.isfinite(tensor).all():
            raise ValueError(f"{name}: got NaN or infinity, expected finite numbers; clean it")


def check_masks(masks: Tensor | Sequence[int], n: int, device: torch.device) -> Tensor:
    """Return coalitions as int64 (B,) on a device.

    Raises:
        TypeError: no integers.
        ValueError: another shape, or one outside 0 … 2**n − 1.
    """
    masks = torch.as_tensor(masks, device=device)
    if masks.is_floating_point() or masks.is_complex() or masks.dtype == torch.bool:
        raise TypeError(
            f"masks: got {masks.dtype}, expected integers, bit i of which is set when player i is "
            "present"
        )
    if masks.dim() != 1 or not len(masks):
        raise ValueError(f"masks: got shape {tuple(masks.shape)}, expected (B,) with B at least 1")
    masks = masks.to(torch.int64)
    low, high = (int(m) for m in torch.aminmax(masks))
    if low < 0 or high >= 2**n:
        raise ValueError(
            f"masks: got {low if low < 0 else high}, expected 0 ... {2**n - 1}, the coalitions of "
            f"{n} players"
        )
    return masks


def check_outputs(outputs) -> None:
    """Raise TypeError unless a network's outputs are a tensor."""
    if not isinstance(outputs, Tensor):
        raise TypeError(
            f"model: got a {type(outputs).__name__} from it, expected a tensor (B, C); wrap it in "
            "a module that returns its logits"
        )


def check_values(values, batch: int) -> Tensor:
    """Return the values if they are (B,) or (B, k) for a batch of B, else raise ValueError."""
    shape = tuple(values.shape) if isinstance(values, Tensor) else None
    if shape is None or len(shape) not in (1, 2) or shape[0] != batch:
        got = f"a {type(values).__name__}" if shape is None else f"shape {shape}"
        raise ValueError(
            f"value: got {got} for {batch} inputs, expected shape ({batch},), or ({batch}, k) for "
            "k tables at once; see harsanyi.networks.values"
        )
    return values
