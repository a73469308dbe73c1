"""The start page: drop a folder, open the sample, a recent project or another one."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.progress import Progress
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.ui.background import Task
from tlstudio.ui.drops import Dropped, kind_of
from tlstudio.ui.file_dialogs import ask_file, ask_folder
from tlstudio.ui.start.card import ProjectCard
from tlstudio.ui.start.drop_zone import DropZone
from tlstudio.ui.start.viewmodel import CardView
from tlstudio.ui.theme import SPACE_1, SPACE_3, SPACE_4, SPACE_6
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.widgets.progress_strip import ProgressStrip
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.ui.device import Device

_WIDTH = 760
_COLUMNS = 3


class StartPage(QWidget):
    """Renders cards and hands every intent to the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._workspace = workspace
        self._task: Task | None = None
        self._cards: list[ProjectCard] = []
        self.zone = DropZone()
        self.zone.choose_requested.connect(self._choose_folder)
        self.notice = Notice()
        self.progress = ProgressStrip(tr("Opening"))
        self.progress.stop_requested.connect(self._on_stop)
        self.open_button = button(tr("Open project…"), on_click=self._choose_project)
        self.settings_button = button(tr("Settings"), kind="link", on_click=lambda: workspace.changes.show_panel.emit("settings"))
        self.device = Text(role="muted")
        self._grid = QGridLayout()
        self._grid.setSpacing(SPACE_4 - 1)
        self._lay_out()

    def refresh(self) -> None:
        """Read the recent projects again."""
        self._set_busy(False)
        from tlstudio.ui.start.loading import load_cards

        # In the lane in which a project is closed: its card is up to date then.
        self._workspace.background.run(load_cards, done=self.show_cards, lane="import")

    def show_cards(self, views: list[CardView]) -> None:
        """Show these cards in rows of three."""
        for card in self._cards:
            self._grid.removeWidget(card)
            card.deleteLater()
        self._cards = [ProjectCard(view) for view in views]
        before: QWidget = self.zone.choose
        for place, card in enumerate(self._cards):
            card.clicked.connect(lambda _checked=False, view=card.view: self.open_card(view))
            self._grid.addWidget(card, place // _COLUMNS, place % _COLUMNS)
            self.setTabOrder(before, card)
            before = card
        self.setTabOrder(before, self.open_button)
        self.setTabOrder(self.open_button, self.settings_button)

    def cards(self) -> list[ProjectCard]:
        """The cards that are shown, in order."""
        return list(self._cards)

    def show_device(self, device: "Device") -> None:
        """What this computer has to train on."""
        parts = [device.cpu, device.gpu or tr("no graphics card"), tr("offline")]
        self.device.setText(" · ".join(parts))

    def show_drop(self, active: bool) -> None:
        """Something is held over the window."""
        self.zone.show_active(active)

    def take_folder(self, folder: Path) -> None:
        """Make a project of a folder or an archive and import its images; they appear while they are read."""
        from tlstudio.operations.dropped import project_for_folder

        if kind_of(folder) is Dropped.PACKED_PROJECT:
            self._take_packed(folder)
            return
        if not folder.is_dir() and kind_of(folder) is not Dropped.ARCHIVE:
            self._on_failed(_not_a_folder(folder))
            return
        self._begin(tr("Looking at {folder}", folder=folder.name))
        self._task = self._workspace.open_with(
            lambda _report, stop: project_for_folder(folder, stop=stop),
            done=lambda: self._workspace.imports.start(folder),
            stopped=lambda: self._set_busy(False),
            failed=self._on_failed,
        )

    def _take_packed(self, archive: Path) -> None:
        """Unpack a project beside the others, verified, and open it."""
        from tlstudio.operations.dropped import project_of_archive

        self._begin(tr("Unpacking {archive}", archive=archive.name))
        self._task = self._workspace.open_with(
            lambda report, stop: project_of_archive(archive, report=report, stop=stop),
            stopped=lambda: self._set_busy(False),
            failed=self._on_failed,
            progress=self._on_progress,
        )

    def open_card(self, view: CardView) -> None:
        """Open a recent project, or the sample."""
        from tlstudio.operations import projects

        self._begin(tr("Opening {project}", project=view.title if view.path else projects.SAMPLE_NAME))
        path = view.path
        if path is not None:
            self._workspace.open(path, failed=self._on_failed)
            return
        self._task = self._workspace.open_with(
            lambda report, stop: projects.open_sample(report, stop, kind="window"),
            failed=self._on_failed,
            progress=self._on_progress,
        )

    def _lay_out(self) -> None:
        outer = QHBoxLayout(self)
        outer.setContentsMargins(SPACE_6, SPACE_6, SPACE_6, SPACE_6)
        body = QWidget()
        body.setFixedWidth(_WIDTH)
        outer.addWidget(body, 0, Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(Text(tr("TL Studio"), role="display"), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(SPACE_1)
        sentence = Text(tr("Teach a pretrained network your own images. Everything stays on this computer."), role="muted")
        column.addWidget(sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(SPACE_6)
        column.addWidget(self.notice)
        column.addSpacing(SPACE_3)
        column.addWidget(self.zone)
        column.addSpacing(SPACE_3)
        column.addWidget(self.progress)
        column.addSpacing(SPACE_3)
        for place in range(_COLUMNS):
            self._grid.setColumnStretch(place, 1)
        column.addLayout(self._grid)
        column.addSpacing(SPACE_6 + 4)
        row = QHBoxLayout()
        row.setSpacing(SPACE_4)
        row.addStretch(1)
        row.addWidget(self.open_button)
        row.addWidget(self.device)
        row.addWidget(self.settings_button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)

    def _set_busy(self, busy: bool) -> None:
        """One thing is opened at a time."""
        for control in (*self._cards, self.zone.choose, self.open_button):
            control.setEnabled(not busy)
        if not busy:
            self.progress.finish()

    def _begin(self, words: str) -> None:
        self._set_busy(True)
        self.notice.clear()
        self.progress.show_fraction(None, words)

    def _on_progress(self, progress: Progress) -> None:
        self.progress.show_progress(progress)

    def _on_stop(self) -> None:
        if self._task is not None:
            self._task.stop()

    def _on_failed(self, error: TLStudioError) -> None:
        self._set_busy(False)
        self.notice.show_error(error)

    def _choose_folder(self) -> None:
        folder = ask_folder(self, tr("Choose a folder of images"))
        if folder is not None:
            self.take_folder(folder)

    def _choose_project(self) -> None:
        path = ask_file(self, tr("Open project"), tr("Projects") + " (*.tlstudio *.tlarchive)")
        if path is not None and kind_of(path) is Dropped.PACKED_PROJECT:
            self._take_packed(path)
        elif path is not None:
            self._workspace.open(path, failed=self._on_failed)


def _not_a_folder(path: Path) -> TLStudioError:
    return TLStudioError(
        message("start.not_a_folder", "{name} is not a folder.", name=path.name),
        message(
            "start.not_a_folder.hint", "Drop the folder that holds the images, or a zip archive of it; each sub-folder becomes a class."
        ),
    )
