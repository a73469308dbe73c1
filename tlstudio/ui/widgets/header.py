"""The top of a panel: its title, the object it speaks of, at most three buttons."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from tlstudio.ui.theme import CONTROL_HEIGHT, SPACE_2, SPACE_3
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.text import ElidedText, Text


class PanelHeader(QWidget):
    """Title and subject on the left, controls on the right; exactly one button should be primary."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(CONTROL_HEIGHT)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE_3 - 2)
        self.title = Text(title, role="title")
        self._row.addWidget(self.title)
        self._left = QHBoxLayout()
        self._left.setSpacing(SPACE_2)
        self._row.addLayout(self._left)
        self.subject = ElidedText(role="muted")
        self._row.addWidget(self.subject, 1)

    def set_subject(self, subject: str, *, short: str = "", lead: str = "") -> None:
        """The object the panel speaks of, such as "epoch 9 of 14 · about 1 min left"; `short` where `lead`, its beginning, has no room."""
        self.subject.set_text(subject, short=short, lead=lead)

    def add_left(self, widget: QWidget) -> None:
        """A control right behind the title, such as the choice of a run."""
        self._left.addWidget(widget)

    def add_widget(self, widget: QWidget) -> None:
        """A control on the right."""
        self._row.addWidget(widget)

    def add_button(self, text: str, kind: str = "plain", on_click: Callable[[], object] | None = None) -> QPushButton:
        """A button on the right; the last one added stands outermost."""
        result = button(text, kind=kind, on_click=on_click)
        self._row.addWidget(result)
        return result
