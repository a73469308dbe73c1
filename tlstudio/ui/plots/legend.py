"""The names of a plot's curves, each with a short piece of the curve drawn as the curve is."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.ui import theme
from tlstudio.ui.plots.curves import MARK_RADIUS, CurveSpec
from tlstudio.ui.words import tr

_KEY_PX, _KEY_GAP_PX, _GAP_PX, _ROW_PX, _REST_PX = 20, 6, 12, 18, 18
_MOST_ROWS = 2


class Legend(QWidget):
    """Rows of names, painted by hand; what has no room is counted at the end and named under the mouse."""

    _specs: tuple[CurveSpec, ...] = ()
    _widths: tuple[int, ...] = ()

    def __init__(self, *, from_right: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._from_right = from_right
        self.most_rows = 1 if from_right else _MOST_ROWS
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_ROW_PX)

    def show_specs(self, specs: Sequence[CurveSpec]) -> None:
        """Name these curves and no others."""
        self._specs = tuple(specs)
        self._measure()
        self.setAccessibleName(tr("Curves: {names}", names=", ".join(self.labels())))
        self._tell_rest()
        self.updateGeometry()
        self.update()

    def labels(self) -> list[str]:
        """The names, in order."""
        return [spec.label for spec in self._specs]

    def needed_px(self) -> int:
        """The width of everything in one row."""
        return sum(self._widths) + _GAP_PX * max(0, len(self._specs) - 1) + 2

    def sizeHint(self) -> QSize:
        return QSize(self.needed_px(), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, _ROW_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_rest()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self._measure()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.SMALL))
        num_left, x, y = len(self._specs), 0.0, 0.0
        for number, row in enumerate(self._rows(self.width())):
            width = sum(self._widths[place] for place in row) + _GAP_PX * (len(row) - 1)
            x, y = (float(self.width() - width) if self._from_right else 0.0), float(number * _ROW_PX)
            for place in row:
                self._paint(painter, QRectF(x, y, self._widths[place], _ROW_PX), self._specs[place])
                x += self._widths[place] + _GAP_PX
            num_left -= len(row)
        if num_left:
            painter.setPen(theme.color("muted"))
            painter.drawText(QRectF(x, y, _REST_PX, _ROW_PX), Qt.AlignmentFlag.AlignVCenter, f"+{num_left}")

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

    def _measure(self) -> None:
        """Once for all looks at whether there is room."""
        metrics = QFontMetrics(theme.font(theme.SMALL))
        self._widths = tuple(_KEY_PX + _KEY_GAP_PX + metrics.horizontalAdvance(spec.label) + 1 for spec in self._specs)

    def num_rows(self, width_px: int) -> int:
        """How many rows a legend of this width has."""
        return max(1, len(self._rows(width_px)))

    def show_rows(self, count: int) -> None:
        """Be as high as so many rows."""
        self.setFixedHeight(count * _ROW_PX)

    @property
    def num_named(self) -> int:
        """How many curves have room for their names, from the first on."""
        return sum(map(len, self._rows(self.width())))

    def _rows(self, width_px: int) -> list[list[int]]:
        """Places of the curves named in each row; in the last one there is room to count those that are not."""
        rows: list[list[int]] = []
        left_px = 0
        for place, needed in enumerate(self._widths):
            is_last_row, is_last = len(rows) == self.most_rows, place == len(self._widths) - 1
            for_rest = 0 if is_last or not is_last_row or self._fits(place, left_px) else _GAP_PX + _REST_PX
            if rows and needed + _GAP_PX + for_rest <= left_px:
                left_px -= needed + _GAP_PX
                rows[-1].append(place)
            elif len(rows) < self.most_rows:
                rows.append([place])
                left_px = width_px - needed
            else:
                break
        return rows

    def _fits(self, place: int, left_px: int) -> bool:
        """Whether all from `place` on have room in what is left of a row."""
        return sum(needed + _GAP_PX for needed in self._widths[place:]) <= left_px

    def _tell_rest(self) -> None:
        is_whole = self.num_named == len(self._specs)
        self.setToolTip("" if is_whole else "\n".join(self.labels()))
