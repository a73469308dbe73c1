"""The live model in the Data panel: what its line shows, and what its links do."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from tlstudio.ui.data.live_line import LiveLine
from tlstudio.ui.data.live_matrix import LiveMatrix
from tlstudio.ui.data.live_model import LiveModel
from tlstudio.ui.workspace import Workspace


class Following(QObject):
    """Keeps the line and its matrix in step with the live model."""

    def __init__(self, workspace: Workspace, line: LiveLine, panel: QWidget) -> None:
        super().__init__(panel)
        self.model = LiveModel(workspace, panel)
        self.matrix = LiveMatrix(panel)
        self._line = line
        self.model.changed.connect(self._show)
        workspace.changes.project_changed.connect(line.hide)
        line.switched.connect(self.model.switch)
        line.matrix_wanted.connect(self._open_matrix)

    def _show(self) -> None:
        if not self.model.is_offered:
            self._line.hide()
            return
        self._line.show_state(self.model.state, is_on=self.model.is_on, is_possible=self.model.is_possible)
        if self.matrix.isVisible() and self.model.state.judged is not None:
            self.matrix.show_figures(self.model.state.judged)

    def _open_matrix(self) -> None:
        if self.model.state.judged is not None:
            self.matrix.show_figures(self.model.state.judged)
            self.matrix.open_above(self._line.matrix)
