"""Sparse AND-OR explanations with a proof of how close to optimal they are."""

from .extract import extract
from .graph import and_or_graph
from .shared import extract_shared
from .shared_problem import Weights, eq6, released
from .uniqueness import effect_ranges, is_unique

__all__ = [
    "Weights",
    "and_or_graph",
    "effect_ranges",
    "eq6",
    "extract",
    "extract_shared",
    "is_unique",
    "released",
]
