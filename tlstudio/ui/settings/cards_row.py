"""How many graphics cards train one network together; there only where this computer has several."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QFrame

from tlstudio.ui.settings.row import SettingRow
from tlstudio.ui.widgets.text import rule
from tlstudio.ui.words import tr, tr_n


class CardsRow(SettingRow):
    """Renders the number that was chosen, of as many as there are."""

    def __init__(self, *, on_chosen: Callable[[int], None]) -> None:
        self.number = QComboBox()
        self.number.setAccessibleName(tr("Graphics cards for one training"))
        self.number.activated.connect(lambda index: on_chosen(self.number.itemData(index)))
        super().__init__(
            tr("Graphics cards for one training"),
            tr("They share each step of a fine-tuning, and none of them is free for another run meanwhile."),
            self.number,
        )
        self.rule: QFrame = rule()
        self.show_cards(0, 1)

    def show_cards(self, num_cards: int, chosen: int) -> None:
        """Offer 1 to `num_cards`."""
        with QSignalBlocker(self.number):
            self.number.clear()
            for number in range(1, max(1, num_cards) + 1):
                self.number.addItem(tr_n("{n} card", "{n} cards", number), number)
            self.number.setCurrentIndex(self.number.findData(min(chosen, max(1, num_cards))))
        self.setVisible(num_cards > 1)
        self.rule.setVisible(num_cards > 1)
