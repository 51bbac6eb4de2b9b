"""Training is seeded and resumable; checkpoints come back as they were; recipes build."""

import json

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from harsanyi.networks import (
    architectures,
    augment,
    checkpoints,
    files,
    recipes,
    scores,
    sentences,
    text,
    training,
)
from harsanyi.networks.training import Settings

SETTINGS = Settings(epochs=4, batch=64, rate=1e-2)


@pytest.fixture(scope="module")
def digits():
    x, y = load_digits(return_X_y=True)
    return torch.tensor(x).float() / 16, torch.tensor(y)


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 10))


def noise(x, generator):
    return x + 0.05 * torch.randn(x.shape, generator=generator)


def fit(model, digits, **options):
    x, y = digits
    options = {"augment": noise} | options
    return training.fit(model, [x], y, nn.functional.cross_entropy, SETTINGS, **options)


def same(first, second):
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_the_same_seed_gives_the_same_weights_and_learns(digits):
    first, second = network(), network()
    losses = fit(first, digits)
    torch.rand(7)  # the caller's chance has no part in it
    fit(second, digits)
    assert same(first, second)
    assert losses[-1] < losses[0] / 3
    outputs = training.predict(first.eval(), [digits[0]])
    assert scores.accuracy(outputs, digits[1]).value > 0.9


def test_training_leaves_the_callers_chance_as_it_was(digits):
    torch.manual_seed(5)
    expected = torch.rand(3)
    model = network()
    torch.manual_seed(5)
    fit(model, digits)
    assert torch.equal(torch.rand(3), expected)


def test_an_interrupted_run_ends_as_an_uninterrupted_one(digits, tmp_path):
    straight, broken, resumed = network(), network(), network()
    fit(straight, digits)
    state_file = tmp_path / "state"

    def stop(epoch):
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(broken, digits, state_file=state_file, after_epoch=stop)
    done = []
    losses = fit(resumed, digits, state_file=state_file, after_epoch=done.append)
    assert done == [3, 4] and len(losses) == 4
    assert same(straight, resumed)


def test_frozen_weights_stay_and_are_not_saved(digits):
    model = network()
    model[0].requires_grad_(False)
    before = model[0].weight.clone()
    fit(model, digits)
    state = training.learned_state(model)
    assert torch.equal(model[0].weight, before)
    assert set(state) == {"3.weight", "3.bias"}
    fresh = network()
    fresh[0].requires_grad_(False)
    training.load_learned(fresh, state)
    assert same(model, fresh)


def test_bad_input_is_refused(digits):
    x, y = digits
    with pytest.raises(ValueError, match="must agree"):
        fit(network(), (x[:-1], y))
    with pytest.raises(ValueError, match="loss became nan"):
        fit(network(), (x * torch.nan, y))
    with pytest.raises(KeyError, match="there are lenet-mnist"):
        checkpoints.load_network("lenet")
    with pytest.raises(ValueError, match="smoke, laptop, paper"):
        checkpoints.load_network("lenet-mnist", "huge")
    with pytest.raises(ValueError, match="marks"):
        text.Vocabulary(["a", "b", "c"])


def test_wilsons_interval_holds_the_share_at_its_stated_rate():
    generator = torch.Generator().manual_seed(0)
    right = torch.rand(2000, 200, generator=generator) < 0.9  # 2,000 tests of 200 rows
    outputs = torch.stack([1 - right.float(), right.float()], -1)  # (2000, 200, 2)
    found = [scores.accuracy(o, torch.ones(200, dtype=torch.long)) for o in outputs]
    held = sum(score.low <= 0.9 <= score.high for score in found) / len(found)
    assert 0.93 < held < 0.98


def test_r_squared_is_one_for_the_truth_and_zero_for_the_mean():
    y = torch.randn(300, generator=torch.Generator().manual_seed(0))
    assert scores.r_squared(y[:, None], y).value == 1
    mean = scores.r_squared(y.mean().expand(300, 1), y)
    assert abs(mean.value) < 1e-6 and mean.low <= mean.value


