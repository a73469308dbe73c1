"""What holds for a whole sweep: the number its chance is made from, and whether hopeless trials end early."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from tlstudio.domain.recipe import Recipe
from tlstudio.ui.recipe.editors import WIDTH_PX
from tlstudio.ui.theme import SPACE_2
from tlstudio.ui.widgets.quiet_wheel import ignore_wheel
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr

_LARGEST = 2**31 - 1


class TrialOptions(QWidget):
    """A row each; the seed is the recipe's until somebody chooses another, which then stays."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_seed_chosen = False
        self.seed = QSpinBox()
        self.seed.setAccessibleName(tr("Seed of the sweep"))
        self.seed.setRange(0, _LARGEST)
        self.seed.setFixedWidth(WIDTH_PX)
        self.seed.lineEdit().setTextMargins(SPACE_2, 0, 0, 0)  # in line with the fields above
        about_seed = tr("All chance is made from this number: which trials are drawn, and how each is trained.")
        self.seed.setToolTip(about_seed)
        self.seed.setAccessibleDescription(about_seed)
        ignore_wheel(self.seed)
        self.prunes = QCheckBox(tr("End hopeless trials early"))
        about_pruning = tr("A trial ends where validation stays below the median of those before it at the same epoch.")
        self.prunes.setToolTip(about_pruning)
        self.prunes.setAccessibleDescription(about_pruning)
        self.prunes.setChecked(True)
        row = QHBoxLayout()
        row.addWidget(Text(tr("Seed")))
        row.addStretch(1)
        row.addWidget(self.seed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_2)
        column.addLayout(row)
        column.addWidget(self.prunes)
        self.seed.valueChanged.connect(self._on_seed)
        self.prunes.toggled.connect(lambda _checked: self.changed.emit())

    def show_recipe(self, recipe: Recipe) -> None:
        """Take the recipe's seed where nobody has chosen one."""
        if not self._is_seed_chosen:
            with QSignalBlocker(self.seed):
                self.seed.setValue(recipe.seed)

    def forget(self) -> None:
        """Another project: nothing is chosen."""
        self._is_seed_chosen = False
        with QSignalBlocker(self.prunes):
            self.prunes.setChecked(True)

    def _on_seed(self, _value: int) -> None:
        self._is_seed_chosen = True
        self.changed.emit()
