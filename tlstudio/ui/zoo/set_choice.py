"""The sets of weights in a folder of several, each with a tick: which of them to look at."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_2, SPACE_4
from tlstudio.ui.widgets.eliding import shortened
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import in_menu, number, size, tr
from tlstudio.ui.zoo.detail_card import WIDTH_PX

if TYPE_CHECKING:
    from tlstudio.zoo.sets import WeightsSet

_MAX_TICKED = 3
"""Of so few all are ticked at first; from a whole cache a person picks."""
_NAME_PX = WIDTH_PX - 2 * SPACE_4 - 100
"""Beside the tick and the size."""


class SetChoice(QWidget):
    """A tick at each set; the card around it scrolls."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = Text(role="body", wrap=True)
        self.ticks: list[QCheckBox] = []
        self._paths: list[Path] = []
        self._rows = QWidget()
        self._list = QVBoxLayout(self._rows)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(SPACE_2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addWidget(self.words)
        column.addWidget(self._rows)

    def show_sets(self, sets: "Sequence[WeightsSet]") -> None:
        """Exactly these."""
        text = tr("There are {n} sets of weights here. Which do you want? Each is shown before it is imported.", n=number(len(sets)))
        self.words.setText(text)
        while (item := self._list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._paths = [item.path for item in sets]
        self.ticks = [self._add(item, ticked=len(sets) <= _MAX_TICKED) for item in sets]

    def chosen(self) -> list[Path]:
        """Where the ticked ones are, in their order."""
        return [path for tick, path in zip(self.ticks, self._paths, strict=True) if tick.isChecked()]

    def _add(self, item: "WeightsSet", *, ticked: bool) -> QCheckBox:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        tick = QCheckBox()
        tick.setText(in_menu(shortened(item.name, tick.fontMetrics(), _NAME_PX)))
        tick.setAccessibleName(item.name)
        tick.setToolTip(str(item.path))
        tick.setChecked(ticked)
        tick.toggled.connect(self.changed)
        line.addWidget(tick, 1)
        line.addWidget(Text(size(item.size_bytes), role="muted"))
        self._list.addWidget(row)
        return tick
