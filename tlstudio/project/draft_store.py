"""What the next training was last set to, kept with the project."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from tlstudio.domain.draft import DRAFT_VERSION, RecipeDraft
from tlstudio.project import queries
from tlstudio.project.database import Database

_KEY = "recipe_draft"


class DraftStore:
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
            draft = queries.setting(self._database, _KEY, RecipeDraft)
        return draft if draft is not None and draft.version <= DRAFT_VERSION else RecipeDraft()

    def save(self, draft: RecipeDraft) -> None:
        """Keep it. Raises `TLStudioError` where the project is read-only or the disk fails."""
        with self._writing():
            queries.put_setting(self._database, _KEY, draft)
