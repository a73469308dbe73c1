"""How a network's last map, or its tokens, become one vector: which ways an architecture allows, and how timm is asked for them."""

from collections.abc import Mapping
from typing import Any

import timm
import torch
from torch import nn

from tlstudio.domain.abilities import pooling_refusal
from tlstudio.domain.recipe import Pooling

Arguments = Mapping[str, str | int | float | bool]

_NORMS: tuple[Arguments, ...] = ({}, {"fc_norm": False}, {"fc_norm": True})
"""Some transformers move their last norm behind the pooling for some ways of it, unless they are told to leave it where its weights are."""


def with_pooling(architecture: str, arguments: Arguments, pooling: Pooling, *, size_px: int) -> Arguments:
    """Keyword arguments of `timm.create_model` that pool this way, with the parameters and the shapes of those without.

    Raises `TLStudioError` where the architecture does not allow it.
    """
    if pooling == "auto":
        return arguments
    expected = _shapes(architecture, arguments)
    for norm in _NORMS:
        wanted = {**arguments, "global_pool": pooling, **norm}
        if _shapes(architecture, wanted) == expected and _gives_vectors(architecture, wanted, size_px):
            return wanted
    raise pooling_refusal(architecture, pooling)


def width_of(backbone: nn.Module, arguments: Arguments) -> int:
    """Width of the vector that `backbone`, made with `arguments`, gives. Only some families of timm count both halves themselves."""
    told: Any = backbone
    halves = 2 if arguments.get("global_pool") == "catavgmax" else 1
    hidden = int(getattr(told, "head_hidden_size", None) or told.num_features)
    return hidden if halves == 1 else max(hidden, halves * int(told.num_features))


def _shapes(architecture: str, arguments: Arguments) -> dict[str, tuple[int, ...]] | None:
    """Shapes of all tensors by name; None where timm makes no such network."""
    backbone = _made_without_memory(architecture, arguments)
    return None if backbone is None else {name: tuple(tensor.shape) for name, tensor in backbone.state_dict().items()}


def _gives_vectors(architecture: str, arguments: Arguments, size_px: int) -> bool:
    backbone = _made_without_memory(architecture, arguments)
    if backbone is None:
        return False
    width = width_of(backbone, arguments)
    try:
        with torch.inference_mode(), torch.device("meta"):
            return tuple(backbone.eval()(torch.zeros(2, 3, size_px, size_px)).shape) == (2, width)
    except (AssertionError, RuntimeError, TypeError, ValueError, NotImplementedError):
        return False


def _made_without_memory(architecture: str, arguments: Arguments) -> nn.Module | None:
    try:
        with torch.device("meta"):
            backbone: nn.Module = timm.create_model(architecture, pretrained=False, num_classes=0, **dict[str, Any](arguments))
    except (AssertionError, RuntimeError, TypeError, ValueError, NotImplementedError):
        return None
    return backbone
