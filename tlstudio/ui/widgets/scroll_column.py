"""A column that scrolls when it is too tall; its content keeps its width when the bar appears, so that nothing wraps anew."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_3, SPACE_4

_BAR_PX = 10


class ScrollColumn(QScrollArea):
    """Add content to `column`. Lists within it that scroll themselves give way first; it scrolls when they are as low as they may be."""

    def __init__(self, *, spacing: int = SPACE_3, margin: int = SPACE_4, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._margin = margin
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.content = _Content()
        self.column = QVBoxLayout(self.content)
        self.column.setSpacing(spacing)
        self.setWidget(self.content)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)
        self._on_range(0, 0)

    def _on_range(self, _low: int, high: int) -> None:
        margin = self._margin
        self.column.setContentsMargins(margin, margin, max(0, margin - (_BAR_PX if high else 0)), margin)


class _Content(QWidget):
    def heightForWidth(self, width: int) -> int:
        """The least height: the scroll area takes this for the least, and Qt would name the one it likes best."""
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout is not None and layout.hasHeightForWidth() else -1
