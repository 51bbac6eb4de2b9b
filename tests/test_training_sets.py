"""Tables along training are what the snapshots give; a course takes one training apart."""

import shutil

import pytest
import torch

from harsanyi.networks import (
    data,
    descent,
    files,
    recipes,
    table_plans,
    table_sets,
    tables,
    training_samples,
    training_sets,
    trajectories,
    trajectory_plans,
    variants,
)

ROOT = files.project_root()
SHIPPED = [n for n in training_sets.SETS if (ROOT / "data" / "tables" / f"{n}.npz").is_file()]
SAMPLE = {"index": 30, "label": 0, "names": ["a", "b", "c", "d"], "size": 4, "split": "train",
          "mislabelled": False, "patches": [[4, 12], [8, 8], [8, 16], [16, 12]]}  # fmt: skip
PLAN = table_plans.TableSet(
    "A small set", "For tests.", "MIT",
    (table_plans.Source("lenet seed 1", "lenet-mnist", 1, "trained", noise=0.1),),
    lambda scale: [SAMPLE, SAMPLE | {"split": "test"}], training_samples.digit_game,
    part=training_sets.training_part,
)  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project with digits and no network yet."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "data").mkdir()
    for file in ("manifest.json", "README.md", "mnist-train.npz", "mnist-test.npz"):
        shutil.copy(ROOT / "data" / file, folder / "data" / file)
    return folder


@pytest.fixture
def made(root, monkeypatch):
    """The tables of PLAN along 3 epochs on 100 digits."""
    monkeypatch.setenv("HARSANYI_ROOT", str(root))
    monkeypatch.setattr(trajectories, "MEASURED", 50)
    plan = descent.Plan(3, batch=50, rows=100, snapshots=4)
    monkeypatch.setitem(trajectory_plans.PLANS["lenet"], "smoke", plan)
    monkeypatch.setitem(table_sets.SETS, "training-small", PLAN)
    return tables.compute("training-small", "smoke", progress=False)


def test_a_set_is_kept_and_read_again_with_its_losses_and_its_curve(made):
    tables.save("training-small", made)
    again = tables.load_tables("training-small")
    assert torch.equal(again.values, made.values) and again[1:] == made[1:]
    run = trajectories.trajectory("lenet-mnist", 1, 0.1, "smoke")
    course = training_sets.trajectory_of(again, "lenet seed 1")
    assert course.steps == run.steps and course.epochs == pytest.approx(run.epochs, abs=1e-4)
    assert course.curve.equals(run.curve.round(4))
    at = run.curve.set_index("step").loc[list(run.steps)]
    for field, column in (("train_loss",) * 2, ("test_loss",) * 2, ("train_accuracy",) * 2,
                          ("accuracy", "test_accuracy")):  # fmt: skip
        assert getattr(course, field) == pytest.approx(at[column].tolist(), abs=1e-4)
    assert [source.curve is None for source in again.networks] == [True, True, True, False]


def test_each_entry_is_what_the_snapshot_gives(made):
    run = trajectories.trajectory("lenet-mnist", 1, 0.1, "smoke")
    for number in (0, -1):
        for at, sample in enumerate(made.samples):
            value = PLAN.game(run.network(number), sample).table()
            found = made.values[number, at]
            assert (found - value).abs().max() <= (value.max() - value.min()) * 2.0**-11
    assert not torch.equal(made.values[:, 0], made.values[:, 1])  # the splits differ


def test_a_course_holds_the_samples_of_one_kind(made):
    course = training_sets.trajectory_of(made, "lenet seed 1", "train")
    assert course.samples == (SAMPLE,) and torch.equal(course.values, made.values[:, :1])
    assert training_sets.runs_of(made) == ("lenet seed 1",)
    with pytest.raises(KeyError, match="'lenet seed 7'.*lenet seed 1"):
        training_sets.trajectory_of(made, "lenet seed 7")
    with pytest.raises(ValueError, match="'train', True.*'test', False"):
        training_sets.trajectory_of(made, "lenet seed 1", "train", mislabelled=True)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_training_starts_untrained_and_learns(name):
    found = tables.load_tables(name)
    for run in training_sets.runs_of(found):
        course = training_sets.trajectory_of(found, run)
        assert course.steps[0] == 0 and len(course.steps) == 8 == len(course.values)
        assert course.train_accuracy[0] < 0.6 < 0.95 < course.train_accuracy[-1]
        assert course.train_loss[-1] < 0.1 < course.test_loss[-1] and len(course.curve) > 20
        assert set(course.steps) <= set(course.curve["step"])
    groups = [(s["split"], s["mislabelled"]) for s in found.samples]
    assert len({groups.count(group) for group in groups}) == 1  # as many of each kind


@pytest.mark.parametrize("name", [n for n in SHIPPED if n != "training-furniture"])
def test_untrained_networks_give_the_first_values(name):
    found, plan = tables.load_tables(name), table_sets.SETS[name]
    for i, source in enumerate(found.networks):
        if source.step or source.name.startswith(("vgg11", "mlp7")) or source.seed:
            continue  # settled on training rows, or dear
        rows = trajectory_plans.training_rows(source.network)
        task = recipes.find(source.network, "laptop").task(rows.data, "laptop")
        model = variants._built(task, source.seed).eval()
        for at in (0, len(found.samples) - 1):
            value = plan.game(model, found.samples[at]).table()
            spread = value.max() - value.min()
            assert torch.allclose(value, found.values[i, at], atol=float(spread) / 1000)


@pytest.mark.parametrize("name", [n for n in SHIPPED if n != "training-furniture"])
def test_samples_are_chosen_without_any_network(name):
    assert tuple(table_sets.SETS[name].choose("laptop")) == tables.load_tables(name).samples


def test_clusters_of_a_shipped_shape_hold_all_its_points():
    for sample in tables.load_tables("training-furniture").samples:
        assert len(sample["owner"]) == 256 and set(sample["owner"]) == set(range(10))
        split = data.load("furniture", sample["split"])
        assert split.y[sample["index"]] == sample["label"]


def test_rows_told_wrong_were_told_so_in_every_noisy_run():
    found = tables.load_tables("training-noise")
    true = data.load("mnist", "train").y
    noises = {source.noise for source in found.networks}
    assert noises == set(training_sets.NOISES)
    for noise in noises - {0.0}:
        rows = trajectory_plans.training_rows("lenet-mnist", noise)
        given = dict(zip(rows.index.tolist(), rows.labels.tolist(), strict=True))
        for sample in found.samples:
            if sample["split"] == "train":
                assert given[sample["index"]] == sample["label"]
                assert (sample["label"] != true[sample["index"]]) == sample["mislabelled"]
