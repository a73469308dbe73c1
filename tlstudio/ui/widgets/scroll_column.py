"""A column that scrolls when it is too tall; its content keeps its width when the bar appears, so that nothing wraps anew."""

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_3, SPACE_4

_BAR_PX = 10


class ScrollColumn(QScrollArea):
    """Add content to `column`. Lists within it that scroll themselves give way first; it scrolls when they are as low as they may be."""

    def __init__(self, *, spacing: int = SPACE_3, margin: int = SPACE_4, right: int | None = None, parent: QWidget | None = None) -> None:
        """`right` is the margin on the side of the bar, where it is another."""
        super().__init__(parent)
        self._margin = margin
        self._right = margin if right is None else right
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.content = _Content()
        self.column = QVBoxLayout(self.content)
        self.column.setSpacing(spacing)
        self.setWidget(self.content)
        self._kept: QWidget | None = None
        self._revealing = QTimer(self, singleShot=True, interval=0)  # once everything has its place
        self._revealing.timeout.connect(self._reveal_kept)
        self.verticalScrollBar().actionTriggered.connect(self._let_go)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)
        self._on_range(0, 0)

    def reveal(self, widget: QWidget) -> None:
        """Scroll so far that it is seen with some room around it; never to the side."""
        self.ensureWidgetVisible(widget, 0, SPACE_4)
        self.horizontalScrollBar().setValue(0)

    def keep_in_sight(self, widget: QWidget) -> None:
        """Reveal it, and again whenever what is above it gets another height, until a person scrolls or it is hidden."""
        self._kept = widget
        self._revealing.start()

    def _reveal_kept(self) -> None:
        if self._kept is not None and self._kept.isVisible():
            self.reveal(self._kept)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._let_go()
        super().wheelEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._let_go()
        super().hideEvent(event)

    def _let_go(self, _action: int = 0) -> None:
        self._kept = None

    def _on_range(self, _low: int, high: int) -> None:
        margin = self._margin
        self.column.setContentsMargins(margin, margin, max(0, self._right - (_BAR_PX if high else 0)), margin)
        self._revealing.start()


class _Content(QWidget):
    def minimumSizeHint(self) -> QSize:
        """Only the width: what wraps is counted for the width there is, and Qt would count it for a narrow one as well."""
        size, layout = super().minimumSizeHint(), self.layout()
        return QSize(size.width(), 0) if layout is not None and layout.hasHeightForWidth() else size

    def heightForWidth(self, width: int) -> int:
        """The least height: the scroll area takes this for the least, and Qt would name the one it likes best."""
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout is not None and layout.hasHeightForWidth() else -1
