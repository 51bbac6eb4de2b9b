"""What carries over to new samples is judged against what carries over to seen ones."""

import pytest
import torch

from harsanyi.core.coalitions import sizes
from harsanyi.core.compare import similarity
from harsanyi.networks.data import Dataset
from harsanyi.networks.patches import grid
from harsanyi.studies import common_orders as co

N = 4


def effects(classes=5, each=6, noise=0.0, seed=0, shift=0.0):
    """Three groups around one truth a class; fresh samples lie off it by ``shift``."""
    random = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=random, dtype=torch.float64)  # noqa: E731
    truth = draw(classes, 1, 2**N) * (sizes(N) > 0)
    moved = truth + shift * draw(classes, 1, 2**N) * (sizes(N) > 2)
    return co.Groups(*(t + noise * draw(classes, each, 2**N) for t in (truth, truth, moved)))


def test_the_similarity_of_one_order_is_that_of_its_effects_alone():
    one, other = effects(noise=1.0).seen[0, :2]
    found = co.similarity_by_order(one, other)
    for order in range(1, N + 1):
        part = sizes(N) == order
        assert torch.isclose(found[order - 1], similarity(one * part, other * part))


def test_nothing_is_lost_where_all_samples_are_alike():
    frame = co.carry_over(effects())
    assert (frame[["train", "test"]] - 1).abs().max().max() < 1e-12
    assert frame["lost"].abs().max() < 1e-12 and (frame["chance"] <= 1 + 1e-12).all()
    assert (frame.groupby("order")["chance"].max().loc[N] - 1) < 1e-12  # one coalition


def test_noise_lowers_both_alike_and_a_shift_only_the_test_rows():
    noisy = co.lost_by_order(co.carry_over(effects(40, 4, noise=1.0)))
    assert (noisy["low"] < 0).all() and (noisy["high"] > 0).all()
    moved = co.carry_over(effects(40, 4, noise=0.3, shift=3.0))
    found = co.lost_by_order(moved).set_index("order")
    assert (found.loc[[3, 4], "low"] > 0.1).all() and found.loc[1, "mean"] < 0.05
    beyond = co.lost_by_order(moved, moved)
    assert beyond["mean"].abs().max() == 0


def test_more_samples_a_mean_are_more_alike():
    few, many = (co.carry_over(effects(30, each, noise=2.0)) for each in (2, 32))
    by_order = lambda frame: frame.groupby("order")["train"].mean()  # noqa: E731
    assert (by_order(many) > by_order(few)).all()


def test_means_come_with_a_row_for_each_order_and_pair():
    found = co.mean_by_order(co.carry_over(effects(noise=1.0)))
    assert len(found) == 3 * N and set(found["pair"]) == {"train", "test", "chance"}
    assert ((found["low"] <= found["mean"]) & (found["mean"] <= found["high"])).all()


def test_rows_of_each_class_do_not_overlap():
    labels = torch.tensor([2, 0, 2, 0, 2, 0, 2, 0])
    one, other = co.rows_by_class(labels, 2), co.rows_by_class(labels, 2, first=2)
    assert one.tolist() == [[1, 3], [0, 2]] and not set(one.flatten().tolist()) & set(
        other.flatten().tolist()
    )
    with pytest.raises(ValueError, match="1 rows of class 0 after the first 3, expected 2"):
        co.rows_by_class(labels, 2, first=3)


def test_the_groups_of_a_network_add_up_to_its_values():
    random = torch.Generator().manual_seed(0)
    x, y = torch.rand(12, 1, 4, 4, generator=random), torch.arange(12) % 2
    data = Dataset(x, y, ("a", "b"))
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(16, 2)).eval()
    groups = co.three_groups(model, data, data, grid(x[0], 2, 2), 3)
    assert all(group.shape == (2, 3, 2**N) for group in groups)
    assert torch.equal(groups.seen, groups.fresh) and not torch.equal(groups.seen, groups.again)
    table = co.tables_of_rows(model, data, co.rows_by_class(y, 3), grid(x[0], 2, 2))
    assert torch.allclose(groups.seen.sum(-1), table[..., -1])
