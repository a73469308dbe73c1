"""One class: colour, name, key, count, and a bar."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tlstudio.ui import theme
from tlstudio.ui.data.viewmodel import ClassRow
from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.text import ElidedText, Text
from tlstudio.ui.words import number, tr, tr_n

ROW_PX = 38


class ClassLine(QWidget):
    """A double click, F2 or the menu renames it; a click says that its images are wanted."""

    chosen = Signal(str)
    renamed = Signal(str, str)
    menu_requested = Signal(str, QPoint)

    def __init__(self, row: ClassRow, *, writable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self._writable = writable
        self.setFixedHeight(ROW_PX)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name = ElidedText(row.name)
        self.edit: QLineEdit | None = None
        """Made when it is first needed: hundreds of classes would take the window a moment."""
        self._key = Badge()
        self._count = Text(role="muted")
        line = QHBoxLayout()
        line.setSpacing(SPACE_2)
        line.addSpacing(18)
        line.addWidget(self.name, 1)
        line.addWidget(self._key)
        line.addWidget(self._count)
        self._line = line
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 10)
        column.addLayout(line)
        self.show_row(row)

    def show_row(self, row: ClassRow) -> None:
        """Show other figures of the same class."""
        self.row = row
        self.name.set_text(row.name)
        self._key.setText("" if row.key is None else str(row.key))
        self._key.setVisible(row.key is not None)
        self._count.setText(number(row.num_images))
        key = "" if row.key is None else tr(", key {key}", key=row.key)
        self.setAccessibleName(row.name + ", " + tr_n("1 image", "{n} images", row.num_images) + key)
        self.setToolTip(tr("Double-click to rename"))
        self.update()

    def start_rename(self) -> None:
        """Let the name be typed over."""
        if not self._writable:
            return
        if self.edit is None:
            self.edit = self._made_edit()
        self.edit.setText(self.row.name)
        self.edit.selectAll()
        self._show_edit(True)
        self.edit.setFocus()

    @property
    def is_renaming(self) -> bool:
        """Whether the name is being typed."""
        return self.edit is not None and not self.edit.isHidden()

    def _show_edit(self, shown: bool) -> None:
        self.name.setHidden(shown)
        if self.edit is not None:
            self.edit.setVisible(shown)

    def _made_edit(self) -> QLineEdit:
        edit = QLineEdit()
        edit.setFixedHeight(24)
        edit.setStyleSheet("min-height: 22px; padding: 0 4px;")
        edit.setAccessibleName(tr("New name of the class"))
        edit.editingFinished.connect(self._on_edited)
        edit.installEventFilter(self)
        self._line.insertWidget(self._line.indexOf(self.name), edit, 1)
        return edit

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter ends the typing and goes no further: on the line itself it asks for the class's images."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_edited()
            return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.class_color(self.row.position))
        painter.drawEllipse(QRectF(0, 9, 10, 10))
        base = QRectF(0, self.height() - 8, self.width(), 5)
        painter.drawRoundedRect(
            QRectF(base.left(), base.top(), max(5.0 if self.row.num_images else 0, base.width() * self.row.share), 5), 2, 2
        )
        painter.setBrush(theme.color("sunk"))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOver)
        painter.drawRoundedRect(base, 2, 2)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.start_rename()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.is_renaming:
            self.chosen.emit(self.row.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(self.row.id, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.start_rename()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.row.id)
        elif event.key() == Qt.Key.Key_Escape and self.is_renaming:
            self._show_edit(False)
        else:
            super().keyPressEvent(event)

    def _on_edited(self) -> None:
        if self.edit is None or not self.is_renaming:
            return
        self._show_edit(False)
        text = self.edit.text().strip()
        if text and text != self.row.name:
            self.renamed.emit(self.row.id, text)
