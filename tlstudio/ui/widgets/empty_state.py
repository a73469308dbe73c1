"""What stands where there is nothing yet: what belongs here, one sentence, one button."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_2, SPACE_4
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.icon import Icon
from tlstudio.ui.widgets.text import Text


class EmptyState(QWidget):
    """A title, a sentence and at most one button, in the middle of what room there is."""

    def __init__(
        self,
        title: str,
        sentence: str,
        button_text: str = "",
        on_click: Callable[[], object] | None = None,
        *,
        icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setSpacing(SPACE_2)
        column.addStretch(1)
        if icon:
            column.addWidget(Icon(icon, size_px=32), 0, Qt.AlignmentFlag.AlignHCenter)
            column.addSpacing(SPACE_2)
        self.title = Text(title, role="heading")
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence = Text(sentence, role="muted", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setFixedWidth(420)
        column.addWidget(self.title, 0, Qt.AlignmentFlag.AlignHCenter)
        # A row of its own: aligned in the column, its lines would be counted at the width of the column.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.sentence)
        row.addStretch(1)
        column.addLayout(row)
        self.button = button(button_text, kind="plain", on_click=on_click, name=button_text or title)
        self.button.setVisible(bool(button_text))
        column.addSpacing(SPACE_4 - SPACE_2)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def set_words(self, title: str, sentence: str) -> None:
        """Say something else."""
        self.title.setText(title)
        self.sentence.setText(sentence)
