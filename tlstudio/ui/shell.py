"""The window: start page or rail, panels and status line. It composes what the table of panels names and knows none of it."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from tlstudio.ui.actions import Shortcuts
from tlstudio.ui.drops import Dropped, DropTarget, kind_of
from tlstudio.ui.file_dialogs import ask_file
from tlstudio.ui.panel_stack import PanelStack
from tlstudio.ui.panels import PANELS
from tlstudio.ui.rail import Rail
from tlstudio.ui.rail_lines import RailLines
from tlstudio.ui.start.page import StartPage
from tlstudio.ui.status_line import StatusLine
from tlstudio.ui.theme import SPACE_2, SPACE_5
from tlstudio.ui.unsaved_band import UnsavedBand
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.window_size import fit_to_screen
from tlstudio.ui.words import say, tr
from tlstudio.ui.workspace import Workspace


class Shell(QMainWindow):
    """The only top-level window."""

    painted = Signal()
    """Once, when the window has been on the screen for the first time."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self.setWindowTitle(tr("TL Studio"))
        fit_to_screen(self, self.screen().availableGeometry().size())
        self.start = StartPage(workspace)
        self.rail = Rail(PANELS.values())
        self.panels = PanelStack(workspace)
        self.status = StatusLine()
        self.notice = Notice()
        self.notice.setObjectName("band")
        self.notice.layout().setContentsMargins(SPACE_5, SPACE_2, SPACE_5, SPACE_2)
        self.unsaved = UnsavedBand(workspace.edits, self)
        self._was_painted = False
        self._waiting_weights: list[Path] = []
        """Dropped while no project was open."""
        self._pages = QStackedWidget()
        self._pages.addWidget(self.start)
        self._pages.addWidget(self._bench())
        self.setCentralWidget(self._pages)
        self._lines = RailLines(workspace, self.rail)
        self._drops = DropTarget(self)
        self._shortcuts = Shortcuts(self, target_of=self._target_of)
        self._connect()
        self.start.setFocus()

    def show_panel(self, id: str) -> None:
        """Bring a panel to the front."""
        if id not in PANELS or (self.workspace.project is None and PANELS[id].is_step):
            return
        if self.workspace.project is None:
            self.rail.show_no_project()
        self.rail.choose(id)
        self.panels.show_panel(id)
        self._pages.setCurrentIndex(1)

    def go_home(self) -> None:
        """Close the project and show the start page; running jobs go on."""
        if self.unsaved.holds_back(self, self.go_home):
            return
        if self.workspace.project is not None:
            self.workspace.close_project()
        else:
            self._pages.setCurrentIndex(0)

    def open_path(self, path: Path) -> None:
        """Open what was named when the program was started: a project, or a folder that becomes one."""
        self.take_drop([path])

    def open_project(self) -> None:
        """Ask for a project and open it."""
        path = ask_file(self, tr("Open project"), tr("Projects") + " (*.tlstudio)")
        if path is not None:
            self._open(path)

    def undo(self) -> None:
        """Take back the newest edit of the data."""
        self.workspace.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        self.workspace.redo()

    def show_keys(self) -> None:
        """Show what the keys do."""
        from tlstudio.ui.keys_card import KeysCard

        KeysCard(self)

    def take_drop(self, paths: list[Path]) -> None:
        """A panel may take what is dropped on it; else each kind of thing goes where it belongs."""
        panel = self.panels.currentWidget() if self.workspace.project is not None else None
        if panel is not None and hasattr(panel, "take_drop") and panel.take_drop(paths):
            return
        kind = kind_of(paths[0])
        if len(paths) > 1 and {kind_of(path) for path in paths} != {Dropped.WEIGHTS}:
            _refuse_several(self._band)
        elif kind is Dropped.PROJECT:
            self._open(paths[0])
        elif kind is Dropped.WEIGHTS:
            self._import_weights(paths)
        elif kind is Dropped.PACKED_PROJECT and self.workspace.project is not None:
            _refuse_packed(self._band)
        elif self.workspace.project is None:
            self.start.take_folder(paths[0])
        elif kind in (Dropped.FOLDER, Dropped.ARCHIVE):
            self.show_panel("data")
            self.workspace.imports.start(paths[0])

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.unsaved.holds_back(self, self.close):
            event.ignore()
            return
        self.hide()  # what still has to end may take a moment
        self.workspace.close()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # "?" needs different keys on different keyboards; the text is the same everywhere.
        if event.text() == "?":
            self.show_keys()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def _open(self, project: Path) -> None:
        if not self.unsaved.holds_back(self, partial(self._open, project)):
            self.workspace.open(project)

    def _bench(self) -> QWidget:
        bench = QWidget()
        row = QHBoxLayout(bench)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.unsaved.notice)
        column.addWidget(self.notice)
        column.addWidget(self.panels, 1)
        column.addWidget(self.status)
        row.addLayout(column, 1)
        return bench

    def _connect(self) -> None:
        changes = self.workspace.changes
        self.rail.chosen.connect(self.show_panel)
        changes.show_panel.connect(self.show_panel)
        changes.home_wanted.connect(self.go_home)
        changes.project_changed.connect(self._on_project_changed)
        changes.said.connect(self.status.say)
        changes.hint_changed.connect(self.status.set_hint)
        changes.failed.connect(self._on_failed)
        self.workspace.edits.saving_changed.connect(self.status.show_saving)
        self.workspace.edits.refused_changed.connect(lambda: self.status.show_refused(self.workspace.edits.num_refused))
        self._drops.dropped.connect(self.take_drop)
        self._drops.entered.connect(partial(self.start.show_drop, True))
        self._drops.left.connect(partial(self.start.show_drop, False))
        self._drops.entered.connect(lambda: self.status.say(tr("Drop a folder to import it, weights to add them, a project to open it.")))

    def _on_project_changed(self) -> None:
        self.panels.clear()
        self.notice.clear()
        project = self.workspace.project
        if project is None:
            self.setWindowTitle(tr("TL Studio"))
            self._pages.setCurrentIndex(0)
            self.start.refresh()
            return
        self.setWindowTitle(tr("{project} – TL Studio", project=project.name))
        self.status.show_read_only(not project.writable)
        if project.read_only_reason is not None:
            self.notice.show_words(tr("This project is open for reading only."), say(project.read_only_reason), tone="warn")
        elif project.notices:
            self.notice.show_words(tr("Please note"), "\n".join(map(say, project.notices)), tone="warn")
        self.show_panel("data")
        if self._waiting_weights:
            waiting, self._waiting_weights = self._waiting_weights, []
            self._import_weights(waiting)

    def _on_failed(self, error: object) -> None:
        self._band.show_error(error)

    @property
    def _band(self) -> Notice:
        return self.notice if self.workspace.project is not None else self.start.notice

    def _target_of(self, panel: str) -> object | None:
        if not panel:
            return self
        return self.panels.currentWidget() if self.workspace.project is not None and self.panels.current_id() == panel else None

    def _import_weights(self, paths: list[Path]) -> None:
        if self.workspace.project is None:
            self._waiting_weights += paths
            self.start.notice.show_words(
                tr("These weights wait until a project is open."),
                tr("Open a project or drop a folder of images; then Models shows what they are and asks before it keeps them."),
            )
            return
        self.show_panel("models")
        panel = self.panels.panel("models")
        if panel is not None and hasattr(panel, "take_drop"):
            panel.take_drop(paths)


def _refuse_packed(notice: Notice) -> None:
    """It would take the place of the project that is open; with its progress, that is the start page's."""
    notice.show_words(
        tr("This is a packed project; nothing was changed."),
        tr("Close this project with a click on its name, then drop the packed one on the start page."),
        tone="warn",
    )


def _refuse_several(notice: Notice) -> None:
    """Rather nothing than the first of them alone: of two class folders that would be half a data set."""
    notice.show_words(
        tr("Only one thing can be dropped at a time; nothing was changed."),
        tr("Drop the one folder that holds them: each folder in it becomes a class. A project is dropped alone."),
        tone="warn",
    )
