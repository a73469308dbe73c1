"""Looking at images, once for fingerprint and quality: as they come in, and afterwards for those of older projects."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.fingerprints import FINGERPRINT_VERSION
from tlstudio.datasets.inspection import Inspected
from tlstudio.datasets.near_copies import NearCopySearch
from tlstudio.datasets.quality import QUALITY_VERSION
from tlstudio.domain.fingerprints import NearCopy
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.messages import message
from tlstudio.project.project import Project

_BATCH = 64


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a look at images that had never been looked at."""

    num_seen: int = 0
    num_near: int = 0
    """Near copies that came to light."""


class LookBook:
    """What a project knows of looks, kept up to date batch by batch."""

    def __init__(self, project: Project) -> None:
        self._store = project.look_alikes
        known = self._store.fingerprints(FINGERPRINT_VERSION)
        self._flat = {name for name, item in known.items() if item is None}
        """What has nothing to compare by."""
        self._unmeasured = known.keys() - self._store.measured(QUALITY_VERSION)
        """What an earlier version has compared and not measured."""
        self._search = NearCopySearch()
        self._search.load({name: item for name, item in known.items() if item is not None}, project.dataset().near_copies)

    def take(self, batch: Iterable[Inspected]) -> list[NearCopy]:
        """Keep what was seen of images that have just been decoded; the near copies that came to light."""
        new = {item.content_hash: item for item in batch if item.quality is not None and not self._was_looked_at(item.content_hash)}
        if not new:
            return []
        near = self._search.add({name: item.fingerprint for name, item in new.items() if item.fingerprint is not None})
        self._store.add(
            {name: item.fingerprint for name, item in new.items()},
            near,
            version=FINGERPRINT_VERSION,
            qualities={name: item.quality for name, item in new.items() if item.quality is not None},
        )
        self._flat |= {name for name, item in new.items() if item.fingerprint is None}
        self._unmeasured -= new.keys()
        return near

    def _was_looked_at(self, content_hash: str) -> bool:
        return (content_hash in self._search or content_hash in self._flat) and content_hash not in self._unmeasured


def not_looked_at(project: Project, *, for_leaks: bool = False) -> dict[str, Path]:
    """The files of images that have no fingerprint or no quality yet, by content hash. Two questions to the database; no file is opened.

    `for_leaks` leaves out those that only lack a quality: no leak is missed without it.
    """
    dataset, store = project.dataset(), project.look_alikes
    wanted = {sample.content_hash: sample for sample in dataset.ready if sample.content_hash}
    known = store.names(FINGERPRINT_VERSION)
    if not for_leaks:
        known &= store.measured(QUALITY_VERSION)
    return {name: dataset.file_of(sample) for name, sample in wanted.items() if name not in known}


def look_at_missing(project: Project, *, for_leaks: bool = False, report: Report = ignore, stop: Stop | None = None) -> Looked:
    """Look at the images of an older project that were never looked at (`for_leaks`: never compared).

    Nothing is done where the project cannot be written. What was looked at when it is stopped stays. Files that are away or have changed
    are passed over and looked at another time.
    """
    missing = not_looked_at(project, for_leaks=for_leaks) if project.writable else {}
    there = {name: file for name, file in missing.items() if file.is_file()}
    if not there:
        return Looked()
    book = LookBook(project)
    num_near = num_seen = 0
    with DecoderPool(project.settings().intensity) as pool:
        batch: list[Inspected] = []
        for item in _as_imported(pool, there, stop):
            num_seen += 1
            batch.append(item)
            if len(batch) == _BATCH:
                num_near += len(book.take(batch))
                batch.clear()
            report(Progress(what=message("looks.progress", "Looking at images of an earlier version"), done=num_seen, total=len(there)))
    return Looked(num_seen=num_seen, num_near=num_near + len(book.take(batch)))


def _as_imported(pool: DecoderPool, files: dict[str, Path], stop: Stop | None) -> Iterator[Inspected]:
    """Each looked at again; one whose bytes are others now has no say."""
    for name, item in zip(files, pool.inspect(files.values(), stop=stop), strict=False):
        yield item if item.content_hash == name else Inspected(path=item.path)
