"""One setting: its name, one plain sentence, its control."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_2, SPACE_4
from tlstudio.ui.widgets.text import Text


class SettingRow(QWidget):
    """Words on the left, controls on the right."""

    def __init__(self, title: str, sentence: str, *controls: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Text(title, role="strong"))
        self.sentence = Text(sentence, role="muted", wrap=True)
        words.addWidget(self.sentence)
        row = QGridLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setHorizontalSpacing(SPACE_4)
        row.setColumnStretch(0, 1)
        row.addLayout(words, 0, 0)
        right = QHBoxLayout()
        right.setSpacing(SPACE_2)
        for control in controls:
            right.addWidget(control)
        row.addLayout(right, 0, 1, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
