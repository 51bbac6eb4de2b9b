"""Imports torchvision where its compiled operators can't be loaded.

With a CPU build of torch and a torchvision built for another one, ``import torchvision`` stops
with "operator torchvision::nms does not exist": its Python code registers a shape rule for an
operator that only its compiled library declares. The operators (non-maximum suppression of
boxes) are used nowhere in this book, so it is enough to declare their schemas first. The
``transformers`` library imports torchvision where it finds it, so this comes before it too.
"""

from __future__ import annotations

from types import ModuleType

import torch

SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[torch.library.Library] = []  # a declaration lasts as long as its Library


def import_torchvision() -> ModuleType:
    """Returns torchvision, with the operators' schemas declared where they are needed.

    Raises:
        ImportError: torchvision is not installed.
    """
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise
        library = torch.library.Library("torchvision", "DEF")
        for schema in SCHEMAS:
            library.define(schema)
        _declared.append(library)
        import torchvision
    return torchvision
