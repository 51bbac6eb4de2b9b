"""Sparse AND-OR explanations with a proof of how close to optimal they are."""

from .extract import extract
from .graph import and_or_graph
from .uniqueness import effect_ranges, is_unique

__all__ = ["and_or_graph", "effect_ranges", "extract", "is_unique"]
