r"""Planted concepts, four indices, and the few patterns that are kept.

Source: Ren et al., CVPR 2023 (sparse concepts), Tables 1 and 2, Figure 6. Chapter: Reproductions.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..core import games
from ..core.coalitions import mask_of, n_players, sizes
from ..core.indices import interaction_index
from ..core.result import Interactions
from ..core.transforms import and_interactions, zeta
from ..networks import baselines, players, training, values
from ..networks.masking import MaskedGame

OF = {"SI": "SII", "STI2": "STII", "STI3": "STII"}  # the paper's names, the library's
ACTIVE = 0.5  # an input above it is on


class Planted(NamedTuple):
    """Tables (count, 2**n) whose true interactions are known: bool (count, 2**n)."""

    v: Tensor
    truth: Tensor


def indices(v: Tensor) -> dict[str, Tensor]:
    """Return four ways to give every coalition a number, each (..., 2**n).

    The Shapley interaction index of all orders, Shapley–Taylor of order 2 and 3, and dividends.
    """
    n = n_players(v, "v")
    orders = {"SI": n, "STI2": 2, "STI3": 3}
    found = {name: interaction_index(v, OF[name], order) for name, order in orders.items()}
    return found | {"dividends": and_interactions(v)}


def add_mul_tables(count: int, n: int = 10, seed: int = 0) -> Planted:
    """Return games of random sums of products of 0s and 1s, each at a random input.

    A function has 10 to 100 terms of weight ±1; an input is on with probability 0.8, and the terms
    all of whose inputs are on are true of it.

    Args:
        count: functions, one input each.
        n: inputs of a function.
        seed: of both.
    """
    random = torch.Generator().manual_seed(seed)
    masks, tables, truths = torch.arange(2**n), [], []
    while len(tables) < count:
        terms = int(torch.randint(10, 101, (1,), generator=random))
        game = games.add_mul(n, terms, int(torch.randint(2**31, (1,), generator=random)))
        on = mask_of((torch.rand(n, generator=random) < 0.8).nonzero().flatten().tolist())
        inside = (game.and_ != 0) & ((masks & ~on) == 0)
        if inside.any():
            tables.append(game.v[masks & on])
            truths.append(inside)
    return Planted(torch.stack(tables), torch.stack(truths))


def top_overlap(effects: Tensor, truth: Tensor) -> Tensor:
    """Return the IoU (count,) of the strongest effects, as many as are true, with the true ones.

    Args:
        effects: (count, 2**n); zeros are never among the strongest.
        truth: bool (count, 2**n), one true entry or more in each row.
    """
    strength, many = effects.abs(), truth.sum(-1, keepdim=True)
    rank = strength.argsort(dim=-1, descending=True).argsort(dim=-1)
    top = (rank < many) & (strength > 1e-9 * strength.amax(-1, keepdim=True))
    return (top & truth).sum(-1).double() / (top | truth).sum(-1)


class ResidualBlock(nn.Module):
    """x + relu(linear(x))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.linear(x).relu()


def dense(inputs: int, outputs: int, layers: int, residual: bool = False) -> nn.Sequential:
    """Return a fully connected network of that many linear layers, 100 wide: MLP-5, ResMLP-5."""
    between = [
        ResidualBlock(100) if residual else nn.Sequential(nn.Linear(100, 100), nn.ReLU())
        for _ in range(layers - 2)
    ]
    return nn.Sequential(nn.Linear(inputs, 100), nn.ReLU(), *between, nn.Linear(100, outputs))


def and_or_patterns(n: int, count: int, seed: int) -> list[tuple[int, ...]]:
    """Return random patterns of two to four inputs, none inside another."""
    random = torch.Generator().manual_seed(seed)
    chosen: list[tuple[int, ...]] = []
    while len(chosen) < count:
        size = int(torch.randint(2, 5, (1,), generator=random))
        new = tuple(sorted(torch.randperm(n, generator=random)[:size].tolist()))
        if not any(set(new) <= set(old) or set(old) <= set(new) for old in chosen):
            chosen.append(new)
    return chosen


