"""The quiet line below the table: where weights are kept, how much they take, and what in them is damaged."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.domain.library import DamagedSet, LibraryState
from tlstudio.domain.progress import Progress
from tlstudio.ui.theme import SPACE_1, SPACE_2, SPACE_3
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.progress_strip import progress_words
from tlstudio.ui.widgets.text import ElidedText, Text
from tlstudio.ui.words import say, size, tr, tr_n


class LibraryLine(QWidget):
    """Renders a `LibraryState`."""

    folder_wanted = Signal()
    check_wanted = Signal()
    stop_wanted = Signal()
    remove_wanted = Signal(str)
    """The folder of a damaged set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        line = QHBoxLayout()
        line.setSpacing(SPACE_3)
        self.words = Text(role="muted")
        self.folder = ElidedText(role="muted", mode=Qt.TextElideMode.ElideMiddle)
        self.check = button(tr("Check"), kind="link", on_click=self.check_wanted.emit, name=tr("Check whether all weights are whole"))
        self.check.setToolTip(tr("Reads every imported set and compares it with its hash."))
        self.stop = button(tr("Stop"), kind="link", on_click=self.stop_wanted.emit, name=tr("Stop checking"))
        self.stop.hide()
        self.show_folder = button(tr("Show folder"), kind="link", on_click=self.folder_wanted.emit)
        line.addWidget(self.words)
        line.addWidget(self.folder, 1)
        for control in (self.check, self.stop, self.show_folder):
            line.addWidget(control)
        column.addLayout(line)
        self._damaged = QVBoxLayout()
        self._damaged.setSpacing(SPACE_1)
        column.addLayout(self._damaged)
        self.problems: list[DamagedRow] = []

    def show_state(self, state: LibraryState) -> None:
        """What is there."""
        self.stop.hide()
        self.check.setVisible(state.num_sets > 0)
        if state.num_sets or state.damaged:
            sets = tr_n("1 imported set", "{n} imported sets", state.num_sets)
            self.words.setText(f"{sets} · {size(state.size_bytes)}")
        else:
            self.words.setText(tr("Imported weights will be kept in"))
        self.folder.set_text(state.folder)
        self.show_folder.setVisible(state.size_bytes > 0)
        for row in self.problems:
            row.hide()
            row.deleteLater()
        self.problems = [DamagedRow(item) for item in state.damaged]
        for row in self.problems:
            row.remove_wanted.connect(self.remove_wanted)
            self._damaged.addWidget(row)

    def show_progress(self, progress: Progress) -> None:
        """Sets are being read."""
        self.check.hide()
        self.stop.show()
        self.words.setText(progress_words(progress))


class DamagedRow(QWidget):
    """Something damaged, and a button that takes it away."""

    remove_wanted = Signal(str)

    def __init__(self, item: DamagedSet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        self.words = Text(say(item.problem), wrap=True)
        self.remove = button(
            tr("Remove…"),
            small=True,
            on_click=partial(self.remove_wanted.emit, item.folder),
            name=tr("Remove the damaged weights in {folder}", folder=item.folder),
        )
        self.remove.setVisible(bool(item.folder))
        row.addWidget(Badge(tr("Damaged"), tone="bad"))
        row.addWidget(self.words, 1)
        row.addWidget(self.remove)
