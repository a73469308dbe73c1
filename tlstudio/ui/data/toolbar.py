"""Above the grid: which images are shown, and how large."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from tlstudio.ui.data.viewmodel import Filter, Shown
from tlstudio.ui.theme import SPACE_2, SPACE_4
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.widgets.chips import ChipBar
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr

SMALLEST, LARGEST, USUAL = 56, 240, 90


class Toolbar(QWidget):
    """Chips, the button that begins a sweep, and the size slider."""

    chip_chosen = Signal(str)
    size_changed = Signal(int)

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
            ("picked", tr("Picked")),
        ):
            self.chips.add(id, text)
        self.chips.set_visible("picked", False)
        self.chips.chosen.connect(self.chip_chosen)
        self.size = QSlider(Qt.Orientation.Horizontal)
        self.size.setAccessibleName(tr("Size of the images"))
        self.size.setRange(SMALLEST, LARGEST)
        self.size.setValue(USUAL)
        self.size.setPageStep(24)
        self.size.setFixedSize(90, 24)
        self.size.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.size.valueChanged.connect(self.size_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(SPACE_2)
        row.addWidget(self.chips, 1)
        self.sweep = button(tr("Sweep"), name=tr("Sweep: label image by image"), small=True)
        self.sweep.setToolTip(tr("Label image by image: a key sets the class, and the next image comes by itself (S)"))
        row.addWidget(self.sweep, 0, Qt.AlignmentFlag.AlignTop)
        self._size_word = Text(tr("Size"), role="muted")
        self._size_word.setFixedHeight(24)
        row.addWidget(self._size_word, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.size, 0, Qt.AlignmentFlag.AlignTop)
        row.addSpacing(SPACE_4)

    def set_narrow(self, is_narrow: bool) -> None:
        """Leave more room to the chips."""
        self._size_word.setVisible(not is_narrow)
        self.size.setFixedWidth(48 if is_narrow else 90)

    def show_filter(self, wanted: Filter) -> None:
        """Mark the chip of a filter; what was picked has a chip of its own while it is shown."""
        self.chips.choose(wanted.chip)
        self.chips.set_visible("picked", wanted.chip == "picked")
        if wanted.label:
            self.chips.set_text("picked", wanted.label)

    def show_counts(self, shown: Shown) -> None:
        """Numbers on the chips where they help: how many in all, and how many wait for something."""
        counts = shown.num_by_chip
        self.chips.set_count("all", counts["all"])
        for id in ("unlabelled", "problems"):
            self.chips.set_count(id, counts[id] or None)
