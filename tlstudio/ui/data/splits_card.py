"""The division into training, validation and test: a bar, counts, and what it means."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tlstudio.ui import theme
from tlstudio.ui.data.viewmodel import SplitRow
from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import number, tr


class SplitsCard(QWidget):
    """Renders what the view-model says."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Splits"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addWidget(Text(tr("Splits"), role="strong"))
        self._bar = _Bar()
        column.addWidget(self._bar)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE_2)
        self._grid.setVerticalSpacing(SPACE_1)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        self.note = Text(role="small", wrap=True)
        column.addWidget(self.note)

    def show_rows(self, rows: list[SplitRow], note: str) -> None:
        """Show these parts."""
        while (item := self._grid.takeAt(0)) is not None:
            item.widget().hide()  # it is deleted later, and would be painted over the new rows until then
            item.widget().deleteLater()
        for place, row in enumerate(rows):
            self._grid.addWidget(_Dot(f"split_{row.split}"), place, 0)
            self._grid.addWidget(Text(row.name), place, 1)
            self._grid.addWidget(Text(number(row.num_images), role="muted"), place, 2, Qt.AlignmentFlag.AlignRight)
        self._bar.show_rows(rows)
        self.note.setText(note)


class _Bar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._rows: list[SplitRow] = []
        self.setFixedHeight(10)

    def show_rows(self, rows: list[SplitRow]) -> None:
        self._rows = rows
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), 5, 5)
        painter.setClipPath(path)
        painter.fillRect(self.rect(), theme.color("sunk"))
        left = 0.0
        for row in self._rows:
            width = row.share * self.width()
            painter.fillRect(QRectF(left, 0, width, self.height()), theme.split_color(row.split))
            left += width


class _Dot(QWidget):
    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def sizeHint(self) -> QSize:
        return QSize(10, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self._token))
        painter.drawEllipse(QRectF(0, self.height() / 2 - 4.5, 9, 9))
