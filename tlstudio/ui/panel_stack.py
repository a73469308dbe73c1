"""The panels, each made when it is first shown."""

import shiboken6
from PySide6.QtWidgets import QStackedWidget, QWidget

from tlstudio.log import logger
from tlstudio.ui.background import as_bug
from tlstudio.ui.panels import PANELS
from tlstudio.ui.widgets.empty_state import EmptyState
from tlstudio.ui.words import say, tr
from tlstudio.ui.workspace import Workspace

log = logger(__name__)


class PanelStack(QStackedWidget):
    """One panel at a time; knows their ids and nothing else of them."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._panels: dict[str, QWidget] = {}

    def show_panel(self, id: str) -> QWidget:
        """Bring a panel to the front; a panel that cannot be made says so in its place."""
        if id not in self._panels:
            panel = self._build(id)
            self._panels[id] = panel
            self.addWidget(panel)
        self.setCurrentWidget(self._panels[id])
        return self._panels[id]

    def current_id(self) -> str:
        """The id of the panel in front; empty before the first."""
        return next((id for id, panel in self._panels.items() if panel is self.currentWidget()), "")

    def panel(self, id: str) -> QWidget | None:
        """A panel that has been made."""
        return self._panels.get(id)

    def clear(self) -> None:
        """Let go of all panels: another project begins with fresh ones. At once, so that none of them hears of it."""
        panels, self._panels = list(self._panels.values()), {}
        for panel in panels:
            self.removeWidget(panel)
            shiboken6.delete(panel)

    def _build(self, id: str) -> QWidget:
        try:
            return PANELS[id].build(self._workspace)
        except Exception as error:
            log.exception("panel %s could not be made", id)
            self._workspace.changes.failed.emit(as_bug(error))
            return EmptyState(say(PANELS[id].title), tr("This part of the window could not be opened. The other parts work."))
