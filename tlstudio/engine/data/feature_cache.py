"""Features by content: computed once on this machine, shared by all runs that would compute the same."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tlstudio.datasets.decode import DECODER_VERSION
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.plan import JUDGED_RULE
from tlstudio.domain.recipe import JudgedViews
from tlstudio.engine.data.record_file import RecordFile, file_name, prune
from tlstudio.engine.models.create import Source

FOLDER = "features"
_BUDGET_BYTES = 8 << 30


class FeatureCache:
    """Vectors f32[D] of images, by content hash, for one network with one preprocessing.

    Two files: fp16 for vectors that only ever train a head, fp32 for those that are judged by, and for those that
    fp16 cannot hold. What is asked for as exact is never answered from fp16.
    """

    def __init__(
        self,
        cache_folder: Path,
        *,
        source: Source,
        intensity: IntensityRule,
        num_features: int,
        judged_views: JudgedViews = "one",
        rule: int = JUDGED_RULE,
    ) -> None:
        folder = cache_folder / FOLDER
        prune(folder, _BUDGET_BYTES)
        key: dict[str, object] = {
            "what": "features",
            "decoder": DECODER_VERSION,
            "intensity": intensity,
            "weights": source.weights,
            "architecture": source.architecture,
            "arguments": source.arguments,
            "preprocessing": source.preprocessing,
        }
        if judged_views != "one":  # so that what was kept before there was a choice is found again
            key["judged_views"] = judged_views
        if rule != 1:
            key["rule"] = rule
        self._half, self._full = (_open(folder, {**key, "dtype": dtype}, width * num_features) for dtype, width in (("f16", 2), ("f32", 4)))

    def has(self, hash: str, *, exact: bool) -> bool:
        """Whether `get` will probably answer."""
        return self._full.has(hash) or (not exact and self._half.has(hash))

    def get(self, hash: str, *, exact: bool) -> NDArray[np.float32] | None:
        """f32[D], or None where it must be computed."""
        found = self._full.get(hash)
        if found is not None:
            return found.view(np.float32)
        found = None if exact else self._half.get(hash)
        return None if found is None else found.view(np.float16).astype(np.float32)

    def put(self, hashes: list[str], features: NDArray[np.float32], *, exact: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Keep features f32[n, D]; returns them as they will be read back, so that a first run equals a later one."""
        with np.errstate(over="ignore"):
            half = features.astype(np.float16)
        is_half = ~exact & np.isfinite(half).all(axis=1)
        for file, values, chosen in ((self._half, half, is_half), (self._full, features, ~is_half)):
            if chosen.any():
                payload = np.ascontiguousarray(values[chosen]).view(np.uint8)
                file.append([hash for hash, take in zip(hashes, chosen, strict=True) if take], payload)
        return np.where(is_half[:, None], half.astype(np.float32), features)


def _open(folder: Path, key: dict[str, object], payload_bytes: int) -> RecordFile:
    return RecordFile(folder / f"{file_name(key)}.features", key=key, payload_bytes=payload_bytes)
