"""A whole project as one file: its database, its images (linked ones, too), its runs; to keep, or to open on another computer."""

import os
import shutil
import stat
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec
from blake3 import blake3

from tlstudio import files
from tlstudio.domain.archives import ARCHIVE_MANIFEST, ARCHIVE_SUFFIX, ArchiveManifest, PackedFile
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.imports import ImportProblem
from tlstudio.domain.jobs import LOCK_FILE
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.messages import message
from tlstudio.operations import archiving_refusals as refusals
from tlstudio.operations.label_exports import taken
from tlstudio.operations.label_exports._placing import first_free, folder_name
from tlstudio.operations.outputs import checked_output
from tlstudio.project import layout
from tlstudio.project.project import Project

_CHUNK_BYTES = 1024 * 1024
_SPARE_BYTES = 64 * 1024 * 1024
_REPORT_EVERY = 20
_PACKED_SUFFIXES = (".sqlite", ".json", ".jsonl", ".tlstudio", ".txt", ".csv", ".log")
"""Texts and tables become smaller; images and weights do not, and are only stored."""
_RENAMED = ".renamed"
"""A folder no project has, for files whose names a zip cannot carry."""
_LEFT_OUT = (layout.LOCK, layout.HOLDER, layout.DATABASE)


class Archived(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `file` is None where it was stopped: nothing is left then."""

    file: Path | None
    num_images: int = 0
    num_missing: int = 0
    """Images that the project knows and that are not in it."""
    num_linked: int = 0
    """Images that lay outside the project's folder; they are in the archive, and linked inside it."""
    num_runs: int = 0
    num_bytes: int = 0
    problems: tuple[ImportProblem, ...] = ()
    """Images that are not in it, or not as the project knows them."""


_Source = tuple[str, Path, str | None]


class _StoppedError(Exception):
    """Leaves the file half written, so that it is taken away."""


def archive_project(
    project: Project, target: Path, *, without_missing: bool = False, report: Report = ignore, stop: Stop | None = None
) -> Archived:
    """Pack the project into `target` (in a folder: named after the project), whole or not at all. The project itself is only read.

    Raises `ImagesUnreadableError` where images cannot be read and `without_missing` does not allow that; `TLStudioError` where something
    is at `target`, a job is at work in the project, the disk is too full or fails.
    """
    target = checked_output(target, name=f"{folder_name(project.name)}{ARCHIVE_SUFFIX}")
    if target.exists():
        raise taken(target)
    _refuse_while_at_work(project)
    try:
        with tempfile.TemporaryDirectory(prefix="tlstudio-") as work:
            packer = _Packer(project, Path(work, layout.DATABASE), report, stop)
            packer.require_space(target)
            if not without_missing:
                packer.require_images()
            with files.atomic_file(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                packer.write(archive)
                if not without_missing:
                    packer.require_images()
    except _StoppedError:
        return Archived(file=None)
    except OSError as error:
        raise refusals.not_written(target, error) from error
    return packer.outcome(target)


def _refuse_while_at_work(project: Project) -> None:
    for kind in layout.JOBS:
        for job in sorted((project.folder / kind).glob("*/")):
            if (job / LOCK_FILE).exists() and files.FileLock(job / LOCK_FILE).is_held_elsewhere():
                raise refusals.at_work(project.name, f"{kind}/{job.name}")


class _Packer:
    """One archive in the making. Sources are: path inside the project, file, and of images the content hash the project knows."""

    def __init__(self, project: Project, database: Path, report: Report, stop: Stop | None) -> None:
        self._project = project
        self._report = report
        self._stop = stop
        self._packed: list[PackedFile] = []
        self._problems: list[ImportProblem] = []
        self._is_begun = False
        """An entry was begun and not ended; what fails then is the archive's own disk, or half an image."""
        dataset = project.dataset()
        self._num_images = len(dataset.samples)
        roots = _places(project, dataset)
        project.archive.copy_database(database, roots)
        self._linked: list[_Source] = [
            (f"{roots[sample.root]}/{sample.path}", dataset.file_of(sample), sample.content_hash)
            for sample in dataset.samples
            if sample.root in roots
        ]
        known = {str(dataset.file_of(sample)): sample.content_hash for sample in dataset.samples if sample.root not in roots}
        own = [(path, file, known.pop(str(file), None)) for path, file in _own_files(project.folder)]
        self._own: list[_Source] = [(layout.DATABASE, database, None), *own]
        self._missing = list(known)
        self._problems += [ImportProblem(path=file, reason=refusals.image_is_gone()) for file in known]
        self._num_away = len(known)
        """Images of which the system knows no file, as far as was looked."""

    def require_space(self, target: Path) -> None:
        """Raises `TLStudioError` where the disk of `target` cannot hold it."""
        needed = _SPARE_BYTES
        for _, file, _ in (*self._own, *self._linked):
            try:
                needed += file.stat().st_size
            except OSError:
                self._num_away += 1
        free = shutil.disk_usage(target.parent).free
        if needed > free:
            raise refusals.no_space(target, needed=needed, free=free)

    def require_images(self) -> None:
        """Raises `ImagesUnreadableError` where images are known not to be there: before anything is packed, and once all is."""
        if number := max(self._num_away, len(self._missing)):
            raise refusals.ImagesUnreadableError(self._project.name, number, of=self._num_images)

    def write(self, archive: zipfile.ZipFile) -> None:
        """Everything, the manifest last. Raises `OSError`, `_StoppedError`."""
        sources = [*self._own, *self._linked]
        for number, (path, file, content_hash) in enumerate(sources, 1):
            if self._stop is not None and self._stop.is_set():
                raise _StoppedError
            self._put(archive, path, file, content_hash)
            if number % _REPORT_EVERY == 0 or number == len(sources):
                self._report(Progress(what=message("archive.packing", "Packing"), done=number, total=len(sources)))
        manifest = ArchiveManifest(
            project_id=self._project.id, name=self._project.name, files=tuple(self._packed), missing=tuple(self._missing)
        )
        archive.writestr(_info(ARCHIVE_MANIFEST), files.encode_json(manifest))

    def _put(self, archive: zipfile.ZipFile, path: str, file: Path, content_hash: str | None) -> None:
        try:
            with open(file, "rb") as read:
                packed = self._copy(archive, path, read)
        except OSError as error:
            if content_hash is None or self._is_begun:
                raise
            self._missing.append(str(file))
            self._problems.append(ImportProblem(path=str(file), reason=refusals.image_not_read(error)))
            return
        if content_hash and packed.blake3 != content_hash:
            self._problems.append(ImportProblem(path=str(file), reason=refusals.image_changed()))
        self._packed.append(packed)

    def _copy(self, archive: zipfile.ZipFile, path: str, read: IO[bytes]) -> PackedFile:
        entry = path if _is_plain(path) else f"{_RENAMED}/{len(self._packed)}"
        hasher, size = blake3(), 0
        self._is_begun = True
        with archive.open(_info(entry), "w", force_zip64=True) as written:
            while chunk := read.read(_CHUNK_BYTES):
                if self._stop is not None and self._stop.is_set():
                    raise _StoppedError
                hasher.update(chunk)
                size += len(chunk)
                written.write(chunk)
        self._is_begun = False
        return PackedFile(entry=entry, size=size, blake3=hasher.hexdigest(), path="" if entry == path else path)

    def outcome(self, target: Path) -> Archived:
        """What is in it."""
        return Archived(
            file=target,
            num_images=self._num_images - len(self._missing),
            num_missing=len(self._missing),
            num_linked=len(self._linked),
            num_runs=len(list((self._project.folder / layout.RUNS).glob("*/"))),
            num_bytes=target.stat().st_size,
            problems=tuple(self._problems),
        )


def _places(project: Project, dataset: Dataset) -> dict[int, str]:
    """Where the images of each root outside the project go in it: `images/<folder's name>`, beside what is there."""
    here = project.folder / layout.IMAGES
    used = {item.name.casefold() for item in here.iterdir()} if here.is_dir() else set()
    places: dict[int, str] = {}
    for root in dataset.roots:
        if Path(root.path).is_relative_to(project.folder):
            continue
        name = first_free(folder_name(Path(root.path).name), "", used)
        used.add(name.casefold())
        places[root.id] = f"{layout.IMAGES}/{name}"
    return places


def _own_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """All plain files below the project's folder but locks, backups, other archives and what is being written."""
    for place, folders, names in os.walk(folder):
        inner = Path(place).relative_to(folder)
        if inner == Path():
            folders[:] = [name for name in folders if name != layout.BACKUPS]
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(place, name)
            is_left_out = inner == Path() and (name in _LEFT_OUT or name.startswith(f"{layout.DATABASE}-"))
            is_left_out = is_left_out or name == LOCK_FILE or name.startswith(".") or name.endswith(ARCHIVE_SUFFIX)
            if is_left_out or not stat.S_ISREG(file.stat().st_mode):
                continue
            yield (inner / name).as_posix(), file


def _is_plain(path: str) -> bool:
    """Whether a zip can carry the name so that every program unpacks it as it is."""
    parts = path.split("/")
    return (
        path != ARCHIVE_MANIFEST
        and unicodedata.normalize("NFC", path) == path
        and "\\" not in path
        and all(ord(letter) >= 32 for letter in path)
        and not any(part in ("", ".", "..") for part in parts)
        and ":" not in parts[0]
    )


def _info(entry: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(entry)
    info.compress_type = zipfile.ZIP_DEFLATED if entry.endswith(_PACKED_SUFFIXES) else zipfile.ZIP_STORED
    return info
