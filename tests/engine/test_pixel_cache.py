"""The cache of pixels: what waits for a slow disk stays a few images, and nothing that was decoded is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tlstudio.domain.manifest import ManifestEntry
from tlstudio.domain.networks import Preprocessing
from tlstudio.engine.data import pixel_cache
from tlstudio.engine.data.pixel_cache import PixelCache
from tlstudio.engine.data.reading import Reader
from tlstudio.engine.data.record_file import RecordFile

ENTRIES = [ManifestEntry(sample=number, root=0, path=f"{number}.png", content_hash=f"{number:064x}") for number in range(60)]


def test_where_the_disk_cannot_keep_up_reading_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixel_cache, "_WRITE_AT_ONCE", 4)
    monkeypatch.setattr(pixel_cache, "_MOST_WAITING", 8)
    monkeypatch.setattr(Reader, "pixels", lambda _self, entry, _fitting, **_views: np.full((8, 8, 3), entry.sample, np.uint8))
    may_write, waits, honest = threading.Event(), threading.Event(), RecordFile.append

    def slow(self: RecordFile, *given: object) -> bool:
        assert may_write.wait(60)
        return honest(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(RecordFile, "append", slow)
    reader = Reader(roots={}, intensity=None)  # type: ignore[arg-type]
    cache = PixelCache(tmp_path, reader=reader, preprocessing=Preprocessing(input_size_px=8), views=None)
    writing = cache._writing

    class Watched:
        """The lock, which says when somebody waits for it."""

        def acquire(self, *, blocking: bool) -> bool:
            if blocking:
                waits.set()
            return writing.acquire(blocking=blocking)

        def release(self) -> None:
            writing.release()

        def __enter__(self) -> None:
            writing.acquire()

        def __exit__(self, *_error: object) -> None:
            writing.release()

    cache._writing = Watched()  # type: ignore[assignment]
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(lambda: [cache.get(entry) for entry in ENTRIES[:30]])
        second = threads.submit(lambda: [cache.get(entry) for entry in ENTRIES[30:]])
        try:
            assert waits.wait(60)
            assert len(cache._waiting) <= 8
            assert not first.done()
            assert not second.done()
        finally:
            may_write.set()
        first.result(), second.result()
    cache.flush()
    assert not cache._waiting
    for entry in ENTRIES:
        assert (cache.get(entry) == entry.sample).all()
