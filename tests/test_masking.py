"""The game of a network: what is masked, that batches change nothing, and what memory it takes."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

import harsanyi as hs
from harsanyi.networks import baselines, players, values
from harsanyi.networks.footprint import cache_sized, measure
from harsanyi.networks.masking import MaskedGame
from harsanyi.networks.players import Players

QUICK = settings(max_examples=25, deadline=None)
# input's shape, owners' shape: picture, picture by channel, row of a table, words, points
SHAPES = [
    ((2, 4, 5), (4, 5)),
    ((2, 4, 5), (2, 1, 5)),
    ((7,), (7,)),
    ((6, 3), (6, 1)),
    ((9, 3), (9, 1)),
]


def network(shape: tuple[int, ...], seed: int = 0, classes: int = 3) -> nn.Module:
    torch.manual_seed(seed)
    width = torch.Size(shape).numel()
    layers = [nn.Flatten(), nn.Linear(width, 6), nn.Tanh(), nn.Linear(6, classes)]
    return nn.Sequential(*layers).double().eval()


def convolutions() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 5), nn.ReLU(),
        nn.Flatten(), nn.Linear(800, 10),
    ).eval()  # fmt: skip


@st.composite
def games(draw, value=None):
    """A game on an input of any kind; some coordinates are nobody's."""
    shape, owners = draw(st.sampled_from(SHAPES))
    seed, n = draw(st.integers(0, 10**6)), draw(st.integers(1, 5))
    dice = torch.Generator().manual_seed(seed)
    flat = torch.randint(-1, n, owners, generator=dice).flatten()
    flat[torch.randperm(len(flat), generator=dice)[:n]] = torch.arange(n)  # nobody goes without
    x = torch.rand(shape, generator=dice, dtype=torch.float64)
    r = torch.rand(shape, generator=dice, dtype=torch.float64) - 2
    who = Players(flat.view(owners))
    return MaskedGame(network(shape, seed), x, who, r, value or values.log_odds(1))


@given(games())
@QUICK
def test_each_coordinate_is_kept_exactly_when_its_owner_is_present_or_nobody(game):
    inputs = game.masked(range(2**game.n))
    owner = game.players.owner.expand_as(game.x)
    assert torch.equal(inputs[-1], game.x)
    assert torch.equal(inputs[0], torch.where(owner == -1, game.x, game.baseline))
    for mask, one in enumerate(inputs):
        kept = (owner == -1) | (mask >> owner.clamp(min=0) & 1).bool()
        assert torch.equal(one, torch.where(kept, game.x, game.baseline))


@given(games(), st.integers(1, 40))
@QUICK
def test_table_equals_the_network_run_one_by_one(game, batch):
    table = game.table(batch_size=batch)
    assert table.dtype == torch.float64 and table.shape == (2**game.n,)
    for mask in range(2**game.n):
        with torch.no_grad():
            p = game.model(game.masked([mask])).softmax(1)[0, 1]
        assert table[mask].item() == pytest.approx(p.logit().item(), abs=1e-9)
    assert torch.allclose(game(range(2**game.n)), table, atol=1e-12)
    assert torch.equal(game.table(batch), table)


@given(games(), st.randoms(use_true_random=False))
@QUICK
def test_renumbering_players_renumbers_the_table(game, random):
    order = random.sample(range(game.n), game.n)  # player i becomes order[i]
    owner = game.players.owner
    new = torch.where(owner < 0, owner, torch.tensor(order)[owner.clamp(min=0)])
    other = MaskedGame(game.model, game.x, Players(new), game.baseline, game.value).table()
    moved = [sum(1 << order[i] for i in range(game.n) if m >> i & 1) for m in range(2**game.n)]
    assert torch.allclose(other[moved], game.table(), atol=1e-12)


@given(st.integers(1, 6), st.integers(0, 10**6))
@QUICK
def test_a_linear_network_has_no_interaction(n, seed):
    torch.manual_seed(seed)
    model, x = nn.Linear(n + 2, 1).double().eval(), torch.rand(n + 2).double()
    who = players.columns([f"c{i}" for i in range(n)], length=n + 2)
    effects = hs.and_interactions(
        MaskedGame(model, x, who, baselines.zero(x), values.output()).table()
    )
    singles = torch.tensor([1 << i for i in range(n)])
    assert torch.allclose(effects[singles], (model.weight[0] * x)[:n], atol=1e-12)
    effects[singles] = 0
    assert effects.abs().max() < 1e-12


@given(games(value=lambda z: torch.stack([z[:, 0], z[:, 2]], 1)))
@QUICK
def test_a_value_of_two_columns_makes_two_tables(game):
    table = game.table(batch_size=3)
    assert table.shape == (2, 2**game.n)
    for row, target in ((0, 0), (1, 2)):
        single = MaskedGame(game.model, game.x, game.players, game.baseline, values.logit(target))
        assert torch.allclose(single.table(), table[row], atol=1e-12)


