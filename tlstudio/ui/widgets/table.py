"""How every table looks: rows of one height, thin lines, figures on the right, words for states on soft grounds."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from tlstudio.ui import theme
from tlstudio.ui.widgets.eliding import shortened

ROW_HEIGHT = 34
TONE_ROLE = Qt.ItemDataRole.UserRole + 40
"""A cell that answers this with a tone shows its text as a badge."""

Index = QModelIndex | QPersistentModelIndex

_LIKE_SELECTED = ("accent_soft", "sunk")
"""Grounds of badges that cannot be seen on that of a selected row."""


def style_table(view: QTableView, *, name: str) -> None:
    """Set up a table: whole rows are selected, no grid, a screen-reader name."""
    view.setAccessibleName(name)
    view.setShowGrid(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setTabKeyNavigation(False)
    view.setWordWrap(False)
    view.setMouseTracking(True)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    header = view.horizontalHeader()
    header.setFixedHeight(ROW_HEIGHT)
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    view.setItemDelegate(BadgeDelegate(view))


class BadgeDelegate(QStyledItemDelegate):
    """Paints cells that have a tone as a badge, all others as they are."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        option.state &= ~QStyle.StateFlag.State_HasFocus
        tone = index.data(TONE_ROLE)
        text = index.data(Qt.ItemDataRole.DisplayRole) or ""
        if not tone or not text:
            super().paint(painter, option, index)
            return
        bare = QStyleOptionViewItem(option)
        self.initStyleOption(bare, index)
        bare.text = ""
        bare.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, bare, painter, bare.widget)
        paint_badge(
            painter,
            option.rect.adjusted(10, 0, -6, 0).toRectF(),
            str(text),
            tone=str(tone),
            is_selected=bool(option.state & QStyle.StateFlag.State_Selected),
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width() + 8, ROW_HEIGHT)


def paint_badge(painter: QPainter, area: QRectF, text: str, *, tone: str, is_selected: bool = False) -> None:
    """A badge at the left of `area`, in its middle."""
    font = theme.font(theme.TINY)
    metrics = QFontMetrics(font)
    shown = shortened(text, metrics, int(area.width()) - 14)
    box = QRectF(area.left(), area.center().y() - 9, metrics.horizontalAdvance(shown) + 14, 18)
    ground, ink = badge_colors(tone)
    if is_selected and ground in _LIKE_SELECTED:
        ground = "surface"
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(ground))
    painter.drawRoundedRect(box, 5, 5)
    painter.setFont(font)
    painter.setPen(theme.color(ink))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
    painter.restore()


def badge_colors(tone: str) -> tuple[str, str]:
    """The tokens of a badge's ground and ink."""
    if tone == "accent":
        return "accent_soft", "accent"
    if tone in ("good", "warn", "bad"):
        return f"{tone}_soft", f"{tone}_text"
    return "sunk", "muted"
