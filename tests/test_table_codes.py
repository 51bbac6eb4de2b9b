"""Rounded tables come back as they were, from fewer bytes; others are left to the plain way."""

import numpy as np
import torch

from harsanyi.networks import table_codes
from harsanyi.networks.layer_readings import rounded


def tables(*shape, seed=0):
    """Values that drift from coalition to coalition, of different sizes, around different means."""
    draw = torch.Generator().manual_seed(seed)
    v = torch.randn(*shape, generator=draw, dtype=torch.float64).cumsum(-1)
    size = torch.randn(*shape[:-1], 1, generator=draw, dtype=torch.float64)
    return v * (4 * size).exp() + 20 * size


def test_decoding_gives_the_very_values():
    for bits in (3, 8, 11):
        values = rounded(tables(5, 7, 64), bits).float().numpy()
        found = table_codes.encode(values)
        assert found["codes"].dtype == np.uint8 and found["codes"].shape == (2, 5, 7, 64)
        assert np.array_equal(table_codes.decode(**found), values)


def test_even_tables_and_zeros_come_back():
    values = np.array([[0, 0, 0, 0], [3, 3, 3, 3], [0, -0.5, 1, 2], [2**-30, 0, 0, 0]], np.float32)
    assert np.array_equal(table_codes.decode(**table_codes.encode(values)), values)


def test_what_is_not_rounded_or_no_number_is_refused():
    assert table_codes.encode(tables(3, 64).float().numpy()) is None
    assert table_codes.encode(np.array([[0, np.nan]], np.float32)) is None
    assert table_codes.encode(np.array([[0, 2.0**20, 1, 3]], np.float32)) is None


def test_numbers_of_tables_that_change_little_are_small():
    values = rounded(torch.linspace(0, 1, 256, dtype=torch.float64)[None], 11).float().numpy()
    high = table_codes.encode(values)["codes"][1]
    assert (high == 0).mean() > 0.98
