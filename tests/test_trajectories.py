"""Networks along their training: seeded, resumable, with few wrong labels where asked."""

import shutil

import pytest
import torch
from torch import nn

from harsanyi.networks import descent, files, trajectories, trajectory_plans

ROOT, NAME = files.project_root(), "lenet-mnist"
PLAN = descent.Plan(6, batch=10, snapshots=4)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project with digits and no network yet."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "data").mkdir()
    for file in ("manifest.json", "mnist-train.npz", "mnist-test.npz"):
        shutil.copy(ROOT / "data" / file, folder / "data" / file)
    return folder


@pytest.fixture
def small(root, monkeypatch):
    """Trajectories of 4 epochs on 100 digits."""
    monkeypatch.setenv("HARSANYI_ROOT", str(root))
    monkeypatch.setattr(trajectories, "MEASURED", 50)
    plan = descent.Plan(4, batch=50, rows=100, snapshots=4)
    monkeypatch.setitem(trajectory_plans.PLANS["lenet"], "smoke", plan)
    return lambda *given: trajectories.trajectory(NAME, *given, scale="smoke", progress=False)


def made(measure=lambda model: (0.0, 0.0), seed=3):
    """A small network with batch normalisation and dropout on 35 rows."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        x, y = torch.randn(35, 4), torch.randint(3, (35,))
        layers = nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 3)
        model = nn.Sequential(*layers)
    return descent.Descent(model, x, y, nn.functional.cross_entropy, PLAN, seed, measure)


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_moments_begin_before_training_and_end_with_it():
    kept, measured = descent.moments(descent.Plan(256, first=4), 2000)
    assert kept == (0, 64, 128, 256, 512, 1024, 2048, 4096)
    assert set(kept) <= set(measured) and measured[0] == 0 and len(measured) > 20
    assert descent.moments(descent.Plan(1, batch=4), 4) == ((0, 1), (0, 1))


def test_an_interrupted_run_ends_like_one_that_was_not(tmp_path):
    whole = made()
    whole.run(tmp_path / "whole", "", progress=False)
    calls = []

    def breaks(model):
        calls.append(1)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return 0.0, 0.0

    with pytest.raises(KeyboardInterrupt):
        made(breaks).run(tmp_path / "part", "", progress=False)
    again = made()
    again.run(tmp_path / "part", "", progress=False)
    assert again.curve == whole.curve
    assert [row[0] for row in whole.curve] == list(whole.measured)
    assert len(whole.states) == len(again.states) == len(whole.kept)
    assert all(map(same, whole.states, again.states))
    assert not same(whole.states[0], whole.states[-1])


def test_a_state_of_another_plan_is_left_alone(tmp_path):
    run = made()
    run.run(tmp_path / "state", "", progress=False)
    other = made()
    other.plan = PLAN._replace(rate=0.02)
    other._load(tmp_path / "state")
    assert other.done == 0 and not other.states


def test_the_seed_sets_the_order_and_the_callers_chance_stays(tmp_path):
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    first, second = made(seed=1), made(seed=2)
    for number, run in enumerate((first, second)):
        run.run(tmp_path / str(number), "", progress=False)
    assert torch.equal(torch.rand(3), expected)
    assert same(first.states[0], second.states[0]) and not same(first.states[1], second.states[1])


def test_statistics_are_of_the_training_rows_and_the_weights_stay():
    run = made()
    before = [p.clone() for p in run.model.parameters()]
    descent.settle(run.model, [run.inputs])
    hidden = run.model[0](run.inputs)
    assert torch.allclose(run.model[1].running_mean, hidden.mean(0), atol=1e-6)
    assert torch.allclose(run.model[1].running_var, hidden.var(0), atol=1e-5)
    assert all(map(torch.equal, before, run.model.parameters()))
    assert run.model[1].momentum == 0.1 and not run.model.training


def test_a_loss_that_is_not_finite_is_an_error(tmp_path):
    run = made()
    run.inputs = run.inputs * torch.inf
    with pytest.raises(ValueError, match="rate of learning"):
        run.run(tmp_path / "state", "", progress=False)


def test_wrong_labels_are_nested_and_as_many_as_asked():
    labels = torch.arange(500) % 7
    few, many = (trajectory_plans.misdeal(labels, noise, 7) for noise in (0.1, 0.4))
    for (given, wrong), noise in ((few, 0.1), (many, 0.4)):
        assert wrong.sum() == 500 * noise and torch.equal(wrong, given != labels)
        assert 0 <= given.min() and given.max() < 7
    assert (few[1] <= many[1]).all() and torch.equal(few[0][few[1]], many[0][few[1]])
    assert not trajectory_plans.misdeal(labels, 0.0, 7)[1].any()
    with pytest.raises(ValueError, match="got 1.2"):
        trajectory_plans.misdeal(labels, 1.2, 7)


def test_a_trajectory_is_kept_and_read_again(small, root):
    first, again = small(1), small(1)
    assert first.record == again.record and all(map(same, first.states, again.states))
    assert first.steps[0] == 0 and first.epochs[-1] == 4 and len(first.states) == len(first.steps)
    folder = root / "build/networks/smoke/trajectories"
    assert {p.name for p in folder.iterdir()} == {
        f"{NAME}-seed-1-noise-0{e}" for e in (".pt", ".json")
    }
    curve = first.curve
    assert set(first.steps) <= set(curve["step"]) and curve["wrong"].isna().all()
    model, rows = first.network(-1), trajectory_plans.training_rows(NAME, 0.0, "smoke")
    picks = torch.linspace(0, 99, 50).round().long()
    with torch.no_grad():
        loss = nn.functional.cross_entropy(model(rows.data.x[picks]), rows.labels[picks])
    assert not model.training
    assert curve["train_loss"].iloc[-1] == pytest.approx(loss.item(), rel=1e-4)


def test_runs_that_differ_in_noise_begin_alike(small):
    clean, noisy = small(0, 0.0), small(0, 0.4)
    assert same(clean.states[0], noisy.states[0]) and not same(clean.states[-1], noisy.states[-1])
    assert noisy.record["wrong_rows"] == 40 and noisy.curve["wrong"].notna().all()


def test_another_plan_trains_anew(small, monkeypatch):
    small(2)
    monkeypatch.setitem(trajectory_plans.PLANS["lenet"], "smoke", descent.Plan(2, rows=20))
    assert small(2).record["rows"] == 20


def test_what_is_not_planned_is_an_error_that_says_what_is():
    with pytest.raises(KeyError, match="minilm-sentences.*lenet"):
        trajectories.trajectory("minilm-sentences")
    with pytest.raises(KeyError, match="lenet-cars"):
        trajectories.trajectory("lenet-cars")
    with pytest.raises(ValueError, match="huge"):
        trajectories.trajectory(NAME, scale="huge")
