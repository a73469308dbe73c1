"""The names of a plot's curves, each with a short piece of the curve drawn as the curve is."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.ui import theme
from tlstudio.ui.plots.curves import MARK_RADIUS, CurveSpec
from tlstudio.ui.words import tr

_KEY_PX, _KEY_GAP_PX, _GAP_PX, _ROW_PX = 20, 6, 12, 18


class Legend(QWidget):
    """Painted by hand: as many rows as the width asks for."""

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
        self._fit()
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
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.SMALL))
        rows = self._rows()
        for index, row in enumerate(rows):
            width = sum(width for _spec, width in row) + _GAP_PX * (len(row) - 1)
            x = float(self.width() - width) if self._from_right else 0.0
            for spec, room in row:
                self._paint(painter, QRectF(x, index * _ROW_PX, room, _ROW_PX), spec)
                x += room + _GAP_PX

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

    def _rows(self) -> list[list[tuple[CurveSpec, int]]]:
        rows: list[list[tuple[CurveSpec, int]]] = []
        used = 0
        for spec, width in zip(self._specs, self._widths(), strict=True):
            if rows and used + _GAP_PX + width <= self.width():
                rows[-1].append((spec, width))
                used += _GAP_PX + width
            else:
                rows.append([(spec, width)])
                used = width
        return rows

    def _fit(self) -> None:
        height = _ROW_PX * max(1, len(self._rows()))
        if height != self.height():
            self.setFixedHeight(height)
