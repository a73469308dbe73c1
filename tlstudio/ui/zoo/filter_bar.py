"""The pills above the table and the choice of a family."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.chips import ChipBar
from tlstudio.ui.widgets.elided_combo import ElidedCombo
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.viewmodel import FILTERS, ZooModel


class FilterBar(QWidget):
    """Renders the filters of a `ZooModel`."""

    filter_chosen = Signal(str)
    family_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips = ChipBar(tr("Which models are shown"))
        for spec in FILTERS.values():
            self.chips.add(spec.id, spec.title())
            self.chips.chip(spec.id).setToolTip(spec.sentence())
        self.chips.chosen.connect(self.filter_chosen)
        self.family = ElidedCombo()
        self.family.setAccessibleName(tr("Family of networks"))
        self.family.setMinimumWidth(134)
        self.family.setMaximumWidth(180)
        self.family.activated.connect(lambda row: self.family_chosen.emit(self.family.itemData(row)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_2)
        row.addWidget(self.chips)
        row.addStretch(1)
        row.addWidget(self.family)

    def show_model(self, model: ZooModel) -> None:
        """Show what is filtered by."""
        self.chips.set_count("ready", model.num_ready)
        self.chips.choose(model.filter)
        families = model.families
        if self.family.count() != len(families) + 1:
            with QSignalBlocker(self.family):
                self.family.clear()
                self.family.addItem(tr("All families"), "")
                for family in families:
                    self.family.addItem(family, family)
        with QSignalBlocker(self.family):
            self.family.setCurrentIndex(max(0, self.family.findData(model.family)))
