r"""The games of all layers of a network on one input, from the same passes.

Source: Cheng et al., ICML 2024. Chapter: Layer by layer.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from . import checks
from .features import pooled
from .masking import MaskedGame
from .owners import Players
from .pooling import Pool, average
from .values import Value

OUTPUT = "output"


class LayeredGame:
    r"""The games of all layers on one input, from the same passes through the network.

    .. math:: v^{(l)}(T) = \text{value}\bigl(g^{(l)}(f^{(l)}(x_T))\bigr), \qquad
              v^{(L)}(T) = \text{value}(f(x_T))

    with :math:`f^{(l)}` a layer's pooled features and :math:`g^{(l)}` what reads logits off them,
    most often a linear probe. Each masked batch goes through the network once. Masking, batches,
    memory and errors are those of :class:`~harsanyi.networks.masking.MaskedGame`.

    Args:
        model: network in evaluation mode, a module or a method of one.
        x: the input, without a batch axis.
        players: who owns which coordinate of x.
        baseline: the absent players' input, of x's shape and dtype.
        value: function from logits (B, C), float64, to (B,): the same for all layers.
        readings: from a layer's name to a function from features (B, F) to logits (B, C): see
            ``probes``; a module must be in evaluation mode.
        pool: from a layer's output to (B, F), the one that the readings were fitted with.

    Attributes:
        layers: the layers' names in the given order, and "output" last.
        game: the masked game underneath, whose value has a column for each layer.

    Raises:
        KeyError: no layer has this name.
        TypeError, ValueError: as for a masked game; no layer; one that does not run exactly once,
            or whose reading does not take its features; a value with more than one column.

    Source: Cheng et al., ICML 2024, Appendix M.2. Chapter: Layer by layer.
    """

    def __init__(
        self,
        model: Callable[[Tensor], Tensor],
        x: Tensor,
        players: Players,
        baseline: Tensor,
        value: Value,
        readings: Mapping[str, Callable[[Tensor], Tensor]],
        pool: Pool = average,
    ):
        if not readings:
            raise ValueError("readings: got none, expected one or more layers by name")
        self.layers = (*readings, OUTPUT)
        checks.check_types(x, players, baseline, value)
        every = _EveryLayer(model, dict(readings), pool)
        self.game = MaskedGame(every, x, players, baseline, every.values(value))

    @property
    def n(self) -> int:
        """The number of players."""
        return self.game.n

    @property
    def names(self) -> tuple[str, ...]:
        """The players' names."""
        return self.game.names

    def __call__(self, masks: Tensor | Sequence[int]) -> Tensor:
        """Return the values of coalitions (B,) at each layer: (layers, B), float64, on the CPU."""
        return self.game(masks).T

    def table(self, batch_size: int | None = None, progress: bool = False) -> Tensor:
        """Return the values of all coalitions at each layer: (layers, 2**n), float64, on the CPU.

        Arguments and errors as for :meth:`~harsanyi.networks.masking.MaskedGame.table`.
        """
        return self.game.table(batch_size, progress)


class _EveryLayer(nn.Module):
    """A network whose outputs are the logits of all layers side by side, the network's own last."""

    def __init__(self, model, readings: dict, pool: Pool):
        super().__init__()
        self.network, self._call = checks.module_of(model), (model,)  # a tuple: not registered
        readings = {name: _beside(one, self.network) for name, one in readings.items()}
        self.probes = nn.ModuleList(r for r in readings.values() if isinstance(r, nn.Module))
        self._readings, self._pool, self._widths = readings, pool, []
        self.training = self.probes.training = False  # the network keeps its mode, to be checked

    def forward(self, inputs: Tensor) -> Tensor:
        r"""Map (B, \*x.shape) to (B, the sum of the layers' classes), float64."""
        outputs, features = pooled(
            self._call[0], self.network, list(self._readings), inputs, self._pool
        )
        checks.check_outputs(outputs)
        logits = [self._read(name, features[name]) for name in self._readings]
        logits.append(outputs if outputs.dim() > 1 else outputs[:, None])
        self._widths = [one.shape[1] for one in logits]
        return torch.cat([one.double() for one in logits], 1)

    def _read(self, name: str, features: Tensor) -> Tensor:
        try:
            logits = self._readings[name](features)
        except RuntimeError as error:
            raise ValueError(
                f"readings: that of {name!r} refused its features {tuple(features.shape)}; fit it "
                f"on this layer with the same pooling. It says: {error}"
            ) from error
        if logits.dim() != 2 or len(logits) != len(features):
            raise ValueError(
                f"readings: got {tuple(logits.shape)} from that of {name!r}, expected "
                f"({len(features)}, C)"
            )
        return logits

    def values(self, value: Value) -> Value:
        """Return the function that takes all logits side by side to (B, layers)."""

        def each(outputs: Tensor) -> Tensor:
            parts = outputs.split(self._widths, 1)
            return torch.stack([checks.check_values(value(z), len(z)) for z in parts], 1)

        return each


def _beside(reading: Callable[[Tensor], Tensor], network: nn.Module) -> Callable[[Tensor], Tensor]:
    """Return a reading on the network's device: itself, or a copy where it stands elsewhere."""
    if not isinstance(reading, nn.Module):
        return reading
    devices = [next((p.device for p in one.parameters()), None) for one in (reading, network)]
    return (
        reading if None in devices or devices[0] == devices[1] else deepcopy(reading).to(devices[1])
    )
