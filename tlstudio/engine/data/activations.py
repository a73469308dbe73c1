"""Activations behind the frozen stages by key: computed once on this machine, for every epoch and run that would compute the same."""

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tlstudio.engine.data.record_file import Key, RecordFile, file_name, prune

FOLDER = "prefixes"
_BUDGET_BYTES = 20 << 30
_SPARE_DISK_BYTES = 4 << 30

Values = NDArray[np.floating]


class Activations:
    """Arrays [*shape] of floating point under hexadecimal keys of 32 bytes. Thread-safe.

    fp16 where it can hold all values of an array, else fp32; `exact` ones are fp32 always.
    """

    def __init__(self, cache_folder: Path, *, key: Key, shape: tuple[int, ...], exact: bool) -> None:
        self._shape = shape
        self._exact = exact
        self._folder = cache_folder / FOLDER
        self._guard = threading.Lock()
        self._half, self._full = (self._open({**key, "shape": shape}, kind) for kind in (np.dtype(np.float16), np.dtype(np.float32)))
        self.has_failed = False
        """Whether something could not be written; it is not tried again."""

    @property
    def num_bytes(self) -> int:
        """What they take on the disk now."""
        return sum(file.path.stat().st_size for file in (self._half, self._full) if file.path.exists())

    def has(self, key: str) -> bool:
        """Whether `get` will probably answer."""
        with self._guard:
            return self._full.has(key) or (not self._exact and self._half.has(key))

    def get(self, key: str) -> Values | None:
        """Read-only f16 or f32[*shape], or None where it must be computed."""
        with self._guard:
            found = self._full.get(key)
            if found is not None:
                return found.view(np.float32).reshape(self._shape)
            found = None if self._exact else self._half.get(key)
            return None if found is None else found.view(np.float16).reshape(self._shape)

    def put(self, keys: Sequence[str], values: NDArray[np.float32]) -> list[Values]:
        """Keep f32[n, *shape]; returns them as they will be read back: those that are there already as they are, the others rounded."""
        with np.errstate(over="ignore"):
            half = None if self._exact else values.astype(np.float16)
        kept: list[Values] = []
        new: dict[int, list[int]] = {2: [], 4: []}
        for row, key in enumerate(keys):
            there = self.get(key)
            if there is None:
                there = values[row] if half is None or not np.isfinite(half[row]).all() else half[row]
                new[there.itemsize].append(row)
            kept.append(there)
        for file, rows in ((self._half, new[2]), (self._full, new[4])):
            if rows and not self.has_failed:
                payloads = np.stack([np.ascontiguousarray(kept[row]).reshape(-1).view(np.uint8) for row in rows])
                with self._guard:
                    self.has_failed = not file.append([keys[row] for row in rows], payloads)
        return kept

    def _open(self, key: Key, kind: np.dtype[np.floating]) -> RecordFile:
        named = {**key, "dtype": kind.name}
        size = int(np.prod(self._shape)) * kind.itemsize
        return RecordFile(self._folder / f"{file_name(named)}.prefix", key=named, payload_bytes=size)


def room_bytes(cache_folder: Path) -> int:
    """Bytes that activations may take in all, those that are there included, because older ones give way to newer ones."""
    place = cache_folder
    while not place.exists() and place != place.parent:
        place = place.parent
    return max(0, min(_BUDGET_BYTES, shutil.disk_usage(place).free - _SPARE_DISK_BYTES + _used_bytes(cache_folder)))


def make_room(cache_folder: Path, num_bytes: int) -> None:
    """Take away the activations that were used longest ago, so that `num_bytes` may be added."""
    prune(cache_folder / FOLDER, room_bytes(cache_folder) - num_bytes)


def _used_bytes(cache_folder: Path) -> int:
    folder = cache_folder / FOLDER
    return sum(file.stat().st_size for file in folder.iterdir()) if folder.is_dir() else 0
