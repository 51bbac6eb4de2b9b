"""Reader-facing checks: each exercise of the book ends by calling one of them.

A check takes the reader's function or object, tries it on several inputs, and shows ✓ or ✗ with a
hint. It never raises. ``check(...).passed`` tells a program what the sign tells a reader.
"""

from importlib import import_module

_CHAPTERS = (
    "games",
    "dividends",
    "and_or",
    "attributions",
    "dependence",
    "dictionaries",
    "generalization",
    "layers",
    "one_language",
    "phases",
    "sharing",
    "solver",
    "sparsity",
    "stability",
    "theory",
    "why_sparse",
)


def __getattr__(name: str):
    if name.startswith("check_"):
        for chapter in _CHAPTERS:
            module = import_module(f"{__name__}.{chapter}")
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(
        f"no check of the name {name!r}; the chapter's exercise says which one it ends with"
    )
