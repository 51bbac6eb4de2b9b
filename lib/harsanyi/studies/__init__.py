"""Studies: from networks to tidy tables of numbers, the measurements behind the chapters.

Every function takes tables or the name of a network and returns tensors or a pandas table with one
row for each measured number. Nothing is drawn here and nothing is judged.
"""

from importlib import import_module
from pkgutil import iter_modules

__all__ = sorted(module.name for module in iter_modules(__path__))


def __getattr__(name: str):
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module 'harsanyi.studies' has no name {name!r}; see dir() of it")


def __dir__() -> list[str]:
    return __all__
