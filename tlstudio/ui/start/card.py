"""One card of the start page: four pictures, a title with a badge, a line."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tlstudio.ui import theme
from tlstudio.ui.start.viewmodel import CardView
from tlstudio.ui.theme import SPACE_1, SPACE_2, SPACE_3
from tlstudio.ui.widgets.badge import Badge
from tlstudio.ui.widgets.text import ElidedText, Text

_PICTURES = 4
_HEIGHT = 142


class ProjectCard(QPushButton):
    """A button that looks like a card."""

    def __init__(self, view: CardView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.setProperty("look", "project")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{view.title}, {view.badge}, {view.line}")
        self.setToolTip(str(view.path) if view.path else "")
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_3, SPACE_3, SPACE_3, SPACE_3)
        column.setSpacing(0)
        column.addWidget(_Pictures(view))
        column.addSpacing(SPACE_2)
        row = QHBoxLayout()
        row.setSpacing(SPACE_2)
        row.addWidget(ElidedText(view.title, role="strong"), 1)
        row.addWidget(Badge(view.badge, tone=view.tone))
        column.addLayout(row)
        line = Text(view.line, role="muted", wrap=True)
        line.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        column.addWidget(line, 1)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QSize(243, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, _HEIGHT)


class _Pictures(QWidget):
    """Four pictures side by side; empty places stay quiet."""

    def __init__(self, view: CardView) -> None:
        super().__init__()
        self._images = view.images
        self.setFixedHeight(53)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        side = min(53.0, (self.width() - (_PICTURES - 1) * SPACE_1) / _PICTURES)
        for place in range(_PICTURES):
            box = QRectF(place * (self.width() - side) / (_PICTURES - 1), 0, side, side)
            if place < len(self._images):
                painter.drawImage(box, self._images[place])
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("sunk"))
                painter.drawRoundedRect(box, 6, 6)
