"""Interaction-based explanation of neural networks, from the table of a game upwards.

A network whose input is masked part by part is a game: one value for each coalition of parts. This
package computes that table, its AND (Harsanyi) and OR interactions, and what follows from them.
The heavier floors (``hs.networks``, ``hs.show``) are imported when they are first used.
"""

from importlib import import_module

from .core import compare, games
from .core.games import Game
from .core.indices import banzhaf, interaction_index, shapley
from .core.result import Effect, Interactions, load
from .core.transforms import (
    and_interactions,
    mobius,
    or_interactions,
    reconstruct,
    superset_sums,
    zeta,
)

_LAZY = {
    "networks": ("harsanyi.networks", None),
    "show": ("harsanyi.show", None),
    "exercises": ("harsanyi.show.exercises", None),
    "extract": ("harsanyi.extraction", "extract"),
    "extract_shared": ("harsanyi.extraction", "extract_shared"),
    "extraction": ("harsanyi.extraction", None),
    "record": ("harsanyi.show.record", "record"),
    "studies": ("harsanyi.studies", None),
    "MaskedGame": ("harsanyi.networks.masking", "MaskedGame"),
    "Players": ("harsanyi.networks.players", "Players"),
}

__all__ = [
    "Effect",
    "Game",
    "Interactions",
    "MaskedGame",
    "Players",
    "and_interactions",
    "banzhaf",
    "compare",
    "extract",
    "extract_shared",
    "extraction",
    "games",
    "interaction_index",
    "load",
    "mobius",
    "networks",
    "or_interactions",
    "reconstruct",
    "record",
    "shapley",
    "show",
    "studies",
    "superset_sums",
    "zeta",
]


def __getattr__(name: str):
    if name not in _LAZY:
        raise AttributeError(f"module 'harsanyi' has no name {name!r}; see dir(harsanyi)")
    module, attribute = _LAZY[name]
    found = import_module(module)
    return getattr(found, attribute) if attribute else found


def __dir__() -> list[str]:
    return sorted(__all__)