def learn_and_or(patterns, n: int, residual: bool, rows: int, epochs: int, seed: int):
    """Train MLP-5 or ResMLP-5 to say whether any pattern is on, for normal inputs.

    Returns:
        The network in evaluation mode, and its accuracy on fresh inputs.
    """
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(rows + 2000, n, generator=random)
    on = torch.stack([(x[:, list(p)] > ACTIVE).all(1) for p in patterns], 1)  # (rows, patterns)
    y = on.any(1).long()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = dense(n, 2, 5, residual)
    settings = training.Settings(epochs, batch=512, rate=4e-3, seed=seed)
    loss = nn.functional.cross_entropy
    training.fit(model, [x[:rows]], y[:rows], loss, settings, label="And-Or")
    model.eval()
    with torch.no_grad():
        right = (model(x[rows:]).argmax(1) == y[rows:]).double().mean()
    return model, float(right)


def and_or_tables(model: nn.Module, patterns, n: int, count: int, seed: int) -> Planted:
    """Return the games of fresh inputs with a pattern on; absent inputs are 0, hence off.

    The value is the log-odds that a pattern is on; the patterns that are on are true.
    """
    random = torch.Generator().manual_seed(seed + 1)
    who = players.columns([f"x{i + 1}" for i in range(n)], list(range(n)), n)
    tables, truths = [], []
    while len(tables) < count:
        x = torch.randn(n, generator=random)
        true = [mask_of(p) for p in patterns if bool((x[list(p)] > ACTIVE).all())]
        if true:
            game = MaskedGame(model, x, who, baselines.zero(x), values.log_odds(1))
            tables.append(game.table())
            truths.append(torch.zeros(2**n, dtype=torch.bool))
            truths[-1][true] = True
    return Planted(torch.stack(tables), torch.stack(truths))


def unfaithfulness(effects: Tensor, v: Tensor) -> Tensor:
    r"""Return :math:`\sum_T (v(T) - v(\varnothing) - \sum_{S \subseteq T} w_S)^2`, (...).

    Args:
        effects: AND weights w (..., 2**n), 0 for the empty coalition.
        v: tables (..., 2**n).
    """
    return (v - v[..., :1] - zeta(effects)).square().sum(-1)


def best_pairs(v: Tensor) -> Tensor:
    """Return the weights (..., 2**n) of singles and pairs that fit tables best: least squares."""
    n = n_players(v, "v")
    size, masks = sizes(n), torch.arange(2**n)
    small = ((size >= 1) & (size <= 2)).nonzero().flatten()
    acts = ((masks[:, None] & small) == small).double()  # (2**n, terms)
    weights = torch.linalg.lstsq(acts, (v - v[..., :1]).double().mT).solution.mT
    return torch.zeros_like(v, dtype=torch.float64).index_copy(-1, small, weights)


def keep_ranks(effects: Tensor) -> Tensor:
    r"""Return how long each pattern is kept when the least missed one goes at every step.

    The next to go is the S of Ω with the least :math:`2 w_S \sum_{T \supseteq S} r(T) + w_S^2
    2^{n-|S|}`, r being what the patterns that went have left unexplained.

    Args:
        effects: AND weights w (count, 2**n) of a table that they match.

    Returns:
        int64 (count, 2**n): 1 for the pattern that goes last, 2**n − 1 for the first; the empty
        coalition has 2**n. The strongest pattern need not go last.
    """
    n = n_players(effects, "effects")
    masks, size = torch.arange(2**n), sizes(n)
    power = 2.0 ** (n - size).double()  # (2**n,)
    own, above = effects.square() * power, torch.zeros_like(effects)
    gone = torch.zeros_like(effects)
    gone[:, 0] = torch.inf
    ranks = torch.full(effects.shape, 2**n)
    every = torch.arange(len(effects))
    for rank in range(2**n - 1, 0, -1):
        goes = (2 * effects * above + own + gone).argmin(-1)  # (count,)
        ranks[every, goes] = rank
        gone[every, goes] = torch.inf
        above += effects[every, goes, None] * power[masks | goes[:, None]]
    return ranks


def kept(v: Tensor, ranks: Tensor, k: int) -> Interactions:
    """Return the AND explanations of tables with all but the k longest kept patterns at zero."""
    and_ = torch.where(ranks <= k, and_interactions(v), 0.0)
    return Interactions(and_, torch.zeros_like(and_), v[..., 0])
