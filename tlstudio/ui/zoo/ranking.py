"""Rank for my data: starts the ranking, shows its progress and, when it is done, the advice with the one button to follow it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.domain.ranking import Ranking
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.ui.job_watch import Started
from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.widgets.progress_strip import ProgressStrip
from tlstudio.ui.words import say, tr
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.ranking_words import about, on_the_way, passed_over, used
from tlstudio.ui.zoo.viewmodel import ZooModel

if TYPE_CHECKING:
    from tlstudio.operations.ranking import Ranked

_LANE = "numbers"


class RankingPart(QWidget):
    """One ranking at a time; what it finds goes into the model of the table as it comes."""

    failed = Signal(object)
    """A `TLStudioError`."""
    shown = Signal()
    """The model knows something new."""
    use_wanted = Signal(str)
    """Hash of the advised weights."""
    running_changed = Signal(bool)

    def __init__(self, workspace: Workspace, model: ZooModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._model = model
        self._folder: Path | None = None
        self._is_stop_wanted = False
        self._num_shown = 0
        self._advised = ""
        self.is_running = False
        self.progress = ProgressStrip(tr("Progress of the ranking"))
        self.progress.stop_requested.connect(self._on_stop)
        self.advice = Notice(can_close=False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addWidget(self.progress)
        column.addWidget(self.advice)
        self.hide()
        changes = workspace.changes
        changes.project_changed.connect(self._on_project_changed)
        changes.dataset_changed.connect(self._on_changed)
        changes.weights_changed.connect(self._on_changed)
        changes.network_chosen.connect(self._on_changed)
        workspace.probing.changed.connect(self._on_changed)

    def read(self) -> None:
        """What is known of the open project; what it says is of data that may have changed since."""
        from tlstudio.operations import ranking

        project, device = self._workspace.project, self._workspace.networks.device
        if project is not None and not self.is_running:
            self._workspace.background.run(lambda _report, _stop: ranking.latest(project, device=device), done=self._show, lane=_LANE)

    def start(self) -> None:
        """Rank all weights that are here for the open project."""
        from tlstudio.operations import ranking

        project, networks, warm = self._workspace.project, self._workspace.networks, self._workspace.warm
        if project is None or self.is_running:
            return
        self._folder, self._is_stop_wanted, self._num_shown = None, False, 0
        self._set_running(True)
        self.advice.clear()
        self.progress.show_fraction(None, tr("Starting"))
        self.show()
        self._workspace.watches.start(
            lambda: ranking.start_ranking(project, device=networks.device, warm=warm),
            started=self._on_started,
            failed=self._on_failed,
            on_state=self._on_state,
        )

    def _on_started(self, job: Started) -> None:
        self._folder = job.folder
        if job.notes:
            self._workspace.changes.said.emit(" ".join(say(note) for note in job.notes))
        if self._is_stop_wanted:
            self._stop(job.folder)

    def _on_state(self, state: RunState) -> None:
        if not state.status.is_over:
            self.progress.show_fraction(state.fraction, on_the_way(state))
            if len(state.ranked) > self._num_shown:
                self._num_shown = len(state.ranked)
                self._read_so_far(state)
            return
        self._set_running(False)
        self._workspace.training.start_warm_worker()
        self._workspace.changes.speeds_changed.emit()
        if state.status is Status.FAILED and state.failure is not None:
            self.failed.emit(TLStudioError(state.failure.title, state.failure.hint, details=state.failure.details))
        elif state.passed and not state.ranked:
            self.advice.show_words(tr("None of the networks here could be ranked."), passed_over(state.passed), tone="warn")
            self.show()
            return
        elif state.status in (Status.STOPPED, Status.CANCELLED) and not state.ranked:
            self._workspace.changes.said.emit(
                tr("The ranking was stopped before the first network was done. Rank for my data begins again.")
            )
        if state.ranked:
            self._workspace.changes.said.emit(used(max(item.num_images for item in state.ranked)))
        self.read()

    def _read_so_far(self, state: RunState) -> None:
        from tlstudio.operations import ranking

        folder, device = self._folder, self._workspace.networks.device
        if folder is not None:
            self._workspace.background.run(
                lambda _report, _stop: ranking.report_of(folder, state, device=device), done=self._show_figures, lane=_LANE
            )

    def _show(self, found: "Ranked | None") -> None:
        if self.is_running:
            return  # a newer one is on its way
        self._show_figures(found.report if found is not None else None)
        if found is None:
            self.advice.clear()
            self.hide()
            return
        advised = found.report.advised
        is_followed = advised is None or ((chosen := self._workspace.networks.chosen) is not None and chosen.weights == advised)
        is_partial = found.was_stopped and found.num_left > 0
        if found.num_changed:
            button_text, on_click = tr("Rank again"), self.start
        elif is_partial:
            button_text, on_click = tr("Go on"), self.start
        elif found.num_left and is_followed:
            button_text, on_click = tr("Rank the rest"), self.start
        else:
            button_text, on_click = ("" if is_followed else tr("Use the advised model")), self._use
        self._advised = advised or ""
        self.advice.show_words(say(found.report.advice), about(found), tone="neutral", button_text=button_text, on_click=on_click)
        if found.num_changed:
            self.advice.badge.show_state(tr("Out of date"), tone="warn")
        elif is_partial:
            self.advice.badge.show_state(tr("Stopped"), tone="warn")
        else:
            self.advice.badge.show_state(tr("Advice"), tone="accent")
        self.show()

    def _show_figures(self, report: Ranking | None) -> None:
        if report != self._model.ranking:
            self._model.show_ranking(report)
            self.shown.emit()

    def _use(self) -> None:
        self.use_wanted.emit(self._advised)

    def _on_failed(self, error: TLStudioError) -> None:
        self._set_running(False)
        self.failed.emit(error)
        self.read()

    def _on_project_changed(self) -> None:
        self._set_running(False)
        self._show(None)
        self.read()

    def _on_changed(self, _change: object = None) -> None:
        if self.parentWidget() is not None and self.parentWidget().isVisible():
            self.read()

    def _set_running(self, is_running: bool) -> None:
        self.is_running = is_running
        if not is_running:
            self.progress.finish()
            self.hide()
        self.running_changed.emit(is_running)

    def _on_stop(self) -> None:
        """One that is still being started is stopped as soon as it can be told."""
        self._is_stop_wanted = True
        if self._folder is not None:
            self._stop(self._folder)

    def _stop(self, folder: Path) -> None:
        from tlstudio.operations import side_jobs

        self._workspace.background.run(lambda _report, _stop: side_jobs.stop_job(folder), failed=self.failed.emit, lane="control")
