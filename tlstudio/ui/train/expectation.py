"""The foot of the recipe card: what accuracy to expect of this model, by cross-validation, in one sentence."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.folds import FoldPlan
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.run_state import RunState
from tlstudio.errors import TLStudioError
from tlstudio.jobs import outcome
from tlstudio.ui.side_job import SideJob
from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.progress_strip import ProgressStrip
from tlstudio.ui.widgets.text import Text, rule
from tlstudio.ui.words import number, percent, say, tr, tr_n
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.operations.crossvalidating import CrossValidated


class Expectation(QWidget):
    """One cross-validation at a time; the newest result stays."""

    failed = Signal(object)
    """A `TLStudioError`."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._job = SideJob(workspace, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        column.addWidget(rule())
        column.addSpacing(SPACE_2)
        column.addWidget(Text(tr("What to expect"), role="strong"))
        self.words = Text(role="muted", wrap=True)
        column.addWidget(self.words)
        self.progress = ProgressStrip(tr("Progress of the cross-validation"))
        self.progress.stop_requested.connect(self._job.stop)
        column.addWidget(self.progress)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        self.ask = button(tr("Cross-validate"), kind="link", flush=True, on_click=self.start)
        row.addWidget(self.ask)
        row.addStretch(1)
        column.addLayout(row)
        self._job.moved.connect(self._on_moved)
        self._job.over.connect(self._on_over)
        self._job.refused.connect(self._on_refused)
        self._job.failed.connect(self.failed)
        workspace.changes.project_changed.connect(self.forget)
        workspace.changes.dataset_changed.connect(self._on_dataset_changed)
        self.forget()

    def forget(self) -> None:
        """Another project: its newest result, if it has one."""
        self._job.forget()
        self._end()
        self._show(None)
        self._read()

    def showEvent(self, event: QShowEvent) -> None:
        """What it says is of data that may have changed while another panel was looked at."""
        super().showEvent(event)
        self._read()

    def start(self) -> None:
        """Judge the model that is chosen."""
        from tlstudio.operations import crossvalidating

        project, networks, warm = self._workspace.project, self._workspace.networks, self._workspace.warm
        network = networks.chosen
        if project is None or network is None or self._job.is_running:
            return
        self.ask.hide()
        self.progress.show_fraction(None, tr("Starting"))
        self._job.start(lambda: crossvalidating.start_cross_validation(project, network, FoldPlan(), device=networks.device, warm=warm))

    def _on_moved(self, state: RunState) -> None:
        self.progress.show_fraction(state.fraction, say(outcome.words(state)))

    def _on_over(self, _state: RunState) -> None:
        self._end()
        self._read()

    def _on_refused(self, error: TLStudioError) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self.progress.finish()
        self.ask.show()

    def _on_dataset_changed(self, _change: object = None) -> None:
        if self.isVisible():
            self._read()

    def _read(self) -> None:
        from tlstudio.operations import crossvalidating

        project = self._workspace.project
        if project is not None:
            self._workspace.background.run(lambda _report, _stop: crossvalidating.latest(project), done=self._show, lane="numbers")

    def _show(self, found: "CrossValidated | None") -> None:
        if found is None:
            self.words.setText(tr("Five parts of training and validation judge this model in turn. The test set stays closed."))
            return
        self.words.setText(result_words(found))


def result_words(found: "CrossValidated") -> str:
    """ "MobileNetV4 small, Quick: 91.2 % of new images right (95 %: 84.0 – 98.4), by 5 folds of 339 images." """
    accuracy = found.report.accuracy
    words = tr(
        "{name}, Quick: {share} of new images right (95 %: {low} – {high}), by {folds} folds of {images} images.",
        name=_name(found.network, found.weights_name),
        share=percent(accuracy.value),
        low=f"{100 * accuracy.low:.1f}",
        high=f"{100 * accuracy.high:.1f}",
        folds=len(found.report.folds),
        images=number(found.report.num_images),
    )
    if not found.num_changed:
        return words
    return f"{words} " + tr_n(
        "This was before 1 image was changed; judge again.", "This was before {n} images were changed; judge again.", found.num_changed
    )


def _name(network: NetworkPart, weights_name: str) -> str:
    return weights_name or network.architecture
