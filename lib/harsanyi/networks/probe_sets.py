"""The probes of a recipe's network, fitted once for each layer and kept.

A probe stands in a file of its own under ``build/networks/<scale>/probes``, with the settings and a
sum of the network's weights inside: where either has changed it is fitted anew.

Chapter: Layer by layer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from . import checkpoints, recipes, variants
from .calibration import Quality
from .features import layer_features
from .files import write_atomically
from .pooling import Pool, average
from .probes import LEAST, PENALTY, Probe, fit_probe

if TYPE_CHECKING:
    import pandas as pd

ROWS = {"smoke": 500, "laptop": 2000, "paper": 0}  # to fit on, at most; 0 means all


def load_probes(
    name: str,
    layers: Sequence[str],
    scale: str = "laptop",
    network: Callable[..., nn.Module] = variants.seeded,
    seed: int = 0,
    dealt: bool = False,
    pool: Pool = average,
    penalty: float = PENALTY,
) -> dict[str, Probe]:
    """Return the probes of some layers; fits those that are missing, on the training split.

    Args:
        name: a recipe, as for :func:`~harsanyi.networks.load_network`, with classes.
        layers: names as in ``named_modules()``.
        scale: "smoke", "laptop" or "paper"; 500, 2,000 or all rows, evenly spread.
        network: a function of (name, seed, scale): ``variants.seeded``, or a control,
            ``variants.untrained`` or ``variants.shuffled``.
        seed: of the network, and of the labels where they are dealt.
        dealt: whether the training labels are dealt anew, a control of the probe itself; it is
            still measured on true test labels.
        pool: from a layer's output to (B, F).
        penalty: see :func:`~harsanyi.networks.probes.fit_reading`.

    Returns:
        From layer to probe, in the order of ``layers``.

    Raises:
        KeyError: no network or no layer has this name.
        ValueError: no such scale, or a class without rows.

    Source: Cheng et al., ICML 2024, Appendix M.2. Chapter: Layer by layer.
    """
    recipes.find(name, scale)
    model = network(name, seed, scale)
    settings = {
        "weights": fingerprint(model), "rows": ROWS[scale], "dealt": dealt, "seed": seed,
        "pool": pool.__name__, "penalty": penalty, "least": LEAST,
    }  # fmt: skip
    source = f"{network.__name__}-{seed}" + ("-dealt" if dealt else "")
    folder = checkpoints.checkpoint_path(f"probes/{name}/{source}", scale).with_suffix("")
    paths = {layer: folder / f"{layer}-{pool.__name__}.pt" for layer in layers}
    found = {layer: _read(path, settings) for layer, path in paths.items()}
    missing = [layer for layer, probe in found.items() if probe is None]
    if missing:
        task = variants.task_of(name, scale)
        rows = [_rows(name, scale, split, task) for split in ("train", "test")]
        taken = [layer_features(model, missing, x, pool) for x, _ in rows]
        labels = [variants.deal(rows[0][1], seed) if dealt else rows[0][1], rows[1][1]]
        classes = int(rows[0][1].max()) + 1
        for layer in missing:
            train, test = ((f[layer], y) for f, y in zip(taken, labels, strict=True))
            found[layer] = fit_probe(train, test, classes, penalty)
            _write(paths[layer], settings, found[layer])
    return found


def probe_frame(probes: dict[str, Probe]) -> pd.DataFrame:
    """Return the measured quality of probes.

    Returns:
        Columns layer, features, split ("train" or "test"), accuracy, low, high, calibration, loss,
        converged.
    """
    import pandas as pd

    rows = [
        {"layer": layer, "features": probe.reading.in_features, "split": split,
         **getattr(probe, split)._asdict(), "converged": probe.converged}
        for layer, probe in probes.items() for split in ("train", "test")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def readings(probes: dict[str, Probe]) -> dict[str, nn.Module]:
    """Return the readings alone, as :class:`~harsanyi.networks.layers.LayeredGame` takes them."""
    return {layer: probe.reading for layer, probe in probes.items()}


def fingerprint(model: nn.Module) -> str:
    """Return a sum of a network's weights and buffers, 16 hexadecimal digits."""
    total = hashlib.sha256()
    for key, value in model.state_dict().items():
        total.update(key.encode())
        total.update(value.detach().cpu().contiguous().numpy().tobytes())
    return total.hexdigest()[:16]


def _rows(name: str, scale: str, split: str, task: recipes.Task) -> tuple[Tensor, Tensor]:
    """Inputs and labels of a split, at most as many rows as the scale says, evenly spread."""
    data = recipes.load_split(recipes.find(name, scale), scale, split)
    most = ROWS[scale] or len(data.y)
    picks = torch.linspace(0, len(data.y) - 1, min(most, len(data.y))).long()
    return task.inputs(data)[picks], data.y[picks]


def _write(path: Path, settings: dict, probe: Probe) -> None:
    kept = {
        "settings": settings, "reading": probe.reading.state_dict(), "train": list(probe.train),
        "test": list(probe.test), "converged": probe.converged, "seconds": probe.seconds,
    }  # fmt: skip
    write_atomically(path, lambda part: torch.save(kept, part))


def _read(path: Path, settings: dict) -> Probe | None:
    """The probe in a file, or None where there is none or it was fitted on something else."""
    if not path.is_file():
        return None
    kept = torch.load(path, map_location="cpu", weights_only=True)
    if kept["settings"] != settings:
        return None
    classes, width = kept["reading"]["weight"].shape
    reading = nn.utils.skip_init(nn.Linear, width, classes).requires_grad_(False)
    reading.load_state_dict(kept["reading"])
    good = [Quality(*kept[split]) for split in ("train", "test")]
    return Probe(reading.eval(), *good, kept["converged"], kept["seconds"])
