"""Tables that come with the project are what their networks give; relatives are what they say."""

import json
import shutil

import pytest
import torch

from harsanyi.networks import data, files, table_samples, table_sets, tables, variants
from harsanyi.networks.values import logit

ROOT = files.project_root()
SHIPPED = [n for n in table_sets.SETS if (ROOT / "data" / "tables" / f"{n}.npz").is_file()]
CHEAP = ("lenet", "mlp7", "mlp", "cnn", "gru")
NAME = "lenet-mnist"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project with digits and no network yet."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "data").mkdir()
    for file in ("manifest.json", "README.md", "mnist-train.npz", "mnist-test.npz"):
        shutil.copy(ROOT / "data" / file, folder / "data" / file)
    return folder


@pytest.fixture
def small_set(root, monkeypatch):
    """A set of three LeNets on one small picture of a three."""
    monkeypatch.setenv("HARSANYI_ROOT", str(root))
    sources = [("trained", 1), ("random", 5), ("shuffled", 6)]
    plan = table_sets.TableSet(
        "A small set", "For tests.", "MIT",
        tuple(table_sets.Source(f"lenet {kind}", NAME, seed, kind) for kind, seed in sources),
        lambda scale: table_samples.choose_pictures([NAME], (3,), 2, 4, 3, scale),
        lambda model, sample: table_samples.picture_game("mnist", logit, model, sample),
        lambda source, model, scale: table_sets.score("mnist", source, model, scale),
    )  # fmt: skip
    monkeypatch.setitem(table_sets.SETS, "small", plan)
    return plan


def test_a_set_is_computed_kept_and_read_again(small_set, root):
    made = tables.compute("small", "smoke", progress=False)
    assert made.values.shape == (3, 1, 16) and made.values.dtype == torch.float64
    assert [source.kind for source in made.networks] == ["trained", "random", "shuffled"]
    trained, random, shuffled = (source.accuracy for source in made.networks)
    assert trained > 0.8 and max(random, shuffled) < 0.4
    tables.save("small", made)
    again = tables.load_tables("small")
    assert torch.equal(again.values, made.values) and again[1:] == made[1:]
    entry = json.loads((root / "data/manifest.json").read_text("utf-8"))["tables-small"]
    assert entry["files"]["tables/small.npz"]["sha256"] in (root / "data/README.md").read_text()
    sample, source = made.samples[0], made.networks[0]
    model = table_sets.rebuild(source, "smoke")
    assert source.accuracy == pytest.approx(variants.test_accuracy(model, NAME, "smoke"), abs=1e-4)
    assert torch.equal(small_set.game(model, sample).table().float().double(), made.values[0, 0])


def test_an_interrupted_run_goes_on_with_the_next_network(small_set, monkeypatch):
    tables.compute("small", "smoke", progress=False)
    monkeypatch.setattr(tables, "_rows_of", None)  # nothing is left to compute
    assert tables.compute("small", "smoke", progress=False).values.shape == (3, 1, 16)


def test_a_damaged_or_missing_file_is_an_error_with_the_command(small_set):
    path = tables.save("small", tables.compute("small", "smoke", progress=False))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="damaged.*python -m harsanyi.networks.tables small"):
        tables.load_tables("small")
    path.unlink()
    with pytest.raises(FileNotFoundError, match="python -m harsanyi.networks.tables small"):
        tables.load_tables("small")


def test_an_unknown_set_is_an_error_that_names_the_sets():
    with pytest.raises(KeyError, match="nope.*mnist-3"):
        tables.load_tables("nope")


def test_relatives_differ_in_what_they_say_and_in_nothing_else(small_set):
    first, again = (variants.seeded(NAME, 1, "smoke") for _ in range(2))  # trained, then loaded
    other = variants.shuffled(NAME, 1, "smoke")
    weights = [next(net.parameters()) for net in (first, again, other)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
    assert not any(net.training for net in (first, other, variants.untrained(NAME, 1, "smoke")))
    labels = torch.arange(50) % 7
    assert torch.equal(variants.deal(labels, 3).sort().values, labels.sort().values)
    assert not torch.equal(variants.deal(labels, 3), variants.deal(labels, 4))
    with pytest.raises(KeyError, match="lenet-cars"):
        variants.shuffled("lenet-cars")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_set_is_whole(name):
    found, plan = tables.load_tables(name), table_sets.SETS[name]
    players = len(found.samples[0]["names"])
    assert found.values.shape == (len(found.networks), len(found.samples), 2**players)
    assert tuple(source._replace(accuracy=0.0) for source in found.networks) == plan.sources
    assert torch.isfinite(found.values).all() and found.values.std(-1).min() > 0
    assert all(len(set(sample["names"])) == players for sample in found.samples)
    assert len({sample["index"] for sample in found.samples}) == len(found.samples)
    trained = found.of("trained")
    assert trained.values.shape[0] == len(trained.networks) < len(found.networks)
    worst = min(source.accuracy for source in trained.networks)
    assert worst > max(s.accuracy for s in found.networks if s.kind != "trained")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_networks_that_need_no_training_give_the_shipped_values(name):
    found, plan = tables.load_tables(name), table_sets.SETS[name]
    cheap = [i for i, source in enumerate(found.networks)
             if source.kind == "random" and source.name.split()[0] in CHEAP]  # fmt: skip
    for i in cheap:
        model = plan.make(found.networks[i], "laptop")
        for at in (0, len(found.samples) - 1):
            value = plan.game(model, found.samples[at]).table()
            assert torch.allclose(value, found.values[i, at], atol=1e-4)
    assert cheap


@pytest.mark.parametrize("name", sorted({"mnist", "mnist-3", "fashion-mnist"} & {*SHIPPED}))
def test_patches_of_shipped_pictures_lie_on_ink_and_labels_are_the_test_rows(name):
    test = data.load("fashion-mnist" if name == "fashion-mnist" else "mnist", "test")
    for sample in tables.load_tables(name).samples:
        assert sample["label"] == test.y[sample["index"]]
        owner = table_samples.picture_owner(sample)
        for player in range(len(sample["names"])):
            assert (owner == player).sum() == sample["size"] ** 2
            assert test.x[sample["index"], 0][owner == player].sum() > 0


def test_the_controls_share_no_first_weights_with_a_trained_network():
    for plan in table_sets.SETS.values():
        trained = {(s.network.split("-")[0], s.seed) for s in plan.sources if s.kind == "trained"}
        others = {(s.network.split("-")[0], s.seed) for s in plan.sources if s.kind != "trained"}
        assert not trained & others
        assert len({s.name for s in plan.sources}) == len(plan.sources)


def test_words_that_play_are_function_words_only_where_others_run_out():
    words = "The plot of the film is a cat with good jokes".split()
    few, many = (table_samples.playing_words(words, n, seed=1) for n in (5, 8))
    assert [words[at] for at in few] == ["plot", "film", "cat", "good", "jokes"]
    assert set(few) < set(many) and many == sorted(many)


def test_spread_rows_can_play_and_are_as_many_as_asked():
    assert list(table_samples.spread(range(100), 4, lambda row: row % 10 == 3)) == [3, 33, 53, 83]
    with pytest.raises(ValueError, match="of which 1 can play, expected 3"):
        list(table_samples.spread(range(9), 3, lambda row: row == 2))
