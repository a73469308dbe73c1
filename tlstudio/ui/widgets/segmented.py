"""A choice of a few words side by side."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QButtonGroup, QFrame, QHBoxLayout, QPushButton, QWidget

_KEYS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
_AGAIN = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class Segment(QPushButton):
    """A word of a choice; it knows whether keys brought the focus to it, for only then it has a frame."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setProperty("look", "segment")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        self.setAccessibleName(text)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() not in _AGAIN:
            self.setProperty("framed", event.reason() in _KEYS)
            self.style().unpolish(self)
            self.style().polish(self)
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        focused = QApplication.focusWidget()
        if isinstance(focused, Segment) and focused.parent() is self.parent():
            self.setFocus(Qt.FocusReason.MouseFocusReason)  # or it would stay on a word that is no longer the chosen one


class Segmented(QFrame):
    """Segments of which exactly one is chosen; arrow keys move between them."""

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "sunk")
        self.setAccessibleName(name)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(3, 3, 3, 3)
        self._row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._segments: dict[str, Segment] = {}

    def add(self, id: str, text: str) -> None:
        """One more segment; the first one is chosen."""
        segment = Segment(text, self)
        segment.clicked.connect(lambda _checked=False: self.chosen.emit(id))
        self._group.addButton(segment)
        self._segments[id] = segment
        self._row.addWidget(segment, 1)
        segment.setChecked(len(self._segments) == 1)

    def choose(self, id: str) -> None:
        """Mark a segment as chosen without telling anybody."""
        self._segments[id].setChecked(True)

    def current(self) -> str:
        """The id of the chosen segment."""
        return next((id for id, segment in self._segments.items() if segment.isChecked()), "")

    def segment(self, id: str) -> QPushButton:
        """The button of a segment."""
        return self._segments[id]
