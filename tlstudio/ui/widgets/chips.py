"""Pills of which one is chosen, each with an optional count."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from tlstudio.ui.theme import SPACE_1, SPACE_2
from tlstudio.ui.widgets.flow import FlowLayout
from tlstudio.ui.words import number, tr


class ChipBar(QWidget):
    """A row of pills; arrow keys move between them."""

    chosen = Signal(str)
    toggled = Signal(str, bool)
    """A pill that stands for itself is wanted, or no longer."""
    removed = Signal(str)
    """A pill that was set beside the choice was clicked."""

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
        chip = self._new_chip(id)
        chip.clicked.connect(lambda _checked=False: self.chosen.emit(id))
        self._group.addButton(chip)
        self._texts[id] = text
        chip.setChecked(len(self._chips) == 1)
        self.set_count(id, count)

    def add_toggle(self, id: str, text: str) -> None:
        """A pill beside the choice that is on or off by itself."""
        chip = self._new_chip(id)
        chip.clicked.connect(lambda checked: self.toggled.emit(id, checked))
        self._texts[id] = text
        self.set_count(id, None)

    def set_on(self, id: str, *, is_on: bool) -> None:
        """Mark such a pill without telling anybody."""
        self._chips[id].setChecked(is_on)

    def add_widget(self, widget: QWidget) -> None:
        """Something else behind the pills; it goes to the next line with them."""
        self._row.addWidget(widget)

    def add_removable(self, id: str) -> None:
        """A pill beside the choice, for something that narrows it; not there until it has a word."""
        chip = self._new_chip(id)
        chip.clicked.connect(lambda _checked=False: self.removed.emit(id))
        self.show_removable(id, "")

    def show_removable(self, id: str, text: str) -> None:
        """The word of such a pill; without one it is gone."""
        chip = self._chips[id]
        chip.setText(tr("{what} ×", what=text).replace("&", "&&"))
        chip.setAccessibleName(tr("Only {what}: take this filter away", what=text))
        chip.setChecked(True)
        chip.setVisible(bool(text))

    def _new_chip(self, id: str) -> QPushButton:
        chip = QPushButton(self)
        chip.setProperty("look", "chip")
        chip.setCheckable(True)
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.setAutoDefault(False)
        self._chips[id] = chip
        self._row.addWidget(chip)
        return chip

    def set_count(self, id: str, count: int | None) -> None:
        """The number behind a pill's word; None shows none."""
        text = self._texts[id]
        shown = text if count is None else f"{text} {number(count)}"
        self._chips[id].setText(shown)
        self._chips[id].setAccessibleName(shown)

    def choose(self, id: str) -> None:
        """Mark a pill as chosen without telling anybody; none where `id` is empty."""
        self._group.setExclusive(False)
        for chip in self._group.buttons():
            chip.setChecked(chip is self._chips.get(id))
        self._group.setExclusive(True)

    def current(self) -> str:
        """The id of the chosen pill."""
        return next((id for id, chip in self._chips.items() if chip.isChecked() and chip.group() is not None), "")

    def chip(self, id: str) -> QPushButton:
        """The button of a pill."""
        return self._chips[id]
