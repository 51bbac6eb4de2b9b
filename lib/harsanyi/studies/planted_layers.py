r"""A network whose layers are known: the second computes an interaction, the fourth drops it.

Chapter: Layer by layer.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

PLAYERS = 4
GROUP = (0, 1, 2)  # the players of the interaction that comes and goes
PAIR = (2, 3)  # of the one that is learned in the third layer and kept


def planted_layers() -> nn.Sequential:
    r"""Build a network of four layers on four numbers, 0 or 1, with one output.

    ======  =====================================================  ===========================
    layer   what it holds                                          its interactions, at (1,1,1,1)
    ======  =====================================================  ===========================
    first   the four inputs                                        none but single players
    second  and :math:`\max(0, x_1 + x_2 + x_3 - 2)`               {x1, x2, x3}
    third   and :math:`\max(0, x_3 + x_4 - 1)`                     {x1, x2, x3} and {x3, x4}
    fourth  the inputs and the second of the two                   {x3, x4}
    ======  =====================================================  ===========================

    On numbers that are 0 or 1 the two are exactly AND. The output is the sum of the inputs plus
    twice the second.

    Returns:
        Sequential with layers "first" … "fourth" and "head", float64, in evaluation mode; takes
        (B, 4), returns (B, 1).
    """
    keep = torch.eye(PLAYERS)
    three = (keep[list(GROUP)].sum(0)[None], -2.0)
    two = (keep[list(PAIR)].sum(0)[None], -1.0)
    second = torch.cat([keep, three[0]])  # (5, 4)
    third = torch.zeros(6, 5)
    third[:5, :5] = torch.eye(5)
    third[5, :PLAYERS] = two[0]
    fourth = torch.eye(6)[[0, 1, 2, 3, 5]]
    layers = [
        ("first", _dense(keep, torch.zeros(4))),
        ("second", _dense(second, torch.tensor([0.0, 0, 0, 0, three[1]]))),
        ("third", _dense(third, torch.tensor([0.0, 0, 0, 0, 0, two[1]]))),
        ("fourth", _dense(fourth, torch.zeros(5))),
        ("head", _linear(torch.tensor([[1.0, 1, 1, 1, 2]]), torch.zeros(1))),
    ]
    return nn.Sequential(OrderedDict(layers)).double().eval()


def planted_readings() -> dict[str, nn.Linear]:
    """Return the linear reading of each layer: the inputs' sum, and twice each interaction in it.

    They stand for probes that were fitted on enough data; ``LayeredGame`` takes them.

    Returns:
        From layer to a linear map to (B, 1), float64.
    """
    weights = {
        "first": [1.0] * 4,
        "second": [1.0] * 4 + [2],
        "third": [1.0] * 4 + [2, 2],
        "fourth": [1.0] * 4 + [2],
    }
    return {
        layer: _linear(torch.tensor([row]), torch.zeros(1)).double().eval()
        for layer, row in weights.items()
    }


def planted_effects() -> dict[str, dict[int, float]]:
    """Return the truth: for each layer, and the output, the AND of each coalition (a bitmask)."""
    single = {1 << player: 1.0 for player in range(PLAYERS)}
    group, pair = (sum(1 << player for player in players) for players in (GROUP, PAIR))
    return {
        "first": dict(single),
        "second": single | {group: 2.0},
        "third": single | {group: 2.0, pair: 2.0},
        "fourth": single | {pair: 2.0},
        "output": single | {pair: 2.0},
    }


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    """A dense layer with given weights, frozen."""
    layer = nn.utils.skip_init(nn.Linear, weight.shape[1], weight.shape[0]).requires_grad_(False)
    layer.weight.copy_(weight)
    layer.bias.copy_(bias)
    return layer


def _dense(weight: Tensor, bias: Tensor) -> nn.Sequential:
    return nn.Sequential(_linear(weight, bias), nn.ReLU())
