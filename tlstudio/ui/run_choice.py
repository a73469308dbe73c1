"""Choices in a panel's header, above all that of a run, and what a run is called."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyleOptionComboBox, QWidget

from tlstudio.domain.recipe import RECIPES
from tlstudio.domain.runs import Run
from tlstudio.ui.theme import CONTROL_HEIGHT
from tlstudio.ui.widgets.eliding import shortened
from tlstudio.ui.words import say, tr

_MAX_WIDTH_PX = 340
_FRAME_PX = 60


def run_title(run: Run) -> str:
    """ "Run 7 · Quick · mobilenetv2_100"."""
    spec = RECIPES.get(run.recipe.name)
    recipe = say(spec.title) if spec else run.recipe.name
    return tr("Run {number}", number=run.number) + f" · {recipe} · {run.recipe.network.architecture}"


class HeaderChoice(QComboBox):
    """As wide as what is chosen, or narrower unless it `stays_whole`; its list is as wide as its longest row."""

    def __init__(self, name: str, *, stays_whole: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stays_whole = stays_whole
        self.setAccessibleName(name)
        self.setFixedHeight(CONTROL_HEIGHT - 2)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.currentIndexChanged.connect(self.updateGeometry)

    def offer(self, rows: Sequence[tuple[str, object]], *, current: object) -> None:
        """Offer rows of (text, value) and mark the current value without telling anybody."""
        with QSignalBlocker(self):
            self.clear()
            for text, value in rows:
                self.addItem(text, value)
            self.setCurrentIndex(self.findData(current))
        self.setToolTip(self.currentText())
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        width = QFontMetrics(self.font()).horizontalAdvance(self.currentText()) + _FRAME_PX
        return QSize(min(_MAX_WIDTH_PX, width), CONTROL_HEIGHT - 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() if self._stays_whole else QSize(min(96, self.sizeHint().width()), CONTROL_HEIGHT - 2)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        option.currentText = shortened(option.currentText, QFontMetrics(self.font()), self.width() - _FRAME_PX + 4)

    def showPopup(self) -> None:
        metrics = QFontMetrics(self.font())
        widest = max((metrics.horizontalAdvance(self.itemText(row)) for row in range(self.count())), default=0)
        self.view().setMinimumWidth(widest + _FRAME_PX)
        super().showPopup()


class RunChoice(HeaderChoice):
    """Runs to choose from; the best on validation is marked."""

    run_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Run"), parent=parent)
        self.activated.connect(lambda row: self.run_chosen.emit(self.itemData(row)))

    def show_runs(self, runs: Sequence[Run], *, current: int | None, best: int | None) -> None:
        """Offer `runs` in this order without telling anybody."""
        titles = {run.number: run_title(run) for run in runs}
        rows = [(tr("{run} · best", run=title) if number == best else title, number) for number, title in titles.items()]
        self.offer(rows, current=current)
        self.setVisible(bool(runs))