def test_words_masked_by_token_and_by_embedding_are_one_game():
    torch.manual_seed(0)
    embed, rest = nn.Embedding(50, 4).double(), network((6, 4))
    ids, who = torch.tensor([3, 9, 9, 4, 8, 1]), players.tokens("a b b c d .".split(), range(5))
    by_token = MaskedGame(
        nn.Sequential(embed, rest).eval(), ids, who, baselines.mask_token(ids, 7), values.margin(0)
    )
    x = embed(ids).detach()
    r = baselines.mask_token(x, embed.weight[7].detach())
    by_vector = MaskedGame(rest, x, who.embedded(), r, values.margin(0))
    assert (
        by_token.names == ("a", "b", "b (2)", "c", "d") and by_token.masked([0]).dtype == ids.dtype
    )
    assert torch.allclose(by_token.table(), by_vector.table())


def test_a_method_of_a_network_plays_as_the_network_does():
    class Steps(nn.Module):
        def __init__(self):
            super().__init__()
            self.rest = network((6, 4))

        def from_embeddings(self, e):
            return self.rest(e)

    x, who = torch.rand(6, 4).double(), players.tokens("abcdef").embedded()
    steps = Steps().eval()
    rest = MaskedGame(steps.rest, x, who, baselines.zero(x), values.margin(0))
    method = MaskedGame(steps.from_embeddings, x, who, baselines.zero(x), values.margin(0))
    assert torch.equal(method.table(), rest.table()) and method.memory() == rest.memory()
    steps.train()
    with pytest.raises(ValueError, match="training mode"):
        method.table()


def test_gradients_reach_the_baseline_and_the_table_can_be_differentiated():
    x, who = torch.rand(7).double(), players.columns(list("abcd"), length=7)
    r = torch.zeros(7, dtype=torch.float64, requires_grad=True)
    game = MaskedGame(network((7,)), x, who, r, values.log_odds(0))
    masks = torch.arange(16)
    assert torch.equal(game.differentiable(masks).detach(), game.table())
    (slope,) = torch.autograd.grad(game.differentiable(masks).sum(), r)
    assert (slope[:4] != 0).all() and (slope[4:] == 0).all()
    assert not game.table().requires_grad and game.table().requires_grad_().sum().requires_grad


def test_pictures_give_the_same_table_in_any_layout_and_to_networks_that_insist_on_one():
    class Viewed(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head = convolutions()[:5], convolutions()[6]

        def forward(self, images):
            return self.head(self.body(images).view(len(images), -1))

    x = torch.rand(1, 28, 28, generator=torch.Generator().manual_seed(0))
    who, viewed = players.foreground(x, n=6), Viewed().eval()
    for model in (convolutions(), viewed):
        game = MaskedGame(model, x, who, baselines.zero(x), values.log_odds(4))
        inputs = game.masked(range(64))
        assert inputs.is_contiguous()
        with torch.no_grad():
            plain = game.value(model(inputs).double())
        assert torch.allclose(game.table(), plain, atol=1e-5)


class Largest(TorchDispatchMode):
    """Notes the bytes of the largest tensor that any operation makes."""

    bytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        if isinstance(made, torch.Tensor):
            self.bytes = max(self.bytes, made.numel() * made.element_size())
        return made


@pytest.mark.parametrize("batch", [8, 32])
def test_memory_of_a_batch_does_not_depend_on_the_number_of_players(batch):
    x, largest = torch.rand(1, 28, 28), {}
    for n in (5, 8, 11):
        who = players.grid(x, 4, 4, [(i // 4, i % 4) for i in range(n)])
        game = MaskedGame(convolutions(), x, who, baselines.zero(x), values.log_odds(3))
        with Largest() as seen:
            game.table(batch)
        largest[n] = seen.bytes
        assert seen.bytes < game.memory(batch) < 40 * seen.bytes
    assert len(set(largest.values())) == 1 and largest[5] >= batch * 6 * 28 * 28 * 4


def test_the_default_batch_fits_the_cache_and_its_layer_is_measured():
    x = torch.rand(1, 28, 28)
    net = convolutions()
    _, layer = measure(net, net, x.expand(4, 1, 28, 28))
    assert layer == 2 * 6 * 28 * 28 * 4  # the first ReLU reads and writes six pictures
    cpu = torch.device("cpu")
    assert cache_sized(layer, cpu) * layer <= 16 * 2**20 < 2 * cache_sized(layer, cpu) * layer
    assert cache_sized(2**30, cpu) == 32
    game = MaskedGame(convolutions(), x, players.grid(x, 2, 2), baselines.zero(x), values.logit(0))
    assert game.batch_size == cache_sized(layer, cpu)
    assert not any(m._forward_hooks for m in game.model.modules())


def test_long_work_shows_a_bar(capfd):
    x = torch.rand(7).double()
    who = players.columns(list("abc"), length=7)
    game = MaskedGame(network((7,)), x, who, baselines.zero(x), values.logit(0))
    game.table()
    assert not capfd.readouterr().err
    game.table(batch_size=2, progress=True)
    assert "8/8" in capfd.readouterr().err
