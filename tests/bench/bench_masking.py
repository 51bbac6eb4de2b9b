"""What masking in batches saves: time against one input at a time, and memory as n grows.

Run with ``python -m tests.bench.bench_masking``.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from harsanyi.networks.architectures import LeNet
from harsanyi.networks.baselines import zero
from harsanyi.networks.masking import MaskedGame
from harsanyi.networks.players import grid
from harsanyi.networks.values import log_odds

from . import seconds

ROUNDS = 3


def lenet_game(n: int) -> MaskedGame:
    """A game of n cells of a 28×28 picture; the weights play no part in the time it takes."""
    torch.manual_seed(0)
    x = torch.rand(1, 28, 28)
    cells = [(i // 4, i % 4) for i in range(n)]
    return MaskedGame(LeNet().eval(), x, grid(x, 4, 4, cells), zero(x), log_odds(3))


def one_by_one(game: MaskedGame) -> Tensor:
    """The table as a loop makes it: mask the input, run the network, read off the value."""
    table = torch.empty(2**game.n, dtype=torch.float64)
    owner = game.players.owner
    with torch.inference_mode():
        for mask in range(2**game.n):
            kept = (owner < 0) | (mask >> owner.clamp(min=0) & 1).bool()
            outputs = game.model(torch.where(kept, game.x, game.baseline)[None])
            table[mask] = game.value(outputs.double())[0]
    return table


class LargestTensor(TorchDispatchMode):
    """Notes the bytes of the largest tensor that any operation makes."""

    def __init__(self):
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        if isinstance(made, Tensor):
            self.bytes = max(self.bytes, made.numel() * made.element_size())
        return made


def largest(n: int) -> int:
    game = lenet_game(n)
    with LargestTensor() as seen:
        game.table()
    return seen.bytes


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield (what, measured, target, unit); the two ways of a contest take turns, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        game = lenet_game(10)
        assert torch.allclose(game.table(), one_by_one(game), atol=1e-5)
        loop, batched = float("inf"), float("inf")
        for _ in range(ROUNDS):
            loop = min(loop, seconds(lambda: one_by_one(game), 1))
            batched = min(batched, seconds(game.table, 5))
        yield "masked LeNet, n = 10: batches against one by one", loop / batched, "≥ 7", "×"
        yield (
            "masked LeNet, largest tensor: n = 13 over n = 8",
            largest(13) / largest(8),
            "≤ 1",
            "×",
        )
    finally:
        torch.set_num_threads(threads)


if __name__ == "__main__":
    for name, measured, target, unit in rows():
        print(f"{name:<66}{measured:>11,.1f}{unit} {target}")
