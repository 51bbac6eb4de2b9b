"""How much memory a network needs for one input, and how many inputs fit a cache.

Chapter: A network as a game (what 2**n costs).
"""

from collections.abc import Callable

import psutil
import torch
from torch import Tensor, nn

CACHE = 16 * 2**20  # bytes that today's CPUs keep near their cores
GPU_BATCH = 2**30  # bytes; on a GPU a batch must be large beside the cost of starting kernels
LEAST = 32  # inputs, so that weights are not loaded for a few only


def measure(
    model: Callable[[Tensor], object], module: nn.Module, inputs: Tensor
) -> tuple[object, int]:
    """Run a network once and find its hungriest layer.

    Args:
        model: the network, ``module`` or a method of it.
        module: what holds its layers; their hooks are left as they were.
        inputs: (B, …), on the network's device.

    Returns:
        The network's outputs, and the largest sum of a layer's input and output in bytes for one
        input. A network of plain functions counts as one layer.
    """
    largest = 0

    def note(layer, arguments, outputs):
        nonlocal largest
        largest = max(largest, _bytes(arguments) + _bytes(outputs))

    hooks = [layer.register_forward_hook(note) for layer in module.modules()]
    try:
        outputs = model(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return outputs, -(-largest // len(inputs))


def cache_sized(bytes_per_input: int, device: torch.device) -> int:
    """Return the batch, a power of two, whose hungriest layer just fits the cache.

    On a CPU the layer's input and output, all inputs of the batch together, fit 16 MiB, on a GPU
    1 GiB; 32 inputs at least. Smaller batches pay for starting each layer and for loading its
    weights, larger ones wait for memory: LeNet at 28×28 (38 kB) takes 256, with 32 it needs half as
    long again, with 512 no less.

    Args:
        bytes_per_input: as :func:`measure` returns it.
        device: where the network runs.
    """
    room = CACHE if device.type == "cpu" else GPU_BATCH
    fitting = room // max(1, bytes_per_input)
    return max(LEAST, 2 ** (fitting.bit_length() - 1) if fitting else 0)


def check_room(batch: int, needed: int, device: torch.device) -> None:
    """Refuse a batch that the free memory cannot hold, before it is made.

    Args:
        batch: inputs to a batch.
        needed: bytes, as :meth:`~harsanyi.networks.masking.MaskedGame.memory` estimates them.
        device: where the network runs; one that cannot tell counts as the machine.

    Raises:
        ValueError: more is needed than is free.
    """
    cuda = device.type == "cuda"
    free = torch.cuda.mem_get_info(device)[0] if cuda else psutil.virtual_memory().available
    if needed > free:
        raise ValueError(
            f"batch_size: got {batch}, which needs {needed / 2**30:,.1f} GiB, but "
            f"{free / 2**30:,.1f} GiB are free; take a smaller one, or none for the default"
        )


def _bytes(value) -> int:
    if isinstance(value, Tensor):
        return value.numel() * value.element_size()
    if isinstance(value, dict):
        value = tuple(value.values())
    return sum(map(_bytes, value)) if isinstance(value, tuple | list) else 0
