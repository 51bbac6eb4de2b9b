"""A network as a game: the only place of this library that calls a network on masked inputs.

Source: Ren et al., CVPR 2023; Chen et al., ICLR 2024 (masked samples and their outputs).
Chapter: A network as a game.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress

import torch
from torch import Tensor
from tqdm import tqdm

from ..core.coalitions import check_memory, label
from . import checks
from .footprint import cache_sized, check_room, measure
from .owners import NOBODY, Players
from .values import Value


class MaskedGame:
    r"""The game that a network plays on one input.

    .. math:: v(T) = \text{value}(f(x_T)), \quad
              (x_T)_j = x_j \text{ if the owner of } j \text{ is in } T \text{ or is nobody,
              else } r_j

    Inputs are built batch by batch on the network's device, so memory does not depend on n but for
    the table. The default batch is sized by bytes: as many inputs as let the input and output of
    the hungriest layer, which one pass at the start finds, fit 16 MiB of cache (1 GiB on a GPU),
    rounded down to a power of two and 32 at least.

    Args:
        model: network in evaluation mode, a module or a method of one; takes (B, \*x.shape) and
            returns (B, C) or (B,).
        x: the input, without a batch axis, any real dtype. Words masked by token: ids (L,); masked
            by embedding: (L, d), and ``model`` is the part behind the embedding.
        players: who owns which coordinate of x.
        baseline: the absent players' input r, of x's shape and dtype.
        value: function from outputs (B, C), float64, to (B,) or (B, k), as in ``values``.

    Attributes:
        players: the players.
        x: the input, on the network's device.
        baseline: the absent players' input, there too.

    Raises:
        TypeError: no module, tensor, players or function where one is expected; a baseline of
            another dtype.
        ValueError: a network in training mode, owners or a baseline of a shape that does not fit,
            NaN, more than 62 players, an x that the network cannot take (a batch axis), or a value
            of another shape.

    Source: Chen et al., ICLR 2024. Chapter: A network as a game.
    """

    def __init__(
        self,
        model: Callable[[Tensor], Tensor],
        x: Tensor,
        players: Players,
        baseline: Tensor,
        value: Value,
    ):
        self.model, self._module = model, checks.module_of(model)
        checks.check_types(x, players, baseline, value)
        checks.check_mode(self._module)
        checks.check_fit(x, players, baseline)
        state = next(self._module.parameters(), next(self._module.buffers(), x))
        self.players, self.value = players, value
        self.x, self.baseline = x.to(state.device), baseline.to(state.device)
        if x.dim() == 3 and state.device.type == "cpu":
            with suppress(ValueError):  # by a network that asks for another order in memory
                return self._try(image=True)
        self._try(image=False)

    @property
    def n(self) -> int:
        """The number of players."""
        return self.players.n

    @property
    def names(self) -> tuple[str, ...]:
        """The players' names."""
        return self.players.names

    @property
    def batch_size(self) -> int:
        """The default number of inputs to a batch."""
        return cache_sized(self._layer, self.x.device)

    def masked(self, masks: Tensor | Sequence[int]) -> Tensor:
        r"""Return the inputs of some coalitions.

        Args:
            masks: (B,) integers of 0 … 2**n − 1.

        Returns:
            Tensor (B, \*x.shape), x's dtype, on the network's device.

        Raises:
            TypeError: masks that are no integers.
            ValueError: masks of another shape or out of range.
        """
        return self._build(checks.check_masks(masks, self.n, self.x.device)).contiguous()

    def __call__(self, masks: Tensor | Sequence[int]) -> Tensor:
        """Return the values of some coalitions, batch by batch.

        Args:
            masks: (B,) integers of 0 … 2**n − 1.

        Returns:
            Tensor (B,) or (B, k), float64, on the CPU.

        Raises:
            TypeError: masks that are no integers.
            ValueError: masks of another shape or out of range, a network in training mode, or an
                output that is not finite.
        """
        checks.check_mode(self._module)
        masks = checks.check_masks(masks, self.n, self.x.device)
        with torch.inference_mode():
            parts = [self._evaluate(part).cpu() for part in masks.split(self.batch_size)]
        return torch.cat(parts)

    def differentiable(self, masks: Tensor | Sequence[int]) -> Tensor:
        """Return the values of some coalitions in one batch, with the graph that made them.

        Gradients reach x, the baseline and the network's parameters, whichever asks for them.

        Args:
            masks: (B,) integers of 0 … 2**n − 1.

        Returns:
            Tensor (B,) or (B, k), float64, on the network's device.

        Raises:
            TypeError, ValueError: as :meth:`__call__`.
        """
        checks.check_mode(self._module)
        return self._evaluate(checks.check_masks(masks, self.n, self.x.device))

    def table(self, batch_size: int | None = None, progress: bool = False) -> Tensor:
        """Return the values of all coalitions.

        Args:
            batch_size: inputs to a batch; by default as many as fit the cache.
            progress: whether to show a bar.

        Returns:
            Tensor (2**n,), or (k, 2**n) if the value has k columns, float64, on the CPU.

        Raises:
            ValueError: a batch below 1, a table or batch beyond the free memory (told before
                anything is allocated), a network in training mode, or an output that is not finite.
        """
        checks.check_mode(self._module)
        batch = self.batch_size if batch_size is None else batch_size
        self._check_room(batch)
        table = torch.empty(*self._columns, 2**self.n, dtype=torch.float64)
        with tqdm(total=2**self.n, unit="input", disable=not progress) as bar:
            for start in range(0, 2**self.n, batch):
                stop = min(start + batch, 2**self.n)
                with torch.inference_mode():
                    values = self._evaluate(torch.arange(start, stop, device=self.x.device))
                    table[..., start:stop] = values.movedim(0, -1)
                bar.update(stop - start)
        return table

    def memory(self, batch_size: int | None = None) -> int:
        """Return an estimate of the bytes that :meth:`table` needs beside the network.

        The table, a working copy of the largest parameter, and for each input of a batch the input,
        its mask and three tensors of the hungriest layer (input, output, work or shortcut).

        Args:
            batch_size: inputs to a batch; by default as many as fit the cache.
        """
        batch = min(2**self.n, self.batch_size if batch_size is None else batch_size)
        one = self.x.numel() * self.x.element_size() + self._owner.numel() + 3 * self._layer
        weights = max((p.numel() * p.element_size() for p in self._module.parameters()), default=0)
        return 2**self.n * self._entry() + weights + batch * one

    def _try(self, image: bool) -> None:
        """Lay out the batches, mask everything and nothing once, note what that takes and gives.

        Images on a CPU are laid out with their channels last, which its kernels prefer.
        """
        self._image = image
        owner = self.players.owner.where(self.players.owner != NOBODY, self.n)
        owner = owner.view((1,) * (self.x.dim() - owner.dim()) + tuple(owner.shape))
        owner = self._laid(owner).to(self.x.device)
        self._owner, self._shape = owner.flatten(), tuple(owner.shape)
        masks = torch.tensor([0, 2**self.n - 1, 2**self.n - 1], device=self.x.device)
        with torch.inference_mode():
            inputs = self._build(masks)
            try:
                outputs, self._layer = measure(self.model, self._module, inputs)
            except (RuntimeError, IndexError) as error:
                raise ValueError(
                    f"x: got shape {tuple(self.x.shape)} and {self.x.dtype}, of which the network "
                    f"refused a batch of {tuple(inputs.shape)}; expected one input without a batch "
                    f"axis, x[0] if it has one. The network says: {error}"
                ) from error
            self._columns = tuple(self._value_of(outputs, masks).shape[1:])

    def _laid(self, one: Tensor) -> Tensor:
        return one.movedim(0, -1) if self._image else one

    def _build(self, masks: Tensor) -> Tensor:
        r"""Return inputs (B, \*x.shape) of checked masks (B,)."""
        bits = torch.arange(self.n + 1, device=masks.device)
        present = (masks[:, None] | 1 << self.n) >> bits & 1  # (B, n+1), the last bit is nobody's
        x, r = self._laid(self.x), self._laid(self.baseline)
        keep = present.to(x.dtype).gather(1, self._owner.expand(len(masks), -1))  # (B, owners)
        keep = keep.view(-1, *self._shape)  # (B, *laid out)
        # lerp gives either end exactly for weights 0 and 1, many times faster than where
        inputs = torch.lerp(r, x, keep) if x.is_floating_point() else torch.where(keep > 0, x, r)
        return inputs.movedim(-1, 1) if self._image else inputs  # (B, *x.shape)

    def _evaluate(self, masks: Tensor) -> Tensor:
        """Return values (B,) or (B, k) of checked masks (B,), in one batch."""
        return self._value_of(self.model(self._build(masks)), masks)

    def _value_of(self, outputs, masks: Tensor) -> Tensor:
        checks.check_outputs(outputs)
        home = torch.device("cpu") if outputs.device.type == "mps" else outputs.device
        values = checks.check_values(self.value(outputs.to(home, torch.float64)), len(masks))
        if not torch.isfinite(values.detach()).all():
            bad = ~torch.isfinite(values.detach()).reshape(len(masks), -1).all(1).to(masks.device)
            raise ValueError(
                f"values: got NaN or infinity for {int(bad.sum())} of {len(masks)} coalitions, the "
                f"first {label(int(masks[bad][0]), self.names)}, expected finite numbers; look at "
                "the network's outputs for them"
            )
        return values

    def _entry(self) -> int:
        """Return the bytes of one coalition in the table."""
        return 8 * math.prod(self._columns)

    def _check_room(self, batch: int) -> None:
        if batch < 1:
            raise ValueError(f"batch_size: got {batch}, expected 1 or more")
        check_memory(self.n, self._entry())
        check_room(batch, self.memory(batch), self.x.device)
