"""What the next training is set to is kept with the project as it changes, so that it is there when the program is started again."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tlstudio.domain.draft import RecipeDraft
from tlstudio.errors import TLStudioError
from tlstudio.log import logger

if TYPE_CHECKING:
    from tlstudio.project.project import Project
    from tlstudio.ui.workspace import Workspace

log = logger(__name__)


class DraftKeeping(QObject):
    """Listens for changes of `workspace.choice`; where the project may only be read, they hold until it is closed."""

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._kept = self._saved = RecipeDraft()
        workspace.changes.project_changed.connect(self._on_project_changed)
        workspace.changes.recipe_changed.connect(self._keep)
        workspace.changes.network_chosen.connect(self._keep)

    def _on_project_changed(self) -> None:
        self._kept = self._saved = self._workspace.choice.draft

    def _keep(self, _network: object = None) -> None:
        project, draft = self._workspace.project, self._workspace.choice.draft
        if project is None or not project.writable or draft == self._kept:
            return
        self._kept = draft
        # In the lane of edits, which is worked off before the project is closed. Nobody waits for it.
        self._workspace.background.run(lambda _report, _stop: self._save(project, draft), failed=partial(self._on_failed, draft))

    def close(self) -> None:
        """The window closes and no lane works any more: keep what was still waiting."""
        project = self._workspace.project
        draft = self._workspace.choice.draft
        if project is not None and project.writable and draft != self._saved:
            try:
                self._save(project, draft)
            except TLStudioError as error:
                _forget(error)

    def _on_failed(self, draft: RecipeDraft, error: TLStudioError) -> None:
        """It is tried again with the next change, or when the window closes."""
        _forget(error)
        if self._kept == draft:
            self._kept = self._saved

    def _save(self, project: "Project", draft: RecipeDraft) -> None:
        project.draft_store.save(draft)
        if project is self._workspace.project:
            self._saved = draft


def _forget(error: TLStudioError) -> None:
    log.info("the settings of the next training are not kept: %s", error)
