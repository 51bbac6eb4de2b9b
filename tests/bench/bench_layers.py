"""What the games of all layers cost beside the game of the network alone.

Run with ``python -m tests.bench.bench_layers``.
"""

from collections.abc import Iterator

import torch
from torch import nn

from harsanyi.networks.architectures import ResNet20
from harsanyi.networks.baselines import zero
from harsanyi.networks.layers import LayeredGame
from harsanyi.networks.masking import MaskedGame
from harsanyi.networks.players import grid
from harsanyi.networks.values import log_odds

from . import seconds

ROUNDS = 2
BLOCKS = {str(3 + block): 16 * 2 ** (block // 3) for block in range(9)}  # and their channels


def layered_over_plain(n: int) -> float:
    """Time of the tables of nine blocks and the output, over that of the output's alone."""
    torch.manual_seed(0)
    x = torch.rand(1, 28, 28)
    who = grid(x, 4, 4, [(i // 4, i % 4) for i in range(n)])
    setting = ResNet20().eval(), x, who, zero(x), log_odds(3)
    probes = {name: nn.Linear(width, 10).eval() for name, width in BLOCKS.items()}
    plain, layered = MaskedGame(*setting), LayeredGame(*setting, probes)
    assert torch.allclose(layered.table()[-1], plain.table(), atol=1e-4)
    times = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for i, game in enumerate((layered, plain)):
            times[i] = min(times[i], seconds(game.table, 1))
    return times[0] / times[1]


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield (what, measured, target, unit), on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        ratio = layered_over_plain(10)
        yield "nine blocks of ResNet-20, n = 10: all layers over one table", ratio, "≤ 1.5", "×"
    finally:
        torch.set_num_threads(threads)


if __name__ == "__main__":
    for name, measured, target, unit in rows():
        print(f"{name:<66}{measured:>11,.1f}{unit} {target}")
