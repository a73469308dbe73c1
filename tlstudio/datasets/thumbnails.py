"""Thumbnails by content hash, in one SQLite file that can be deleted at any time."""

import contextlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import apsw

from tlstudio.log import logger

T = TypeVar("T")

_SCHEMA_VERSION = 2
_BUSY_MS = 5000
_DAMAGED = (apsw.CorruptError, apsw.NotADBError)

log = logger(__name__)


class ThumbnailStore:
    """JPEG bytes by content hash. Safe from any thread; a damaged or unwritable file is replaced, never a reason to fail.

    Reading has a connection of its own, so that the window never waits for an import that writes. `key` says how the pixels were
    made: a store opened with another one begins anew, and who still writes by the old one writes nothing. Without a key it is
    taken as it is.
    """

    def __init__(self, file: Path, *, key: str | None = None) -> None:
        self.file = file
        self._key = key
        self._reading = threading.RLock()
        self._writing = threading.RLock()
        self._closed = False
        self._reader, self._writer = self._open()

    def get(self, content_hash: str) -> bytes | None:
        """None where it has to be made (again)."""

        def read() -> bytes | None:
            row = self._reader.execute("SELECT jpeg FROM thumbnails WHERE hash = ?", [content_hash]).fetchone()
            return None if row is None else bytes(row[0])

        return self._tried(self._reading, read, None)

    def put(self, thumbnails: Mapping[str, bytes]) -> None:
        """Keep these; in one transaction."""

        def write() -> None:
            with self._writer:
                self._writer.executemany(_PUT, [(content_hash, jpeg, self._key) for content_hash, jpeg in thumbnails.items()])

        if thumbnails:
            self._tried(self._writing, write, None)

    def missing(self, content_hashes: list[str]) -> list[str]:
        """Those that have to be made, in the order given."""

        def read() -> list[str]:
            return [item for item in content_hashes if not self._reader.execute(_HAS, [item]).fetchone()]

        return self._tried(self._reading, read, content_hashes)

    def close(self) -> None:
        """Safe to call twice."""
        with self._writing, self._reading:
            self._closed = True
            self._reader.close()
            self._writer.close()

    def __enter__(self) -> "ThumbnailStore":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _tried(self, lock: threading.RLock, work: Callable[[], T], otherwise: T) -> T:
        """`work`, or `otherwise` where the cache fails: then it is made anew."""
        with lock:
            if self._closed:
                return otherwise
            try:
                return work()
            except _DAMAGED as error:
                log.info("the thumbnail cache %s is damaged and made anew: %s", self.file, error)
            except (apsw.FullError, apsw.IOError, apsw.BusyError, apsw.ReadOnlyError, apsw.CantOpenError) as error:
                log.info("the thumbnail cache %s cannot be used now: %s", self.file, error)
                return otherwise
        self._remake()
        return otherwise

    def _remake(self) -> None:
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()
            _delete(self.file)
            self._reader, self._writer = self._open()

    def _open(self) -> tuple[apsw.Connection, apsw.Connection]:
        for attempt in range(2):
            try:
                return _connections(self.file, self._key)
            except (apsw.Error, OSError) as error:
                log.info("the thumbnail cache %s does not open: %s", self.file, error)
                if attempt == 0:
                    _delete(self.file)
        only_one = _connected(":memory:")
        _begin_anew(only_one, self._key)
        self._reading = self._writing
        return only_one, only_one


_HAS = "SELECT 1 FROM thumbnails WHERE hash = ?"
_PUT = "INSERT OR REPLACE INTO thumbnails (hash, jpeg) SELECT ?1, ?2 WHERE ?3 IS NULL OR EXISTS (SELECT 1 FROM made_by WHERE key = ?3)"


def _connections(file: Path, key: str | None) -> tuple[apsw.Connection, apsw.Connection]:
    file.parent.mkdir(parents=True, exist_ok=True)
    writer = _connected(str(file))
    try:
        _begin_anew(writer, key)
        return _connected(str(file)), writer
    except apsw.Error:
        writer.close()
        raise


def _connected(name: str) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = apsw.Connection(name, flags=flags)
    try:
        connection.set_busy_timeout(_BUSY_MS)
        with contextlib.suppress(apsw.Error):  # a place where WAL cannot be had works without
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")  # a cache: speed before durability
        if connection.pragma("user_version") not in (0, _SCHEMA_VERSION):
            connection.execute("DROP TABLE IF EXISTS thumbnails")
        connection.execute("CREATE TABLE IF NOT EXISTS thumbnails (hash TEXT PRIMARY KEY, jpeg BLOB NOT NULL)")
        connection.execute("CREATE TABLE IF NOT EXISTS made_by (key TEXT NOT NULL)")
        connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
    except apsw.Error:
        connection.close()
        raise
    return connection


def _begin_anew(connection: apsw.Connection, key: str | None) -> None:
    """Where the thumbnails were made in another way than `key` says."""
    if key is None or connection.execute("SELECT 1 FROM made_by WHERE key = ?", [key]).fetchone():
        return
    with connection:
        connection.execute("DELETE FROM thumbnails")
        connection.execute("DELETE FROM made_by")
        connection.execute("INSERT INTO made_by (key) VALUES (?)", [key])


def _delete(file: Path) -> None:
    for path in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
