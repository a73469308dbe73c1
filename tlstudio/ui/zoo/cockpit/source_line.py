"""The line below the figures: what warns, or where the figures come from, and the measurement that makes them exact."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.jobs import outcome
from tlstudio.ui.job_watch import Started
from tlstudio.ui.theme import SPACE_3
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import percent, say, tr
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.cockpit.viewmodel import CockpitModel


class SourceLine(QWidget):
    """One measurement at a time; it goes on by itself where the project is left."""

    measured = Signal()
    """The figures can be read anew."""
    failed = Signal(object)
    """A `TLStudioError`."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._model = CockpitModel()
        self._folder: Path | None = None
        self._is_stop_wanted = False
        self.is_running = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_3)
        self.words = Text(role="small", wrap=True)
        self.measure = button(tr("Measure now"), kind="link", on_click=self.start)
        self.measure.setToolTip(tr("Runs this network on made-up images for some seconds; best while the computer does nothing else."))
        self.stop = button(tr("Stop"), kind="link", name=tr("Stop measuring"), on_click=self._on_stop)
        row.addWidget(self.words, 1)
        row.addWidget(self.measure)
        row.addWidget(self.stop)
        self._show_buttons()
        workspace.changes.project_changed.connect(self._end)
        workspace.changes.runs_changed.connect(self._show_buttons)

    def show_model(self, model: CockpitModel) -> None:
        """Show what the model says of its figures."""
        self._model = model
        if not self.is_running:
            self.words.set_role("bad" if model.warning else "small")
            self.words.setText(model.warning or model.source)
        self._show_buttons()

    def start(self) -> None:
        """Measure the network that is looked at, and the computer where nobody did."""
        from tlstudio.operations import probing

        known = self._model.known
        if known is None or self.is_running:
            return
        self._folder, self._is_stop_wanted, self.is_running = None, False, True
        self._say(tr("Measuring…"))
        network, is_known, device = known.network, known.machine.is_measured, self._workspace.networks.device
        self._workspace.watches.start(
            lambda: probing.start_probe((network,), machine=not is_known, device=device),
            started=self._on_started,
            failed=self._on_failed,
            on_state=self._on_state,
        )

    def _on_started(self, job: Started) -> None:
        self._folder = job.folder
        if self._is_stop_wanted:
            self._stop(job.folder)

    def _on_state(self, state: RunState) -> None:
        if not state.status.is_over:
            share = "" if state.fraction is None else f" · {percent(state.fraction, 0)}"
            self._say(f"{say(outcome.words(state))}{share}")
            return
        self._end()
        if state.status is Status.FAILED and state.failure is not None:
            self.failed.emit(TLStudioError(state.failure.title, state.failure.hint, details=state.failure.details))
        self.measured.emit()

    def _on_failed(self, error: TLStudioError) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self.is_running = False
        self.show_model(self._model)

    def _say(self, words: str) -> None:
        self.words.set_role("small")
        self.words.setText(words)
        self._show_buttons()

    def _show_buttons(self) -> None:
        found = self._model.estimate
        is_busy = any(not run.status.is_over for run in self._workspace.runs)
        self.measure.setVisible(not self.is_running and found is not None and not found.is_measured and not is_busy)
        self.stop.setVisible(self.is_running)

    def _on_stop(self) -> None:
        """One that is still being started is stopped as soon as it can be told."""
        self._is_stop_wanted = True
        if self._folder is not None:
            self._stop(self._folder)

    def _stop(self, folder: Path) -> None:
        from tlstudio.operations import side_jobs

        self._workspace.background.run(lambda _report, _stop: side_jobs.stop_job(folder), failed=self._on_failed, lane="control")
