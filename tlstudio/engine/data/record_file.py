"""A file of equally long records found by content hash: what the caches of features and pixels are made of.

Layout: a header of 4,096 bytes that names what the records are, then records of 32 bytes key, 4 bytes CRC-32 and the payload.
Records are only ever appended, under an operating-system lock, so that runs at the same time share one file; a
record that was cut or damaged counts as not there and is made again. Nothing in it is worth more than the time to make it.
"""

import os
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from tlstudio.files import FileLock
from tlstudio.log import logger

log = logger(__name__)

_HEADER_BYTES = 4096
_MAGIC = b"TLSREC01"
_KEY_BYTES = 32
_LOCK_WAIT_S = 10.0
Key = Mapping[str, object]
_Mapped = np.memmap[tuple[int], np.dtype[np.void]]


def file_name(key: Key) -> str:
    """The name of the file for everything that shares `key`."""
    return blake3(msgspec.json.encode(key, order="deterministic")).hexdigest()[:32]


class RecordFile:
    """Records of `payload_bytes` under `key`; `path` need not exist. Where the folder cannot be written it stays empty.

    Threads may read while one appends. What is read was compared with its checksum once in this process. The file may be
    deleted, or made anew by another process, at any time: what is remembered of it only says where a record may be.
    """

    def __init__(self, path: Path, *, key: Key, payload_bytes: int) -> None:
        self.path = path
        self._payload_bytes = payload_bytes
        self._record = np.dtype([("key", "V32"), ("crc", "<u4"), ("data", np.uint8, (payload_bytes,))])
        text = msgspec.json.encode({**key, "payload_bytes": payload_bytes}, order="deterministic")
        self._header = (_MAGIC + text).ljust(_HEADER_BYTES, b"\0")
        self._rows: dict[bytes, int] = {}
        self._sound: set[bytes] = set()
        self._num_seen = 0
        self._mapped: _Mapped | None = None
        self._seen_file: tuple[int, int] | None = None
        """Which file all this was seen in."""
        self._is_usable = len(self._header) == _HEADER_BYTES
        self._refresh()

    def has(self, hash: str) -> bool:
        """Whether a record of this content was written; it may still turn out to be damaged when it is read."""
        return bytes.fromhex(hash) in self._rows

    def get(self, hash: str) -> NDArray[np.uint8] | None:
        """A record's payload uint8[payload_bytes] as a view of the file; None where it is not there or damaged."""
        key = bytes.fromhex(hash)
        row = self._rows.get(key)
        if row is None:
            return None
        mapped = self._mapped
        if mapped is None or row >= len(mapped):
            mapped = self._mapped_again()
        if mapped is not None and row < len(mapped):
            record = mapped[row]
            payload: NDArray[np.uint8] = record["data"]
            # The key each time: the row may be of a file that is no more.
            if record["key"].tobytes() == key and (key in self._sound or self._is_sound(record, key)):
                return payload
        self._rows.pop(key, None)
        return None

    def _is_sound(self, record: np.void, key: bytes) -> bool:
        is_sound = zlib.crc32(record["data"].data) == record["crc"]
        if is_sound:
            self._sound.add(key)
        return bool(is_sound)

    def append(self, hashes: Sequence[str], payloads: NDArray[np.uint8] | Sequence[NDArray[np.uint8]]) -> bool:
        """Add records (each payload uint8[payload_bytes]); False where they could not be written, which loses nothing but time."""
        if not self._is_usable:
            return False
        keys = [bytes.fromhex(hash) for hash in hashes]
        try:
            first = self._write(keys, payloads)
        except OSError as error:
            log.info("the cache %s cannot be written: %s", self.path, error)
            self._is_usable = False
            return False
        self._sound.difference_update(keys)
        if first < self._num_seen:
            self._forget()  # it was made anew since
        self._num_seen = first + len(keys)  # before the rows, which another thread may ask for at once
        self._rows.update((key, first + index) for index, key in enumerate(keys))
        return True

    def _write(self, keys: Sequence[bytes], payloads: Iterable[NDArray[np.uint8]]) -> int:
        """Append under the lock; returns the row of the first record."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = _acquired(self.path.with_suffix(".lock"))
        try:
            with open(self.path, "r+b" if self._is_ours() else "w+b") as file:
                end = file.seek(0, 2)
                if end == 0:
                    end = file.write(self._header)
                self._notice(file.fileno())
                rows = (end - _HEADER_BYTES) // self._record.itemsize
                file.truncate(_HEADER_BYTES + rows * self._record.itemsize)
                file.seek(0, 2)
                for key, payload in zip(keys, payloads, strict=True):
                    file.write(key + zlib.crc32(payload.data).to_bytes(4, "little"))
                    file.write(payload.data)
            return rows
        finally:
            lock.release()

    def _is_ours(self) -> bool:
        try:
            with open(self.path, "rb") as file:
                return file.read(_HEADER_BYTES) == self._header
        except FileNotFoundError:
            return False

    def _refresh(self) -> None:
        """Read which records there are."""
        try:
            if not self._is_ours():
                return
            mapped = self._map((self.path.stat().st_size - _HEADER_BYTES) // self._record.itemsize)
            os.utime(self.path)  # it was used: others are deleted first
        except (OSError, ValueError) as error:
            log.info("the cache %s cannot be read: %s", self.path, error)
            return
        if mapped is not None:
            self._num_seen = len(mapped)
            self._rows = {key.tobytes(): row for row, key in enumerate(mapped["key"])}

    def _map(self, rows: int) -> _Mapped | None:
        """Raises `OSError`, and `ValueError` where the file is shorter."""
        if rows <= 0:
            self._mapped = None
            return None
        with open(self.path, "rb") as file:
            self._notice(file.fileno())
            self._mapped = np.memmap(file, self._record, "r", _HEADER_BYTES, (rows,))
        return self._mapped

    def _mapped_again(self) -> _Mapped | None:
        try:
            return self._map(self._num_seen)
        except (OSError, ValueError) as error:
            log.info("the cache %s is not what it was: %s", self.path, error)
            self._forget()
            return None

    def _notice(self, descriptor: int) -> None:
        """Nothing that was seen holds for another file."""
        status = os.fstat(descriptor)
        found = status.st_dev, status.st_ino
        if self._seen_file not in (None, found):
            self._forget()
        self._seen_file = found

    def _forget(self) -> None:
        self._mapped, self._rows, self._sound = None, {}, set()


def prune(folder: Path, budget_bytes: int) -> None:
    """Delete the files in `folder` that were used longest ago until the rest fits the budget."""
    if not folder.is_dir():
        return
    aged = sorted(((file.stat().st_mtime, file.stat().st_size, file) for file in folder.iterdir() if file.suffix != ".lock"), reverse=True)
    used = 0
    for _time, size, file in aged:
        used += size
        if used > budget_bytes:
            try:
                file.unlink()
            except OSError as error:
                log.info("the cache file %s is in use: %s", file, error)


def _acquired(path: Path) -> FileLock:
    """The lock of a cache file. Raises `OSError` where another program keeps it."""
    lock = FileLock(path)
    deadline = time.monotonic() + _LOCK_WAIT_S
    while not lock.acquire():
        if time.monotonic() > deadline:
            raise OSError(f"{path} is held by another program")
        time.sleep(0.01)
    return lock
