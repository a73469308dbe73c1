"""Finds the tensors of a network in what a training script saved: they may stand under a name, with the optimiser beside them."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

_ENTRIES = (
    "state_dict_ema",
    "model_ema",
    "ema_state_dict",
    "ema",
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "net",
    "network",
    "module",
    "teacher",
    "student",
    "backbone",
    "encoder",
    "params",
    "weights",
)
"""Under which names training scripts keep them; averaged weights come first, because they are the ones that are judged and published."""
_MAX_DEPTH = 4


@dataclass(frozen=True, kw_only=True)
class StateDict:
    """Tensors by name, and where they stood."""

    tensors: dict[str, Tensor]
    entry: str
    num_left_out: int


def find_state_dict(loaded: object) -> StateDict | None:
    """The tensors of the network in a loaded checkpoint; None where there are none."""
    return _find(loaded, entry="", depth=0)


def _find(value: object, *, entry: str, depth: int) -> StateDict | None:
    if not isinstance(value, Mapping) or depth > _MAX_DEPTH:
        return None
    tensors = {name: item for name, item in value.items() if isinstance(name, str) and isinstance(item, Tensor)}
    named = [name for name, item in value.items() if isinstance(name, str) and isinstance(item, Mapping)]
    for name in sorted(named, key=lambda name: _ENTRIES.index(name) if name in _ENTRIES else len(_ENTRIES)):
        found = _find(value[name], entry=f"{entry}.{name}" if entry else name, depth=depth + 1)
        if found is not None and len(found.tensors) > len(tensors):
            return found
    return StateDict(tensors=tensors, entry=entry, num_left_out=len(value) - len(tensors)) if tensors else None
