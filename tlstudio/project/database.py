"""One connection to a project's SQLite file: durable transactions, and its errors in words for people."""

import contextlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from tlstudio.errors import ClosedMeanwhileError, DiskRefusedError, TLStudioError
from tlstudio.log import logger
from tlstudio.messages import Message, message

log = logger(__name__)

Value = str | int | float | bytes | None
Row = tuple[Any, ...]

_BUSY_MS = 5000


class DamagedDatabaseError(TLStudioError):
    """The file is not a database any more, or its pages contradict each other."""


class Database:
    """One connection. Not thread-safe by itself: `Project` lets one thread in at a time."""

    def __init__(self, path: Path, *, writable: bool, wal: bool = True, create: bool = False, immutable: bool = False) -> None:
        """Open `path`. Raises `DamagedDatabaseError` or `DiskRefusedError`.

        `wal=False` is for network drives: the write-ahead log needs memory shared between processes. `immutable` reads a
        file on a medium that nobody can write.
        """
        self.path = path
        self.writable = writable
        self._wants_log = wal
        with translated(path):
            self._connection = _connect(path, writable=writable, create=create, immutable=immutable)
            try:
                self._set_up()
            except BaseException:
                self._connection.close()
                raise

    def _set_up(self) -> None:
        connection = self._connection
        connection.set_busy_timeout(_BUSY_MS)
        connection.execute("PRAGMA foreign_keys = ON")
        if self.writable:
            # FULL: a commit waits for the disk, so an edit that was acknowledged survives a power cut. NORMAL with a
            # write-ahead log would survive a crash of the program, but could lose everything since the last checkpoint.
            connection.execute("PRAGMA synchronous = FULL")
            if not self._wants_log:
                # Exclusive first: a file that was left with a log can then be read without memory shared between processes.
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("PRAGMA locking_mode = NORMAL")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()

    def _start_log(self) -> None:
        """Before the first change, so that whoever only looks leaves the file as it was, byte for byte."""
        with translated(self.path):
            # Where somebody is reading at this very moment, it goes without until the next opening.
            with contextlib.suppress(apsw.BusyError):
                self._connection.execute("PRAGMA journal_mode = WAL")
            self._wants_log = False

    def rows(self, sql: str, bindings: Iterable[Value] = ()) -> list[Row]:
        """All rows of a query."""
        with translated(self.path):
            return self._connection.execute(sql, tuple(bindings)).fetchall()

    def each(self, sql: str, bindings: Iterable[Value] = ()) -> Iterator[Row]:
        """The rows of a query one by one, for long ones; to be read to the end, before anything else is asked."""
        with translated(self.path):
            yield from self._connection.execute(sql, tuple(bindings))

    def value(self, sql: str, bindings: Iterable[Value] = ()) -> Any:
        """The first column of the first row; None where there is none."""
        found = self.rows(sql, bindings)
        return found[0][0] if found else None

    def run(self, sql: str, bindings: Iterable[Value] = ()) -> None:
        """One statement that changes something, or a script without bindings."""
        with translated(self.path):
            self._connection.execute(sql, tuple(bindings) or None)

    def run_many(self, sql: str, bindings: Iterable[Iterable[Value]]) -> None:
        """One statement for each row of bindings."""
        with translated(self.path):
            self._connection.executemany(sql, (tuple(row) for row in bindings))

    def changes(self) -> int:
        """Rows changed since the connection was opened."""
        return self._connection.total_changes()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and on the disk when it returns. One inside another is part of that."""
        if self._connection.in_transaction:
            yield
            return
        if self._wants_log:
            self._start_log()
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself where the disk was full or failed.
            if self._connection.in_transaction:
                self.run("ROLLBACK")
            raise

    def copy_to(self, path: Path) -> None:
        """A consistent copy of everything committed, as one plain file."""
        with translated(path):
            target = apsw.Connection(str(path))
            try:
                # Nobody else sees this file until it is whole.
                target.execute("PRAGMA synchronous = OFF")
                target.execute("PRAGMA journal_mode = OFF")
                with target.backup("main", self._connection, "main") as copy:
                    copy.step()
                # A copy must not need a log beside it.
                target.execute("PRAGMA journal_mode = DELETE")
            finally:
                target.close()

    def problems(self, *, thorough: bool = False) -> list[str]:
        """What SQLite finds wrong with the pages (and, `thorough`, with every index and reference); empty for a sound file."""
        try:
            rows = self._connection.execute("PRAGMA integrity_check" if thorough else "PRAGMA quick_check").fetchall()
            found = [str(row[0]) for row in rows if row[0] != "ok"]
            if thorough and not found:
                found = [f"row {row[1]} of {row[0]} points to no {row[2]}" for row in self._connection.execute("PRAGMA foreign_key_check")]
        except apsw.Error as error:
            found = [str(error)]
        return found

    def settle(self) -> None:
        """Fold the log into the file and do without one, so that a closed project is one plain file that any medium can hold.

        Raises `TLStudioError` where somebody is reading; the log then stays until the next time.
        """
        if self.writable:
            self._connection.set_busy_timeout(0)
            self.rows("PRAGMA journal_mode = DELETE")

    def close(self) -> None:
        """Let go of the file; safe to call twice. Every commit is on the disk by then, so a disk that fails now takes nothing away."""
        try:
            self._connection.close()
        except apsw.Error as error:
            log.info("%s was closed with an error: %s", self.path, error)


def _connect(path: Path, *, writable: bool, create: bool, immutable: bool) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READWRITE if writable else apsw.SQLITE_OPEN_READONLY
    if create:
        flags |= apsw.SQLITE_OPEN_CREATE
    if not immutable:
        return apsw.Connection(str(path), flags=flags)
    return apsw.Connection(path.absolute().as_uri() + "?immutable=1", flags=flags | apsw.SQLITE_OPEN_URI)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's errors about the user's world become a `TLStudioError` of these kinds; mistakes of ours pass through as they are."""
    try:
        yield
    except apsw.ConnectionClosedError as error:
        raise ClosedMeanwhileError(_CLOSED, _SAFE, details=str(error)) from error
    except tuple(_WORDS) as error:
        what, hint = next(words for kind, words in _WORDS.items() if isinstance(error, kind))
        family = DamagedDatabaseError if isinstance(error, _DAMAGED) else DiskRefusedError
        title = message(what.id, what.template, file=str(path))
        raise family(title, hint, details=str(error)) from error


_CLOSED = message("database.closed", "The project was closed before this was done.")
_DAMAGED = (apsw.CorruptError, apsw.NotADBError)
_SAFE = message("database.hint.safe", "Nothing that was saved before is touched. Try again once that is solved.")
_RESTORE = message(
    "database.hint.damaged", "Open the project again: it is then restored from its newest backup, and the damaged file is kept."
)
_WORDS: dict[type[apsw.Error], tuple[Message, Message]] = {
    apsw.CorruptError: (message("database.damaged", "{file} is damaged."), _RESTORE),
    apsw.NotADBError: (message("database.not_one", "{file} is not a database any more."), _RESTORE),
    apsw.FullError: (message("database.full", "The disk is full: {file} could not be saved."), _SAFE),
    apsw.IOError: (message("database.io", "The disk reported an error: {file} could not be read or saved."), _SAFE),
    apsw.ReadOnlyError: (message("database.read_only", "{file} cannot be written."), _SAFE),
    apsw.BusyError: (message("database.busy", "{file} is in use by another program."), _SAFE),
    apsw.CantOpenError: (message("database.cannot_open", "{file} cannot be opened."), _SAFE),
    apsw.PermissionsError: (message("database.forbidden", "This user may not use {file}."), _SAFE),
}
