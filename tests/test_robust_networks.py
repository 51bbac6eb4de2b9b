"""Gaussian weights, mean probabilities, attacked batches, and the sets of tables made of them."""

import shutil

import pytest
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence

from harsanyi.networks import bayesian, data, files, robust_networks, robust_sets, tables, training
from harsanyi.networks.table_plans import MAKERS, Source

ROOT = files.project_root()


@pytest.fixture
def small():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 4))


def test_the_divergence_is_that_of_normal_distributions(small):
    field = bayesian.MeanField(small, [0.1, 0.2, 0.3, 0.4])
    pairs = zip(small.parameters(), field.deviations(), strict=True)
    expected = sum(kl_divergence(Normal(m, s), Normal(0.0, 1.0)).sum() for m, s in pairs)
    assert field.divergence().item() == pytest.approx(expected.item(), rel=1e-5)
    assert [s.mean().item() for s in field.deviations()] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    with pytest.raises(ValueError, match="positive"):
        bayesian.MeanField(small, [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="positive"):
        bayesian.MeanField(small, 0.0)


def test_weights_are_drawn_in_training_and_are_their_means_in_evaluation(small):
    field, x = bayesian.MeanField(small, 0.05), torch.randn(5, 3)
    one, other = field(x), field(x)
    assert not torch.allclose(one, other)
    assert torch.equal(field.eval()(x), small(x)) and torch.equal(field.mean()(x), small(x))
    assert torch.equal(field.drawn(3)(x), field.drawn(3)(x))
    with torch.no_grad():
        drawn = torch.stack([field.drawn(seed)[0].weight for seed in range(400)])
    assert drawn.std(0).mean().item() == pytest.approx(0.05, rel=0.05)
    assert torch.allclose(drawn.mean(0), small[0].weight, atol=0.015)


def test_gaussian_weights_learn(small):
    field, random = bayesian.MeanField(small, 0.02), torch.Generator().manual_seed(0)
    x = torch.randn(64, 3, generator=random)
    settings = training.Settings(epochs=15, batch=16, rate=2e-2, decay=0.0)
    losses = training.fit(field, [x], (x[:, 0] > 0).long(), bayesian.bayesian_loss(field, 64, 0.01),
                          settings)  # fmt: skip
    assert losses[-1] < 0.7 * losses[0]
    assert all((s > 0).all() for s in field.deviations())


def test_a_mean_probability_is_one_and_half_logits_are_half(small):
    x, other = torch.randn(6, 3), nn.Linear(3, 4)
    mean = bayesian.MeanProbability([small, other])
    expected = (small(x).softmax(1) + other(x).softmax(1)) / 2
    assert not mean.training and torch.allclose(mean(x).exp(), expected, atol=1e-6)
    assert torch.allclose(bayesian.Softened(small, 2.0)(x), small(x) / 2)
    with pytest.raises(ValueError, match="one or more"):
        bayesian.MeanProbability([])
    with pytest.raises(ValueError, match="positive"):
        bayesian.Softened(small, 0.0)


def test_attacked_inputs_stay_near_within_bounds_and_are_worse(small):
    x, y = torch.rand(40, 3), torch.arange(40) % 4
    near = robust_networks.attacked(small, x, y, radius=0.1, steps=5)
    assert (near - x).abs().max() <= 0.1 + 1e-6 and 0 <= near.min() and near.max() <= 1
    loss = nn.functional.cross_entropy
    assert loss(small(near), y) > loss(small(x), y)
    assert all(p.grad is None for p in small.parameters()) and not near.requires_grad


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project with digits and no network yet."""
    (tmp_path / "data").mkdir()
    for file in ("manifest.json", "mnist-train.npz", "mnist-test.npz"):
        shutil.copy(ROOT / "data" / file, tmp_path / "data" / file)
    monkeypatch.setenv("HARSANYI_ROOT", str(tmp_path))
    return tmp_path


def test_a_relative_is_trained_once_and_differs_in_what_its_kind_says(root):
    first, again = (MAKERS["dropout 0.5"]("lenet-mnist", 3, "smoke") for _ in range(2))
    kept = root / "build/networks/smoke/variants/lenet-mnist-dropout-0.5-seed-3.pt"
    assert kept.is_file() and not first.training
    kinds = [type(layer) for layer in first]
    dense = [at for at, kind in enumerate(kinds) if kind is nn.Linear]
    assert kinds.count(nn.Dropout) == 3 and all(kinds[at - 1] is nn.Dropout for at in dense)
    x = data.load("mnist", "test").x[:20]
    assert torch.equal(first(x), again(x))


def test_groups_are_named_and_every_source_can_be_made():
    for plan in robust_sets.SETS.values():
        for source in plan.sources:
            assert source.kind in MAKERS
            name = robust_sets.group(source)
            assert name == source.kind or (name, source.kind) == ("plain", "trained")
    assert robust_sets.group(Source("dropout 0.5 seed 1", "x", 1, "dropout 0.5")) == "dropout 0.5"


def test_moves_are_told_apart_sample_by_sample():
    moves = (("none", 0), ("noise", 1), ("noise", 2), ("attack", 3))
    found = [{"index": i, "move": move, "draw": draw} for i in range(3) for move, draw in moves]
    values = torch.arange(12.0, dtype=torch.float64).view(1, 12, 1).expand(1, 12, 4)
    kept = tables.Tables(values, (Source("plain seed 0", "x", 0, "trained"),), tuple(found), "")
    clean, noisy = robust_sets.moves_of(kept)
    assert clean[:, 0].tolist() == [0, 4, 8] and noisy.shape == (2, 3, 4)
    assert noisy[..., 0].tolist() == [[1, 5, 9], [2, 6, 10]]
    assert robust_sets.moves_of(kept, move="attack")[1][..., 0].tolist() == [[3, 7, 11]]
    with pytest.raises(KeyError, match="plain seed 0.*attack, noise, none"):
        robust_sets.moves_of(kept, move="blur")
