"""The game of a network refuses bad input at the door, and says what to do."""

import psutil
import pytest
import torch
from torch import nn

from harsanyi.networks import baselines, players, values
from harsanyi.networks.masking import MaskedGame

X = torch.rand(1, 4, 4, generator=torch.Generator().manual_seed(0))
WHO = players.grid(X, 2, 2)


class Odd(nn.Module):
    """A network that goes wrong as it is told to."""

    def __init__(self, change):
        super().__init__()
        self.change = change
        self.eval()

    def forward(self, images):
        return self.change(images.flatten(1))


def small() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Dropout(), nn.Linear(8, 3)).eval()


def game(model=None, x=X, who=WHO, baseline=None, value=None) -> MaskedGame:
    baseline = baselines.zero(x) if baseline is None else baseline
    return MaskedGame(model or small(), x, who, baseline, value or values.log_odds(1))


def training() -> nn.Module:
    model = small()
    model[2].train()
    return model


WIDE = players.columns([str(i) for i in range(40)])
VAST = players.columns([str(i) for i in range(63)])
ROW = torch.zeros(40)
SHIFTED = torch.where(torch.arange(16).view(1, 4, 4) == 0, float("nan"), X)
REFUSED = {
    "training mode": (
        ValueError,
        lambda: game(training()),
        r"got 2 in training mode.*model.eval\(\)",
    ),
    "a batch axis": (ValueError, lambda: game(x=X[None]), r"without a batch axis, x\[0\]"),
    "a batch of several": (ValueError, lambda: game(x=X[None].expand(5, 1, 4, 4)), "batch axis"),
    "owners of another picture": (
        ValueError,
        lambda: game(who=players.grid(torch.zeros(6, 6), 2, 2)),
        r"\(6, 6\).*\(1, 4, 4\)",
    ),
    "owners with more axes": (ValueError, lambda: game(x=X[0, 0], who=WHO), r"\(4, 4\).*\(4,\)"),
    "words over vectors": (
        ValueError,
        lambda: game(x=torch.rand(3, 8), who=players.tokens("abc")),
        r"use players.embedded\(\)",
    ),
    "a baseline of another shape": (
        ValueError,
        lambda: game(baseline=torch.zeros(4, 4)),
        r"got shape \(4, 4\), expected x's",
    ),
    "a baseline of another type": (
        TypeError,
        lambda: game(baseline=torch.zeros(1, 4, 4).double()),
        r"float64.*\.to\(x.dtype\)",
    ),
    "NaN in x": (ValueError, lambda: game(x=SHIFTED, baseline=X), "x: got NaN"),
    "NaN in the baseline": (ValueError, lambda: game(baseline=SHIFTED), "baseline: got NaN"),
    "no module": (TypeError, lambda: game(model=torch.sum), "wrap it in one"),
    "no tensor": (TypeError, lambda: game(x=[1.0], baseline=X), "x: got a list"),
    "no players": (TypeError, lambda: game(who=WHO.owner), "players: got a Tensor"),
    "no function": (TypeError, lambda: game(value=3), "value: got a int"),
    "no baseline": (TypeError, lambda: game(baseline=0.0), "baseline: got a float"),
    "more players than bits": (
        ValueError,
        lambda: game(Odd(lambda f: f), torch.zeros(63), VAST),
        "at most 62",
    ),
    "a class that is not there": (ValueError, lambda: game(value=values.logit(3)), "target: got 3"),
    "one value for a batch": (ValueError, lambda: game(value=lambda z: z.sum()), r"got shape \(\)"),
    "values of three axes": (
        ValueError,
        lambda: game(value=lambda z: z[:, None, None]),
        r"\(3,\), or \(3, k\)",
    ),
    "values that are no tensor": (ValueError, lambda: game(value=lambda z: 1.0), "got a float"),
    "a network that returns no tensor": (
        TypeError,
        lambda: game(Odd(lambda f: {"logits": f})),
        "got a dict from it",
    ),
    "NaN from the network": (
        ValueError,
        lambda: game(Odd(lambda f: f.log() - f.log())),
        r"first ∅, expected finite",
    ),
    "masks that are floats": (TypeError, lambda: game()([0.5]), "expected integers"),
    "a mask too high": (ValueError, lambda: game()([3, 16]), "got 16, expected 0 ... 15"),
    "a mask below 0": (ValueError, lambda: game().masked([-1]), "got -1"),
    "masks with axes": (ValueError, lambda: game()(torch.zeros(2, 2).long()), r"shape \(2, 2\)"),
    "no mask": (ValueError, lambda: game()(torch.tensor([]).long()), "B at least 1"),
    "a batch of none": (ValueError, lambda: game().table(batch_size=0), "got 0, expected 1"),
    "a table beyond memory": (
        ValueError,
        lambda: game(Odd(lambda f: f[:, :2]), ROW, WIDE).table(),
        "group them into fewer",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused(case):
    error, make, message = REFUSED[case]
    with pytest.raises(error, match=message):
        make()


def test_many_players_can_be_sampled_where_no_table_fits():
    wide = game(Odd(lambda f: f[:, :2]), ROW, WIDE)
    assert wide([0, 2**40 - 1]).shape == (2,)


def test_a_batch_beyond_memory_is_refused_before_it_is_made(monkeypatch):
    played = game()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("", (), {"available": 2000})())
    with pytest.raises(ValueError, match="batch_size: got 16, .* take a smaller one"):
        played.table(batch_size=16)
    assert played.table(batch_size=1).shape == (16,)


def test_a_network_put_back_into_training_is_noticed():
    played = game()
    played.model.train()
    for use in (played.table, lambda: played([0]), lambda: played.differentiable([0])):
        with pytest.raises(ValueError, match="training mode"):
            use()


def test_infinity_in_one_coalition_names_it():
    """The network divides by what is left of the first patch and the last alone."""
    model = Odd(lambda f: f[:, :2] / ((f[:, :1] == 0) | (f[:, -1:] != 0)))
    with pytest.raises(ValueError, match=r"first \{\(0,0\)\}, expected finite"):
        game(model, x=X + 1, value=values.output(0)).table()
