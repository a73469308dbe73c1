"""The slider that sets what is frozen: a stop in the gap behind each stage."""

from bisect import bisect_left

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from tlstudio.ui import theme
from tlstudio.ui.words import tr

_TRACK_Y, _GROOVE_PX, _HANDLE_PX = 13.0, 5.0, 9.0
_HEIGHT_PX = 46
_CENTRE = Qt.AlignmentFlag.AlignCenter


class FreezeSlider(QSlider):
    """Value: how many stages are frozen, from "train everything" to "head only". Arrows, Home and End move it, as any slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._stops: tuple[float, ...] = ()
        self._right = 0.0
        self._words = ""
        self.setAccessibleName(tr("Frozen stages"))
        self.setPageStep(1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("look", "stops")  # the style sheet has its height

    def show_state(self, value: int, *, maximum: int, words: str) -> None:
        """Stand at a stop without telling anybody."""
        self.blockSignals(True)
        self.setRange(0, maximum)
        self.setValue(value)
        self.blockSignals(False)
        self._words = words
        self.setAccessibleDescription(words)
        self.setEnabled(maximum > 0)
        self.update()

    def set_stops(self, stops: tuple[float, ...], right: float) -> None:
        """Where the stops are, in pixels, and where the track ends."""
        self._stops, self._right = stops, right
        self.update()

    @property
    def words(self) -> str:
        """What stands below the handle."""
        return self._words

    @property
    def stops(self) -> tuple[float, ...]:
        """Where the handle may stand."""
        return self._stops

    def sizeHint(self) -> QSize:
        return QSize(300, _HEIGHT_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._stops:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        here = self._stops[min(self.value(), len(self._stops) - 1)]
        left, right = self._stops[0], self._right
        painter.setPen(Qt.PenStyle.NoPen)
        for end, colour in ((right, "line"), (here, "muted")):
            painter.setBrush(theme.color(colour))
            painter.drawRoundedRect(QRectF(left, _TRACK_Y - _GROOVE_PX / 2, end - left, _GROOVE_PX), _GROOVE_PX / 2, _GROOVE_PX / 2)
        painter.setBrush(theme.color("accent"))
        painter.setPen(QPen(theme.color("text" if self.hasFocus() else "surface"), 2))
        painter.drawEllipse(QPointF(min(max(here, _HANDLE_PX), right - _HANDLE_PX), _TRACK_Y), _HANDLE_PX, _HANDLE_PX)
        self._paint_words(painter, left, here, right)
        painter.end()

    def _paint_words(self, painter: QPainter, left: float, here: float, right: float) -> None:
        area = QRectF(left, _HEIGHT_PX - 20, right - left, 18)
        painter.setFont(theme.font(theme.TINY, weight=600))
        wide = painter.fontMetrics().horizontalAdvance(self._words) + 4
        middle = min(max(here, left + wide / 2), right - wide / 2)
        mine = QRectF(middle - wide / 2, area.top(), wide, 18)
        painter.setPen(theme.color("text"))
        painter.drawText(mine, _CENTRE, self._words)
        painter.setFont(theme.font(theme.TINY))
        painter.setPen(theme.color("muted"))
        for words, side in ((tr("train everything"), Qt.AlignmentFlag.AlignLeft), (tr("head only"), Qt.AlignmentFlag.AlignRight)):
            room = painter.fontMetrics().horizontalAdvance(words)
            at = QRectF(left if side is Qt.AlignmentFlag.AlignLeft else right - room, area.top(), room, 18)
            if not at.adjusted(-12, 0, 12, 0).intersects(mine):
                painter.drawText(at, _CENTRE, words)

    def _go(self, x: float) -> None:
        """To the nearest stop."""
        if self._stops:
            middles = [(one + next) / 2 for one, next in zip(self._stops, self._stops[1:], strict=False)]
            self.setValue(bisect_left(middles, x))
