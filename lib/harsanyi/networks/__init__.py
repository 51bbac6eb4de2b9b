"""Networks and data as games: players, baselines, values, masking; training and checkpoints.

Everything is imported when it is first used, so that ``import harsanyi`` stays light.
"""

from importlib import import_module

_MODULES = (
    "architectures",
    "baselines",
    "bayesian",
    "calibration",
    "checkpoints",
    "data",
    "descent",
    "features",
    "language",
    "layer_readings",
    "layer_sets",
    "layers",
    "masking",
    "next_word",
    "paper_data",
    "players",
    "pooling",
    "probe_sets",
    "probes",
    "recipes",
    "report",
    "robust_networks",
    "robust_sets",
    "scores",
    "sentences",
    "table_codes",
    "table_plans",
    "table_samples",
    "table_sets",
    "tables",
    "text",
    "training",
    "training_samples",
    "training_sets",
    "trajectories",
    "trajectory_plans",
    "values",
    "variants",
)
_NAMES = {
    "Dataset": "data",
    "LayeredGame": "layers",
    "MaskedGame": "masking",
    "Players": "players",
    "describe": "checkpoints",
    "load_network": "checkpoints",
    "load_probes": "probe_sets",
    "load_tables": "tables",
    "names": "checkpoints",
    "train_network": "checkpoints",
    "trajectory": "trajectories",
}

__all__ = sorted([*_MODULES, *_NAMES])


def __getattr__(name: str):
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in _NAMES:
        return getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'harsanyi.networks' has no name {name!r}; see dir() of it")


def __dir__() -> list[str]:
    return __all__
