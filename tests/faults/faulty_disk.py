"""A disk under SQLite that fails on purpose, or remembers what a power cut would have lost."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

Pending = tuple[str, int, bytes]
"""("write", offset, data) or ("truncate", size, nothing)."""


class FaultyDisk:
    """Counts every operation that changes a file; the `fail_at`-th raises. Keeps what was not yet synced, file by file."""

    def __init__(self) -> None:
        self.count = 0
        self.fail_at: int | None = None
        self.error: type[apsw.Error] = apsw.FullError
        self.durable: dict[str, bytearray] = {}
        self.pending: dict[str, list[Pending]] = {}

    def arm(self, fail_at: int, error: type[apsw.Error] = apsw.FullError) -> None:
        """Let the n-th operation from now (1-based) fail."""
        self.count, self.fail_at, self.error = 0, fail_at, error

    def disarm(self) -> None:
        """Work again."""
        self.fail_at = None

    def step(self) -> None:
        """One operation."""
        self.count += 1
        if self.fail_at is not None and self.count == self.fail_at:
            raise self.error(f"injected failure at operation {self.count}")

    def opened(self, name: str) -> None:
        """A file as it was when it was opened first is taken for durable."""
        if name not in self.durable:
            self.durable[name] = bytearray(Path(name).read_bytes() if Path(name).exists() else b"")
            self.pending[name] = []

    def synced(self, name: str) -> None:
        """What was pending of a file is durable."""
        for item in self.pending.get(name, []):
            _carry_out(self.durable[name], item)
        self.pending[name] = []

    def deleted(self, name: str) -> None:
        """A file that is deleted may come back after a power cut; SQLite syncs the folder where that matters."""
        self.durable.pop(name, None)
        self.pending.pop(name, None)

    def after_power_cut(self, chance: random.Random) -> dict[str, bytes]:
        """The files as a disk might hold them: all that was synced, and any of the rest, in any order."""
        files = {}
        for name, durable in self.durable.items():
            content = bytearray(durable)
            kept = [item for item in self.pending[name] if chance.random() < 0.5]
            chance.shuffle(kept)
            for item in kept:
                _carry_out(content, item)
            files[name] = bytes(content)
        return files


def _carry_out(content: bytearray, item: Pending) -> None:
    kind, place, data = item
    if kind == "truncate":
        del content[place:]
        return
    content.extend(bytes(max(0, place + len(data) - len(content))))
    content[place : place + len(data)] = data


class _File(apsw.VFSFile):
    def __init__(self, disk: FaultyDisk, usual: str, filename: object, flags: list[int]) -> None:
        super().__init__(usual, filename, flags)  # type: ignore[arg-type]
        self._disk = disk
        self._name = filename.filename() if isinstance(filename, apsw.URIFilename) else str(filename or "")
        disk.opened(self._name)

    def excepthook(self, *error: object) -> None:
        """The failures are meant; SQLite hears of them all the same."""

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.step()
        super().xWrite(data, offset)
        self._disk.pending[self._name].append(("write", offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self._disk.step()
        super().xTruncate(size)
        self._disk.pending[self._name].append(("truncate", size, b""))

    def xSync(self, flags: int) -> None:
        # The real disk need not be waited for: what a power cut would take is kept account of here.
        self._disk.step()
        self._disk.synced(self._name)


class _System(apsw.VFS):
    def __init__(self, disk: FaultyDisk, usual: str) -> None:
        self._disk = disk
        self._usual = usual
        super().__init__("faulty", usual, makedefault=True)

    def excepthook(self, *error: object) -> None:
        """As for files."""

    def xOpen(self, name: object, flags: list[int]) -> _File:
        return _File(self._disk, self._usual, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:
        self._disk.step()
        super().xDelete(name, False)
        self._disk.deleted(name)


@contextmanager
def faulty_disk() -> Iterator[FaultyDisk]:
    """Every database opened inside goes through the disk that is given."""
    usual = apsw.vfs_names()[0]
    disk = FaultyDisk()
    system = _System(disk, usual)
    try:
        yield disk
    finally:
        disk.disarm()
        apsw.set_default_vfs(usual)
        system.unregister()
