"""Fingerprints and near copies of a project: kept by content hash, so that a file that moves or comes twice is known."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager

from tlstudio.domain.fingerprints import Fingerprint, NearCopy
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
            rows = self._database.rows("SELECT content_hash, hash, detail FROM fingerprints WHERE version = ?", [version])
        return {name: None if hash is None else Fingerprint(hash=hash, detail=detail) for name, hash, detail in rows}

    def names(self, version: int) -> set[str]:
        """The content hashes that have been looked at."""
        with self._reading:
            return {name for (name,) in self._database.rows("SELECT content_hash FROM fingerprints WHERE version = ?", [version])}

    def add(self, fingerprints: Mapping[str, Fingerprint | None], near: Iterable[NearCopy], *, version: int) -> None:
        """Keep what was looked at and what was found, in one transaction."""
        with self._writing():
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
                self._snapshot.forget()
