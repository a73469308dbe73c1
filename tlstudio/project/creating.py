"""Making a new project: put together beside its place, then moved there whole."""

import shutil
import sys
from pathlib import Path

from tlstudio import files
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.project import layout, migrations, places, queries
from tlstudio.project.database import Database


def create(folder: Path, *, name: str) -> None:
    """Make `folder` (absolute; absent or empty) a new, empty project. It is there whole or not at all.

    Raises `TLStudioError` where something is there already or nothing can be written.
    """
    _require_room(folder)
    staging = folder.with_name(f".{folder.name}.new")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(staging, ignore_errors=True)
        try:
            _fill(staging, name)
            _move(staging, folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise TLStudioError(
            message("project.not_made", "The project could not be made at {folder}.", folder=str(folder)),
            message("project.not_made.hint", "Nothing was left behind. Choose a folder where this user may write, with some space."),
            details=str(error),
        ) from error


def _require_room(folder: Path) -> None:
    if layout.is_project(folder):
        raise TLStudioError(
            message("project.there_already", "There is already a project at {folder}.", folder=str(folder)),
            message("project.there_already.hint", "Open it, or choose another name."),
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TLStudioError(
            message("project.not_empty", "{folder} is not empty.", folder=str(folder)),
            message("project.not_empty.hint", "A project needs a folder of its own; your images stay where they are. Choose a new name."),
        )


def _fill(folder: Path, name: str) -> None:
    folder.mkdir(mode=0o700)
    for part in (layout.IMAGES, layout.RUNS, layout.EXPORTS, layout.BACKUPS):
        (folder / part).mkdir(mode=0o700)
    info = layout.new_project_file(name)
    database = Database(folder / layout.DATABASE, writable=True, create=True, wal=not places.is_shared(folder))
    try:
        migrations.migrate(database)
        queries.put_setting(database, "file", info)
    finally:
        database.close()
    layout.write_project_file(folder, info)


def _move(staging: Path, folder: Path) -> None:
    if sys.platform == "win32" and folder.exists():
        folder.rmdir()
    staging.replace(folder)
    files.sync_folder(folder.parent)
