"""The network whose transfer is set: those whose weights are here, and the one that was come from."""

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.ui.widgets.elided_combo import ElidedCombo
from tlstudio.ui.words import in_menu, tr

_LEAST_PX, _ARROW_PX = 236, 46


class NetworkCombo(ElidedCombo):
    """Reports another network."""

    network_chosen = Signal(object)
    """A `NetworkPart`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Network"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(_LEAST_PX)
        self.activated.connect(lambda row: self.network_chosen.emit(self.itemData(row)))

    def show_networks(self, cards: tuple[WeightsCard, ...], chosen: NetworkPart | None) -> None:
        """Show these, with one of them or another chosen."""
        with QSignalBlocker(self):
            self.clear()
            for card in cards:
                self.addItem(card.name, NetworkPart(architecture=card.architecture, weights=card.hash))
            if chosen is not None:
                row = next((row for row in range(self.count()) if _is_same(self.itemData(row), chosen)), -1)
                if row < 0:
                    self.insertItem(0, tr("{network}, random weights", network=in_menu(chosen.architecture)), chosen)
                    row = 0
                self.setCurrentIndex(row)
        self.setToolTip(self.currentText())
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As wide as the name of the network where there is room for it."""
        return QSize(max(_LEAST_PX, self.fontMetrics().horizontalAdvance(self.currentText()) + _ARROW_PX), super().sizeHint().height())


def _is_same(one: NetworkPart, other: NetworkPart) -> bool:
    return (one.architecture, one.weights) == (other.architecture, other.weights)
