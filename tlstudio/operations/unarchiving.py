"""A project out of an archive: every hash is verified before its folder is put in place; else nothing is left behind."""

import os
import shutil
import sys
import time
from pathlib import Path

import msgspec
from blake3 import blake3

from tlstudio import files
from tlstudio.domain.archives import ARCHIVE_FORMAT, ARCHIVE_MANIFEST, ArchiveManifest, PackedFile
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.log import logger
from tlstudio.messages import message
from tlstudio.operations import archiving_refusals as refusals
from tlstudio.operations.unpacking import holds, unpacked
from tlstudio.project import archive as archived
from tlstudio.project import layout
from tlstudio.project.sweeping import UNPACKING

_REPORT_EVERY = 20
_ABANDONED_S = 2 * 24 * 3600

log = logger(__name__)


class Unarchived(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `folder` is None where it was stopped: nothing is left then."""

    folder: Path | None
    missing: tuple[str, ...] = ()
    """Images of the project that were not packed, for they were away then."""


def unarchive_project(archive: Path, folder: Path, *, report: Report = ignore, stop: Stop | None = None) -> Unarchived:
    """Put the project of an archive at `folder` (absent or empty), whole or not at all.

    Raises `TLStudioError` where the archive is damaged or not to be trusted, the place is taken, or the disk is full or fails.
    """
    archive, folder = archive.absolute(), folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise refusals.place_taken(folder)
    if not holds(archive, ARCHIVE_MANIFEST):
        raise refusals.not_one(archive)
    made = _missing_parents(folder)
    is_there = False
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder.parent)
        with unpacked(archive, folder.parent, report=report, stop=stop) as inside:
            if inside.folder is None:
                return Unarchived(folder=None)
            if inside.skipped:
                raise refusals.damaged(archive, inside.skipped[0].path, inside.skipped[0].reason.text())
            manifest = _manifest(archive, inside.folder)
            if not _verify(archive, manifest, inside.folder, report, stop):
                return Unarchived(folder=None)
            _settle(archive, manifest, inside.folder)
            _put_in_place(inside.folder, folder)
            is_there = True
    except OSError as error:
        raise refusals.not_unpacked(folder, error) from error
    finally:
        if not is_there:
            for parent in made:
                if parent.is_dir():
                    parent.rmdir()
    return Unarchived(folder=folder, missing=manifest.missing)


def _sweep(place: Path) -> None:
    """Take away what a program left that was killed here while it unpacked; nothing unpacks for days."""
    for left in place.glob(UNPACKING):
        if left.stat().st_mtime < time.time() - _ABANDONED_S:
            log.info("removing %s, left behind by a program that was killed", left)
            shutil.rmtree(left, ignore_errors=True)


def _missing_parents(folder: Path) -> list[Path]:
    """Those that are made for it, the innermost first."""
    return [parent for parent in folder.parents if not parent.exists()]


def _manifest(archive: Path, folder: Path) -> ArchiveManifest:
    file = folder / ARCHIVE_MANIFEST
    if not file.is_file():
        raise refusals.not_one(archive)
    data = file.read_bytes()
    try:
        version = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).get("format", msgspec.Raw(b"0"))
        if (number := msgspec.json.decode(version, type=int)) > ARCHIVE_FORMAT:
            raise refusals.too_new(archive, number)
        manifest = msgspec.json.decode(data, type=ArchiveManifest)
    except msgspec.DecodeError as error:
        raise refusals.not_one(archive) from error
    file.unlink()
    return manifest


def _verify(archive: Path, manifest: ArchiveManifest, folder: Path, report: Report, stop: Stop | None) -> bool:
    """Whether exactly the listed files are there, byte for byte; False where it was stopped. Raises `TLStudioError`."""
    listed = {item.entry: item for item in manifest.files}
    there = {Path(place, name).relative_to(folder).as_posix() for place, _, names in os.walk(folder) for name in names}
    for entry in sorted(there ^ listed.keys()):
        raise refusals.damaged(archive, entry, "It is missing." if entry in listed else "It is not in the list of files.")
    for number, item in enumerate(manifest.files, 1):
        if stop is not None and stop.is_set():
            return False
        _verify_file(archive, item, folder / item.entry)
        if number % _REPORT_EVERY == 0 or number == len(manifest.files):
            report(Progress(what=message("archive.verifying", "Verifying"), done=number, total=len(manifest.files)))
    return True


def _verify_file(archive: Path, item: PackedFile, file: Path) -> None:
    if file.stat().st_size != item.size or blake3(max_threads=1).update_mmap(file).hexdigest() != item.blake3:
        raise refusals.damaged(archive, item.path or item.entry)


def _settle(archive: Path, manifest: ArchiveManifest, folder: Path) -> None:
    """Give files their own names, look into the database, and make what a project has besides."""
    for item in manifest.files:
        if not item.path:
            continue
        target = folder / item.path
        if archived.leads_out(item.path) or target.exists():
            raise refusals.refused(archive, f"a path leads out of the project or is taken: {item.path!r}")
        target.parent.mkdir(parents=True, exist_ok=True)
        (folder / item.entry).rename(target)
    for emptied in {(folder / item.entry).parent for item in manifest.files if item.path}:
        emptied.rmdir()
    if layout.project_file_in(folder) is None or not (folder / layout.DATABASE).is_file():
        raise refusals.not_one(archive)
    found = archived.faults(folder / layout.DATABASE)
    if found:
        raise refusals.refused(archive, "\n".join(found))
    for part in (layout.IMAGES, *layout.JOBS, layout.BACKUPS):
        (folder / part).mkdir(mode=0o700, exist_ok=True)


def _put_in_place(made: Path, folder: Path) -> None:
    made.chmod(0o700)
    if sys.platform == "win32" and folder.exists():
        folder.rmdir()
    made.replace(folder)
    files.sync_folder(folder.parent)
