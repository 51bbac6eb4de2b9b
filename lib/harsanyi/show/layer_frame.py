"""What the pictures of this part have in common: colours, marks, checks, names under an axis.

Chapter: Layer by layer.
"""

from collections.abc import Sequence

import pandas as pd
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from harsanyi.core.result import Interactions
from harsanyi.studies.layerwise import effects_of

from .style import AMBER, BLUE

PARTS = {"overlap": "#9ca3af", "forget": AMBER, "new": BLUE}
WORDS = {"overlap": "overlap", "forget": "forgotten", "new": "new"}
MARKS = "os^Dvp*Xh<"
GREYS = (("--", "#4b5563"), (":", "#4b5563"), ("-.", "#9ca3af"), ((0, (6, 2)), "#9ca3af"))


def checked(frame: pd.DataFrame, columns: Sequence[str], source: str) -> pd.DataFrame:
    """Return a frame that has these columns and a row.

    Raises:
        ValueError: a column is missing, or there is no row.
    """
    if missing := [name for name in columns if name not in frame]:
        raise ValueError(
            f"frame: got the columns {list(frame)}, without {missing}; expected those of {source}"
        )
    if frame.empty:
        raise ValueError("frame: got no row; was too much filtered away?")
    return frame


def of_kind(frame: pd.DataFrame, kind: str | None) -> pd.DataFrame:
    """Return the rows of a kind, "and" or "or"; all of them for None or without a column kind.

    Raises:
        ValueError: the frame has no such kind.
    """
    if kind is None or "kind" not in frame:
        return frame
    kinds = list(dict.fromkeys(frame["kind"]))
    if kind not in kinds:
        raise ValueError(f"kind: got {kind!r}, expected one of {kinds}, or None")
    return frame[frame["kind"] == kind]


def one_sample(found: Interactions, layers: Sequence[str]) -> torch.Tensor:
    """Return the effects (layers, 2, 2**n) of one sample, see ``effects_of``.

    Raises:
        ValueError: other than one sample, or than these layers.
    """
    if found.and_.dim() != 2 or len(found.and_) != len(layers):
        raise ValueError(
            f"found: got shape {tuple(found.and_.shape)} for {len(layers)} layers, expected "
            "(layers, 2**n); pick a sample first, as in found[:, 0]"
        )
    return effects_of(found)


def layer_ticks(ax: Axes, at: Sequence[float], names: Sequence[str], room: int = 44) -> None:
    """Write layers' names under an axis, slanted where they need more room, in letters."""
    ax.set_xticks(list(at), list(names))
    if (max(map(len, names)) + 1) * len(names) > room:
        plt.setp(ax.get_xticklabels(), rotation=30, ha="right", rotation_mode="anchor")


def legend_below(ax: Axes, columns: int, whole: bool) -> None:
    """Put a legend under an axis, or under its whole figure; bars come before lines."""
    entries = zip(*ax.get_legend_handles_labels(), strict=True)
    handles, names = zip(*sorted(entries, key=lambda one: isinstance(one[0], Line2D)), strict=True)
    if whole:
        ax.figure.legend(handles, names, loc="outside lower center", ncols=columns, fontsize=9.5)
    else:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=columns, fontsize=9.5)
