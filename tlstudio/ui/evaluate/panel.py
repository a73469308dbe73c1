"""The Evaluate panel: can this run be believed, and what does it get wrong?"""

from functools import partial

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.ui.evaluate.class_menu import class_menu
from tlstudio.ui.evaluate.enlarging import Enlarging
from tlstudio.ui.evaluate.figure_row import FigureRow
from tlstudio.ui.evaluate.header import EvaluateHeader
from tlstudio.ui.evaluate.mistakes import Mistakes
from tlstudio.ui.evaluate.selection import AllMistakes, Selection
from tlstudio.ui.evaluate.texts import interval_words
from tlstudio.ui.evaluate.viewmodel import EvaluateModel, Figures, Wanted
from tlstudio.ui.tasks import painter_of
from tlstudio.ui.theme import SPACE_3, SPACE_4, SPACE_5
from tlstudio.ui.widgets.empty_state import EmptyState
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace

_BUSY_AFTER_MS = 200
_LANE = "numbers"


class EvaluatePanel(QWidget):
    """Renders `EvaluateModel`; numbers are made in a lane of their own."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.model = EvaluateModel()
        self.header = EvaluateHeader()
        self.notice = Notice(can_close=False)
        self.figures = FigureRow()
        self.mistakes = Mistakes(workspace.thumbnails, painter_of("classification"))
        self._build()
        self.enlarging = Enlarging(workspace, self.mistakes.gallery, self)
        self._busy = QTimer(self, singleShot=True, interval=_BUSY_AFTER_MS)
        self._busy.timeout.connect(self._show_busy)
        self.header.run_chosen.connect(self.on_run_chosen)
        self.header.split_chosen.connect(self.on_split_chosen)
        self.header.use_asked.connect(self.on_use_asked)
        self.mistakes.selection_chosen.connect(self.on_selection_chosen)
        self.mistakes.gallery.label_asked.connect(self.on_label_asked)
        self.mistakes.gallery.class_typed.connect(self.on_class_typed)
        self.mistakes.gallery.images_selected.connect(self.workspace.select)
        workspace.changes.runs_changed.connect(self.on_runs_changed)
        workspace.changes.run_chosen.connect(self.on_run_chosen)
        workspace.changes.dataset_changed.connect(self.on_dataset_changed)
        workspace.changes.project_changed.connect(self.on_project_changed)
        self.on_project_changed()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        self.setContentsMargins(SPACE_5, SPACE_4, SPACE_5, SPACE_4)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_3)
        column.addWidget(self.header)
        column.addWidget(self.notice)
        self._pages = QStackedLayout()
        column.addLayout(self._pages, 1)
        self.empty = EmptyState(
            tr("Nothing to judge yet"),
            tr("When a run has finished, its figures and the images it gets wrong stand here."),
            tr("Go to Train"),
            lambda: self.workspace.changes.show_panel.emit("train"),
            icon="evaluate",
        )
        self.busy = EmptyState(tr("Working out the figures"), tr("2,000 resamples of the answers; this takes a moment."))
        self.failed = QWidget()
        self.content = QWidget()
        lines = QVBoxLayout(self.content)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(SPACE_3 + 2)
        lines.addWidget(self.figures)
        lines.addWidget(self.mistakes, 1)
        for page in (self.empty, self.busy, self.failed, self.content):
            self._pages.addWidget(page)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._say_intervals()

    # --- what the workspace tells

    def on_project_changed(self) -> None:
        self.model.forget()
        self.model.dataset = self.workspace.dataset
        self.on_runs_changed()

    def on_runs_changed(self) -> None:
        if self.model.set_runs(self.workspace.runs, follow=not self.isVisible()):
            self._load()
        else:
            self._render()

    def on_dataset_changed(self, _change: object) -> None:
        self.model.dataset = self.workspace.dataset
        self.mistakes.show_selection(self.model)
        self.enlarging.refresh()

    # --- what a person wants

    def on_run_chosen(self, number: int) -> None:
        if self.model.choose_run(number):
            self._load()

    def on_split_chosen(self, split: Split) -> None:
        if self.model.choose_split(split):
            self._load()

    def on_selection_chosen(self, selection: Selection) -> None:
        self.model.select(selection)
        self.mistakes.show_selection(self.model)
        if not isinstance(selection, AllMistakes):
            self.workspace.select([item.sample for item in self.model.gallery() if not item.is_gone])

    def on_label_asked(self, samples: tuple[int, ...], place: QPoint) -> None:
        """Offer the classes of today."""
        if not samples or self.model.dataset is None:
            return
        menu = class_menu(self, self.model.dataset.classes, lambda class_id: self._set_class(samples, class_id))
        menu.popup(place)

    def on_class_typed(self, samples: tuple[int, ...], key: int) -> None:
        class_id = self.model.key_class(key)
        if class_id is not None:
            self._set_class(samples, class_id)

    def on_use_asked(self) -> None:
        if self.model.run is not None:
            # The panel is made when it is first shown; only then can it hear of the run.
            self.workspace.changes.show_panel.emit("use")
            self.workspace.changes.run_chosen.emit(self.model.run.number)

    def _set_class(self, samples: tuple[int, ...], class_id: str) -> None:
        from tlstudio.operations import edits

        self.workspace.edit(lambda project: edits.set_class(project, samples, class_id), failed=self.notice.show_error)

    # --- numbers

    def _load(self) -> None:
        from tlstudio.ui.evaluate.loading import load

        project, run, wanted = self.workspace.project, self.model.run, self.model.wanted
        self.header.show_model(self.model)
        self.notice.clear()
        if project is None or run is None or wanted is None:
            self._render()
            return
        self._busy.start()
        self.workspace.background.run(
            lambda _report, _stop: load(project, run, wanted),
            done=partial(self._on_loaded, wanted),
            failed=partial(self._on_failed, wanted),
            lane=_LANE,
        )

    def _on_loaded(self, wanted: Wanted, figures: Figures) -> None:
        if self.model.accept(wanted, figures):
            self.mistakes.show_report(self.model)
            self._render()
            self._say_intervals()

    def _on_failed(self, wanted: Wanted, failure: TLStudioError) -> None:
        if self.model.refuse(wanted, failure):
            self._render()

    # --- showing

    def _render(self) -> None:
        model = self.model
        self.header.show_model(model)
        if model.is_loading:
            return
        self._busy.stop()
        if model.run is None:
            self.notice.clear()
            self._pages.setCurrentWidget(self.empty)
        elif model.failure is not None:
            self.notice.show_error(model.failure)
            self._pages.setCurrentWidget(self.failed)
        else:
            self.figures.show_report(model)
            self._pages.setCurrentWidget(self.content)

    def _show_busy(self) -> None:
        self._pages.setCurrentWidget(self.busy)

    def _say_intervals(self) -> None:
        if self.isVisible():
            report = self.model.report
            self.workspace.changes.hint_changed.emit(interval_words(report.num_resamples) if report else "")
