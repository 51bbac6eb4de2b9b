"""Furniture meshes: read the catalogues of Sweet Home 3D and sample points on their surfaces.

A library is a zip (``.sh3f``) with a table of its models (``PluginFurnitureCatalog.properties``)
and one Wavefront OBJ mesh a model. Used by ``prepare.py`` only.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

LIBRARIES = ("BlendSwap-CC-0", "BlendSwap-CC-BY", "KatorLegaz", "Reallusion", "Scopia")
CATALOGUE = "PluginFurnitureCatalog.properties"

# The last word that names a thing decides: a "desk lamp" is a lamp, a "lamp table" a table.
WORDS = {
    "chair": r"chair|stool|seat",
    "table": r"table|desk|workbench",
    "sofa": r"sofa|couch|sofa bz|sofa \d seats",
    "bed": r"bed|crib|futon",
    "lamp": r"lamp|light|lantern|lamppost|spotlight",
    "cabinet": r"cabinet|cupboard|wardrobe|bookcase|shelves|drawers",
    "plant": r"tree|plant|palm|pine|cypress|bamboo|bush|ficus|maple|acacia|beech",
}
# Names whose last word misleads: a board of a bed, a bat, a fan are no tables.
ENDINGS = {
    "chair with cushion": "chair",
    "seat leon": "",
    "wheelchair": "",
    "table on trestles": "table",
    "table tennis": "table",
    "table with tablecloth": "table",
    "wall lamp artwork": "",
    "pine under snow": "plant",
    "blue pine under snow": "plant",
    "sofa 2 seats": "sofa",
    "sofa 3 seats": "sofa",
}


class Model(NamedTuple):
    """One model of a catalogue: where it stands and what it is called."""

    library: str
    path: str
    name: str
    creator: str
    rotation: str | None
    kind: str


def kind_of(name: str) -> str:
    """Returns the class that a model's English name tells, or "" when it tells none."""
    name = name.lower()
    if name in ENDINGS:
        return ENDINGS[name]
    for kind, words in WORDS.items():
        if re.search(rf"(^|\W|arm|fire)({words})$", name):
            return kind
    return ""


def catalogue(folder: Path, library: str) -> list[Model]:
    """Lists the models of one library whose name tells a class.

    Args:
        folder: where the ``.sh3f`` files stand.
        library: one of ``LIBRARIES``.
    """
    entries: dict[str, str] = {}
    with zipfile.ZipFile(folder / f"{library}.sh3f") as archive:
        for line in archive.read(CATALOGUE).decode("latin-1").splitlines():
            key, found, value = line.partition("=")
            if found and not line.startswith("#"):
                entries[key.strip()] = value.strip()
    models = []
    for number in (key[3:] for key in entries if key.startswith("id#")):
        name = entries[f"name#{number}"]
        if kind := kind_of(name):
            path = entries[f"model#{number}"].lstrip("/")
            creator = entries.get(f"creator#{number}", library)
            rotation = entries.get(f"modelRotation#{number}")
            models.append(Model(library, path, name, creator, rotation, kind))
    return models


def triangles(text: str) -> np.ndarray:
    """Reads the faces of a Wavefront OBJ mesh as triangles.

    Returns:
        float64 (T, 3, 3): T triangles of three corners, in the mesh's own unit (cm).
    """
    corners, faces = [], []
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["v"]:
            corners.append([float(word) for word in words[1:4]])
        elif words[:1] == ["f"]:
            index = [int(word.split("/")[0]) for word in words[1:]]
            index = [i - 1 if i > 0 else len(corners) + i for i in index]
            faces += [(index[0], index[k], index[k + 1]) for k in range(1, len(index) - 1)]
    return np.array(corners)[np.array(faces, dtype=int)]  # (T, 3, 3)


def sample(mesh: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Samples points evenly on a surface and puts them into the unit ball.

    Args:
        mesh: float64 (T, 3, 3), triangles.
        count: how many points.
        generator: the seeded source of chance.

    Returns:
        float64 (count, 3), centred, the farthest point at distance 1.
    """
    a, b, c = mesh[:, 0], mesh[:, 1], mesh[:, 2]  # (T, 3) each
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)  # (T,)
    which = generator.choice(len(mesh), size=count, p=area / area.sum())  # (count,)
    u, w = generator.random((2, count, 1))
    flip = u + w > 1  # a point in the other half of the parallelogram is mirrored back
    u, w = np.where(flip, 1 - u, u), np.where(flip, 1 - w, w)
    points = a[which] + u * (b - a)[which] + w * (c - a)[which]  # (count, 3)
    points -= (points.max(0) + points.min(0)) / 2
    return points / np.linalg.norm(points, axis=1).max()


def points_of(folder: Path, model: Model, count: int, generator: np.random.Generator) -> np.ndarray:
    """Samples one model, turned as its catalogue says; float64 (count, 3), y points up."""
    with zipfile.ZipFile(folder / f"{model.library}.sh3f") as archive:
        mesh = triangles(archive.read(model.path).decode("latin-1"))
    if model.rotation:
        turn = np.array(model.rotation.split(), dtype=float).reshape(3, 3)
        mesh = mesh @ turn.T
    return sample(mesh, count, generator)
