"""Predicting a whole folder: a job with its progress, and a line that says where the table is."""

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.progress import Progress
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.jobs import outcome
from tlstudio.messages import message
from tlstudio.operations import predicting
from tlstudio.ui.side_job import SideJob
from tlstudio.ui.theme import SPACE_2, SPACE_3
from tlstudio.ui.use.showing import show_in_folder
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.widgets.progress_strip import ProgressStrip, progress_words
from tlstudio.ui.widgets.text import ElidedText
from tlstudio.ui.words import say, tr, tr_n
from tlstudio.ui.workspace import Workspace


class FolderJob(QWidget):
    """Hidden until a folder is predicted. One at a time."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self._csv = Path()
        self._source = Path()
        self._job = SideJob(workspace, self)
        self._job.moved.connect(self.on_moved)
        self._job.over.connect(self.on_over)
        self._job.refused.connect(self.on_refused)
        self._job.failed.connect(self._show_failure)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        self.card = Card(spacing=0, margin=SPACE_3)
        self.progress = ProgressStrip(tr("Progress of the prediction"))
        self.progress.stop_requested.connect(self._job.stop)
        self.card.body.addWidget(self.progress)
        self.card.body.addWidget(self._build_result())
        self.notice = Notice()
        column.addWidget(self.card)
        column.addWidget(self.notice)
        self.notice.close_button.clicked.connect(self.hide)
        self.hide()

    def _build_result(self) -> QWidget:
        self.result = QWidget()
        row = QHBoxLayout(self.result)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        self.badge = Badge()
        self.words = ElidedText()
        self.show_button = button(tr("Show in folder"), kind="link", on_click=self.on_show_asked, name=tr("Show the table in its folder"))
        self.close_button = button(tr("Dismiss"), kind="quiet", on_click=self.hide)
        row.addWidget(self.badge)
        row.addWidget(self.words, 1)
        row.addWidget(self.show_button)
        row.addWidget(self.close_button)
        return self.result

    @property
    def is_running(self) -> bool:
        """Whether a folder is being predicted."""
        return self._job.is_running

    def start(self, run: Run, source: Path, csv: Path) -> None:
        """Predict `source` into `csv` with a run."""
        project = self.workspace.project
        if project is None or self.is_running:
            return
        self._source, self._csv = source, csv
        self.notice.clear()
        self.result.hide()
        self.progress.show_fraction(None, tr("Starting"))
        self.card.show()
        self.show()
        warm = self.workspace.warm
        self._job.start(lambda: predicting.predict_folder(project, run.number, source, csv, warm=warm))

    def forget(self) -> None:
        """Show nothing; a job on its way goes on by itself."""
        self._job.forget()
        self.progress.finish()
        self.notice.clear()
        self.hide()

    def on_moved(self, state: RunState) -> None:
        self.progress.show_fraction(state.fraction, self._progress_words(state))

    def on_over(self, state: RunState) -> None:
        self.progress.finish()
        if state.status is not Status.FAILED:
            self._show_result(state)

    def on_refused(self, failure: TLStudioError) -> None:
        self.progress.finish()
        self._show_failure(failure)

    def on_show_asked(self) -> None:
        if not show_in_folder(self._csv):
            self.workspace.changes.said.emit(tr("The file is {place}", place=str(self._csv)))

    def _show_failure(self, failure: TLStudioError) -> None:
        self.card.hide()
        self.notice.show_error(failure)
        self.show()

    def _progress_words(self, state: RunState) -> str:
        if state.phase != "predict" or not state.total:
            return say(outcome.words(state))
        what = message("use.predicting", "Predicting {folder}", folder=self._source.name)
        return progress_words(Progress(what=what, done=state.done, total=state.total, per_second=state.per_second))

    def _show_result(self, state: RunState) -> None:
        has_table = bool(state.files)
        is_whole = state.status is Status.FINISHED
        self.badge.show_state(tr("Done") if is_whole else say(outcome.words(state)), tone="good" if is_whole else "warn")
        self.words.set_text(self._result_words(state) if has_table else tr("No table was written."))
        self.show_button.setVisible(has_table)
        self.result.show()
        self.card.show()

    def _result_words(self, state: RunState) -> str:
        parts = [tr_n("{n} image in {file}", "{n} images in {file}", state.done, file=self._csv.name)]
        if state.num_failed:
            parts.append(tr_n("{n} could not be read, its row says why", "{n} could not be read, their rows say why", state.num_failed))
        return " · ".join(parts)
