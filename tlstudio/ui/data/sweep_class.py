"""A class as a sweep shows it: its key, colour and name; a click does what the key does."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from tlstudio.ui import theme
from tlstudio.ui.data.viewmodel import ClassRow
from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.words import tr

_ROW_PX = 32
_KEY_PX = 20


class SweepClass(QPushButton):
    """Checked where the image that is shown has this class."""

    def __init__(self, row: ClassRow, parent: QWidget | None = None) -> None:
        super().__init__(row.name, parent)
        self.row = row
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_ROW_PX)
        self.setAccessibleName(row.name if row.key is None else tr("{name}, key {key}", name=row.name, key=row.key))
        self.setToolTip(row.name)

    def sizeHint(self) -> QSize:
        return QSize(120, _ROW_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, _ROW_PX)

    def nextCheckState(self) -> None:
        """A click sets the class of the image and with it the mark, never the other way round."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft" if self.isChecked() else "sunk"))
            painter.drawRoundedRect(area, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.drawRoundedRect(area, 6, 6)
        self._paint_key(painter, area)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.class_color(self.row.position))
        painter.drawEllipse(QRectF(_KEY_PX + 2 * SPACE_2, area.center().y() - 5, 10, 10))
        left = _KEY_PX + 2 * SPACE_2 + 10 + SPACE_2
        room = QRectF(left, 0, area.right() - left - SPACE_2, self.height())
        painter.setFont(theme.font(theme.BODY))
        painter.setPen(theme.color("text"))
        words = QFontMetrics(painter.font()).elidedText(self.row.name, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_key(self, painter: QPainter, area: QRectF) -> None:
        if self.row.key is None:
            return
        key = QRectF(SPACE_2, area.center().y() - _KEY_PX / 2, _KEY_PX, _KEY_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent" if self.isChecked() else "sunk"))
        painter.drawRoundedRect(key, 5, 5)
        painter.setFont(theme.font(theme.TINY))
        painter.setPen(theme.color("on_accent" if self.isChecked() else "muted"))
        painter.drawText(key, Qt.AlignmentFlag.AlignCenter, str(self.row.key))
