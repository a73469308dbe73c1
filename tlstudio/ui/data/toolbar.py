"""Above the grid: which images are shown, in which order, and how large."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from tlstudio.ui.data.orders import IMPORTED, LIKENESS
from tlstudio.ui.data.viewmodel import Filter, Shown
from tlstudio.ui.theme import SPACE_2, SPACE_4
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.chips import ChipBar
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr

SMALLEST, LARGEST, USUAL = 56, 240, 90


class Toolbar(QWidget):
    """Chips, the order, the button that begins a sweep, and the size slider."""

    chip_chosen = Signal(str)
    pick_dropped = Signal()
    size_changed = Signal(int)
    order_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips = ChipBar(tr("Which images are shown"))
        for id, text in (
            ("all", tr("All")),
            ("train", tr("Train")),
            ("val", tr("Validation")),
            ("test", tr("Test")),
            ("unlabelled", tr("Unlabelled")),
            ("problems", tr("Problems")),
        ):
            self.chips.add(id, text)
        self.chips.add_removable("picked")
        self.chips.chosen.connect(self.chip_chosen)
        self.chips.removed.connect(self.pick_dropped)
        self.size = QSlider(Qt.Orientation.Horizontal)
        self.size.setAccessibleName(tr("Size of the images"))
        self.size.setRange(SMALLEST, LARGEST)
        self.size.setValue(USUAL)
        self.size.setPageStep(24)
        self.size.setFixedSize(90, 24)
        self.size.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.size.valueChanged.connect(self.size_changed)
        self.order = _order_combo()
        self.order.activated.connect(lambda index: self.order_chosen.emit(self.order.itemData(index)))
        self.sweep = button(tr("Sweep"), name=tr("Sweep: label image by image"), small=True)
        self.sweep.setToolTip(tr("Label image by image: a key sets the class, and the next image comes by itself (S)"))
        row = QHBoxLayout()
        row.setSpacing(SPACE_2)
        row.addWidget(self.order)
        row.addWidget(self.sweep)
        row.addStretch(1)
        row.addWidget(Text(tr("Size"), role="muted"))
        row.addWidget(self.size)
        row.addSpacing(SPACE_4)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addWidget(self.chips)
        column.addLayout(row)

    def show_order(self, order: str) -> None:
        """Show which order the images are in."""
        self.order.setCurrentIndex(self.order.findData(order))

    def show_filter(self, wanted: Filter) -> None:
        """Mark the chip of a filter; a class or certain images have a pill of their own, which a click takes away.

        "All" is not marked beside it: not all are shown.
        """
        self.chips.choose("" if wanted.chip == "all" and wanted.label else wanted.chip)
        self.chips.show_removable("picked", wanted.label)

    def show_counts(self, shown: Shown) -> None:
        """Numbers on the chips where they help: how many in all, and how many wait for something."""
        counts = shown.num_by_chip
        self.chips.set_count("all", counts["all"])
        for id in ("unlabelled", "problems"):
            self.chips.set_count(id, counts[id] or None)


def _order_combo() -> QComboBox:
    combo = QComboBox()
    combo.setProperty("fit", "small")
    combo.setFixedWidth(140)
    combo.setAccessibleName(tr("Order of the images"))
    combo.setToolTip(tr("By similarity, neighbours look alike: select a stripe of them with Shift and class it with one key."))
    for id, text in (
        (IMPORTED, tr("As imported")),
        ("unlabelled", tr("Unlabelled first")),
        ("name", tr("By name")),
        (LIKENESS, tr("By similarity")),
    ):
        combo.addItem(text, id)
    return combo
