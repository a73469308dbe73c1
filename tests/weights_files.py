"""Files of weights for tests: sound ones with the names and shapes of a real architecture, and hand-made broken ones."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from tlstudio.zoo import catalogue
from tlstudio.zoo.match import tensors_of

SMALL = "test_resnet"
"""One of timm's networks that are made for tests: half a million parameters."""


@cache
def _shapes(architecture: str) -> dict[str, tuple[int, ...]]:
    table = catalogue.load()
    return dict(tensors_of(table.by_name[architecture], table))


def tensors(
    architecture: str = SMALL, *, num_classes: int = 3, dtype: type[np.generic] = np.float16, seed: int = 0
) -> dict[str, np.ndarray]:
    """Small random numbers under all names of the architecture, the classifier included."""
    random = np.random.default_rng(seed)
    network = catalogue.load().by_name[architecture]
    shapes = dict(_shapes(architecture))
    if num_classes:
        prefix = network.classifiers[0]
        shapes |= {f"{prefix}.weight": (num_classes, network.num_features), f"{prefix}.bias": (num_classes,)}
    return {name: (random.standard_normal(shape) * 0.05).astype(np.float16) for name, shape in shapes.items()}


def save(file: Path, values: dict[str, np.ndarray]) -> Path:
    """A sound safetensors file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    save_file(values, file)
    return file


def save_folder(folder: Path, values: dict[str, np.ndarray], config: dict[str, Any] | str) -> Path:
    """A folder as timm and the hub write it."""
    save(folder / "model.safetensors", values)
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config), encoding="utf-8")
    return folder


def save_header(file: Path, header: dict[str, Any] | bytes, data: bytes = b"", *, length: int | None = None) -> Path:
    """A file whose header says whatever it likes."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    file.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)
    return file


def entry(dtype: str, shape: list[int], start: int, *, bits: int = 32) -> dict[str, Any]:
    """An honest entry of a header."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, start + math.prod(shape) * bits // 8]}
