"""Paints the name of a network with the quiet name of its published set behind it: both stay told apart where there is little room."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from tlstudio.ui import theme
from tlstudio.ui.widgets.table import BadgeDelegate
from tlstudio.ui.zoo.table_model import SECOND_ROLE

_PAD_PX, _GAP_PX = 10, 7


class NameDelegate(BadgeDelegate):
    """Names are written with weight. Where both have no room, both are shortened in the middle: their ends tell them apart."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        bare = QStyleOptionViewItem(option)
        bare.state &= ~QStyle.StateFlag.State_HasFocus
        self.initStyleOption(bare, index)
        name, bare.text = bare.text, ""
        bare.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, bare, painter, bare.widget)
        area = option.rect.adjusted(_PAD_PX, 0, -_PAD_PX, 0)
        painter.save()
        shown, behind = fitting(name, index.data(SECOND_ROLE) or "", area.width())
        used = _write(painter, area, shown, _name_font(), token="text")
        _write(painter, area.adjusted(used + _GAP_PX, 0, 0, 0), behind, _second_font(), token="muted")
        painter.restore()


def fitting(name: str, second: str, room_px: int) -> tuple[str, str]:
    """What of both has room: the second gives way down to a third of the room, then the name does."""
    names, seconds = QFontMetrics(_name_font()), QFontMetrics(_second_font())
    middle = Qt.TextElideMode.ElideMiddle
    if not second:
        return names.elidedText(name, middle, room_px), ""
    for_second = min(seconds.horizontalAdvance(second) + 1, max(room_px // 3, room_px - names.horizontalAdvance(name) - _GAP_PX))
    shown = names.elidedText(name, middle, room_px - for_second - _GAP_PX)
    return shown, seconds.elidedText(second, middle, for_second)


def _name_font() -> QFont:
    return theme.font(theme.BODY, weight=500)


def _second_font() -> QFont:
    return theme.font(theme.SMALL, weight=400)


def _write(painter: QPainter, area: QRect, text: str, font: QFont, *, token: str) -> int:
    """The width that was used."""
    painter.setFont(font)
    painter.setPen(theme.color(token))
    painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
    return QFontMetrics(font).horizontalAdvance(text)
