"""Read what a run answered: logits, features, sample ids, splits and targets from one safetensors file."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.messages import message

SPLIT_CODES: dict[Split, int] = {Split.TRAIN: 0, Split.VAL: 1, Split.TEST: 2}
"""How the file writes a split."""
MISSING = "predictions.missing"
"""Id of the message that a run has left no predictions."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """What a run said of N images in K classes, by the class table that was frozen with the run."""

    logits: NDArray[np.float32]
    """f32[N, K], before the softmax."""
    features: NDArray[np.floating]
    """f16 or f32[N, D]; [N, 0] where they were not asked for."""
    samples: NDArray[np.int64]
    """i64[N], ids of the project."""
    splits: NDArray[np.uint8]
    """u8[N], see SPLIT_CODES."""
    targets: NDArray[np.int64]
    """i64[N], class index at training time; -1 where the image had no class."""
    class_ids: tuple[str, ...]
    class_names: tuple[str, ...]

    def of(self, split: Split) -> "Predictions":
        """The labelled images of one split, in the order of the file."""
        kept = (self.splits == SPLIT_CODES[split]) & (self.targets >= 0)
        return Predictions(
            logits=self.logits[kept],
            features=self.features[kept],
            samples=self.samples[kept],
            splits=self.splits[kept],
            targets=self.targets[kept],
            class_ids=self.class_ids,
            class_names=self.class_names,
        )

    def probabilities(self) -> NDArray[np.float64]:
        """Softmax of the logits: f64[N, K]."""
        return softmax(self.logits)

    def __len__(self) -> int:
        return len(self.samples)


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities f64[N, K] of logits [N, K], computed so that large logits do not overflow."""
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True, initial=-np.inf)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted


def read(file: Path, *, with_features: bool = True) -> Predictions:
    """The predictions in `file`; `with_features=False` leaves the large array on the disk.

    Raises `TLStudioError` where the file is missing, cut short or does not fit together.
    """
    if not file.is_file():
        raise TLStudioError(
            title=message("predictions.missing", "The predictions of this run are missing: {file}", file=str(file)),
            hint=message("predictions.missing.hint", "Its figures in the run table are safe. Train again to see the images behind them."),
        )
    try:
        predictions = _load(file, with_features)
        _check(predictions)
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise TLStudioError(
            title=message("predictions.damaged", "The predictions of this run cannot be read: {file}", file=str(file)),
            hint=message("predictions.damaged.hint", "The file is damaged; images and labels are safe. Train again to get new ones."),
            details=f"{type(error).__name__}: {error}",
        ) from error
    return predictions


def _load(file: Path, with_features: bool) -> Predictions:
    with safe_open(file, framework="numpy") as opened:
        metadata = opened.metadata() or {}
        logits = opened.get_tensor("logits")
        return Predictions(
            logits=logits.astype(np.float32, copy=False),
            features=opened.get_tensor("features") if with_features else np.empty((len(logits), 0), np.float16),
            samples=opened.get_tensor("samples"),
            splits=opened.get_tensor("splits"),
            targets=opened.get_tensor("targets"),
            class_ids=_names(metadata["class_ids"]),
            class_names=_names(metadata["class_names"]),
        )


def _names(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])


def _check(predictions: Predictions) -> None:
    num_images, num_classes = predictions.logits.shape
    lengths = {len(item) for item in (predictions.features, predictions.samples, predictions.splits, predictions.targets)}
    if lengths != {num_images}:
        raise ValueError(f"arrays of different lengths: {sorted(lengths | {num_images})}")
    if num_classes == 0 or {len(predictions.class_ids), len(predictions.class_names)} != {num_classes}:
        raise ValueError(f"{num_classes} columns for {len(predictions.class_ids)} class ids and {len(predictions.class_names)} names")
    if num_images and (predictions.targets.min() < -1 or predictions.targets.max() >= num_classes):
        raise ValueError("a target is outside the class table")
    if not np.isfinite(predictions.logits).all():
        raise ValueError("a logit is not a finite number")
