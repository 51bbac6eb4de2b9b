"""Moments of a run, and whether two of them belong together more than runs paired anew."""

import math

import numpy as np
import pandas as pd
import pytest

from harsanyi.studies import overfitting as study
from harsanyi.studies.planted_training import planted_trajectory

TIMES = [0, 1, 2, 4, 8, 16, 32, 64]
TRAIN = [2.3, 1.5, 0.8, 0.4, 0.2, 0.05, 0.01, 0.0]
TEST = [2.3, 1.5, 0.8, 0.4, 0.25, 0.3, 0.5, 0.7]
RIGHT = [0.1, 0.4, 0.7, 0.9, 0.93, 0.95, 0.95, 0.94]


def made(runs: int = 12, noise: float = 0.0, delay: float = 4.0, seed: int = 0) -> pd.DataFrame:
    """Runs whose second moment follows the first, or not."""
    random = np.random.default_rng(seed)
    first = 2.0 ** np.arange(runs)
    second = delay * first * 2 ** (noise * random.standard_normal(runs))
    group = ["one", "two"] * (runs // 2)
    return pd.DataFrame({"turn": first, "onset": second, "network": group})


def test_the_gap_leaves_its_floor_once():
    assert study.gap_onset(TIMES, TRAIN, TEST) == 16
    bumpy = [2.3, 1.9, 0.8, 0.4, 0.25, 0.3, 0.5, 0.7]  # an early bump is no onset
    assert study.gap_onset(TIMES, TRAIN, bumpy) == 16
    assert study.gap_onset(TIMES, TRAIN, TEST, share=0.001) == 8


def test_a_gap_that_does_not_grow_has_no_onset():
    assert math.isnan(study.gap_onset(TIMES, TRAIN, TRAIN))
    shrinks = [0.7, 0.6, 0.4, 0.3, 0.2, 0.1, 0.05, 0.0]
    assert math.isnan(study.gap_onset(TIMES, [0.0] * 8, shrinks))


def test_a_gap_that_wrong_labels_make_negative_has_its_onset_at_its_floor():
    train = [2.3, 2.3, 2.2, 1.9, 1.5, 0.9, 0.3, 0.0]
    test = [2.3, 2.2, 1.8, 1.3, 0.8, 0.85, 1.4, 2.0]
    assert study.gap_onset(TIMES, train, test) == 16


def test_half_of_a_climb():
    assert study.climbed(TIMES, [5, 4, 2, 2.5, 3, 3.2, 3.6, 4]) == 8
    assert math.isnan(study.climbed(TIMES, [5, 4, 3, 2.5, 2, 1.8, 1.6, 1.5]))


def test_a_loss_halves_or_does_not():
    assert study.halving(TIMES, TRAIN) == 2
    assert math.isnan(study.halving(TIMES, [2.3] * 8))


def test_moments_of_a_planted_run():
    found = planted_trajectory([5, 4.3, 3.4, 2.5, 2.1, 2.6, 3.2, 3.8])
    losses = {"epoch": TIMES, "train_loss": TRAIN, "test_loss": TEST, "test_accuracy": RIGHT}
    row = study.moments(found, TIMES, pd.DataFrame(losses))
    assert row["verdict"] == "two phases" and row["turn"] == 8 == row["lowest"]
    assert row["onset"] == 16
    assert row["turn_low"] <= row["turn"] <= row["turn_high"] and row["halved"] == 2
    assert row["climbed"] == 32 and row["loss_cost"] == 0
    finer = pd.DataFrame({name: np.repeat(column, 2) for name, column in losses.items()})
    finer["epoch"] += 0.5 * (np.arange(16) % 2)
    assert study.moments(found, TIMES, finer)["onset"] == 16


def test_moments_that_belong_together_are_told_from_those_that_do_not():
    near = study.belong_together(made(noise=0.3), "turn", "onset")
    assert near["p"] < 0.01 and near["distance"] < 0.5 < near["paired_anew"]
    assert near["before"] == 1 and near["rank"] > 0.9
    loose = [
        study.belong_together(made(noise=30, seed=seed), "turn", "onset")["p"] for seed in range(8)
    ]
    assert min(loose) > 0.005 and np.median(loose) > 0.1


def test_a_constant_delay_is_no_distance():
    row = study.belong_together(made(delay=4.0), "turn", "onset")
    assert row["factor"] == pytest.approx(4) and row["distance"] == pytest.approx(0)


def test_what_is_the_same_in_all_runs_says_nothing():
    runs = made().assign(onset=8.0)
    row = study.belong_together(runs, "turn", "onset")
    assert row["p"] == 1 and math.isnan(row["rank"])


def test_within_groups_a_difference_between_groups_does_not_count():
    runs = made(noise=0.0)
    runs["turn"] = np.where(runs["network"] == "one", 1.0, 100.0)
    runs["onset"] = 2 * runs["turn"]
    assert study.belong_together(runs, "turn", "onset")["p"] < 0.01
    assert study.belong_together(runs, "turn", "onset", within="network")["p"] == 1


def test_runs_without_a_moment_are_left_out_and_step_zero_is_allowed():
    runs = made()
    runs.loc[0, "onset"] = float("nan")
    runs.loc[1, "turn"] = 0.0
    assert study.belong_together(runs, "turn", "onset")["runs"] == 11
    with pytest.raises(ValueError, match="3 or more"):
        study.belong_together(runs[:3], "turn", "onset")


def test_what_stopping_costs():
    cost = study.stopping(TIMES, TEST, RIGHT, 4)
    assert cost["loss_cost"] == pytest.approx(0.15) and cost["accuracy"] == 0.9
    assert cost["accuracy_cost"] == pytest.approx(0.05)
    with pytest.raises(ValueError, match="one of"):
        study.stopping(TIMES, TEST, RIGHT, 5)
