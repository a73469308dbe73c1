"""Rank for my data: starts the ranking, shows its progress and, when it is done, the advice with the one button to follow it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.domain.ranking import Ranking
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.ui.side_job import SideJob
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
        self._job = SideJob(workspace, self)
        self._num_shown = 0
        self._advised = ""
        self.progress = ProgressStrip(tr("Progress of the ranking"))
        self.progress.stop_requested.connect(self._job.stop)
        self.advice = Notice(can_close=False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addWidget(self.progress)
        column.addWidget(self.advice)
        self.hide()
        self._job.moved.connect(self._on_moved)
        self._job.over.connect(self._on_over)
        self._job.refused.connect(self._on_refused)
        self._job.failed.connect(self.failed)
        changes = workspace.changes
        changes.project_changed.connect(self._on_project_changed)
        changes.dataset_changed.connect(self._on_changed)
        changes.weights_changed.connect(self._on_changed)
        changes.network_chosen.connect(self._on_changed)
        workspace.probing.changed.connect(self._on_changed)

    @property
    def is_running(self) -> bool:
        """Whether a ranking is under way."""
        return self._job.is_running

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
        self._num_shown = 0
        self._job.start(lambda: ranking.start_ranking(project, device=networks.device, warm=warm))
        self.running_changed.emit(True)
        self.advice.clear()
        self.progress.show_fraction(None, tr("Starting"))
        self.show()

    def _on_moved(self, state: RunState) -> None:
        self.progress.show_fraction(state.fraction, on_the_way(state))
        if len(state.ranked) > self._num_shown:
            self._num_shown = len(state.ranked)
            self._read_so_far(state)

    def _on_over(self, state: RunState) -> None:
        self._end()
        self._workspace.changes.speeds_changed.emit()
        if state.status is not Status.FAILED and state.passed and not state.ranked:
            self.advice.show_words(tr("None of the networks here could be ranked."), passed_over(state.passed), tone="warn")
            self.show()
            return
        if state.status in (Status.STOPPED, Status.CANCELLED) and not state.ranked:
            self._workspace.changes.said.emit(
                tr("The ranking was stopped before the first network was done. Rank for my data begins again.")
            )
        if state.ranked:
            self._workspace.changes.said.emit(used(max(item.num_images for item in state.ranked)))
        self.read()

    def _read_so_far(self, state: RunState) -> None:
        from tlstudio.operations import ranking

        folder, device = self._job.folder, self._workspace.networks.device
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

    def _on_refused(self, error: TLStudioError) -> None:
        self._end()
        self.failed.emit(error)
        self.read()

    def _on_project_changed(self) -> None:
        self._job.forget()
        self._end()
        self._show(None)
        self.read()

    def _on_changed(self, _change: object = None) -> None:
        if self.parentWidget() is not None and self.parentWidget().isVisible():
            self.read()

    def _end(self) -> None:
        self.progress.finish()
        self.hide()
        self.running_changed.emit(False)
