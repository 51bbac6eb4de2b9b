"""The games of all layers: one pass, the same conventions, honest probes, a planted network."""

import pytest
import torch
from torch import nn

import harsanyi as hs
from harsanyi.networks import (
    baselines,
    calibration,
    features,
    layers,
    pooling,
    probe_sets,
    probes,
    values,
    variants,
)
from harsanyi.networks.architectures import ResNet20
from harsanyi.networks.players import Players
from harsanyi.studies.planted_layers import planted_effects, planted_layers, planted_readings


class Tiny(nn.Module):
    """A convolution, a ReLU that works in place, a dense layer; counts its passes."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.act = nn.Conv2d(1, 5, 3, padding=1), nn.ReLU(inplace=True)
        self.last, self.idle, self.passes = nn.Linear(5 * 16, 3), nn.Linear(2, 2), 0

    def forward(self, x):
        self.passes += 1
        return self.last(self.act(self.act(self.first(x)) - 0.1).flatten(1))


def setting(n: int = 4):
    x = torch.rand(1, 4, 4, generator=torch.Generator().manual_seed(1))
    return Tiny().eval(), x, Players(torch.arange(16).view(4, 4) % n), baselines.zero(x)


def linear(width: int, seed: int = 0, classes: int = 3) -> nn.Linear:
    torch.manual_seed(seed)
    return nn.Linear(width, classes).eval()


@pytest.mark.parametrize("pool,width", [(pooling.average, 5), (pooling.flat, 80)])
def test_each_layer_is_the_masked_game_of_the_network_cut_off_there(pool, width):
    network, *rest = setting()
    reading = linear(width)
    game = layers.LayeredGame(network, *rest, values.log_odds(1), {"first": reading}, pool)

    class Cut(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.reading = network.first, reading

        def forward(self, x):
            return self.reading(pool(self.first(x), x))

    table = game.table(batch_size=5)
    assert game.layers == ("first", "output") and table.dtype == torch.float64
    for row, alone in zip(table, (Cut().eval(), network), strict=True):
        expected = hs.MaskedGame(alone, *rest, values.log_odds(1)).table()
        assert torch.allclose(row, expected, atol=1e-5)
    assert torch.allclose(game(range(16)), table, atol=1e-5)


def test_all_layers_come_from_one_pass_and_no_hook_stays():
    network, *rest = setting()
    readings = {"first": linear(5), "last": linear(3)}
    game = layers.LayeredGame(network, *rest, values.margin(0), readings)
    network.passes = 0
    assert game.table(batch_size=16).shape == (3, 16) and network.passes == 1
    assert not any(module._forward_hooks for module in network.modules())


def test_features_are_what_the_layer_gave_even_if_the_next_one_works_in_place():
    network, x, *_ = setting()
    found = features.layer_features(
        network, ["first", "last"], x.expand(7, 1, 4, 4), pooling.flat, 3
    )
    assert torch.allclose(found["first"][0], network.first(x[None]).flatten(), atol=1e-6)
    assert (found["first"] < 0).any() and found["last"].shape == (7, 3)
    assert features.layer_shapes(network, x) == {"first": (5, 4, 4), "last": (3,)}


def test_a_method_of_a_network_is_played_by_its_layers_too():
    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.each, self.head = nn.Linear(3, 4), nn.Linear(4, 2)

        def from_embeddings(self, e):
            return self.head(self.each(e).mean(1))

    torch.manual_seed(0)
    network, e = Words().eval(), torch.rand(5, 3)
    who = Players(torch.arange(5)[:, None])
    game = layers.LayeredGame(
        network.from_embeddings, e, who, torch.zeros_like(e), values.log_odds(0),
        {"each": probes.early_head(network.head)},
    )  # fmt: skip
    table = game.table()
    assert torch.allclose(table[0], table[1], atol=1e-6)  # nothing lies between each and head


@pytest.mark.parametrize(
    "name,error,words",
    [
        ("frist", KeyError, "no layer 'frist'.*first"),
        ("idle", ValueError, "0 times in one pass"),
        ("act", ValueError, "2 times in one pass"),
    ],
)
def test_a_layer_that_cannot_be_played_is_an_error_that_says_so(name, error, words):
    with pytest.raises(error, match=words):
        layers.LayeredGame(*setting(), values.log_odds(0), {name: linear(5)})


def test_readings_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="'first' refused its features .*same pooling"):
        layers.LayeredGame(*setting(), values.log_odds(0), {"first": linear(6)})
    with pytest.raises(ValueError, match="readings: got none"):
        layers.LayeredGame(*setting(), values.log_odds(0), {})
    network, *rest = setting()
    with pytest.raises(ValueError, match="training mode"):
        layers.LayeredGame(network.train(), *rest, values.log_odds(0), {"first": linear(5)})


def test_the_planted_layers_hold_what_they_say():
    x = torch.ones(4, dtype=torch.float64)
    game = layers.LayeredGame(
        planted_layers(), x, Players(torch.arange(4)), torch.zeros_like(x), values.output(),
        planted_readings(), pooling.flat,
    )  # fmt: skip
    found = hs.and_interactions(game.table())
    for row, (layer, truth) in zip(found, planted_effects().items(), strict=True):
        expected = torch.zeros(16, dtype=torch.float64)
        for mask, value in truth.items():
            expected[mask] = value
        assert torch.equal(row, expected), layer


def blobs(rows: int, seed: int = 0, classes: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    """Classes around three corners, at a scale and a place of their own for each feature."""
    random = torch.Generator().manual_seed(seed)
    y = torch.arange(rows) % classes
    x = torch.eye(classes)[y] * 2 + torch.randn(rows, classes, generator=random)
    return torch.cat([x * 100 + 7, torch.full((rows, 1), 3.0)], 1), y


@pytest.mark.parametrize("classes", [2, 3])
def test_a_fitted_reading_is_where_the_gradient_vanishes(classes):
    x, y = blobs(240, classes=classes)
    reading, converged = probes.fit_reading(x, y, classes, penalty=0.01)
    logits = reading(x).double()
    miss = logits.softmax(1) - nn.functional.one_hot(y, classes)  # (N, C)
    assert converged and miss.mean(0).abs().max() < 1e-3  # the bias has no penalty
    spread = x.double().std(0, unbiased=False)
    weight = reading.weight.double() * spread  # in standardised features
    standard = (x.double() - x.double().mean(0)) / spread.clamp(min=1e-9)
    # two classes are fitted as one logit of twice the weight, whose penalty is shared out
    slope = miss.T @ standard / len(x) + 0.01 * weight * (2 if classes == 2 else 1)
    assert slope.abs().max() < 2e-3
    assert reading.weight[:, -1].abs().max() == 0  # a constant feature says nothing


def test_a_unit_that_is_silent_on_all_rows_but_one_does_not_shout_when_it_is_woken():
    x, y = blobs(600)
    x[:, -1] = 0
    x[0, -1] = 1e-2  # beside features of a hundred
    reading, _ = probes.fit_reading(x, y, 3)
    woken = x[:1].clone()
    woken[:, -1] = 10
    assert (reading(woken) - reading(x[:1])).abs().max() < 1


def test_a_good_probe_is_calibrated_and_selective_and_one_of_noise_is_not():
    train, test = blobs(600), blobs(600, seed=1)
    true = probes.fit_probe(train, test, 3)
    dealt = probes.fit_probe((train[0], train[1][torch.randperm(600)]), test, 3)
    assert true.test.accuracy > 0.75 and true.test.calibration < 0.06
    assert dealt.test.accuracy < 0.5 and probes.selectivity(true, dealt) > 0.3
    assert true.test.low < true.test.accuracy < true.test.high


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy():
    labels = torch.arange(200) % 2
    sure = torch.tensor([0.9, 0.1]).log().expand(200, 2)  # says 0 at 90 %, right at 50 %
    assert calibration.calibration_error(sure, labels) == pytest.approx(0.4, abs=1e-6)
    assert calibration.calibration_error(torch.zeros(200, 2), labels) == pytest.approx(0)


def test_a_class_without_rows_and_bad_features_are_refused():
    x, y = blobs(30)
    with pytest.raises(ValueError, match="expected each of 0 ... 3"):
        probes.fit_reading(x, y, 4)
    with pytest.raises(ValueError, match="NaN"):
        probes.fit_reading(x * torch.nan, y, 3)
    with pytest.raises(TypeError, match="Linear"):
        probes.early_head(nn.ReLU())


def test_the_head_applied_early_is_the_network_without_its_later_blocks():
    torch.manual_seed(0)
    network, x = ResNet20(width=4, stride=2).eval(), torch.rand(3, 1, 28, 28)
    found = features.layer_features(network, ["5", "11"], x)  # first stage, last block
    head = probes.early_head(network[-1])
    assert torch.allclose(head(found["11"]), network(x), atol=1e-5)
    short = nn.functional.pad(found["5"], (0, 12))  # shortcuts add zeros
    assert torch.allclose(head(found["5"]), network[-1](short), atol=1e-6)


def test_words_are_averaged_without_their_padding():
    output, ids = torch.rand(2, 3, 4), torch.tensor([[5, 6, 0, 0], [7, 8, 9, 0]])
    pooled = pooling.words(0)(output, ids)  # the network cut one column of padding off
    assert torch.allclose(pooled[0], output[0, :2].mean(0))
    assert torch.allclose(pooled[1], output[1].mean(0))
    assert pooling.cells(2)(torch.rand(2, 3, 5, 5), ids).shape == (2, 12)
    with pytest.raises(ValueError, match="rows: got 0"):
        pooling.cells(0)


def test_probes_are_kept_and_fitted_anew_when_the_network_changes(tmp_path, monkeypatch):
    path = tmp_path / "probe.pt"
    train, test = blobs(60), blobs(60, seed=1)
    probe = probes.fit_probe(train, test, 3)
    probe_sets._write(path, {"weights": "a"}, probe)
    again = probe_sets._read(path, {"weights": "a"})
    assert again[1:] == probe[1:] and torch.equal(again.reading.weight, probe.reading.weight)
    assert probe_sets._read(path, {"weights": "b"}) is None
    assert [p.name for p in tmp_path.iterdir()] == ["probe.pt"]
    frame = probe_sets.probe_frame({"first": probe})
    assert frame["split"].tolist() == ["train", "test"]
    assert probe_sets.fingerprint(linear(3)) != probe_sets.fingerprint(linear(3, seed=1))


def test_probes_by_name_are_fitted_once_a_layer_network_and_control(tmp_path, monkeypatch):
    monkeypatch.setitem(probe_sets.ROWS, "smoke", 120)
    where = lambda name, scale: tmp_path / scale / f"{name}.pt"  # noqa: E731
    monkeypatch.setattr(probe_sets.checkpoints, "checkpoint_path", where)
    fits, fit = [], probe_sets.fit_probe
    monkeypatch.setattr(probe_sets, "fit_probe", lambda *a: fits.append(1) or fit(*a))

    def load(names, **how):
        return probe_sets.load_probes(
            "lenet-mnist", names, "smoke", variants.untrained, pool=pooling.average, **how
        )

    first = load(["2"])
    both = load(["2", "5"])
    assert len(fits) == 2 and torch.equal(both["2"].reading.weight, first["2"].reading.weight)
    assert list(both) == ["2", "5"] and both["5"].reading.in_features == 16
    assert load(["2"], dealt=True)["2"].train.accuracy < first["2"].train.accuracy
    load(["2"], seed=1)
    assert len(fits) == 4
