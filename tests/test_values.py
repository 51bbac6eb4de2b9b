"""Value functions: what they compute, that they do not overflow, and what they refuse."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from harsanyi.networks import values

LOGITS = st.lists(st.lists(st.floats(-8, 8), min_size=4, max_size=4), min_size=1, max_size=5)


@given(LOGITS, st.integers(0, 3))
@settings(max_examples=50, deadline=None)
def test_log_odds_are_those_of_the_softmax(logits, target):
    z = torch.tensor(logits, dtype=torch.float64)
    p = z.softmax(1)[:, target]
    assert torch.allclose(values.log_odds(target)(z), p.logit(), atol=1e-6)


@given(LOGITS, st.floats(-100, 100))
@settings(max_examples=30, deadline=None)
def test_log_odds_and_margin_ignore_a_shift_of_all_logits(logits, shift):
    z = torch.tensor(logits, dtype=torch.float64)
    for value in (values.log_odds(1), values.margin(1)):
        assert torch.allclose(value(z), value(z + shift), atol=1e-9)


def test_log_odds_stay_exact_where_the_probability_rounds_to_one():
    z = torch.tensor([[800.0, 0.0, -1.0], [0.0, 800.0, 0.0]], dtype=torch.float64)
    found = values.log_odds(0)(z)
    assert torch.allclose(
        found, torch.tensor([800 - torch.log1p(torch.tensor(-1.0).exp()), -800.0]).double()
    )


def test_of_two_classes_the_log_odds_are_the_margin():
    z = torch.randn(6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(values.log_odds(1)(z), values.margin(1)(z))


def test_margin_logit_and_output_read_off_the_outputs():
    z = torch.tensor([[1.0, 4.0, 2.0], [5.0, 0.0, 3.0]])
    assert values.margin(1)(z).tolist() == [2.0, -5.0]
    assert values.logit(2)(z).tolist() == values.output(2)(z).tolist() == [2.0, 3.0]
    assert values.output()(z[:, 0]).tolist() == [1.0, 5.0]


@pytest.mark.parametrize("make", [values.log_odds, values.logit, values.margin, values.output])
def test_a_target_that_the_network_lacks_is_refused(make):
    for target in (3, -1):
        with pytest.raises(ValueError, match=f"target: got {target}, expected .* 0 ... 2"):
            make(target)(torch.zeros(2, 3))
    with pytest.raises(TypeError):
        make(0.5)


@pytest.mark.parametrize("make", [values.log_odds, values.margin, values.logit])
def test_outputs_with_a_stray_axis_are_refused(make):
    with pytest.raises(ValueError, match=r"shape \(2, 1, 3\), expected \(B, C\)"):
        make(0)(torch.zeros(2, 1, 3))


@pytest.mark.parametrize("make", [values.log_odds, values.margin])
def test_one_output_has_no_other_class(make):
    with pytest.raises(ValueError, match=r"use output\(0\)"):
        make(0)(torch.zeros(2, 1))
