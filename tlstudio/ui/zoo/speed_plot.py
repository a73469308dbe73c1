"""Speed against accuracy of the networks in the table: choose one by looking."""

import math
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.ui.plots.scale import step_ticks
from tlstudio.ui.plots.scatter import ScatterPlot, ScatterPoint
from tlstudio.ui.theme import SPACE_1
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.outlook import speed_words
from tlstudio.ui.zoo.rows import ZooRow

_HEIGHT_PX = 164


class SpeedPlot(QWidget):
    """Across: fast to slow on this computer. Up: fit to the project's data where networks were ranked, else published accuracy."""

    picked = Signal(str)
    """Key of a row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = ScatterPlot(tr("Speed against accuracy"))
        self.plot.setFixedHeight(_HEIGHT_PX)
        self.plot.picked.connect(self.picked)
        self.meaning = Text(role="tiny", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_1)
        column.addWidget(Text(tr("Speed against accuracy"), role="strong"))
        column.addWidget(self.plot)
        column.addWidget(self.meaning)

    def show_rows(self, rows: Sequence[ZooRow], *, chosen: str) -> None:
        """A point for each of these rows that has both figures."""
        is_ranked = any(row.fit is not None for row in rows)
        points = [point for row in rows if (point := _point(row, is_ranked=is_ranked)) is not None]
        self.plot.setVisible(bool(points))
        if not points:
            self.meaning.setText(tr("Nothing to compare yet: none of the networks in the table has a published accuracy. Choose All."))
            return
        what = tr("Up: fit to data, %") if is_ranked else tr("Up: ImageNet top-1, %")
        self.meaning.setText(tr("{up} · across: images a second, fast → slow here. Large: weights are here.", up=what))
        values = [point.y for point in points]
        self.plot.show_points(
            points,
            chosen=chosen,
            x_ticks=rate_ticks([point.x for point in points]),
            y_ticks=height_ticks(values),
        )

    def choose(self, key: str) -> None:
        """Mark the point of this row."""
        self.plot.choose(key)


def _point(row: ZooRow, *, is_ranked: bool) -> ScatterPoint | None:
    share = None if row.fit is None else 100 * row.fit
    height = share if is_ranked else row.top1
    if height is None or row.outlook is None:
        return None
    words = tr("{name}: {height} %, {speed} images/s here", name=row.title, height=f"{height:.1f}", speed=speed_words(row.outlook))
    return ScatterPoint(row.key, -math.log10(row.outlook.images_per_s), height, words, is_large=row.is_ready)


def rate_ticks(xs: Sequence[float]) -> list[tuple[float, str]]:
    """Powers of ten between the fastest and the slowest; where there are not two, the fastest and the slowest themselves."""
    low, high = min(xs), max(xs)
    decades = [(float(power), _rate(-power)) for power in range(math.ceil(low), math.floor(high) + 1)]
    return decades if len(decades) > 1 else list({_rate(-power): (power, _rate(-power)) for power in (low, high)}.values())


def height_ticks(values: Sequence[float]) -> list[tuple[float, str]]:
    """Whole percents at a round distance; where there are not two, the lowest and the highest themselves."""
    low, high = min(values), max(values)
    whole = [(float(tick), str(tick)) for tick in step_ticks(low, high, most=5)]
    return whole if len(whole) > 1 else list({f"{value:.1f}": (value, f"{value:.1f}") for value in (low, high)}.values())


def _rate(power: float) -> str:
    rate = 10.0**power
    return f"{rate / 1000:.3g}k" if rate >= 1000 else f"{rate:.2g}" if rate < 10 else f"{rate:.0f}"
