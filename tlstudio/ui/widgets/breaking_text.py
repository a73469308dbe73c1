"""Words that may hold long names: painted with places to break them, copied as they are."""

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QWidget

from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr

_BREAK_AFTER = re.compile(r"([_/.])(?=\w)")


class BreakingText(Text):
    """Wraps inside long names too. It is copied whole with the right button: a selection would take the places to break with it."""

    def __init__(self, text: str = "", *, role: str = "body", parent: QWidget | None = None) -> None:
        super().__init__(role=role, wrap=True, parent=parent)
        copy = QAction(tr("Copy"), self)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.whole_text()))
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show `text`."""
        self._whole = text
        self.setAccessibleName(text)
        self.setText(_BREAK_AFTER.sub("\\1\u200b", text))

    def whole_text(self) -> str:
        """The text as it was given."""
        return self._whole
