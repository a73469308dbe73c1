"""Cells of a table with a quiet second line below the first, and names that keep both of their ends where there is little room."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from tlstudio.ui import theme
from tlstudio.ui.widgets.eliding import shortened
from tlstudio.ui.widgets.table import TONE_ROLE, BadgeDelegate, paint_badge

Index = QModelIndex | QPersistentModelIndex

SECOND_LINE_ROLE = Qt.ItemDataRole.UserRole + 42
"""What stands below the text of a cell; a cell that answers None has one line."""
SHORT_ROLE = Qt.ItemDataRole.UserRole + 43
"""What the first line is where the whole text has no room."""
SECOND_SHORT_ROLE = Qt.ItemDataRole.UserRole + 44
"""What stands below where the whole second line has no room."""
TWO_LINES_HEIGHT = 46
LEFT_PX, RIGHT_PX, _TOP_PX, _LINE_PX, _SECOND_PX = 10, 6, 5, 20, 16


class TwoLineDelegate(BadgeDelegate):
    """Paints the lines of a cell; one line alone stands in the middle."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        second = index.data(SECOND_LINE_ROLE)
        if not second:
            super().paint(painter, option, index)
            return
        option.state &= ~QStyle.StateFlag.State_HasFocus
        bare = QStyleOptionViewItem(option)
        self.initStyleOption(bare, index)
        text, bare.text = bare.text, ""
        bare.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, bare, painter, bare.widget)
        room = option.rect.adjusted(LEFT_PX, _TOP_PX, -RIGHT_PX, 0).toRectF()
        side = Qt.AlignmentFlag.AlignRight if bare.displayAlignment & Qt.AlignmentFlag.AlignRight else Qt.AlignmentFlag.AlignLeft
        if side is Qt.AlignmentFlag.AlignRight:
            room.adjust(-LEFT_PX + RIGHT_PX, 0, RIGHT_PX - LEFT_PX, 0)
        first, below = QRectF(room), QRectF(room)
        first.setHeight(_LINE_PX)
        below.setTop(first.bottom())
        below.setHeight(_SECOND_PX)
        tone = index.data(TONE_ROLE)
        painter.save()
        if tone:
            paint_badge(painter, first, text, tone=str(tone), is_selected=bool(option.state & QStyle.StateFlag.State_Selected))
        else:
            _line(painter, first, _name(text, index.data(SHORT_ROLE) or text, bare.font, first.width()), bare.font, "text", side)
        small = theme.font(theme.TINY)
        metrics, short = QFontMetrics(small), index.data(SECOND_SHORT_ROLE)
        if short and metrics.horizontalAdvance(str(second)) > below.width():
            second = short
        _line(painter, below, shortened(str(second), metrics, int(below.width()), by_parts=False), small, "muted", side)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), TWO_LINES_HEIGHT)


def _line(painter: QPainter, place: QRectF, text: str, font: QFont, token: str, side: Qt.AlignmentFlag) -> None:
    painter.setFont(font)
    painter.setPen(theme.color(token))
    painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, text)


def _name(text: str, short: str, font: QFont, room_px: float) -> str:
    """The whole where it has room, else the short one, in need cut in its middle: names of networks begin alike."""
    metrics = QFontMetrics(font)
    return text if metrics.horizontalAdvance(text) <= room_px else metrics.elidedText(short, Qt.TextElideMode.ElideMiddle, int(room_px))
