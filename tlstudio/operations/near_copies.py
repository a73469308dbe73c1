"""Finding near copies: as images come in, and afterwards for those of older projects. Each image is looked at once."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tlstudio.datasets.decoder import DecoderPool
from tlstudio.datasets.fingerprints import FINGERPRINT_VERSION
from tlstudio.datasets.inspection import Inspected
from tlstudio.datasets.near_copies import NearCopySearch
from tlstudio.domain.fingerprints import Fingerprint, NearCopy
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.messages import message
from tlstudio.project.project import Project

_BATCH = 64


class NearCopyBook:
    """What a project knows of looks, kept up to date batch by batch."""

    def __init__(self, project: Project) -> None:
        self._store = project.look_alikes
        known = self._store.fingerprints(FINGERPRINT_VERSION)
        self._looked_at = set(known)
        self._search = NearCopySearch()
        self._search.load({name: item for name, item in known.items() if item is not None}, project.dataset().near_copies)

    def take(self, batch: Iterable[Inspected]) -> list[NearCopy]:
        """Keep the fingerprints of images that have just been decoded; the near copies that came to light."""
        new: dict[str, Fingerprint | None] = {
            item.content_hash: item.fingerprint for item in batch if item.thumbnail and item.content_hash not in self._looked_at
        }
        if not new:
            return []
        near = self._search.add({name: item for name, item in new.items() if item is not None})
        self._store.add(new, near, version=FINGERPRINT_VERSION)
        self._looked_at |= new.keys()
        return near


def not_looked_at(project: Project) -> dict[str, Path]:
    """The files of images that have no fingerprint yet, by content hash. One question to the database; no file is opened."""
    dataset = project.dataset()
    wanted = {sample.content_hash: sample for sample in dataset.ready if sample.content_hash}
    if wanted.keys() <= (known := project.look_alikes.names(FINGERPRINT_VERSION)):
        return {}
    return {name: dataset.file_of(sample) for name, sample in wanted.items() if name not in known}


def look_at_missing(project: Project, *, report: Report = ignore, stop: Stop | None = None) -> int:
    """Fingerprint the images of an older project that have none; the number of near copies found by it.

    Nothing is done where the project cannot be written. What was looked at when it is stopped stays. Files that are away or have changed
    are passed over and looked at another time.
    """
    missing = not_looked_at(project) if project.writable else {}
    there = {name: file for name, file in missing.items() if file.is_file()}
    if not there:
        return 0
    book = NearCopyBook(project)
    num_found = 0
    with DecoderPool(project.settings().intensity) as pool:
        batch: list[Inspected] = []
        for done, item in enumerate(_as_imported(pool, there, stop), 1):
            batch.append(item)
            if len(batch) == _BATCH:
                num_found += len(book.take(batch))
                batch.clear()
            report(Progress(what=message("near.progress", "Looking for near copies"), done=done, total=len(there)))
    return num_found + len(book.take(batch))


def _as_imported(pool: DecoderPool, files: dict[str, Path], stop: Stop | None) -> Iterator[Inspected]:
    """Each looked at again; one whose bytes are others now has no say."""
    for name, item in zip(files, pool.inspect(files.values(), stop=stop), strict=False):
        yield item if item.content_hash == name else Inspected(path=item.path)
