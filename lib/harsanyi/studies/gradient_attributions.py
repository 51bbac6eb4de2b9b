r"""Attributions by gradients and by rules of propagation, summed over the inputs of each player.

Where the value is multilinear in the inputs between baseline and input (each is a player, and none
occurs in a power), the gradient at the point :math:`x' + t (x - x')` gives each member of S the
weight :math:`t^{|S|-1}`, which is :func:`~.attribution.dial`: at the input it is occlusion,
half-way Banzhaf, at the baseline leave-one-in; and the integral over the path is the Shapley value.
A term :math:`\prod_{i \in S} z_i^{\kappa_i}` belongs to the dividend of S as well, whatever its
powers: the gradient at the input then gives :math:`\kappa_i`, the integral
:math:`\kappa_i / \sum_j \kappa_j`.

Source: Deng et al., TPAMI 2024; the multilinear case, Owen, 1972. Chapter: One language for
attributions and transferability.
"""

import warnings
from collections.abc import Callable, Mapping
from copy import deepcopy

import torch
from torch import Tensor, nn

from ..networks import checks
from ..networks.masking import MaskedGame

# from a network that gives the value, the input (1, ...) and its baseline to (1, ...)
Method = Callable[[nn.Module, Tensor, Tensor], Tensor]


def gradient_at(t: float) -> Method:
    r"""Return the method that multiplies the gradient at a point of the path by the difference.

    .. math:: a = (x - x') \cdot \nabla v\bigl(x' + t (x - x')\bigr)

    t = 1 with a baseline of zeros is Gradient × Input.

    Source: Shrikumar et al., 2016 (t = 1). Chapter: One language for attributions and
    transferability.
    """

    def method(network: nn.Module, x: Tensor, baseline: Tensor) -> Tensor:
        from captum.attr import Saliency

        point = (baseline + t * (x - baseline)).requires_grad_()
        return Saliency(network).attribute(point, abs=False) * (x - baseline)

    return method


def integrated_gradients(network: nn.Module, x: Tensor, baseline: Tensor) -> Tensor:
    """Return captum's integrated gradients, 64 points of the Gauss–Legendre rule.

    Source: Sundararajan et al., ICML 2017, Eq. 1. Chapter: One language for attributions and
    transferability.
    """
    from captum.attr import IntegratedGradients

    return IntegratedGradients(network).attribute(x, baseline, n_steps=64, internal_batch_size=64)


def deep_lift(network: nn.Module, x: Tensor, baseline: Tensor) -> Tensor:
    """Return captum's DeepLIFT, rescale rule.

    The rule is for activations that are modules, each used once. All else that is curved counts by
    its gradient, log-odds too: it adds up for a game whose value is a logit.

    Source: Shrikumar et al., ICML 2017. Chapter: One language for attributions and transferability.
    """
    from captum.attr import DeepLift

    return DeepLift(network).attribute(x, baseline)


def relevance(network: nn.Module, x: Tensor, baseline: Tensor) -> Tensor:
    """Return captum's layer-wise relevance propagation, ε rule; it knows no baseline but zero.

    For networks of dense and convolutional layers, ReLU and poolings, with a logit as value.

    Raises:
        TypeError, RuntimeError: a layer that captum has no rule for.

    Source: Bach et al., 2015. Chapter: One language for attributions and transferability.
    """
    from captum.attr import LRP
    from captum.attr._utils.lrp_rules import EpsilonRule

    copy = deepcopy(network)
    for layer in copy.modules():
        if isinstance(layer, nn.Flatten):
            layer.rule = EpsilonRule()  # captum has none for it; it only reshapes
    return LRP(copy).attribute(x)


METHODS: dict[str, Method] = {
    "gradient × input": gradient_at(1.0),
    "gradient half-way × input": gradient_at(0.5),
    "gradient at the baseline × input": gradient_at(0.0),
    "integrated gradients": integrated_gradients,
    "DeepLIFT": deep_lift,
}


def player_attributions(game: MaskedGame, methods: Mapping[str, Method] = METHODS) -> dict:
    r"""Return each method's attributions of a game, summed over the inputs of each player.

    Args:
        game: on one input of floating numbers; words as embeddings, not as ids.
        methods: by name. :func:`relevance` is not among the usual ones: it does not take every
            network.

    Returns:
        From each name to (n,), float64, on the CPU.

    Raises:
        TypeError: an input of whole numbers.
        ValueError: a network in training mode.

    Source: captum; Deng et al., TPAMI 2024. Chapter: One language for attributions and
    transferability.
    """
    if not game.x.is_floating_point():
        raise TypeError(f"game: got {game.x.dtype} inputs, expected a floating dtype; for words "
                        "build the game on embeddings and the network behind them")  # fmt: skip
    network = _Valued(game)
    checks.check_mode(network.network)
    owner = game.players.owner.to(game.x.device).expand(game.x.shape).flatten()
    mine, found = owner >= 0, {}
    for name, method in methods.items():
        full, empty = game.masked([2**game.n - 1]), game.masked([0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # captum's, on hooks it removes again
            each = method(network, full, empty).detach()[0].flatten().double()
        sums = torch.zeros(game.n, dtype=torch.float64, device=each.device)
        found[name] = sums.index_add_(0, owner[mine], each[mine]).cpu()
    return found


class _Valued(nn.Module):
    """A network whose output is the value of its game."""

    def __init__(self, game: MaskedGame):
        super().__init__()
        self.network, self._call = checks.module_of(game.model), (game.model,)  # not registered
        self._value, self.training = game.value, False

    def forward(self, inputs: Tensor) -> Tensor:
        return self._value(self._call[0](inputs).double())
