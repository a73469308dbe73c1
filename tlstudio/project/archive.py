"""The database of a project as it goes into an archive, and what is looked at in one that came out of an archive."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath, PureWindowsPath

from tlstudio.project import migrations
from tlstudio.project.database import Database


class Archive:
    """Thread-safe by the project's own door."""

    def __init__(self, database: Database, *, reading: AbstractContextManager[object]) -> None:
        self._database = database
        self._reading = reading

    def copy_database(self, file: Path, roots: Mapping[int, str]) -> None:
        """All that is committed, as one plain file. `roots`: places inside the project for those that are elsewhere on this machine.

        Raises `TLStudioError` where the disk refuses.
        """
        with self._reading:
            self._database.copy_to(file)
        copy = Database(file, writable=True, wal=False)
        try:
            with copy.transaction():
                copy.run_many("UPDATE roots SET path = ?, copied = 1 WHERE id = ?", ((path, id) for id, path in roots.items()))
        finally:
            copy.close()


def faults(file: Path) -> list[str]:
    """Why a database that came from elsewhere is not taken: damage, or paths that lead out of the project's folder."""
    database = Database(file, writable=False, immutable=True)
    try:
        found = database.problems()
        if not found and migrations.version(database) == 0:
            found = ["the file holds no project"]
        if not found:
            paths = database.rows("SELECT path FROM roots UNION ALL SELECT path FROM samples")
            found = [f"a path leads out of the project: {path!r}" for (path,) in paths if leads_out(path)][:3]
        return found
    finally:
        database.close()


def leads_out(path: str) -> bool:
    """Whether a stored path is absolute on any system, or climbs out of the folder it is relative to."""
    return (
        PurePosixPath(path).is_absolute()
        or bool(PureWindowsPath(path).drive or PureWindowsPath(path).root)
        or ".." in PurePosixPath(path).parts
        or ".." in PureWindowsPath(path).parts
    )
