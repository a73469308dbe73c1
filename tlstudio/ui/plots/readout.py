"""The small card beside the mouse that says the values there."""

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from tlstudio.ui import theme
from tlstudio.ui.plots.curves import CurveSpec

_PAD, _ROW, _KEY = 8, 18, 20


@dataclass(frozen=True)
class Reading:
    """One line of the card."""

    spec: CurveSpec
    text: str


class Readout(QWidget):
    """Follows the mouse, never catches it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._title = ""
        self._readings: tuple[Reading, ...] = ()
        self.hide()

    def words(self) -> str:
        """Everything it says, for a screen reader and for tests."""
        return "\n".join([self._title, *(f"{item.spec.label} {item.text}" for item in self._readings)])

    def show_readings(self, title: str, readings: tuple[Reading, ...], at: QPoint) -> None:
        """Say these values beside `at`, on the side with room."""
        self._title, self._readings = title, readings
        size = self._size()
        room = self.parentWidget().rect()
        x = at.x() + 14 if at.x() + 14 + size.width() < room.right() else at.x() - 14 - size.width()
        y = min(max(4, at.y() - size.height() // 2), max(4, room.bottom() - size.height() - 4))
        self.setGeometry(max(2, x), y, size.width(), size.height())
        self.setAccessibleName(self.words())
        self.show()
        self.raise_()
        self.update()

    def _size(self) -> QSize:
        metrics = QFontMetrics(theme.font(theme.SMALL, weight=500))
        rows = [metrics.horizontalAdvance(self._title)]
        rows += [_KEY + metrics.horizontalAdvance(item.spec.label) + 12 + metrics.horizontalAdvance(item.text) for item in self._readings]
        return QSize(max(rows) + 2 * _PAD, _ROW * len(rows) + _PAD)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(theme.color("muted"))
        painter.drawText(self._row(0), Qt.AlignmentFlag.AlignVCenter, self._title)
        for index, reading in enumerate(self._readings, 1):
            self._paint_reading(painter, self._row(index), reading)

    def _row(self, index: int) -> QRectF:
        return QRectF(_PAD, _PAD / 2 + index * _ROW, self.width() - 2 * _PAD, _ROW)

    def _paint_reading(self, painter: QPainter, row: QRectF, reading: Reading) -> None:
        painter.setPen(reading.spec.pen())
        painter.drawLine(QLineF(row.left(), row.center().y(), row.left() + _KEY - 7, row.center().y()))
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(theme.color("text"))
        painter.drawText(row.adjusted(_KEY, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, reading.spec.label)
        painter.setFont(theme.font(theme.SMALL, weight=500))
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, reading.text)
