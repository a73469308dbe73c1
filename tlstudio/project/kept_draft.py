"""What the next training was last set to, kept with the project."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import msgspec

from tlstudio.domain.draft import DRAFT_VERSION, RecipeDraft
from tlstudio.log import logger
from tlstudio.project import queries
from tlstudio.project.database import Database

log = logger(__name__)

_KEY = "recipe_draft"


class KeptDraft:
    """Under a key of its own, so that one that cannot be read takes nothing else with it. Thread-safe by the project's own doors."""

    def __init__(
        self, database: Database, *, reading: AbstractContextManager[object], writing: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._database = database
        self._reading = reading
        self._writing = writing

    def load(self) -> RecipeDraft:
        """What was kept; that of a new project where there is nothing, or nothing this version understands."""
        with self._reading:
            text = self._database.value("SELECT value FROM settings WHERE key = ?", [_KEY])
        if text is None:
            return RecipeDraft()
        try:
            draft = msgspec.json.decode(text, type=RecipeDraft)
        except (msgspec.MsgspecError, TypeError) as error:
            log.info("the settings of the next training cannot be read and begin afresh: %s", error)
            return RecipeDraft()
        return draft if draft.version <= DRAFT_VERSION else RecipeDraft()

    def save(self, draft: RecipeDraft) -> None:
        """Keep it. Raises `TLStudioError` where the project is read-only or the disk fails."""
        with self._writing():
            queries.put_setting(self._database, _KEY, draft)
