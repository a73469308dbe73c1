"""Reading a database in a place that cannot be written: as it lies there, or from a copy where it needs work first."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw

from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.project import migrations, queries
from tlstudio.project.database import DamagedDatabaseError, Database

log = logger(__name__)


def open_to_read(file: Path) -> tuple[Database, TemporaryDirectory[str] | None]:
    """Open `file` for reading; also gives the folder of the copy, where one had to be made. Raises `TLStudioError`.

    A copy is needed where a killed program left a log that must be folded in, and for the tables of an older version.
    """
    try:
        database = Database(file, writable=False)
    except DamagedDatabaseError:
        raise
    except TLStudioError as error:
        log.info("%s is read by other means: %s", file, error)
        if _has_log(file):
            return _open_copy(file)
        # A log needs files beside the database; where none can be made and none is there, the file alone is everything.
        database = Database(file, writable=False, immutable=True)
    if 0 < migrations.version(database) < migrations.current():
        database.close()
        return _open_copy(file)
    return database, None


def require_understood(database: Database, folder: Path, reason: Message) -> None:
    """Raise `TLStudioError` where the tables of a newer version are too different to be read."""
    try:
        queries.samples_by_id(database, [])
        queries.classes(database)
        queries.runs(database)
        queries.num_openings(database)
        database.rows("SELECT id, inverse, command, words, undone FROM edits LIMIT 1")
    except (apsw.SQLError, ValueError) as error:
        raise TLStudioError(
            message("project.too_new", "The project at {folder} cannot be read: {reason}", folder=str(folder), reason=reason),
            message("project.too_new.hint", "Nothing was changed. Open it with that version, or install it here."),
            details=str(error),
        ) from error


def _has_log(file: Path) -> bool:
    log_file = file.with_name(file.name + "-wal")
    return log_file.exists() and log_file.stat().st_size > 0


def _open_copy(file: Path) -> tuple[Database, TemporaryDirectory[str]]:
    copy = TemporaryDirectory(prefix="tlstudio-", ignore_cleanup_errors=True)
    try:
        for is_last in (False, False, True):
            _copy_files(file, Path(copy.name))
            try:
                return _open_copied(Path(copy.name, file.name)), copy
            except DamagedDatabaseError:
                # The writer may have been at work between the two files; another look usually finds them in step.
                if is_last:
                    raise
    except OSError as error:
        copy.cleanup()
        raise TLStudioError(
            message("project.no_copy", "{file} needs a copy to be read, and none could be made.", file=str(file)),
            message("project.no_copy.hint", "Free some space for temporary files and open it again."),
            details=str(error),
        ) from error
    except BaseException:
        copy.cleanup()
        raise
    raise AssertionError("the last try returns or raises")


def _copy_files(file: Path, folder: Path) -> None:
    for side in ("", "-wal"):
        beside = file.with_name(file.name + side)
        (folder / beside.name).unlink(missing_ok=True)
        if beside.exists():
            shutil.copyfile(beside, folder / beside.name)


def _open_copied(file: Path) -> Database:
    """Fold the log in, bring the tables up to date, and open the result. Raises `DamagedDatabaseError`."""
    database = Database(file, writable=True)
    try:
        problems = database.problems()
        if problems:
            raise DamagedDatabaseError(
                message("database.damaged", "{file} is damaged.", file=str(file)),
                message("database.hint.damaged_copy", "Close it where it is open for writing, then try again."),
                details="\n".join(problems),
            )
        migrations.migrate(database)
        database.settle()
    finally:
        database.close()
    return Database(file, writable=False)
