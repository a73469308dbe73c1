"""The line below the figures: what warns, or where the figures come from, and the measurement that makes them exact."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_3
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel


class SourceLine(QWidget):
    """Renders what the model says of its figures, and whether something is being measured."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._model = CockpitModel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_3)
        self.words = Text(role="small", wrap=True)
        self.measure = button(tr("Measure now"), kind="link", on_click=self._on_measure)
        self.stop = button(tr("Stop"), kind="link", name=tr("Stop measuring"), on_click=workspace.probing.stop)
        row.addWidget(self.words, 1)
        row.addWidget(self.measure)
        row.addWidget(self.stop)
        self._show()
        workspace.probing.changed.connect(self._show)
        workspace.changes.runs_changed.connect(self._show)

    def show_model(self, model: CockpitModel) -> None:
        """Show what this model says."""
        self._model = model
        self._show()

    def _show(self) -> None:
        probing, model = self._workspace.probing, self._model
        words = tr("Measuring…") if probing.is_running else model.source
        self.words.set_role("bad" if model.warning else "small")
        self.words.setText(model.warning or words)
        is_guessed = model.estimate is not None and not model.estimate.is_measured
        self.measure.setVisible(is_guessed and not probing.is_running)
        self.measure.setEnabled(probing.can_start)
        self.measure.setToolTip(
            tr("Runs this network on made-up images for some seconds; best while the computer does nothing else.")
            if probing.can_start
            else tr("Not while a run trains or images are imported: the figures would be wrong.")
        )
        self.stop.setVisible(probing.is_running)

    def _on_measure(self) -> None:
        """The network that is looked at, and the computer where nobody did."""
        known = self._model.known
        if known is not None:
            self._workspace.probing.measure(known.network, machine=not known.machine.is_measured)
