"""How a cell and the names of a confusion matrix are painted: colour repeats what the number says."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tlstudio.ui import theme
from tlstudio.ui.evaluate.matrix_model import CELL_ROLE, CellLook, Index

SMALL_CELL_PX = 40
TILTED_NAME_PX = 78
"""Height of the names over the columns where they stand upright for lack of width."""
_READABLE = 4.5
"""Contrast ratio of WCAG 2.1, level AA."""
_FAINTEST = 0.22
"""A cell with a single mistake among many images must still be seen."""


def cell_color(look: CellLook) -> QColor:
    """Blue for right answers, red for mistakes, stronger with the share of the row; nothing where there is no image."""
    if not look.count:
        return theme.color("sunk")
    if look.is_right:
        return mix(theme.color("sunk"), theme.color("accent"), 0.10 + 0.85 * look.share)
    return mix(theme.color("sunk"), theme.color("bad"), _FAINTEST + (0.9 - _FAINTEST) * look.share**0.5)


def ink_on(ground: QColor) -> QColor:
    """The ink of the theme that reads better; pure black or white on the middle shades where neither reads well."""
    best = max((theme.color("text"), theme.color("on_accent")), key=lambda ink: contrast(ink, ground))
    if contrast(best, ground) >= _READABLE:
        return best
    return max((QColor(Qt.GlobalColor.black), QColor(Qt.GlobalColor.white)), key=lambda ink: contrast(ink, ground))


def mix(one: QColor, other: QColor, share: float) -> QColor:
    """`share` (0..1) of `other` in `one`."""
    parts = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a + (b - a) * share) for a, b in parts))


def contrast(one: QColor, other: QColor) -> float:
    """The contrast ratio of WCAG 2.1, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: QColor) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (color.redF(), color.greenF(), color.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class CellDelegate(QStyledItemDelegate):
    """A rounded cell with its number; the chosen one has a frame."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look = index.data(CELL_ROLE)
        if look is None:
            return
        small = min(option.rect.width(), option.rect.height()) < SMALL_CELL_PX
        gap = 1.0 if small else 2.5
        box = QRectF(option.rect).adjusted(gap, gap, -gap, -gap)
        ground = cell_color(look)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 3 if small else 6, 3 if small else 6)
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(128, 128, 128, 28))
            painter.drawRoundedRect(box, 3 if small else 6, 3 if small else 6)
        self._paint_number(painter, box, str(index.data()), look, ground, small=small)
        if option.state & QStyle.StateFlag.State_Selected:
            _frame(painter, box, 3 if small else 6)
        painter.restore()

    def _paint_number(self, painter: QPainter, box: QRectF, text: str, look: CellLook, ground: QColor, *, small: bool) -> None:
        if small and not look.count:
            return
        painter.setFont(theme.font(theme.TINY if small else theme.BODY, weight=600 if look.count else 400))
        if QFontMetrics(painter.font()).horizontalAdvance(text) > box.width():
            painter.setFont(theme.font(9))
        painter.setPen(ink_on(ground) if look.count else theme.color("muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _frame(painter: QPainter, box: QRectF, radius: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("surface"), 4))
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius, radius)
    painter.setPen(QPen(theme.color("text"), 2))
    painter.drawRoundedRect(box.adjusted(0, 0, 0, 0), radius, radius)


class NameHeader(QHeaderView):
    """Names of classes beside or above the cells: muted, shortened, upright where the columns are narrow."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(12)
        self.setSectionsClickable(False)
        self.is_upright = False

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        name = str(self.model().headerData(section, self.orientation()) or "")
        painter.save()
        painter.fillRect(rect, theme.color("surface"))
        painter.setFont(theme.font(theme.SMALL if self.sectionSize(section) >= 22 else theme.TINY))
        painter.setPen(theme.color("muted"))
        metrics = QFontMetrics(painter.font())
        if self.is_upright:
            painter.translate(rect.center().x() + 1, rect.bottom() - 4)
            painter.rotate(-90)
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, rect.height() - 8)
            painter.drawText(0, metrics.ascent() // 2 - 1, shown)
        else:
            is_row = self.orientation() == Qt.Orientation.Vertical
            area = rect.adjusted(0, 0, -8, 0) if is_row else rect.adjusted(2, 0, -2, 0)
            side = Qt.AlignmentFlag.AlignRight if is_row else Qt.AlignmentFlag.AlignHCenter
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()
