"""Copies of the database, made by themselves; and the way back when the database is damaged."""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from tlstudio import files
from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.messages import message
from tlstudio.project import layout
from tlstudio.project.database import Database

log = logger(__name__)

_KEPT = 4
_CHUNK_BYTES = 1 << 20
_NAME = "project-{stamp}.sqlite"
_SIDES = ("-wal", "-shm", "-journal")


def back_up(database: Database, folder: Path, *, name: str = "") -> Path:
    """Copy the database into `backups/`, and take away the oldest copies. Raises `OSError` or `TLStudioError`.

    `name` makes a copy that is kept for good (before a migration).
    """
    place = folder / layout.BACKUPS
    place.mkdir(mode=0o700, exist_ok=True)
    file = place / (name or _NAME.format(stamp=_stamp()))
    _copy_database(database, file)
    for old in _automatic(folder)[_KEPT:]:
        old.unlink(missing_ok=True)
    return file


def try_to_back_up(database: Database, folder: Path) -> None:
    """As `back_up`; a failure is only logged, for the work itself is safe."""
    try:
        back_up(database, folder)
    except (OSError, TLStudioError) as error:
        log.warning("no backup was made of %s: %s", folder, error)


def is_due(folder: Path) -> bool:
    """Whether the database was written after its newest backup. Asked before it is opened, which touches the file."""
    backups = _automatic(folder)
    if not backups:
        return True
    database = folder / layout.DATABASE
    written = [file.stat() for file in (database, database.with_name(database.name + "-wal")) if file.exists()]
    return any(found.st_size and found.st_mtime_ns > backups[0].stat().st_mtime_ns for found in written)


@dataclass(frozen=True)
class Restored:
    """What `restore` did."""

    made_at: str
    """When the backup was made, in local time, for people."""
    kept: Path | None
    """The damaged file; None where there was no file at all."""


def restore(folder: Path) -> Restored:
    """Put the newest sound backup in the database's place, the damaged one kept beside it.

    Raises `TLStudioError` where no backup is sound. Killed in the middle, the next opening does it again.
    """
    target = folder / layout.DATABASE
    source = next((file for file in _automatic(folder) if _is_sound(file)), None)
    if source is None:
        raise TLStudioError(
            message("restore.none", "The database of {folder} is damaged and there is no backup of it.", folder=str(folder)),
            message(
                "restore.none.hint",
                "Images and runs are still in the folder. Make a new project from the images; keep this folder for its runs.",
            ),
        )
    kept = _keep_aside(target)
    data = source.read_bytes()
    # A log that belongs to the damaged file would be replayed into the restored one.
    for side in _SIDES:
        target.with_name(target.name + side).unlink(missing_ok=True)
    files.write_bytes(target, data)
    return Restored(made_at=time.strftime("%Y-%m-%d %H:%M", time.localtime(source.stat().st_mtime)), kept=kept)


def _keep_aside(target: Path) -> Path | None:
    """Copies of the damaged file and of what SQLite keeps beside it; None where there is no file at all."""
    if not target.exists():
        return None
    kept = target.with_name(f"project-damaged-{_stamp()}.sqlite")
    shutil.copy2(target, kept)
    for side in ("-wal", "-journal"):
        beside = target.with_name(target.name + side)
        if beside.exists():
            shutil.copy2(beside, kept.with_name(kept.name + side))
    return kept


def _copy_database(database: Database, file: Path) -> None:
    temporary = file.with_name(f".copy of {file.name}.{os.getpid()}.tmp")
    try:
        database.copy_to(temporary)
        with open(temporary, "rb") as copy, files.atomic_file(file) as target:
            shutil.copyfileobj(copy, target, _CHUNK_BYTES)
    finally:
        for side in ("", *_SIDES):
            temporary.with_name(temporary.name + side).unlink(missing_ok=True)


def _automatic(folder: Path) -> list[Path]:
    """The automatic backups, newest first."""
    return sorted((folder / layout.BACKUPS).glob(_NAME.format(stamp="*")), reverse=True)


def _is_sound(file: Path) -> bool:
    try:
        database = Database(file, writable=False, immutable=True)
    except TLStudioError:
        return False
    try:
        return not database.problems()
    finally:
        database.close()


def _stamp() -> str:
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime()) + f"{time.time_ns() // 1_000_000 % 1000:03d}"
