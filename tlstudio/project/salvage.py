"""After a restore: edits that are younger than the backup, as far as the damaged file still gives them."""

import itertools

import apsw
import msgspec

from tlstudio.domain.commands import AnyCommand
from tlstudio.errors import BugError, TLStudioError
from tlstudio.log import logger
from tlstudio.messages import Message, message
from tlstudio.project import edits
from tlstudio.project.backups import Restored
from tlstudio.project.database import Database, Row

log = logger(__name__)

_command: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)


def after_restore(database: Database, restored: Restored) -> list[Message]:
    """Bring the restored `database` as far forward as the damaged file allows; says what was done."""
    number = _replay(database, restored)
    template = _WITH_EDITS if number else _DONE
    kept = restored.kept.name if restored.kept else "-"
    return [message(template.id, template.template, time=restored.made_at, kept=kept, number=number)]


_DONE = message(
    "restore.done",
    "The database was damaged and has been restored from the backup of {time}. The damaged one is kept as {kept}.",
)
_WITH_EDITS = message(
    "restore.done_with_edits",
    "The database was damaged and has been restored from the backup of {time}, with {number} later edits that could still be read. "
    "The damaged one is kept as {kept}.",
)


def _replay(database: Database, restored: Restored) -> int:
    """Undo and do again what the damaged file's list of edits says; stops at the first that does not fit."""
    last = int(database.value("SELECT coalesce(max(id), 0) FROM edits"))
    rows = _rows_of_damaged(restored)
    number = 0
    try:
        for _ in range(_num_undone_since(database, rows)):
            with database.transaction():
                number += edits.undo(database) is not None
        for id, text, undone in rows:
            if id > last and not undone:
                with database.transaction():
                    edits.apply(database, _command.decode(text), undoable=True)
                number += 1
    except (TLStudioError, BugError, msgspec.DecodeError) as error:
        log.info("edits after the first %d could not be brought over: %s", number, error)
    return number


def _num_undone_since(database: Database, rows: list[Row]) -> int:
    """How many of the backup's last edits were undone later; a new edit then takes their rows away."""
    standing = {id for id, _, undone in rows if not undone}
    ours = [row[0] for row in database.rows("SELECT id FROM edits WHERE undone = 0 ORDER BY id DESC")]
    return len(list(itertools.takewhile(lambda id: id not in standing, ours))) if rows else 0


def _rows_of_damaged(restored: Restored) -> list[Row]:
    """What can be read of the damaged file's edits, in order: id, command, undone."""
    if restored.kept is None:
        return []
    has_log = restored.kept.with_name(restored.kept.name + "-wal").exists()
    try:
        damaged = Database(restored.kept, writable=False, immutable=not has_log)
    except TLStudioError:
        return []
    try:
        return damaged.rows("SELECT id, command, undone FROM edits ORDER BY id")
    except (TLStudioError, apsw.Error) as error:
        log.info("the list of edits of %s cannot be read: %s", restored.kept, error)
        return []
    finally:
        damaged.close()
