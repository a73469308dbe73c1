"""Labels in the few roles that the type scale knows."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from tlstudio.ui.widgets.eliding import ELLIPSIS, shortened


def set_look(widget: QWidget, **properties: str) -> None:
    """Set properties the style sheet chooses by, and let it choose again."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Text(QLabel):
    """Plain text in a role: display, title, heading, strong, body, muted, fine, small, tiny, figure, accent, warn, bad, good."""

    def __init__(self, text: str = "", *, role: str = "body", wrap: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setWordWrap(wrap)
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
            # Setting a policy takes this away from a label, and its last lines with it.
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def set_role(self, role: str) -> None:
        """Show it in another role."""
        set_look(self, role=role)


class ElidedText(Text):
    """One line that ends in an ellipsis where there is no room; the whole text is its tool tip then."""

    def __init__(
        self,
        text: str = "",
        *,
        role: str = "body",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        by_parts: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(role=role, parent=parent)
        self._whole = self._short = self._lead = ""
        self._mode = mode
        self._by_parts = by_parts
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def set_text(self, text: str, *, short: str = "", lead: str = "") -> None:
        """Show `text`, as much of it as there is room for.

        `short`, where that is given, stands for it once `lead`, what it begins with and is read for, has no room; without `lead`,
        once the whole has none.
        """
        if (text, short, lead) == (self._whole, self._short, self._lead):
            return
        self._whole, self._short, self._lead = text, short, lead
        self.setAccessibleName(text)
        self._elide()

    def whole_text(self) -> str:
        """The text before it was shortened."""
        return self._whole

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, QFontMetrics(self.font()).height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.ensurePolished()
        metrics, room = QFontMetrics(self.font()), max(0, self.width())
        needed = f"{self._lead}{ELLIPSIS}" if self._lead not in ("", self._whole) else self._whole
        words = self._whole if not self._short or metrics.horizontalAdvance(needed) <= room else self._short
        is_right = self._mode is Qt.TextElideMode.ElideRight
        shown = shortened(words, metrics, room, by_parts=self._by_parts) if is_right else metrics.elidedText(words, self._mode, room)
        self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")


def rule(parent: QWidget | None = None) -> QFrame:
    """A thin line between two parts of a card."""
    line = QFrame(parent)
    line.setProperty("look", "rule")
    line.setFixedHeight(1)
    return line
