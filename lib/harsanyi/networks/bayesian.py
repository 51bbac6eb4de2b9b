r"""Networks whose weights are not numbers but Gaussians, and the mean of several networks.

Mean-field variational inference: each weight is :math:`N(\mu, \sigma^2)`, independent of all the
others, and training makes

.. math:: E_w\Bigl[\frac1N \sum_i -\log p(y_i \mid x_i, w)\Bigr] + \frac1N KL\bigl(q(w) \,\|\,
          N(0, I)\bigr)

small, with one draw of the weights a step.

Source: Blundell et al., ICML 2015 (Bayes by backpropagation); Ren et al., ICML 2023 (the prior, one
draw a step, the mean probability of ten draws). Chapter: Generalization, sensitivity, bottleneck.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call

from . import training


class MeanField(nn.Module):
    r"""A network with independent Gaussian weights.

    In training mode each pass draws the weights once, for the whole batch, from torch's own chance.
    In evaluation mode it is the network with its mean weights; the Bayesian answer is
    :class:`MeanProbability` of several :meth:`drawn` networks.

    Args:
        network: gives the architecture and the first means; it is copied.
        deviation: σ of every weight to begin with, or one number for each of the network's
            parameters in their order.

    Raises:
        ValueError: a deviation that is not positive, or not as many as parameters.

    Source: Blundell et al., ICML 2015. Chapter: Generalization, sensitivity, bottleneck.
    """

    def __init__(self, network: nn.Module, deviation: float | Sequence[float] = 0.02) -> None:
        super().__init__()
        self.network = copy.deepcopy(network)
        means = list(self.network.parameters())
        each = [deviation] * len(means) if isinstance(deviation, int | float) else list(deviation)
        if len(each) != len(means) or min(each) <= 0:
            raise ValueError(
                f"deviation: got {each}, expected a positive number, or one for each of the "
                f"{len(means)} parameters"
            )
        self.rho = nn.ParameterList(  # σ = log(1 + exp(ρ)) is positive whatever ρ becomes
            torch.full_like(mean, math.log(math.expm1(sigma)))
            for mean, sigma in zip(means, each, strict=True)
        )

    def deviations(self) -> list[Tensor]:
        """Returns σ of each of the network's parameters, in their shapes."""
        return [nn.functional.softplus(rho) for rho in self.rho]

    def divergence(self) -> Tensor:
        r"""Returns the Kullback–Leibler divergence from the prior N(0, I), a scalar in nats.

        .. math:: \sum_w \tfrac12 (\sigma^2 + \mu^2 - 1) - \log \sigma
        """
        pairs = zip(self.network.parameters(), self.deviations(), strict=True)
        return sum((0.5 * (s**2 + m**2 - 1) - s.log()).sum() for m, s in pairs)

    def forward(self, x: Tensor) -> Tensor:
        """Returns logits (B, C) of one draw of the weights; of the means in evaluation mode."""
        if not self.training:
            return self.network(x)
        names = [name for name, _ in self.network.named_parameters()]
        weights = zip(names, self.network.parameters(), self.deviations(), strict=True)
        drawn = {name: m + s * torch.randn_like(m) for name, m, s in weights}
        return functional_call(self.network, drawn, x)

    def mean(self) -> nn.Module:
        """Returns a copy of the network with its mean weights, in evaluation mode."""
        return copy.deepcopy(self.network).eval()

    @torch.no_grad()
    def drawn(self, seed: int) -> nn.Module:
        """Returns a copy of the network with weights drawn once, in evaluation mode."""
        random, one = torch.Generator().manual_seed(seed), self.mean()
        for weight, sigma in zip(one.parameters(), self.deviations(), strict=True):
            weight += sigma * torch.randn(weight.shape, generator=random)
        return one


class MeanProbability(nn.Module):
    r"""Several networks as one: the mean of their probabilities, in evaluation mode.

    .. math:: \log \frac1m \sum_i p^{(i)}(c \mid x)

    As logits these give that mean probability, and its log-odds, again.

    Args:
        networks: m networks from (B, ...) to logits (B, C).

    Raises:
        ValueError: no network.

    Chapter: Generalization, sensitivity, bottleneck.
    """

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        if not networks:
            raise ValueError("networks: got none, expected one or more")
        self.networks = nn.ModuleList(networks)
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        """Returns the logarithm of the mean probability (B, C)."""
        logs = torch.stack([network(x).log_softmax(-1) for network in self.networks])  # (m, B, C)
        return logs.logsumexp(0) - math.log(len(self.networks))


class Softened(nn.Module):
    """A network whose logits are divided by a constant, in evaluation mode.

    Args:
        network: from (B, ...) to logits (B, C).
        temperature: the constant, positive; above 1 it makes the network less sure.

    Raises:
        ValueError: a temperature that is not positive.
    """

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        if temperature <= 0:
            raise ValueError(f"temperature: got {temperature}, expected a positive number")
        self.network, self.temperature = network, temperature
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        """Returns the divided logits (B, C)."""
        return self.network(x) / self.temperature


def bayesian_loss(field: MeanField, rows: int, weight: float = 1.0) -> training.Loss:
    r"""Returns the loss of a mean-field network for the training loop, in nats a row.

    .. math:: -\log p(y \mid x, w) + \frac{\lambda}{N} KL

    Args:
        field: the network that is trained.
        rows: N, training rows.
        weight: λ; 1 is Bayes' rule, less makes the posterior colder.
    """

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        fit = nn.functional.cross_entropy(outputs, targets)
        return fit + weight / rows * field.divergence()

    return loss
