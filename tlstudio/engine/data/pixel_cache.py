"""Fitted pixels by content: every image is decoded once on this machine, however many epochs and runs look at it."""

import shutil
import threading
from pathlib import Path

import msgspec

from tlstudio.datasets.decode import DECODER_VERSION
from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.recipe import ViewRule
from tlstudio.engine.data.reading import Pixels, Reader
from tlstudio.engine.data.record_file import RecordFile, file_name, prune

FOLDER = "pixels"
_BUDGET_BYTES = 20 << 30
_SPARE_DISK_BYTES = 4 << 30
_WRITE_AT_ONCE = 32
_MOST_WAITING = 8 * _WRITE_AT_ONCE
"""Images that may be held for the disk, and a few more: one a thread that reads."""


class PixelCache:
    """uint8[S, S, 3] of images, by content hash, for one preprocessing. Thread-safe.

    `views`: the rule of the training views that are cut from them; None for what is judged.
    Beyond the budget, or where the disk is nearly full, images are decoded each time instead.
    """

    def __init__(self, cache_folder: Path, *, reader: Reader, preprocessing: Preprocessing, views: ViewRule | None) -> None:
        self._reader = reader
        self._preprocessing = preprocessing
        self.views = views
        self.side_px = preprocessing.input_size_px
        size = preprocessing.input_size_px
        self._shape = (size, size, 3)
        folder = cache_folder / FOLDER
        prune(folder, _BUDGET_BYTES)
        key = {
            "what": "pixels",
            "decoder": DECODER_VERSION,
            "intensity": reader.intensity,
            "preprocessing": msgspec.structs.replace(preprocessing, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)),
            "views": views,
        }
        self._file = RecordFile(folder / f"{file_name(key)}.pixels", key=key, payload_bytes=size * size * 3)
        self._room = _room(cache_folder)
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: dict[str, Pixels] = {}

    def get(self, entry: ManifestEntry) -> Pixels:
        """Read-only uint8[S, S, 3]. Raises `TLStudioError` where the image is not known and cannot be read."""
        known = self._waiting.get(entry.content_hash)  # asked first: what is written leaves it only when the file has it
        if known is not None:
            return known
        stored = self._file.get(entry.content_hash)
        if stored is not None:
            return stored.reshape(self._shape)
        pixels = self._reader.pixels(entry, self._preprocessing, views=self.views)
        with self._guard:
            if self._room >= pixels.nbytes:
                self._room -= pixels.nbytes
                self._waiting[entry.content_hash] = pixels
        num_waiting = len(self._waiting)
        # Another thread may be at it; where it cannot keep up all wait, else memory fills.
        if num_waiting >= _WRITE_AT_ONCE and self._writing.acquire(blocking=num_waiting >= _MOST_WAITING):
            try:
                self._write()
            finally:
                self._writing.release()
        return pixels

    def flush(self) -> None:
        """Write what is still waiting."""
        with self._writing:
            self._write()

    def _write(self) -> None:
        """By the thread that holds `_writing`; the others go on reading."""
        with self._guard:
            written = dict(self._waiting)
        if written:
            self._file.append(list(written), [pixels.reshape(-1) for pixels in written.values()])
            with self._guard:
                for hash in written:
                    del self._waiting[hash]


def _room(cache_folder: Path) -> int:
    """Bytes that this run may add."""
    place = cache_folder
    while not place.exists() and place != place.parent:
        place = place.parent
    return max(0, min(_BUDGET_BYTES, shutil.disk_usage(place).free - _SPARE_DISK_BYTES))
