"""Every write of the program to a file goes through here: atomic, durable, and able to fail on purpose in a test."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

_REPLACE_TRIES = 20
_REPLACE_WAIT_S = 0.05
_LOCK_RETRY_S = 0.02

_operations = 0
_fail_at: int | None = None


def fail_at(operation: int | None) -> None:
    """Let the n-th file operation from now (1-based) raise `OSError`; `None` switches it off. For the fault tests."""
    global _operations, _fail_at
    _operations, _fail_at = 0, operation


def _count(what: str) -> None:
    global _operations
    _operations += 1
    if _fail_at is not None and _operations == _fail_at:
        raise OSError(f"injected failure at operation {_operations}: {what}")


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Write `path` through a temporary file in the same folder; the old content stays until the new one is whole.

    Raises `OSError`; the temporary file is removed in every case.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _count("open")
        with open(temporary, "wb") as file:
            yield file
            _count("flush")
            file.flush()
            _count("fsync")
            os.fsync(file.fileno())
        _replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def _replace(source: Path, target: Path) -> None:
    """`os.replace`, patient with Windows' sharing violations (a virus scanner or an indexer has the file open)."""
    for attempt in range(_REPLACE_TRIES):
        _count("replace")
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if sys.platform != "win32" or attempt == _REPLACE_TRIES - 1:
                raise
            time.sleep(_REPLACE_WAIT_S)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable, where the system can open folders."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` by `data` atomically."""
    with atomic_file(path) as file:
        _count("write")
        file.write(data)


def encode_json(value: object) -> bytes:
    """`value` as indented JSON (anything msgspec can encode)."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def write_json(path: Path, value: object) -> None:
    """Replace `path` by `value` as indented JSON (anything msgspec can encode)."""
    write_bytes(path, encode_json(value))


class FileLock:
    """An operating-system lock on a file: gone when the process is gone, however it died.

    The file itself stays; only the lock on it counts. Not re-entrant.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def acquire(self, *, wait_s: float = 0.0) -> bool:
        """Take the lock; False when somebody else holds it.

        A moment of `wait_s` gets past somebody who only looks whether it is held, which takes it for an instant.
        Raises `OSError` where no file can be made, or where the file system knows no locks.
        """
        if self._file is not None:
            return True
        file = open(self.path, "a+b")  # noqa: SIM115 (kept open: closing it gives the lock back)
        try:
            taken = _lock_within(file, wait_s)
        except OSError:
            file.close()
            raise
        if taken:
            self._file = file
        else:
            file.close()
        return taken

    def release(self) -> None:
        """Give the lock back; safe to call twice."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def is_held_elsewhere(self) -> bool:
        """Whether another process (or another `FileLock`) holds it now."""
        if self._file is not None:
            return False
        if not self.path.exists():
            return False
        taken = self.acquire()
        self.release()
        return not taken


def _lock_within(file: IO[bytes], wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            _lock(file)
            return True
        except (BlockingIOError, PermissionError):
            if time.monotonic() >= deadline:
                return False
        time.sleep(_LOCK_RETRY_S)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        # A byte far behind the content, so that other processes may still read who holds it.
        file.seek(0x7FFF0000)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
