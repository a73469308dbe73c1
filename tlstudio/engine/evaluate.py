"""Scoring a network on fitted images, and the predictions of a run that `evaluation` reads."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import safetensors.numpy
import torch
from blake3 import blake3
from numpy.typing import NDArray

from tlstudio import files
from tlstudio.domain.events import PredictionsSaved
from tlstudio.domain.jobs import PREDICTIONS_FILE
from tlstudio.domain.manifest import ManifestClass
from tlstudio.domain.splits import Split
from tlstudio.engine.data.features import Features
from tlstudio.engine.models.network import Network
from tlstudio.evaluation.predictions import SPLIT_CODES

JUDGED = (Split.VAL, Split.TEST)


def logits_of(network: Network, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """f32[N, K]: the head on features f32[N, D]."""
    assert network.head is not None
    with torch.inference_mode():
        answers = network.head(torch.from_numpy(features).to(network.scale.device))
        return answers.float().cpu().numpy()  # type: ignore[no-any-return]


def save_predictions(folder: Path, network: Network, features: Features, classes: Sequence[ManifestClass]) -> PredictionsSaved:
    """Write what the network says of the validation and test images whose exact `features` are given. Raises `OSError`."""
    parts = [features.of(split) for split in JUDGED]
    entries = [entry for part in parts for entry in part.entries]
    values = np.concatenate([part.values for part in parts])
    arrays = {
        "logits": logits_of(network, values),
        "features": _compact(values),
        "samples": np.array([entry.sample for entry in entries], np.int64),
        "splits": np.array([SPLIT_CODES[entry.split] for entry in entries if entry.split], np.uint8),
        "targets": np.concatenate([part.targets for part in parts]),
    }
    metadata = {
        "class_ids": msgspec.json.encode([item.id for item in classes]).decode(),
        "class_names": msgspec.json.encode([item.name for item in classes]).decode(),
    }
    data = safetensors.numpy.save(arrays, metadata)
    file = folder / PREDICTIONS_FILE
    file.parent.mkdir(mode=0o700, exist_ok=True)
    files.write_bytes(file, data)
    numbers = {split: len(part.entries) for split, part in zip(JUDGED, parts, strict=True)}
    return PredictionsSaved(file=PREDICTIONS_FILE, hash=blake3(data).hexdigest(), num_by_split=numbers)


def _compact(values: NDArray[np.float32]) -> NDArray[np.floating]:
    """Half precision where it can hold them."""
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    return half if np.isfinite(half).all() else values
