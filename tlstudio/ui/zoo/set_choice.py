"""The sets of weights in a folder of several, each with a tick: which of them to look at."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import number, size, tr

if TYPE_CHECKING:
    from tlstudio.zoo.sets import WeightsSet

_MAX_TICKED = 3
"""Of so few all are ticked at first; from a whole cache a person picks."""


class SetChoice(QWidget):
    """A list with a tick at each set."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = Text(role="body", wrap=True)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Sets of weights"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.itemChanged.connect(lambda _item: self.changed.emit())
        self._paths: list[Path] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addWidget(self.words)
        column.addWidget(self.list, 1)

    def show_sets(self, sets: "Sequence[WeightsSet]") -> None:
        """Exactly these."""
        self.words.setText(
            tr("There are {n} sets of weights here. Which do you want? Each is shown before it is imported.", n=number(len(sets)))
        )
        self._paths = [item.path for item in sets]
        self.list.clear()
        for item in sets:
            row = QListWidgetItem(tr("{name} · {size}", name=item.name, size=size(item.size_bytes)))
            row.setToolTip(str(item.path))
            row.setCheckState(Qt.CheckState.Checked if len(sets) <= _MAX_TICKED else Qt.CheckState.Unchecked)
            self.list.addItem(row)

    def chosen(self) -> list[Path]:
        """Where the ticked ones are, in their order."""
        rows = zip(range(self.list.count()), self._paths, strict=True)
        return [path for row, path in rows if self.list.item(row).checkState() is Qt.CheckState.Checked]
