"""Paints the name of a network with the quiet name of its published set behind it."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from tlstudio.ui import theme
from tlstudio.ui.widgets.table import BadgeDelegate
from tlstudio.ui.zoo.table_model import SECOND_ROLE

_PAD_PX, _GAP_PX = 10, 7


class NameDelegate(BadgeDelegate):
    """Names are written with weight; what follows them gives way first."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        bare = QStyleOptionViewItem(option)
        bare.state &= ~QStyle.StateFlag.State_HasFocus
        self.initStyleOption(bare, index)
        name, bare.text = bare.text, ""
        bare.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, bare, painter, bare.widget)
        area = option.rect.adjusted(_PAD_PX, 0, -_PAD_PX, 0)
        painter.save()
        used = _write(painter, area, name, weight=500, token="text")
        second = index.data(SECOND_ROLE)
        rest = area.adjusted(used + _GAP_PX, 0, 0, 0)
        if second and rest.width() > 24:
            _write(painter, rest, second, weight=400, token="muted")
        painter.restore()


def _write(painter: QPainter, area: QRect, text: str, *, weight: int, token: str) -> int:
    """The width that was used."""
    font = theme.font(theme.BODY if weight > 400 else theme.SMALL, weight=weight)
    metrics = QFontMetrics(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.setFont(font)
    painter.setPen(theme.color(token))
    painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
    return metrics.horizontalAdvance(shown)
