"""A zip archive as a folder for the time of an import: nothing is written outside of it, and nothing of it is left behind."""

import os
import re
import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tlstudio.datasets.listing import IMAGE_SUFFIXES
from tlstudio.domain.imports import ImportProblem
from tlstudio.domain.progress import Progress, Report, Stop
from tlstudio.messages import Message, message
from tlstudio.operations import unpacking_refusals as refusals
from tlstudio.project.sweeping import UNPACKING

MAX_FILES = 500_000
MAX_BYTES = 1024**4
MAX_RATIO = 200
"""Images hardly pack; an archive that grows more is no data set …"""
_SMALL_BYTES = 256 * 1024 * 1024
"""… unless it stays small all the same, as text and plain masks do."""
_SPARE_BYTES = 256 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
_REPORT_EVERY = 100
_ABSOLUTE = re.compile(r"/|[A-Za-z]:")
_ENCRYPTED = 0x1
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError)
"""What the library raises for bytes that are no sound archive; `NotImplementedError` is a `RuntimeError`."""


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """`folder` is None where it was stopped. `skipped`: entries that were left out, and why."""

    folder: Path | None
    skipped: list[ImportProblem] = field(default_factory=list)


def is_archive(path: Path) -> bool:
    """Whether `path` is a file called so."""
    return path.suffix.lower() == ".zip" and path.is_file()


def require_sound(archive: Path) -> None:
    """Look at the archive's list of files only. Raises `TLStudioError` where it would be refused, or has no image by name."""
    with _opened(archive) as file:
        entries = _entries(archive, file)
    if not any(os.path.splitext(entry.parts[-1])[1].lower() in IMAGE_SUFFIXES for entry in entries):
        raise refusals.no_images(archive)


def holds(archive: Path, entry: str) -> bool:
    """Whether the archive's list of files has `entry`. Raises `TLStudioError` where there is no such list."""
    with _opened(archive) as file:
        return entry in file.namelist()


@contextmanager
def unpacked(archive: Path, place: Path, *, report: Report, stop: Stop | None) -> Iterator[Unpacked]:
    """The archive's files in a folder below `place`, named after it; it is gone in the end with whatever is in it then.

    Raises `TLStudioError` for an archive that is damaged, encrypted, too large, or would write outside the folder.
    """
    work = place / UNPACKING.replace("*", str(os.getpid()))
    try:
        with _opened(archive) as file:
            entries = _entries(archive, file)
            _require_space(archive, entries, place)
            work.mkdir(parents=True)
            folder = work / (_composed(archive.stem).strip(" .") or "archive")
            folder.mkdir()
            skipped = _unpack(archive, file, entries, folder, report, stop)
        yield Unpacked(folder=None) if skipped is None else Unpacked(folder=folder, skipped=skipped)
    finally:
        shutil.rmtree(work, ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class _Entry:
    info: zipfile.ZipInfo
    parts: tuple[str, ...]


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        file = zipfile.ZipFile(archive)
    except _DAMAGED as error:
        raise refusals.damaged(archive, str(error)) from error
    except OSError as error:
        raise refusals.not_readable(archive, error) from error
    with file:
        yield file


def _entries(archive: Path, file: zipfile.ZipFile) -> list[_Entry]:
    """The files, at places inside the folder. Raises `TLStudioError`."""
    infos = [info for info in file.infolist() if not info.is_dir()]
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise refusals.encrypted(archive)
    num_bytes = sum(info.file_size for info in infos)
    packed = max(1, archive.stat().st_size)
    if len(infos) > MAX_FILES or num_bytes > MAX_BYTES or (num_bytes > _SMALL_BYTES and num_bytes > MAX_RATIO * packed):
        raise refusals.too_large(archive, num_files=len(infos), num_bytes=num_bytes)
    return [_Entry(info=info, parts=_parts(archive, info.filename)) for info in infos]


def _parts(archive: Path, name: str) -> tuple[str, ...]:
    slashed = name.replace("\\", "/")
    parts = tuple(_composed(part) for part in slashed.split("/") if part not in ("", "."))
    if _ABSOLUTE.match(slashed) or ".." in parts or not parts or any(ord(letter) < 32 for letter in slashed):
        raise refusals.leads_outside(archive, name)
    return parts


def _require_space(archive: Path, entries: list[_Entry], place: Path) -> None:
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    needed = sum(entry.info.file_size for entry in entries) + _SPARE_BYTES
    free = shutil.disk_usage(there).free
    if needed > free:
        raise refusals.no_space(archive, needed=needed, free=free)


def _unpack(
    archive: Path, file: zipfile.ZipFile, entries: list[_Entry], folder: Path, report: Report, stop: Stop | None
) -> list[ImportProblem] | None:
    """Entries that were left out; None where it was stopped."""
    skipped: list[ImportProblem] = []
    is_stopped: Callable[[], bool] = stop.is_set if stop is not None else lambda: False
    for number, entry in enumerate(entries, 1):
        if is_stopped():
            return None
        reason = _put(archive, file, entry, folder, is_stopped)
        if reason is not None:
            skipped.append(ImportProblem(path=entry.info.filename, reason=reason))
        if number % _REPORT_EVERY == 0 or number == len(entries):
            report(Progress(what=message("unpack.doing", "Unpacking"), done=number, total=len(entries)))
    return None if is_stopped() else skipped


def _put(archive: Path, file: zipfile.ZipFile, entry: _Entry, folder: Path, is_stopped: Callable[[], bool]) -> Message | None:
    """Write one file; a reason where it is left out. Raises `TLStudioError`."""
    kind = stat.S_IFMT(entry.info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return message("unpack.link", "A link or a device in an archive; it is left out.")
    target = folder.joinpath(*entry.parts)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as written, file.open(entry.info) as read:
            while not is_stopped() and (chunk := read.read(_CHUNK_BYTES)):
                written.write(chunk)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return message("unpack.twice", "The archive has another entry of this name; the first counts.")
    except _DAMAGED as error:
        raise refusals.damaged(archive, str(error), entry=entry.info.filename) from error
    except OSError as error:
        raise refusals.disk_failed(archive, error) from error
    return None


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
