"""Where a network's parameters are, from the input to the new head, and which of them the Balanced recipe trains."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.domain.recipe import FineTunePart
from tlstudio.ui import theme
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.rows import millions

_ROW_PX, _MOST_ROWS = 27, 8


@dataclass(frozen=True)
class Layer:
    """One line: a group of layers, its share of the largest group, and what happens to it."""

    name: str
    share: float
    words: str
    trains: bool


def layers_of(stages: tuple[int, ...], *, num_trained: int = FineTunePart().num_stages) -> list[Layer]:
    """Lines for a network's groups of parameters; long rows of equal blocks are drawn together."""
    if not stages:
        return []
    groups = [(tr("stem"), 1, stages[0])]
    blocks = list(enumerate(stages[1:], 1))
    last = blocks[-num_trained:] if num_trained else []
    first = blocks[: len(blocks) - len(last)]
    room = max(1, _MOST_ROWS - 2 - len(last))
    size = -(-len(first) // room) if first else 1
    for start in range(0, len(first), size):
        piece = first[start : start + size]
        name = tr("stage {n}", n=piece[0][0]) if len(piece) == 1 else tr("stages {a}–{b}", a=piece[0][0], b=piece[-1][0])
        groups.append((name, len(piece), sum(count for _place, count in piece)))
    most = max(1, *(count for _name, _num, count in groups), *(count for _place, count in last))
    lines = [Layer(name, count / most, tr("frozen"), False) for name, _num, count in groups]
    lines += [Layer(tr("stage {n}", n=place), count / most, tr("trains · {n}", n=millions(count)), True) for place, count in last]
    return [*lines, Layer(tr("head"), 0.02, tr("new"), True)]


class LayersView(QWidget):
    """Bars, painted by hand; the words say the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers: list[Layer] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_layers(self, layers: list[Layer]) -> None:
        """Exactly these lines."""
        self._layers = layers
        self.setAccessibleName(tr("Layers: {lines}", lines="; ".join(f"{item.name} {item.words}" for item in layers)))
        self.setVisible(bool(layers))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _ROW_PX * len(self._layers))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.BODY))
        for place, layer in enumerate(self._layers):
            self._paint(painter, QRectF(0, place * _ROW_PX, self.width(), _ROW_PX), layer)

    def _paint(self, painter: QPainter, area: QRectF, layer: Layer) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        bar = QRectF(area.left() + area.width() * 0.36, area.center().y() - 2, area.width() * 0.28, 4)
        painter.setPen(theme.color("text"))
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignLeft, layer.name)
        painter.setPen(theme.color("muted"))
        painter.drawText(area.adjusted(area.width() * 0.68, 0, 0, 0), middle | Qt.AlignmentFlag.AlignLeft, layer.words)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("sunk"))
        painter.drawRoundedRect(bar, 2, 2)
        ink = theme.color("accent")
        if not layer.trains:
            ink.setAlphaF(0.4)
        painter.setBrush(ink)
        bar.setWidth(max(4.0, bar.width() * layer.share))
        painter.drawRoundedRect(bar, 2, 2)
