"""One step in the rail: icon, title, a live second line, a mark."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from tlstudio.ui import theme
from tlstudio.ui.widgets.eliding import shortened
from tlstudio.ui.widgets.icon import icon_pixmap
from tlstudio.ui.words import tr

_HEIGHT, _HEIGHT_SINGLE = 54, 42
_TEXT_LEFT = 40
_MARK_ROOM = 28
_RIGHT = 8


class RailItem(QPushButton):
    """Painted by hand, because a button's label has one line only."""

    def __init__(self, icon: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._title = title
        self._line = ""
        self._mark = ""
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._name()

    def set_title(self, title: str) -> None:
        """Another title."""
        self._title = title
        self._name()

    def show_state(self, line: str, mark: str) -> None:
        """The second line, and a mark: "", "ok", "warn", "busy" or "paused"."""
        if (line, mark) == (self._line, self._mark):
            return
        self._line, self._mark = line, mark
        self._name()

    def state(self) -> tuple[str, str]:
        """The second line and the mark."""
        return self._line, self._mark

    def sizeHint(self) -> QSize:
        return QSize(theme.RAIL_WIDTH - 24, _HEIGHT if self._line else _HEIGHT_SINGLE)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.5)
        active = self.isChecked()
        self._paint_ground(painter, active)
        box = self.rect()
        pixmap = icon_pixmap(self._icon, token="accent" if active else "muted", ratio=self.devicePixelRatioF())
        painter.drawPixmap(QRectF(10, (box.height() - 20) / 2, 20, 20), pixmap, QRectF(pixmap.rect()))
        room = box.width() - _TEXT_LEFT - _RIGHT
        height = box.height() // 2 - 4
        beside = room - (_MARK_ROOM - _RIGHT if self._mark else 0)
        title = QRect(_TEXT_LEFT, 6, beside, height) if self._line else QRect(_TEXT_LEFT, 0, beside, box.height())
        _text(painter, title, self._title, theme.BODY, 500, "accent" if active else "text")
        if self._line:
            _text(painter, QRect(_TEXT_LEFT, box.height() // 2 + 1, room, height), self._line, theme.TINY, 400, "muted")
        self._paint_mark(painter, title)

    def _paint_ground(self, painter: QPainter, active: bool) -> None:
        if active or self.underMouse() or self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft" if active else "sunk"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)

    def _paint_mark(self, painter: QPainter, title: QRect) -> None:
        """Beside the title, so that the second line has the whole width."""
        place = QRect(self.width() - _MARK_ROOM, title.top(), _MARK_ROOM - 4, title.height())
        if self._mark == "ok":
            pixmap = icon_pixmap("check", token="good", size_px=16, ratio=self.devicePixelRatioF())
            painter.drawPixmap(QRectF(place.center().x() - 8, place.center().y() - 8, 16, 16), pixmap, QRectF(pixmap.rect()))
        elif self._mark == "warn":
            painter.setFont(theme.font(theme.HEADING, weight=700))
            painter.setPen(theme.color("warn"))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "!")
        elif self._mark in ("busy", "paused"):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("good" if self._mark == "busy" else "warn"))
            painter.drawEllipse(QRectF(place.center().x() - 4, place.center().y() - 4, 9, 9))

    def _name(self) -> None:
        marks = {"ok": tr("in order"), "warn": tr("needs attention"), "busy": tr("at work"), "paused": tr("paused")}
        parts = [self._title, self._line, marks.get(self._mark, "")]
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.setToolTip(self._line)
        self.updateGeometry()
        self.update()


def _text(painter: QPainter, place: QRect, text: str, pixels: int, weight: int, token: str) -> None:
    font = theme.font(pixels, weight=weight)
    painter.setFont(font)
    painter.setPen(theme.color(token))
    shown = shortened(text, QFontMetrics(font), place.width())
    painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
