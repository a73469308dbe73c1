"""The pills above the table, and the choices of a family and a size."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from tlstudio.ui.widgets.chips import ChipBar
from tlstudio.ui.widgets.elided_combo import ElidedCombo
from tlstudio.ui.words import tr, tr_n
from tlstudio.ui.zoo.filters import CONDITIONS, FILTERS, SIZES
from tlstudio.ui.zoo.viewmodel import ZooModel

_FAMILY_PX, _SIZE_PX = 140, 112


class FilterBar(QWidget):
    """Renders what a `ZooModel` is asked for."""

    filter_chosen = Signal(str)
    condition_set = Signal(str, bool)
    family_chosen = Signal(str)
    size_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips = ChipBar(tr("Which models are shown"))
        for spec in FILTERS.values():
            self.chips.add(spec.id, spec.title())
        for spec in CONDITIONS.values():
            self.chips.add_toggle(spec.id, spec.title())
            self.chips.chip(spec.id).setToolTip(spec.sentence())
        self.chips.chosen.connect(self.filter_chosen)
        self.chips.toggled.connect(self.condition_set)
        self.family = _combo(tr("Family of networks"), _FAMILY_PX)
        self.family.activated.connect(lambda row: self.family_chosen.emit(self.family.itemData(row)))
        self.size_limit = _combo(tr("Most parameters"), _SIZE_PX)
        for size in SIZES.values():
            self.size_limit.addItem(size.title(), size.id)
        self.size_limit.activated.connect(lambda row: self.size_chosen.emit(self.size_limit.itemData(row)))
        for combo in (self.family, self.size_limit):
            self.chips.add_widget(combo)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.chips)

    def show_model(self, model: ZooModel) -> None:
        """Show what is asked for, and how many rows each view would have."""
        for id, spec in FILTERS.items():
            count = model.counts[id]
            # In the tool tip always; in the pill where it matters, so that one line is enough.
            self.chips.set_count(id, count if id in ("ready", model.filter) else None)
            self.chips.chip(id).setToolTip(" ".join((spec.sentence(), _counted(model, id))))
        self.chips.choose(model.filter)
        for id in CONDITIONS:
            self.chips.set_on(id, is_on=id in model.conditions)
        families = model.families
        with QSignalBlocker(self.family):
            if self.family.count() != len(families) + 1:
                self.family.clear()
                self.family.addItem(tr("All families"), "")
                for family in families:
                    self.family.addItem(family, family)
            self.family.setCurrentIndex(max(0, self.family.findData(model.family)))
        with QSignalBlocker(self.size_limit):
            self.size_limit.setCurrentIndex(self.size_limit.findData(model.size))


def _counted(model: ZooModel, id: str) -> str:
    """Sets of weights and networks counted as what they are."""
    num_sets, num_networks = model.counts[id], model.num_networks[id]
    networks = tr_n("1 network", "{n} networks", num_networks)
    if num_sets == num_networks:
        return f"{networks}."
    return tr(
        "{networks} in {rows}.", networks=networks, rows=tr_n("1 row, one a set of weights", "{n} rows, one a set of weights", num_sets)
    )


def _combo(name: str, width_px: int) -> QComboBox:
    combo = ElidedCombo()
    combo.setAccessibleName(name)
    combo.setProperty("fit", "small")
    combo.setFixedWidth(width_px)
    return combo
