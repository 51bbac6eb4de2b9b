"""Sparse AND-OR explanations with a proof of how close to optimal they are."""

from .extract import extract

__all__ = ["extract"]
