"""Pills of which one is chosen, each with an optional count."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.widgets.flow import FlowLayout
from tlstudio.ui.words import number


class ChipBar(QWidget):
    """A row of pills; arrow keys move between them."""

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._row = FlowLayout(spacing=SPACE_2, line_spacing=SPACE_1 + 2, parent=self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._chips: dict[str, QPushButton] = {}
        self._texts: dict[str, str] = {}

    def add(self, id: str, text: str, *, count: int | None = None) -> None:
        """One more pill on the right; the first one is chosen."""
        chip = QPushButton(self)
        chip.setProperty("look", "chip")
        chip.setCheckable(True)
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.setAutoDefault(False)
        chip.clicked.connect(lambda _checked=False: self.chosen.emit(id))
        self._group.addButton(chip)
        self._chips[id] = chip
        self._texts[id] = text
        self._row.addWidget(chip)
        chip.setChecked(len(self._chips) == 1)
        self.set_count(id, count)

    def set_count(self, id: str, count: int | None) -> None:
        """The number behind a pill's word; None shows none."""
        text = self._texts[id]
        shown = text if count is None else f"{text} {number(count)}"
        self._chips[id].setText(shown)
        self._chips[id].setAccessibleName(shown)

    def set_text(self, id: str, text: str) -> None:
        """Another word on a pill."""
        self._texts[id] = text
        self.set_count(id, None)

    def set_visible(self, id: str, visible: bool) -> None:
        """Show or hide one pill."""
        self._chips[id].setVisible(visible)

    def choose(self, id: str) -> None:
        """Mark a pill as chosen without telling anybody."""
        self._chips[id].setChecked(True)

    def current(self) -> str:
        """The id of the chosen pill."""
        return next((id for id, chip in self._chips.items() if chip.isChecked()), "")

    def chip(self, id: str) -> QPushButton:
        """The button of a pill."""
        return self._chips[id]
