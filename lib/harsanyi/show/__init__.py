"""Everything that a reader sees: pictures, explorables, exercises (modules, loaded when used)."""

from importlib import import_module
from pkgutil import iter_modules

__all__ = sorted(module.name for module in iter_modules(__path__))


def __getattr__(name):
    """Import a module of this package at its first use, so that `import harsanyi` stays light."""
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {__all__}")


def __dir__():
    """List the modules, loaded or not."""
    return sorted(__all__)
