"""Sparse AND-OR explanations with a proof of how close to optimal they are."""

from .extract import extract
from .uniqueness import effect_ranges, is_unique

__all__ = ["effect_ranges", "extract", "is_unique"]
