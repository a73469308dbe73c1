"""A column that scrolls when it is too tall; its content keeps its width when the bar appears, so that nothing wraps anew."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_3, SPACE_4

_BAR_PX = 10


class ScrollColumn(QScrollArea):
    """Add content to `column`."""

    def __init__(self, *, spacing: int = SPACE_3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.content = QWidget()
        self.column = QVBoxLayout(self.content)
        self.column.setSpacing(spacing)
        self.setWidget(self.content)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)
        self._on_range(0, 0)

    def _on_range(self, _low: int, high: int) -> None:
        self.column.setContentsMargins(SPACE_4, SPACE_4, SPACE_4 - (_BAR_PX if high else 0), SPACE_4)
