"""The Use panel: try the model on new images, predict a folder, take the model away."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from tlstudio.ui.drops import Dropped, kind_of, paths_of
from tlstudio.ui.run_choice import RunChoice
from tlstudio.ui.tasks import painter_of
from tlstudio.ui.theme import SPACE_3, SPACE_4, SPACE_5
from tlstudio.ui.use import dialogs
from tlstudio.ui.use.asker import Asker
from tlstudio.ui.use.exports import ExportColumn
from tlstudio.ui.use.folder_job import FolderJob
from tlstudio.ui.use.try_card import TryCard
from tlstudio.ui.use.viewmodel import UseModel
from tlstudio.ui.widgets.empty_state import EmptyState
from tlstudio.ui.widgets.header import PanelHeader
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import say, tr
from tlstudio.ui.workspace import Workspace


class UsePanel(QWidget):
    """Renders `UseModel`."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.model = UseModel()
        self.asker = Asker(workspace, self.model, self)
        self.header = PanelHeader(tr("Use"))
        self.runs = RunChoice()
        self.header.add_left(self.runs)
        self.folder_button = self.header.add_button(tr("Predict a folder…"), "primary", self.on_folder_asked)
        self.note = Text(role="muted", wrap=True)
        """Why the best run is not the one with the highest figures, or not in use."""
        self.folder_job = FolderJob(workspace)
        self.try_card = TryCard(painter_of("classification"))
        self.exports = ExportColumn(workspace)
        self._build()
        self.setAcceptDrops(True)
        self.runs.run_chosen.connect(self.on_run_chosen)
        self.try_card.zone.choose_asked.connect(self.on_files_asked)
        self.try_card.clear_asked.connect(self.on_clear_asked)
        self.asker.changed.connect(self.render_model)
        self.asker.previewed.connect(self.try_card.grid.show_preview)
        self.asker.failed.connect(self.try_card.notice.show_error)
        workspace.changes.project_changed.connect(self.on_project_changed)
        workspace.changes.runs_changed.connect(self.on_runs_changed)
        workspace.changes.run_chosen.connect(self.on_run_chosen)
        self.on_project_changed()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        self.setContentsMargins(SPACE_5, SPACE_4, SPACE_5, SPACE_4)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_3)
        column.addWidget(self.header)
        column.addWidget(self.note)
        column.addWidget(self.folder_job)
        self._pages = QStackedLayout()
        column.addLayout(self._pages, 1)
        self.empty = EmptyState(
            tr("Nothing to use yet"),
            tr("When a run has finished, drop new images here to see its answers, predict whole folders, and export the model."),
            tr("Go to Train"),
            lambda: self.workspace.changes.show_panel.emit("train"),
            icon="use",
        )
        self.content = QWidget()
        row = QHBoxLayout(self.content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_3 + 2)
        row.addWidget(self.try_card, 63)
        row.addWidget(self.exports, 37)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.content)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.workspace.changes.hint_changed.emit(tr("Drop images anywhere here, or paste them with Ctrl+V · ? shows all keys"))

    def on_project_changed(self) -> None:
        self.model.forget()
        self.folder_job.forget()
        self.exports.show_run(None)
        self.on_runs_changed()

    def on_runs_changed(self) -> None:
        self._use(self.model.set_runs(self.workspace.runs))

    def on_run_chosen(self, number: int) -> None:
        self._use(self.model.choose_run(number))

    def on_folder_asked(self) -> None:
        source = dialogs.ask_source(self)
        if source is not None:
            self.predict_folder(source)

    def on_files_asked(self) -> None:
        self.try_card.notice.clear()
        self.asker.ask(dialogs.ask_images(self))

    def on_clear_asked(self) -> None:
        self.model.clear()
        self.render_model()

    def paste(self) -> None:
        """Files or a picture from the clipboard."""
        clipboard = QGuiApplication.clipboard()
        paths = [Path(url.toLocalFile()) for url in clipboard.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.take_drop(paths)
        elif clipboard.mimeData().hasImage() and self.model.run is not None:
            self.asker.ask_pasted(clipboard.image())
        else:
            self.workspace.changes.said.emit(tr("There is no image on the clipboard."))

    def take_drop(self, paths: Sequence[Path]) -> bool:
        """Dropped or pasted: a folder is predicted whole, files are tried. False where neither is meant for a model."""
        if self.model.run is None:
            return False
        folders = [path for path in paths if kind_of(path) is Dropped.FOLDER]
        images = [path for path in paths if kind_of(path) is Dropped.FILES]
        if len(folders) > 1:
            self.workspace.changes.said.emit(tr("Nothing was started: drop the one folder that holds them."))
        elif folders:
            self.predict_folder(folders[0])
        if images:
            self.try_card.notice.clear()
            self.asker.ask(images)
        return bool(folders or images)

    def predict_folder(self, source: Path) -> None:
        """Ask where the table goes and start."""
        if self.model.run is None or self.folder_job.is_running:
            return
        csv = dialogs.ask_csv(self, source)
        if csv is not None:
            self.folder_job.start(self.model.run, source, csv)
            self.render_model()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.model.run is not None and any(kind_of(path) in (Dropped.FILES, Dropped.FOLDER) for path in paths_of(event)):
            event.acceptProposedAction()
            self.try_card.zone.set_active(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.try_card.zone.set_active(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.try_card.zone.set_active(False)
        event.acceptProposedAction()
        self.take_drop(paths_of(event))

    def render_model(self) -> None:
        """Show the model."""
        model = self.model
        self.runs.show_runs(model.runs, current=model.run.number if model.run else None, best=model.best_number)
        self.note.setText(say(model.note) if model.note is not None else "")
        self.note.setVisible(model.note is not None)
        self.folder_button.setVisible(model.run is not None)
        self._pages.setCurrentWidget(self.empty if model.run is None else self.content)
        self.try_card.show_model(model)

    def _use(self, is_other_run: bool) -> None:
        if is_other_run:
            self.exports.show_run(self.model.run)
            self.asker.ask_again()
        self.render_model()
        line = tr("Predict · Export") if self.model.run else tr("Needs a finished run")
        self.workspace.changes.rail_changed.emit("use", line, "")
