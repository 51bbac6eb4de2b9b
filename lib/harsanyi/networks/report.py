"""The measured quality of the networks as one tidy table, read from the checkpoints' JSON.

Chapter: The networks of this book.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import checkpoints, recipes

if TYPE_CHECKING:
    import pandas as pd


def trained(scale: str) -> list[str]:
    """Returns the names of the networks that have a checkpoint at a scale, in the usual order."""
    return [
        name for name in checkpoints.names()
        if checkpoints.checkpoint_path(name, scale).with_suffix(".json").is_file()
    ]  # fmt: skip


def table(scale: str = "laptop", names: Sequence[str] | None = None) -> pd.DataFrame:
    """Returns one row a network with what was measured on rows it had not seen.

    Args:
        scale: "smoke", "laptop" or "paper".
        names: which networks; all that are trained at this scale by default.

    Returns:
        Columns: network, data, architecture, description, parameters, learned, train_rows,
        test_rows, epochs, batch, rate, metric ("accuracy" or "r_squared"), value, low,
        high (95 % interval), majority (accuracy of the most frequent class; 0 for R², which is
        the mean's), random, random_low, random_high (the same network with random weights),
        seconds (wall clock), cpu_seconds, device.

    Raises:
        FileNotFoundError: a named network is not trained at this scale.
    """
    import pandas as pd

    return pd.DataFrame([_row(checkpoints.describe(n, scale)) for n in names or trained(scale)])


def scales() -> pd.DataFrame:
    """Returns the measured value of each network at each scale at which it is trained.

    Returns:
        One row a network, one column a scale; NaN where it has not been trained.
    """
    import pandas as pd

    values = {
        scale: {n: checkpoints.describe(n, scale)["score"]["value"] for n in trained(scale)}
        for scale in recipes.SCALES
    }
    return pd.DataFrame(values, index=list(checkpoints.names()), columns=list(recipes.SCALES))


def _row(facts: dict) -> dict:
    """One checkpoint's facts, flat."""
    same = ("data", "architecture", "description", "parameters", "train_rows", "test_rows",
            "metric", "majority", "seconds", "cpu_seconds", "device")  # fmt: skip
    settings = {key: facts["settings"][key] for key in ("epochs", "batch", "rate")}
    random = facts["random_weights"]
    return (
        {"network": facts["name"], "learned": facts["learned_parameters"]}
        | {key: facts[key] for key in same}
        | settings
        | facts["score"]
        | {"random": random["value"], "random_low": random["low"], "random_high": random["high"]}
    )
