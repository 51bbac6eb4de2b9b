"""Layered tables are what each layer's readings give; the helpers take them apart as they say."""

import shutil

import pytest
import torch

from harsanyi.networks import (
    LayeredGame,
    architectures,
    files,
    layer_readings,
    layer_sets,
    probe_sets,
    table_plans,
    table_samples,
    table_sets,
    tables,
    variants,
)
from harsanyi.networks.features import layer_shapes
from harsanyi.networks.values import log_odds
from harsanyi.studies.stability import noisy_tables

ROOT, NAME = files.project_root(), "resnet20-mnist"
SHIPPED = [n for n in layer_sets.SETS if (ROOT / "data" / "tables" / f"{n}.npz").is_file()]
SAMPLE = {"index": 30, "label": 0, "names": ["a", "b", "c", "d"], "size": 4,
          "patches": [[4, 12], [8, 8], [8, 16], [16, 12]]}  # fmt: skip


# two layers of a network with random weights, which needs no training
PLAN = table_plans.TableSet(
    "A small set", "For tests.", "MIT",
    layer_readings.sources_of(NAME, 5, "random", "dealt", "early", layers=["block 1", "block 9"]),
    lambda scale: layer_sets.with_draws([SAMPLE], 2),
    lambda model, sample: layer_sets.noisy_game("mnist", model, sample),
    part=layer_readings.layered_part,
)  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project with digits and nothing else."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "data").mkdir()
    for file in ("manifest.json", "README.md", "mnist-train.npz", "mnist-test.npz"):
        shutil.copy(ROOT / "data" / file, folder / "data" / file)
    return folder


@pytest.fixture
def made(root, monkeypatch):
    """The tables of PLAN at the smoke scale; computed once, then found in the project."""
    monkeypatch.setenv("HARSANYI_ROOT", str(root))
    monkeypatch.setitem(table_sets.SETS, "layers-small", PLAN)
    monkeypatch.setitem(probe_sets.ROWS, "smoke", 200)
    return tables.compute("layers-small", "smoke", progress=False)


def test_a_layered_set_is_kept_and_read_again_with_what_was_measured(made):
    tables.save("layers-small", made)
    again = tables.load_tables("layers-small")
    assert torch.equal(again.values, made.values) and again[1:] == made[1:]
    assert made.values.shape == (7, 3, 16)
    for source in made.networks:
        assert 0 <= source.accuracy <= 1 and 0 <= source.calibration <= 1
        assert (source.fitted is None) == (source.reading in ("early", "head"))
    good = {(s.reading, s.layer): s for s in made.networks}
    assert good["probe", "block 9"].accuracy > good["dealt", "block 9"].accuracy
    assert good["early", "block 9"].accuracy == good["head", "output"].accuracy


def test_each_entry_is_what_the_layered_game_gives(made):
    model = table_plans.rebuild(PLAN.sources[0], "smoke")
    game = PLAN.game(model, SAMPLE | {"draw": 0})
    found = probe_sets.load_probes(
        NAME, ["3", "11"], "smoke", variants.untrained, 5, pool=layer_readings.CELLS
    )
    layered = LayeredGame(
        model, game.x, game.players, game.baseline, log_odds(0), probe_sets.readings(found),
        layer_readings.CELLS,
    )  # fmt: skip
    values, layers = layer_sets.layers_of(made, "resnet20 random")
    assert layers == ("block 1", "block 9", "output")
    assert torch.allclose(values[:, 0], layered.table(), atol=1e-4)


def test_the_head_applied_to_the_last_block_is_the_output(made):
    values, layers = layer_sets.layers_of(made, "resnet20 random", "early")
    assert torch.allclose(values[1], values[2], atol=1e-4)
    assert not torch.allclose(values[0], values[2], atol=1e-2)
    assert layers == ("block 1", "block 9", "output")


def test_draws_are_the_noise_of_the_study_of_stability(made):
    clean, noisy, layers = layer_sets.draws_of(made, "resnet20 random")
    assert clean.shape == (3, 1, 16) and noisy.shape == (3, 2, 1, 16)
    model = table_plans.rebuild(PLAN.sources[0], "smoke")
    game = table_samples.picture_game("mnist", log_odds, model, SAMPLE)

    def table(x):
        return type(game)(model, x, game.players, game.baseline, game.value).table()

    expected = noisy_tables(table, game.x, layer_sets.DEVIATION, 2, seed=SAMPLE["index"])
    assert torch.allclose(noisy[-1, :, 0], expected, atol=1e-4)
    assert torch.allclose(clean[-1, 0], game.table(), atol=1e-4)


def test_rounding_stays_within_half_a_step_of_the_range_and_fits_a_float32():
    v = torch.randn(50, 64, dtype=torch.float64) * torch.logspace(-3, 3, 50)[:, None]
    v[0] = 7.1  # a table that does not vary stays as it is
    found = layer_readings.rounded(v)
    spread = v.amax(-1) - v.amin(-1)
    assert ((found - v).abs().amax(-1) <= spread * 2**-21).all()
    assert torch.equal(found[1:].float().double(), found[1:]) and torch.equal(found[0], v[0])


def test_what_a_set_does_not_hold_is_an_error_that_says_what_it_holds(made):
    with pytest.raises(KeyError, match="resnet20 seed 0.*resnet20 random.*probe"):
        layer_sets.layers_of(made)
    with pytest.raises(KeyError, match="early"):
        layer_sets.layers_of(made, "resnet20 random", "late")
    plain = made._replace(samples=({"index": 1},))
    with pytest.raises(ValueError, match="layers-noise"):
        layer_sets.draws_of(plain, "resnet20 random")


def test_the_frame_has_a_row_for_each_reading_in_the_order_of_the_pass(made):
    frame = layer_sets.quality_frame(made)
    assert frame["depth"].tolist() == [0, 1] * 3 + [2]
    assert frame["reading"].tolist()[-1] == "head" and frame["fitted"].isna().sum() == 3


@pytest.mark.parametrize("stem,model,shape", [
    ("mlp7", architectures.MLP7(width=8), (1, 28, 28)),
    ("vgg11", architectures.VGG11(width=1), (1, 28, 28)),
    ("resnet20", architectures.ResNet20(width=2, stride=2), (1, 28, 28)),
    ("mlp", architectures.TabularMLP(12, 2, width=8), (12,)),
])  # fmt: skip
def test_the_layers_of_an_anatomy_run_in_their_order_and_the_head_last(stem, model, shape):
    ran = list(layer_shapes(model.eval(), torch.rand(shape)))
    anatomy = layer_readings.ANATOMY[stem]
    places = [ran.index(module) for module in (*anatomy.layers.values(), anatomy.head)]
    assert places == sorted(places)
    assert isinstance(model.get_submodule(anatomy.head), torch.nn.Linear)


@pytest.mark.parametrize("name", SHIPPED)
def test_each_network_of_a_shipped_set_can_be_taken_apart(name):
    found = tables.load_tables(name)
    for label in {source.name for source in found.networks}:
        values, layers = layer_sets.layers_of(found, label)
        assert values.shape[:2] == (len(layers), len(found.samples)) and layers[-1] == "output"
    frame = layer_sets.quality_frame(found)
    fitted = frame[frame["kind"] == "trained"].pivot_table(
        "fitted", ["network", "layer"], "reading"
    )
    if "dealt" in fitted:
        assert (fitted["probe"] > fitted["dealt"])[fitted["dealt"].notna()].all()
