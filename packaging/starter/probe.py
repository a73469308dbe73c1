"""The yardstick: accuracy of a linear classifier on frozen features, 5 folds, over four real sets, and the time an image takes."""

import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from tlstudio.datasets.fit import fit
from tlstudio.domain.networks import Preprocessing
from tlstudio.engine.models.network import Network

SETS = ("hymenoptera", "flowers5", "neu_det", "office_caltech10")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
_INVERSE_PENALTY = 0.01
_BATCH = 64


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledSet:
    """All images of a set as the network sees them, uint8[N, S, S, 3], and the names of their classes."""

    images: Tensor
    labels: NDArray[np.str_]


def load_sets(preprocessing: Preprocessing, data: Path) -> dict[str, LabelledSet]:
    """The sets of SETS. Raises `OSError` where an image cannot be read, `ValueError` where a set has none."""
    return {name: load_set(preprocessing, data / name) for name in SETS}


def load_set(preprocessing: Preprocessing, folder: Path, *, leaves_out_unreadable: bool = False) -> LabelledSet:
    """A set whose classes are folders; with `leaves_out_unreadable` broken images are passed over. Raises as `load_sets` does."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)

    def read(path: Path) -> NDArray[np.uint8] | None:
        try:
            with Image.open(path) as file:
                return fit(np.array(file.convert("RGB")), preprocessing)
        except OSError:
            if leaves_out_unreadable:
                return None
            raise

    with ThreadPoolExecutor() as pool:
        images = [(path, image) for path, image in zip(found, pool.map(read, found), strict=True) if image is not None]
    if not images:
        raise ValueError(f"{folder} holds no images")
    pixels = torch.from_numpy(np.stack([image for _path, image in images]))
    return LabelledSet(images=pixels, labels=np.array([path.parent.name for path, _image in images]))


def accuracies(network: Network, sets: dict[str, LabelledSet]) -> dict[str, float]:
    """Mean accuracy of every set over 5 stratified folds, of a logistic regression on the network's features."""
    return {name: _accuracy(_features(network, labelled.images), labelled.labels) for name, labelled in sets.items()}


def mean(scores: dict[str, float]) -> float:
    """The mean over the sets."""
    return sum(scores.values()) / len(scores)


def milliseconds(networks: dict[str, tuple[Network, int]], *, rounds: int = 15, batch: int = 16) -> dict[str, float]:
    """Median time of one image, networks by name with their input sizes in pixels; they take turns, so that all meet the same machine."""
    timed: dict[str, list[float]] = {name: [] for name in networks}
    for number in range(rounds + 2):
        for name, (network, size_px) in networks.items():
            images = torch.zeros(batch, size_px, size_px, 3, dtype=torch.uint8)
            seconds = _timed(lambda network=network, images=images: network.features(images))  # type: ignore[misc]
            if number >= 2:  # the first two warm up
                timed[name].append(1000 * seconds / batch)
    return {name: float(np.median(values)) for name, values in timed.items()}


@torch.inference_mode()
def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@torch.inference_mode()
def _features(network: Network, images: Tensor) -> NDArray[np.float32]:
    device = network.scale.device
    return torch.cat([network.features(part.to(device)).cpu() for part in torch.split(images, _BATCH)]).numpy()


def _accuracy(features: NDArray[np.float32], labels: NDArray[np.str_]) -> float:
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=_INVERSE_PENALTY, max_iter=300))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return float(cross_val_score(classifier, features, labels, cv=folds).mean())