def test_augmentations_keep_shape_and_meaning():
    generator = torch.Generator().manual_seed(0)
    x = torch.zeros(50, 1, 28, 28)
    x[:, :, 10:14, 12:16] = torch.arange(1, 17).view(4, 4)
    moved = augment.shift_pixels(x, generator)
    assert moved.shape == x.shape
    assert torch.equal(moved.flatten(1).sort().values, x.flatten(1).sort().values)
    mirrored = augment.mirror_pixels(x, generator)
    turned = (mirrored == x.flip(3)).flatten(1).all(1)
    assert ((mirrored == x).flatten(1).all(1) | turned).all() and 10 < turned.sum() < 40
    ids = torch.tensor([[5, 6, 0, 0]]).repeat(500, 1)
    hidden = augment.hide_words(0.3, mask_id=2, pad_id=0)(ids, generator)
    assert (hidden[:, 2:] == 0).all()
    assert 0.2 < (hidden[:, :2] == 2).float().mean() < 0.4
    points = torch.rand(4, 300, 3) - 0.5
    turned = augment.turn_points(points, generator, keep=100)
    assert turned.shape == (4, 100, 3)


IMAGE = [architectures.LeNet(), architectures.MLP7(width=32), architectures.VGG11(width=4),
         architectures.ResNet20(width=4), architectures.ResNet20(width=4, stride=2)]  # fmt: skip


@pytest.mark.parametrize("model", IMAGE, ids=lambda model: type(model).__name__)
def test_image_networks_give_ten_logits_and_use_every_weight(model):
    outputs = model(torch.rand(3, 1, 28, 28))
    assert outputs.shape == (3, 10)
    outputs.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_pointnet_does_not_see_the_order_of_points():
    model = architectures.PointNet(7).eval()
    points = torch.rand(2, 50, 3)
    assert torch.allclose(model(points), model(points.flip(1)), atol=1e-6)


def test_a_regression_starts_at_the_targets_mean():
    model = architectures.TabularMLP(5, 1, shift=100.0, scale=1e-6).eval()
    assert torch.allclose(model(torch.rand(4, 5)), torch.full((4, 1), 100.0), atol=1e-3)


@pytest.fixture(scope="module", params=["lstm", "cnn", "minilm"])
def sentence_network(request):
    torch.manual_seed(0)
    if request.param == "minilm":
        return sentences.SentenceTransformer().eval()
    words = text.Vocabulary.from_texts(["a fine , fine film that is not at all bad"] * 2)
    build = {"lstm": sentences.TextLSTM, "cnn": sentences.TextCNN}[request.param]
    return build(words, width=16).eval()


@torch.no_grad()
def test_a_sentence_goes_through_vectors_and_ignores_padding(sentence_network):
    model = sentence_network
    short, long = "a fine film", "a fine , fine film that is not at all bad"
    ids = text.batch(model.tokenizer, [short, long], 20)
    alone = model.tokenizer.encode(short).ids[None]
    expected = model(alone)
    assert torch.allclose(model.from_embeddings(model.embed(alone)), expected, atol=1e-5)
    assert torch.allclose(model(ids)[:1], expected, atol=1e-5)
    masked = alone.clone()
    masked[0, model.tokenizer.encode(short).groups[1]] = model.tokenizer.mask_id
    assert not torch.allclose(model(masked), expected, atol=1e-5)


def test_every_network_has_a_recipe_at_every_scale():
    assert len(checkpoints.names()) == 14
    for name in checkpoints.names():
        for scale in recipes.SCALES:
            recipe = recipes.find(name, scale)
            assert recipe.settings[scale].epochs > 0 and recipe.data[scale]


def test_a_checkpoint_holds_what_was_trained(tmp_path, monkeypatch):
    root = files.project_root()
    (tmp_path / "data").symlink_to(root / "data")
    monkeypatch.setenv("HARSANYI_ROOT", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="checkpoints mlp-bikes --scale smoke"):
        checkpoints.describe("mlp-bikes", "smoke")
    first = checkpoints.load_network("mlp-bikes", "smoke")
    path = checkpoints.checkpoint_path("mlp-bikes", "smoke")
    assert sorted(p.name for p in path.parent.iterdir()) == ["mlp-bikes.json", "mlp-bikes.pt"]
    written = path.stat().st_mtime_ns
    second = checkpoints.load_network("mlp-bikes", "smoke")
    assert same(first, second) and not second.training
    assert path.stat().st_mtime_ns == written
    facts = checkpoints.describe("mlp-bikes", "smoke")
    assert facts == json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert facts["metric"] == "r_squared" and facts["score"]["value"] > 0.5
    assert facts["random_weights"]["high"] < 0.1
    assert facts["parameters"] == sum(p.numel() for p in first.parameters())
