"""Fingerprints, near copies and quality of a project: kept by content hash, so that a file that moves or comes twice is known."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager

from tlstudio.domain.fingerprints import Fingerprint, NearCopy
from tlstudio.domain.quality import ImageQuality
from tlstudio.project.database import Database
from tlstudio.project.snapshots import Snapshot


class LookAlikes:
    """What a project remembers of looks. Thread-safe by the project's own doors; errors are those of the project."""

    def __init__(
        self,
        database: Database,
        snapshot: Snapshot,
        *,
        reading: AbstractContextManager[object],
        writing: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._database = database
        self._snapshot = snapshot
        self._reading = reading
        self._writing = writing

    def fingerprints(self, version: int) -> dict[str, Fingerprint | None]:
        """All of this version, by content hash; None for an image that has nothing to compare by."""
        with self._reading:
            rows = self._database.each("SELECT content_hash, hash, detail FROM fingerprints WHERE version = ?", [version])
            return {name: None if hash is None else Fingerprint(hash=hash, detail=detail) for name, hash, detail in rows}

    def names(self, version: int) -> set[str]:
        """The content hashes that have a fingerprint, or were found to have none."""
        with self._reading:
            return {name for (name,) in self._database.each("SELECT content_hash FROM fingerprints WHERE version = ?", [version])}

    def qualities(self, version: int) -> dict[str, ImageQuality]:
        """All of this version, by content hash. A quarter of a second for 100,000."""
        with self._reading:
            rows = self._database.each(
                "SELECT content_hash, darkest, brightest, contrast, sharpness FROM qualities WHERE version = ?", [version]
            )
            return {
                name: ImageQuality(version=version, darkest=darkest, brightest=brightest, contrast=contrast, sharpness=sharpness)
                for name, darkest, brightest, contrast, sharpness in rows
            }

    def measured(self, version: int) -> set[str]:
        """The content hashes that have a quality."""
        with self._reading:
            return {name for (name,) in self._database.each("SELECT content_hash FROM qualities WHERE version = ?", [version])}

    def forget_qualities(self, names: Iterable[str]) -> None:
        """These look different now: they are measured again at the next look."""
        with self._writing():
            self._database.run_many("DELETE FROM qualities WHERE content_hash = ?", ((name,) for name in names))

    def add(
        self,
        fingerprints: Mapping[str, Fingerprint | None],
        near: Iterable[NearCopy],
        *,
        version: int,
        qualities: Mapping[str, ImageQuality] | None = None,
    ) -> None:
        """Keep what was looked at (`fingerprints` of one version) and what was found, in one transaction."""
        with self._writing():
            self._database.run_many(
                "INSERT OR REPLACE INTO qualities (content_hash, version, darkest, brightest, contrast, sharpness) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                ((name, *_columns(item)) for name, item in (qualities or {}).items()),
            )
            self._database.run_many(
                "INSERT OR REPLACE INTO fingerprints (content_hash, version, hash, detail) VALUES (?, ?, ?, ?)",
                (
                    (name, version, None if item is None else item.hash, None if item is None else item.detail)
                    for name, item in fingerprints.items()
                ),
            )
            pairs = [(pair.first, pair.second, pair.likeness) for pair in near]
            if pairs:
                self._database.run_many("INSERT OR REPLACE INTO near_copies (first, second, likeness) VALUES (?, ?, ?)", pairs)
                self._snapshot.follow_settings()


def _columns(item: ImageQuality) -> tuple[int, float, float, float, float | None]:
    return item.version, item.darkest, item.brightest, item.contrast, item.sharpness
