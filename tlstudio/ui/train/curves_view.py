"""The two plots of runs, at first loss and balanced accuracy; what each shows is remembered."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.operations import preferences
from tlstudio.operations.preferences import PlotChoice
from tlstudio.ui.theme import SPACE_3
from tlstudio.ui.train.run_board import RunBoard
from tlstudio.ui.train.run_plot import RunPlot
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace

_LEAST_PX = 240
"""Room for the names of curves in two rows, and below for a curve whose shape can be read; what is short of room beside it scrolls."""


class CurvesView(QWidget):
    """Renders a `RunBoard`; points are appended while a run goes on."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_3 + 2)
        self.setMinimumHeight(_LEAST_PX)
        self.left, self.right = self.plots = tuple(RunPlot(choice) for choice in preferences.load().plots)
        self.left.beside, self.right.beside = self.right, self.left
        for plot in self.plots:
            row.addWidget(plot, 1)
            plot.chosen.connect(self._keep)
            plot.exports.caption = self._caption
        self._selected: int | None = None

    def show_board(self, board: RunBoard) -> None:
        """Bring both plots up to date."""
        self._selected = board.selected
        for plot in self.plots:
            plot.show_board(board)

    def _caption(self) -> str:
        """What a saved picture is of."""
        project = self._workspace.project
        return "" if project is None else tr("{project}, run {number}", project=project.name, number=self._selected or 0)

    def _keep(self, _choice: PlotChoice) -> None:
        chosen = (self.left.choice, self.right.choice)
        self._workspace.background.run(lambda _report, _stop: preferences.change(plots=chosen), lane="settings")
