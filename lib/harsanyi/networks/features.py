r"""What the layers of any torch module compute, taken where it arises.

A layer is named as in ``model.named_modules()``. Hooks take its output and are removed afterwards;
the network is left as it was.

Source: Cheng et al., ICML 2024, Appendix M.2. Chapter: Layer by layer.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches

import torch
from torch import Tensor, nn

from . import checks
from .pooling import Pool, average, check_pooled


def layer_shapes(model: Callable[[Tensor], Tensor], x: Tensor) -> dict[str, tuple[int, ...]]:
    r"""Return the layers that can be named, in the order of the pass, with their outputs' shapes.

    Args:
        model: network in evaluation mode, a module or a method of one.
        x: one input, without a batch axis.

    Returns:
        From name to shape without the batch axis; layers that run more than once, or not, or give
        no tensor, are left out.
    """
    module, seen = checks.module_of(model), {}
    names = [name for name, _ in module.named_modules() if name]

    def note(name: str, output: Tensor) -> None:
        seen.setdefault(name, []).append(tuple(output.shape[1:]))

    with taking(module, names, note, strict=False), torch.inference_mode():
        model(x[None].to(next(module.parameters(), x).device))
    return {name: shapes[0] for name, shapes in seen.items() if len(shapes) == 1}


def layer_features(
    model: Callable[[Tensor], Tensor],
    layers: Sequence[str],
    inputs: Tensor,
    pool: Pool = average,
    batch_size: int = 256,
) -> dict[str, Tensor]:
    r"""Return what layers compute on many inputs, all of them from one pass.

    Args:
        model: network in evaluation mode, a module or a method of one.
        layers: names as in ``named_modules()``.
        inputs: (rows, \*x.shape).
        pool: from a layer's output to (B, F), see ``pooling``.
        batch_size: rows at a time.

    Returns:
        From name to features (rows, F), the network's dtype, on the CPU.

    Raises:
        KeyError: no layer has this name.
        ValueError: a network in training mode, a layer that does not run once, or a pooling that
            does not give (B, F).

    Source: Cheng et al., ICML 2024, Appendix M.2. Chapter: Layer by layer.
    """
    module = checks.module_of(model)
    checks.check_mode(module)
    device = next(module.parameters(), inputs).device
    parts: dict[str, list[Tensor]] = {name: [] for name in layers}
    for batch in inputs.split(batch_size):
        batch = batch.to(device)
        with torch.inference_mode():
            for name, found in pooled(model, module, layers, batch, pool)[1].items():
                parts[name].append(found.cpu())
    return {name: torch.cat(found) for name, found in parts.items()}


def pooled(
    model: Callable[[Tensor], Tensor],
    module: nn.Module,
    layers: Sequence[str],
    inputs: Tensor,
    pool: Pool,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return a network's outputs and the pooled features (B, F) of its layers, from one pass."""
    features: dict[str, Tensor] = {}

    def take(name: str, output: Tensor) -> None:
        found = check_pooled(pool(output, inputs), name, len(inputs))
        shares = found.untyped_storage().data_ptr() == output.untyped_storage().data_ptr()
        features[name] = found.clone() if shares else found  # the next layer may work in place

    with taking(module, layers, take):
        return model(inputs), features


@contextmanager
def taking(
    module: nn.Module, layers: Sequence[str], take: Callable, strict: bool = True
) -> Iterator[None]:
    """Call ``take(name, output)`` where layers run; unless told otherwise each must, once."""
    known, runs = dict(module.named_modules()), dict.fromkeys(layers, 0)
    for name in layers:
        if name not in known or not name:
            close = get_close_matches(name, known, 3) or list(known)[1:4]
            raise KeyError(
                f"the network has no layer {name!r}; its names are those of named_modules(), such "
                f"as {', '.join(close)}; layer_shapes(model, x) lists them"
            )

    def hook(name: str):
        def note(layer, arguments, output):
            output = output[0] if isinstance(output, tuple | list) and output else output
            if isinstance(output, Tensor):
                runs[name] += 1
                take(name, output)

        return note

    hooks = [known[name].register_forward_hook(hook(name)) for name in layers]
    try:
        yield
    finally:
        for one in hooks:
            one.remove()
    odd = {name: count for name, count in runs.items() if count != 1}
    if strict and odd:
        name, count = next(iter(odd.items()))
        raise ValueError(
            f"layer {name!r}: got a tensor from it {count} times in one pass, expected once; name "
            "a layer around it or inside it"
        )
