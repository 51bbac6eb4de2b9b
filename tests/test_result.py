"""The result object and the comparison of results."""

import math

import pytest
import torch

import harsanyi as hs
from harsanyi.core.result import Effect

SEED = hs.games.seed_example()


def planted():
    return hs.Interactions(SEED.and_, SEED.or_, torch.tensor(0.0), SEED.names)


def random_results(count, n=6):
    v = torch.randn(count, 2**n, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return hs.Interactions.from_table(v)


def test_a_game_and_its_explanations():
    v = SEED.v + 2.0
    for result in (hs.Interactions.from_table(v), hs.Interactions.from_table_or(v)):
        assert torch.allclose(result.reconstruct(), v)
        assert torch.allclose(result.dividends, SEED.dividends)
        assert result.empty == 2.0 and result.n == 5


def test_top_lists_the_strongest_first():
    result = hs.Interactions.from_table(torch.tensor([0.0, 1.0, -3.0, -2.5]).double(), ["a", "b"])
    assert result.top(2) == [Effect("and", (1,), "{b}", -3.0), Effect("and", (0,), "{a}", 1.0)]
    assert [e.kind for e in planted().top(9)] == ["and", "and", "and", "or"]
    assert len(planted()) == 4


def test_salient_keeps_what_exceeds_the_threshold():
    result = hs.Interactions.from_table(
        hs.zeta(torch.tensor([0.0, 1.0, 0.049, 0.06], dtype=torch.float64))
    )
    assert len(result.salient()) == 2
    assert len(result.salient(threshold=0.05, scale=2.0)) == 1
    assert len(result.salient(threshold=0.0)) == 3


def test_salient_thresholds_each_game_of_a_batch_by_itself():
    results = random_results(3)
    for i in range(3):
        assert torch.equal(results.salient().and_[i], results[i].salient().and_)


def test_by_order_adds_up_to_the_strength():
    profile = planted().by_order()
    assert profile.positive.tolist() == [0, 3, 1, 0, 0] and not profile.negative.any()
    results = random_results(4)
    assert torch.allclose(results.by_order().strength.sum(-1), results.and_.abs().sum(-1))


def test_frame_and_shapiq():
    frame = planted().to_frame()
    assert list(frame.columns) == ["kind", "coalition", "order", "strength"] and len(frame) == 4
    values = hs.Interactions.from_table(SEED.v + 1.0).to_shapiq()
    assert values.index == "Moebius" and values[(1, 2)] == 1.0 and values.baseline_value == 1.0
    assert values[(3, 4)] == -1.0


def test_save_and_load(tmp_path):
    one = random_results(2)
    one.save(tmp_path / "result.pt")
    other = hs.load(tmp_path / "result.pt")
    assert torch.equal(one.and_, other.and_) and torch.equal(one.empty, other.empty)
    assert one.names == other.names and list(tmp_path.iterdir()) == [tmp_path / "result.pt"]
    torch.save({"something": 1}, tmp_path / "other.pt")
    with pytest.raises(ValueError, match="Interactions.save"):
        hs.load(tmp_path / "other.pt")


def test_bad_results_are_refused():
    zeros = torch.zeros(8).double()
    with pytest.raises(ValueError, match="the shape of and_"):
        hs.Interactions(zeros, zeros[:4], torch.tensor(0.0))
    with pytest.raises(ValueError, match="one value for each game"):
        hs.Interactions(zeros, zeros, torch.zeros(2))
    with pytest.raises(ValueError, match="got 2, expected 3"):
        hs.Interactions(zeros, zeros, torch.tensor(0.0), ["a", "b"])
    with pytest.raises(ValueError, match=r"\['a'\] more than once"):
        hs.Interactions(zeros, zeros, torch.tensor(0.0), ["a", "b", "a"])
    with pytest.raises(ValueError, match="pick one first"):
        random_results(2).top(3)
    with pytest.raises(ValueError, match="1 or more"):
        planted().top(0)


def test_overlap_and_iou():
    a = torch.tensor([0.0, 5.0, 4.0, 3.0]).double()
    b = torch.tensor([3.0, -5.0, 4.0, 0.0]).double()
    assert hs.compare.overlap(a, b, k=2) == 1 and hs.compare.overlap(a, b, k=3) == 2 / 3
    assert hs.compare.iou(a, b) == 0.5
    assert hs.compare.iou(a, b, by_order=True).tolist()[0] == 1
    assert math.isnan(hs.compare.iou(a, b, by_order=True)[1]) is False


def test_overlap_of_random_tables_is_chance():
    tables = torch.randn(2, 400, 2**8, generator=torch.Generator().manual_seed(0))
    assert hs.compare.overlap(*tables, k=64).mean() == pytest.approx(64 / 256, abs=0.01)


def test_similarity():
    a = torch.tensor([0.0, 2.0, -1.0, 3.0])
    assert hs.compare.similarity(a, a) == 1 and hs.compare.similarity(a, -a) == 0
    assert hs.compare.similarity(a, 2 * a) == 0.5
    assert math.isnan(hs.compare.similarity(0 * a, 0 * a))


def test_nothing_salient_has_no_iou():
    nothing = torch.zeros(4)
    assert math.isnan(hs.compare.iou(nothing, nothing))


def test_bad_comparisons_are_refused():
    a = torch.zeros(4)
    with pytest.raises(ValueError, match="two or more"):
        hs.compare.overlap(a, k=1)
    with pytest.raises(ValueError, match="all the same"):
        hs.compare.iou(a, torch.zeros(8))
    with pytest.raises(ValueError, match="1 to 4"):
        hs.compare.overlap(a, a, k=5)
    with pytest.raises(ValueError, match="at least 0"):
        hs.compare.salient_mask(a, threshold=-1)
