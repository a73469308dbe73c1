"""The classes with their colours, keys and counts."""

from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from tlstudio.ui.data.class_row import ROW_PX, ClassLine
from tlstudio.ui.data.viewmodel import ClassRow
from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import in_menu, tr


class _List(QScrollArea):
    """Wants to be as tall as all its rows; Qt's own wish is that of the time when it was empty."""

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.maximumHeight())


class ClassesCard(QWidget):
    """Renders rows and reports what a person wants with a class."""

    chosen = Signal(str)
    renamed = Signal(str, str)
    added = Signal(str)
    removed = Signal(str)
    merged = Signal(str, str)
    """The class that is to be part of another, and that other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Classes"))
        self._writable = True
        self._lines: dict[str, ClassLine] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addWidget(Text(tr("Classes"), role="strong"))
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 2, 0)
        self._list.setSpacing(0)
        inner = QWidget()
        holder = QVBoxLayout(inner)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addLayout(self._list)
        holder.addStretch(1)
        scroll = _List()
        scroll.setAccessibleName(tr("Classes"))
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        scroll.setMaximumHeight(0)
        self._scroll = scroll
        column.addWidget(scroll, 1)
        self.add_button = button(tr("+ Add class"), kind="quiet", name=tr("Add class"), on_click=self.start_adding)
        self.new_name = QLineEdit()
        self.new_name.setAccessibleName(tr("Name of the new class"))
        self.new_name.setPlaceholderText(tr("Name of the class"))
        self.new_name.returnPressed.connect(self._on_added)
        self.new_name.editingFinished.connect(self._stop_adding)
        self._foot = QStackedLayout()
        self.add_button.setStyleSheet("text-align: left;")
        self._foot.addWidget(self.add_button)
        self._foot.addWidget(self.new_name)
        column.addLayout(self._foot)

    def show_rows(self, rows: list[ClassRow], *, writable: bool) -> None:
        """Show these classes."""
        self._writable = writable
        self.add_button.setEnabled(writable)
        if list(self._lines) != [row.id for row in rows]:
            self._arrange(rows)
        for row in rows:
            self._lines[row.id].show_row(row)
        # Two rows at the least: in a low window more would push the list over the button below it.
        self._scroll.setMinimumHeight(min(len(rows), 2) * ROW_PX)
        self._scroll.setMaximumHeight(len(rows) * ROW_PX)

    def line(self, class_id: str) -> ClassLine:
        """The line of a class."""
        return self._lines[class_id]

    def start_adding(self) -> None:
        """Let the name of a new class be typed."""
        self.new_name.clear()
        self._foot.setCurrentWidget(self.new_name)
        self.new_name.setFocus()

    def _arrange(self, rows: list[ClassRow]) -> None:
        """Make lines for classes that have none, and none but those; while images come in, classes come one by one."""
        wanted = {row.id for row in rows}
        for line in [line for id, line in self._lines.items() if id not in wanted]:
            self._list.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = {row.id: self._lines.get(row.id) or self._made(row) for row in rows}
        for place, line in enumerate(self._lines.values()):
            if self._list.indexOf(line) != place:
                self._list.insertWidget(place, line)

    def _made(self, row: ClassRow) -> ClassLine:
        line = ClassLine(row, writable=self._writable)
        line.chosen.connect(self.chosen)
        line.renamed.connect(self.renamed)
        line.menu_requested.connect(self.show_menu)
        return line

    def show_menu(self, class_id: str, place: QPoint) -> None:
        """What can be done with a class, at a place on the screen."""
        line = self._lines[class_id]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Show its images"), lambda: self.chosen.emit(class_id))
        rename = menu.addAction(tr("Rename…"), line.start_rename)
        merge = menu.addMenu(tr("Merge into"))
        for other in self._lines.values():
            if other is not line:
                merge.addAction(in_menu(other.row.name), partial(self.merged.emit, class_id, other.row.id))
        remove = menu.addAction(tr("Remove"), lambda: self.removed.emit(class_id))
        rename.setEnabled(self._writable)
        merge.setEnabled(self._writable and len(self._lines) > 1)
        remove.setEnabled(self._writable and line.row.num_images == 0)
        menu.popup(place)

    def _on_added(self) -> None:
        text = self.new_name.text().strip()
        self._stop_adding()
        if text:
            self.added.emit(text)

    def _stop_adding(self) -> None:
        self._foot.setCurrentWidget(self.add_button)
