"""The exercises of the chapter on a network as a game.

Each check calls the reader's function on several inputs, random ones from a fixed seed among them,
and compares with the library or with the definition.

Chapter: A network as a game.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from harsanyi.core.coalitions import members, membership
from harsanyi.networks.masking import MaskedGame
from harsanyi.networks.players import Players
from harsanyi.networks.values import log_odds, output

from ._check import expect, reader_check


@reader_check
def check_bitmask(answer: Callable) -> str:
    """Check a function from a coalition's number (an int) to the rising list of its players."""
    numbers = torch.randint(2**20, (10,), generator=torch.Generator().manual_seed(0)).tolist()
    for mask in (0, 1, 2, 5, 12, 1023, 2**40 + 8, *numbers):
        got, wanted = answer(mask), list(members(mask))
        expect(
            isinstance(got, list | tuple) and list(got) == wanted,
            f"for the number {mask} you returned {got}, expected {wanted}: player i is in the "
            "coalition when bit i, worth 2**i, is set",
        )
    return "Right: every coalition has one number, and every number is one coalition."


@reader_check
def check_masking(answer: Callable) -> str:
    """Check a function (x, owner, baseline, masks) that builds the masked inputs of a batch."""
    generator = torch.Generator().manual_seed(0)
    for shape, owners, n in (((6,), (6,), 3), ((1, 5, 4), (5, 4), 4), ((3, 4, 4), (4, 4), 5)):
        x, baseline = torch.rand(2, *shape, generator=generator)
        owner = _owners(owners, n, generator)
        masks = torch.tensor([0, 2**n - 1, *torch.randint(2**n, (5,), generator=generator)])
        game = MaskedGame(nn.Flatten().eval(), x, Players(owner), baseline, output(0))
        _same_inputs(answer(x, owner, baseline, masks), game.masked(masks), masks, owner)
    return "Right: that is all MaskedGame does before it calls the network."


def _owners(shape: tuple[int, ...], n: int, generator: torch.Generator) -> Tensor:
    """Owners −1 … n−1 at random, each at least once."""
    length = torch.Size(shape).numel()
    rest = torch.randint(-1, n, (length - n - 1,), generator=generator)
    owner = torch.cat([torch.arange(-1, n), rest])
    return owner[torch.randperm(length, generator=generator)].view(shape)


def _same_inputs(got, wanted: Tensor, masks: Tensor, owner: Tensor) -> None:
    """Stop with a hint where a reader's masked inputs differ from the right ones."""
    expect(isinstance(got, Tensor), f"you returned a {type(got).__name__}, expected a tensor")
    expect(
        got.shape == wanted.shape,
        f"you returned shape {tuple(got.shape)}, expected {tuple(wanted.shape)}: one input for "
        "each mask",
    )
    wrong = (got != wanted).reshape(len(masks), -1)
    if wrong.any():
        row = int(wrong.any(1).nonzero()[0])
        places = (got[row] != wanted[row]).expand_as(wanted[row]).nonzero()[0]
        who = int(owner[tuple(places[-owner.dim() :])])
        name = "nobody (−1), so it is always kept" if who < 0 else f"player {who}"
        expect(
            False,
            f"for mask {int(masks[row])} the entry {tuple(places.tolist())} differs; its owner is "
            f"{name}. Keep x where the owner is present or nobody, else take the baseline.",
        )


@reader_check
def check_log_odds(answer: Callable) -> str:
    """Check a function (logits (B, C), target) that returns the log-odds (B,), without overflow."""
    logits = torch.randn(5, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    sure = torch.tensor([[60.0, 0.0, -3.0], [-800.0, 1.0, 2.0], [900.0, 1.0, 2.0]])
    for z in (logits, 20 * logits, sure.double(), sure):
        for target in (0, z.shape[1] - 1):
            got, wanted = answer(z, target), log_odds(target)(z)
            expect(
                isinstance(got, Tensor) and got.shape == wanted.shape,
                f"for logits {tuple(z.shape)} you returned {_shape(got)}, expected "
                f"{tuple(wanted.shape)}",
            )
            bad, wrong = ~torch.isfinite(got), (got - wanted).abs() > 1e-5 * (1 + wanted.abs())
            if bad.any():
                expect(
                    False,
                    f"for a row of logits {_row(z, bad)} you returned {got[bad][0]:g}: a "
                    "probability was rounded to 0 or 1; go from the logits, without a probability",
                )
            if wrong.any():
                expect(
                    False,
                    f"for a row of logits {_row(z, wrong)} and target {target} you returned "
                    f"{got[wrong][0]:g}, expected {wanted[wrong][0]:g}",
                )
    return "Right, and exact even where the probability rounds to 1."


def _shape(got) -> str:
    return str(tuple(got.shape)) if isinstance(got, Tensor) else f"a {type(got).__name__}"


def _row(logits: Tensor, where: Tensor) -> list[float]:
    return [round(z, 2) for z in logits[where][0].tolist()]


@reader_check
def check_cost(answer: Callable) -> str:
    """Check a function (n, pixels, batch) that returns (forward passes, table bytes, batch bytes).

    ``pixels`` numbers of an input are float32, the table is float64.
    """
    for n, pixels, batch in ((3, 784, 2), (10, 784, 256), (12, 3 * 224 * 224, 64), (40, 784, 32)):
        got = answer(n, pixels, batch)
        wanted = (2**n, 8 * 2**n, 4 * pixels * batch)
        expect(
            isinstance(got, tuple | list) and len(got) == 3,
            f"you returned {got!r}, expected three numbers: passes, bytes of the table, of a batch",
        )
        names = ("inputs through the network", "bytes of the table", "bytes of a batch of inputs")
        for name, mine, right in zip(names, got, wanted, strict=True):
            expect(
                mine == right,
                f"for n = {n}, {pixels} pixels, batches of {batch}: you returned {mine} {name}, "
                f"expected {right}",
            )
    return "Right: the table doubles with every player, a batch does not know how many there are."


@reader_check
def check_lamp(answer: Callable) -> str:
    """Check a function from presence (B, 3) bool to values (B,): switch, battery, spare battery."""
    present = membership(3)
    switch, battery, spare = present.T
    _same_lamp(answer(present), (switch & (battery | spare)).double(), present)
    rows = torch.tensor([6, 7, 1, 3, 5])  # another number of rows, another order
    _same_lamp(answer(present[rows]), (switch & (battery | spare)).double()[rows], present[rows])
    return "Right: a game is any rule that gives every coalition a number."


def _same_lamp(got, wanted: Tensor, present: Tensor) -> None:
    got = torch.as_tensor(got, dtype=torch.float64)
    expect(
        got.shape == wanted.shape,
        f"for presence {tuple(present.shape)} you returned shape {tuple(got.shape)}, expected "
        f"{tuple(wanted.shape)}",
    )
    for row, mine, right in zip(present.tolist(), got.tolist(), wanted.tolist(), strict=True):
        names = ("switch", "battery", "spare battery")
        there = ", ".join(n for n, here in zip(names, row, strict=True) if here) or "nothing"
        expect(mine == right, f"with {there} you gave {mine:g}, expected {right:g}")
