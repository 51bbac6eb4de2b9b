"""Importing the library is light, and what it names exists."""

import subprocess
import sys

import pytest

import harsanyi as hs


def test_import_brings_in_nothing_heavy():
    heavy = "('torchvision', 'matplotlib', 'pandas', 'sklearn', 'transformers', 'numba')"
    code = f"import sys, harsanyi; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("name", hs.__all__)
def test_every_public_name_exists_and_says_what_it_is(name):
    assert getattr(hs, name).__doc__


def test_an_unknown_name_says_where_to_look():
    with pytest.raises(AttributeError, match=r"see dir\(harsanyi\)"):
        hs.nothing_of_this_name  # noqa: B018
