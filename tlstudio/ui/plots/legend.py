"""The names of a plot's curves, each with a short piece of the curve drawn as the curve is."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.ui import theme
from tlstudio.ui.plots.curves import MARK_RADIUS, CurveSpec
from tlstudio.ui.words import tr

_KEY_PX, _KEY_GAP_PX, _GAP_PX, _ROW_PX, _REST_PX = 20, 6, 12, 18, 18


class Legend(QWidget):
    """One row, painted by hand; what has no room is counted at its end and named under the mouse."""

    def __init__(self, *, from_right: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._specs: tuple[CurveSpec, ...] = ()
        self._from_right = from_right
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_ROW_PX)

    def show_specs(self, specs: Sequence[CurveSpec]) -> None:
        """Name these curves and no others."""
        self._specs = tuple(specs)
        self.setAccessibleName(tr("Curves: {names}", names=", ".join(self.labels())))
        self._tell_rest()
        self.updateGeometry()
        self.update()

    def labels(self) -> list[str]:
        """The names, in order."""
        return [spec.label for spec in self._specs]

    def needed_px(self) -> int:
        """The width of one row with everything in it."""
        return sum(self._widths()) + _GAP_PX * max(0, len(self._specs) - 1) + 2

    def sizeHint(self) -> QSize:
        return QSize(self.needed_px(), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, _ROW_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_rest()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.SMALL))
        widths = self._widths()[: self.num_named]
        width = sum(widths) + _GAP_PX * (len(widths) - 1)
        x = float(self.width() - width) if self._from_right else 0.0
        for spec, room in zip(self._specs, widths, strict=False):
            self._paint(painter, QRectF(x, 0, room, _ROW_PX), spec)
            x += room + _GAP_PX
        if self.num_named < len(self._specs):
            painter.setPen(theme.color("muted"))
            painter.drawText(QRectF(x, 0, _REST_PX, _ROW_PX), Qt.AlignmentFlag.AlignVCenter, f"+{len(self._specs) - self.num_named}")

    def _paint(self, painter: QPainter, area: QRectF, spec: CurveSpec) -> None:
        pen, middle = spec.pen(), area.center().y()
        pen.setWidthF(max(2.0, spec.width))
        painter.setPen(pen)
        painter.drawLine(QLineF(area.left() + 1, middle, area.left() + _KEY_PX - 1, middle))
        if spec.style == "marks":
            painter.setBrush(spec.ink())
            painter.drawEllipse(QPointF(area.left() + _KEY_PX / 2, middle), MARK_RADIUS, MARK_RADIUS)
        painter.setPen(theme.color("muted"))
        painter.drawText(area.adjusted(_KEY_PX + _KEY_GAP_PX, 0, 4, 0), Qt.AlignmentFlag.AlignVCenter, spec.label)

    def _widths(self) -> list[int]:
        metrics = QFontMetrics(theme.font(theme.SMALL))
        return [_KEY_PX + _KEY_GAP_PX + metrics.horizontalAdvance(spec.label) + 1 for spec in self._specs]

    @property
    def num_named(self) -> int:
        """How many curves have room for their names, from the first on."""
        widths = self._widths()
        if self.needed_px() <= self.width():
            return len(widths)
        ends = [sum(widths[: count + 1]) + _GAP_PX * (count + 1) + _REST_PX for count in range(len(widths))]
        return max(1, sum(end <= self.width() for end in ends))

    def _tell_rest(self) -> None:
        is_whole = self.num_named == len(self._specs)
        self.setToolTip("" if is_whole else "\n".join(self.labels()))
