"""From a path to an open database: which folder, may we write, is the file sound, is it of our version."""

import errno
import os
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.project import backups, layout, migrations, places, queries, reading, salvage, sweeping
from tlstudio.project.database import DamagedDatabaseError, Database
from tlstudio.project.layout import ProjectFile
from tlstudio.project.lock import HolderKind, ProjectLock

log = logger(__name__)


@dataclass
class Opened:
    """The parts of an open project."""

    folder: Path
    info: ProjectFile
    database: Database
    lock: ProjectLock | None
    reason: Message | None
    """Why nothing may be written; None for the writer."""
    notices: list[Message] = field(default_factory=list)
    """What should be said once."""
    copy: TemporaryDirectory[str] | None = None
    """Where the database is a copy, because it could not be read in its place; removed when the project is closed."""

    def let_go(self) -> None:
        """Close everything."""
        self.database.close()
        if self.lock is not None:
            self.lock.release()
        if self.copy is not None:
            self.copy.cleanup()


_ASKED = message("project.read_only.asked", "It was opened for reading only.")
_MEDIUM = message("project.read_only.medium", "Its folder cannot be written: a read-only medium, or another user's folder.")
_NO_LOCKS = message(
    "project.read_only.no_locks",
    "Its drive cannot keep two programs from writing at once. Copy the folder to a disk of this computer to change it.",
)
_LOCKLESS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


def open_parts(path: Path, *, writable: bool, kind: HolderKind) -> Opened:
    """Open the project at `path`, for reading only where it must be. Raises `TLStudioError`."""
    folder = layout.folder_of(path)
    info = _info(folder)
    lock, reason = _claim(folder, info, writable=writable, kind=kind)
    try:
        if lock is None:
            return _open_to_read(folder, info, reason or _ASKED)
        return _open_to_write(folder, info, lock)
    except BaseException:
        if lock is not None:
            lock.release()
        raise


def _info(folder: Path) -> ProjectFile | None:
    """The small file's content; None where it is missing or damaged."""
    file = layout.project_file_in(folder)
    try:
        return layout.read_project_file(file) if file else None
    except OSError as error:
        raise TLStudioError(
            message("project.unreadable", "{file} cannot be read.", file=str(file)),
            message("project.unreadable.hint", "Check that the drive is connected and that this user may read the folder."),
            details=str(error),
        ) from error


def _claim(folder: Path, info: ProjectFile | None, *, writable: bool, kind: HolderKind) -> tuple[ProjectLock | None, Message | None]:
    """The lock, or why there is none."""
    if info is not None and info.format > layout.FORMAT_VERSION:
        return None, _newer(info.format)
    if not writable:
        return None, _ASKED
    if not _can_write(folder):
        return None, _MEDIUM
    lock = ProjectLock(folder)
    try:
        return (lock, None) if lock.take(kind) else (None, lock.held_by())
    except OSError as error:
        log.info("%s is read-only: %s", folder, error)
        return None, _NO_LOCKS if error.errno in _LOCKLESS else _cannot_write(error)


def _can_write(folder: Path) -> bool:
    database = folder / layout.DATABASE
    return os.access(folder, os.W_OK) and (not database.exists() or os.access(database, os.W_OK))


def _cannot_write(error: OSError) -> Message:
    if error.errno in (None, errno.EROFS, errno.EACCES, errno.EPERM):
        return _MEDIUM
    return message("project.read_only.error", "Its folder cannot be written ({error}).", error=error.strerror or str(error))


def _newer(version: int) -> Message:
    return message("project.read_only.newer", "It was made by a newer version of TL Studio (format {version}).", version=version)


def _open_to_write(folder: Path, info: ProjectFile | None, lock: ProjectLock) -> Opened:
    notices: list[Message] = []
    shared = places.is_shared(folder)
    is_backup_due = backups.is_due(folder)
    try:
        database = _open_sound(folder, wal=not shared)
    except DamagedDatabaseError as error:
        log.info("the database of %s is damaged: %s", folder, error.details)
        restored = backups.restore(folder)
        database = _open_sound(folder, wal=not shared)
        notices += salvage.after_restore(database, restored)
    try:
        version = migrations.version(database)
        if version > migrations.current():
            database.close()
            lock.release()
            return _open_to_read(folder, info, _newer(version))
        if version < migrations.current():
            backups.back_up(database, folder, name=f"before-v{migrations.current():03d}-from-v{version:03d}.sqlite")
            migrations.migrate(database)
        sweeping.sweep(folder)
        if shared:
            notices += _warn_once(database)
        info = info or _info_from(database, folder)
        if is_backup_due:
            backups.try_to_back_up(database, folder)
    except BaseException:
        database.close()
        raise
    return Opened(folder, info, database, lock, None, notices)


def _open_sound(folder: Path, *, wal: bool) -> Database:
    """Raises `DamagedDatabaseError` where the file is missing, empty or contradicts itself."""
    file = folder / layout.DATABASE
    if not file.is_file():
        raise _damaged(file, "there is no such file")
    database = Database(file, writable=True, wal=wal)
    problems = database.problems()
    if not problems and migrations.version(database) == 0:
        problems = ["the file holds no project"]
    if problems:
        database.close()
        raise _damaged(file, "\n".join(problems))
    return database


def _damaged(file: Path, details: str) -> DamagedDatabaseError:
    return DamagedDatabaseError(
        message("database.damaged", "{file} is damaged.", file=str(file)),
        message("project.damaged.hint", "Open it where its folder can be written; it is then restored from its newest backup."),
        details=details,
    )


def _open_to_read(folder: Path, info: ProjectFile | None, reason: Message) -> Opened:
    file = folder / layout.DATABASE
    if not file.is_file():
        raise _damaged(file, "there is no such file")
    database, copy = reading.open_to_read(file)
    try:
        version = migrations.version(database)
        if version > migrations.current():
            reason = _newer(version)
            reading.require_understood(database, folder, reason)
        info = info or _info_from(database, folder)
    except BaseException:
        database.close()
        raise
    return Opened(folder, info, database, None, reason, copy=copy)


def _warn_once(database: Database) -> list[Message]:
    if database.value("SELECT 1 FROM settings WHERE key = 'warned_shared'"):
        return []
    with database.transaction():
        queries.put_setting(database, "warned_shared", True)
    return [
        message(
            "project.shared_place",
            "This project lies on a network drive or in a synced folder. It works, a little slower; "
            "open it on one computer at a time, and let the folder finish syncing before.",
        )
    ]


def _info_from(database: Database, folder: Path) -> ProjectFile:
    """The small file again, from the copy the database keeps."""
    text = database.value("SELECT value FROM settings WHERE key = 'file'")
    info = layout.decode_project_file(text.encode()) if text else None
    info = info or layout.new_project_file(folder.name)
    if database.writable:
        layout.write_project_file(folder, info)
    return info
