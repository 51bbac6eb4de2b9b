"""Planted concepts, greedy pruning and attacks against what can be said of them by hand."""

import pytest
import torch

import harsanyi as hs
from harsanyi.core.transforms import zeta
from harsanyi.studies import adversarial, concepts


def tables(count=3, n=5, seed=0):
    random = torch.Generator().manual_seed(seed)
    return torch.randn((count, 2**n), generator=random, dtype=torch.float64)


def test_dividends_recover_add_mul_exactly_and_other_indices_do_not():
    planted = concepts.add_mul_tables(6, 7, 1)
    tables = concepts.indices(planted.v).items()
    found = {name: concepts.top_overlap(effects, planted.truth) for name, effects in tables}
    assert bool((found["dividends"] == 1).all())
    assert all(float(found[name].mean()) < 0.9 for name in ("SI", "STI2", "STI3"))
    assert bool((planted.truth == (hs.and_interactions(planted.v).abs() > 1e-9)).all())


def test_top_overlap_by_hand():
    effects = torch.tensor([[0.0, 3.0, -2.0, 1.0], [0.0, 0.0, 0.0, 1.0]])
    truth = torch.tensor([[False, True, False, True], [False, True, False, True]])
    assert concepts.top_overlap(effects, truth).tolist() == [1 / 3, 1 / 2]  # zeros never count


def test_patterns_do_not_contain_each_other():
    patterns = [set(p) for p in concepts.and_or_patterns(8, 5, 3)]
    assert all(2 <= len(p) <= 4 for p in patterns)
    assert not any(a <= b for a in patterns for b in patterns if a is not b)


def test_a_taught_network_knows_when_a_pattern_is_on():
    patterns = concepts.and_or_patterns(6, 2, 0)
    model, right = concepts.learn_and_or(patterns, 6, False, 6000, 6, 0)
    planted = concepts.and_or_tables(model, patterns, 6, 10, 0)
    assert right > 0.9 and planted.v.shape == (10, 64)
    assert bool((planted.truth.sum(-1) >= 1).all())
    assert bool((planted.v[:, -1] > planted.v[:, 0]).double().mean() > 0.8)


def test_unfaithfulness_of_dividends_is_zero_and_pairs_fit_best_of_all_pairs():
    v = tables()
    assert float(concepts.unfaithfulness(hs.and_interactions(v), v).max()) < 1e-20
    best = concepts.unfaithfulness(concepts.best_pairs(v), v)
    assert bool((best <= concepts.unfaithfulness(hs.interaction_index(v, "STII", 2), v)).all())
    nudged = concepts.best_pairs(v)
    nudged[:, 3] += 0.01
    assert bool((best < concepts.unfaithfulness(nudged, v)).all())


def test_pruning_takes_the_least_missed_pattern_at_every_step():
    v = tables(2, 4)
    effects, ranks = hs.and_interactions(v), concepts.keep_ranks(hs.and_interactions(v))
    for w, rank in zip(effects, ranks, strict=True):
        assert sorted(rank.tolist()) == list(range(1, 17)) and rank[0] == 16
        left = w.clone()
        for step in range(15, 0, -1):
            errors = []
            for mask in range(1, 16):
                without = left.clone()
                without[mask] = 0.0
                error = float((zeta(w) - zeta(without)).square().sum())
                errors.append(error if rank[mask] <= step else float("inf"))
            gone = int((rank == step).nonzero())
            assert errors[gone - 1] == pytest.approx(min(errors))
            left[gone] = 0.0


def test_kept_keeps_k_patterns():
    v = tables()
    ranks = concepts.keep_ranks(hs.and_interactions(v))
    assert concepts.kept(v, ranks, 4).and_.count_nonzero(-1).tolist() == [4, 4, 4]
    assert torch.allclose(concepts.kept(v, ranks, 31).reconstruct(), v)


def test_an_attack_stays_within_its_radius_and_raises_the_loss():
    torch.manual_seed(0)
    model, x, y = concepts.dense(6, 2, 3).eval(), torch.randn(50, 6), torch.randint(2, (50,))
    loss = torch.nn.functional.cross_entropy
    moved = adversarial.attack(model, x, y, loss, 5)
    assert float((moved - x).abs().max()) <= adversarial.RADIUS + 1e-6
    with torch.no_grad():
        assert float(loss(model(moved), y)) > float(loss(model(x), y))
    assert torch.equal(adversarial.attack(model, x, y, loss, 0), x)


def test_two_seeds_of_a_number_and_of_a_class_are_repeatable():
    for name in ("mlp-bikes", "mlp-census"):
        runs = [adversarial.two_seeds(name, 2, True, 1, 600, 1, 3, "smoke") for _ in range(2)]
        for one, other in zip(*runs, strict=True):
            assert torch.equal(torch.as_tensor(one), torch.as_tensor(other))
        assert bool(((runs[0].interactions > 0) & (runs[0].interactions < 1)).all())
        assert runs[0].score < 1
