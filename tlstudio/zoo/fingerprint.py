"""A short name for an architecture: a hash of the names and shapes of its tensors without the classifier."""

import hashlib
from collections.abc import Iterable, Mapping

Shapes = Mapping[str, tuple[int, ...]]
"""Tensor name -> shape."""

_NOT_COUNTED = ("num_batches_tracked", "relative_position_index", "relative_coords_table", "attn_mask")
"""Last parts of names that some versions of timm store and others compute; they carry nothing that was learned."""


def is_classifier(name: str, classifiers: Iterable[str]) -> bool:
    """Whether a tensor belongs to one of the classifiers."""
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in classifiers)


def backbone(shapes: Shapes, classifiers: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """What counts when networks are compared: no classifier, no counters, no tables that are computed."""
    prefixes = tuple(classifiers)
    return {
        name: tuple(shape)
        for name, shape in shapes.items()
        if name.rpartition(".")[2] not in _NOT_COUNTED and not is_classifier(name, prefixes)
    }


def line(name: str, shape: Iterable[int]) -> str:
    """One tensor as text, such as `conv1.weight 64x3x7x7`."""
    return f"{name} {words(shape)}"


def words(shape: Iterable[int]) -> str:
    """A shape as people write it."""
    return "x".join(str(size) for size in shape) or "scalar"


def fingerprint(shapes: Shapes, classifiers: Iterable[str]) -> str:
    """32 hex digits that two networks share exactly where the tensors that count have the same names and shapes."""
    lines = sorted(line(name, shape) for name, shape in backbone(shapes, classifiers).items())
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()
