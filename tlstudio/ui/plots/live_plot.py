"""A card with curves that grow while a run goes on."""

from collections.abc import Callable, Mapping, Sequence
from math import log10
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from tlstudio.ui.plots.curves import CurveSpec, Mark
from tlstudio.ui.plots.hover import Hover
from tlstudio.ui.plots.legend import Legend
from tlstudio.ui.plots.menu import PlotExports
from tlstudio.ui.plots.scale import UNITS, log_ticks, log_words, sensible_high, thinned
from tlstudio.ui.plots.series import Series
from tlstudio.ui.plots.smoothing import Line
from tlstudio.ui.theme import SPACE_2, SPACE_3
from tlstudio.ui.widgets.card import Card
from tlstudio.ui.widgets.seen import is_seen
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import tr

if TYPE_CHECKING:
    from tlstudio.ui.plots.canvas import Canvas, Tick

REDRAW_EVERY_MS = 34
_ROOM = 0.015
_MARK_PX, _LEAST_ROOM_PX = 6, 60
"""What a mark and its figure need beside their point; below the least no figure has room."""
_NO_WORDS = "\u00a0"
"""As high as a line of words."""
_HEAD_GAPS_PX = 2 * SPACE_3 + 3 * SPACE_2


class LivePlot(Card):
    """Curves with a legend, a read-out under the mouse, marks, smoothing, a logarithmic scale and export.

    Points are kept at once and drawn at most 30 times a second; while hidden, nothing is drawn. pyqtgraph is loaded after the
    first paint, so that a panel with plots opens without waiting for it.
    """

    def __init__(self, title: str, *, unit: str = "number", y_name: str = "", empty_text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, margin=SPACE_3, spacing=SPACE_2, parent=parent)
        self.unit = UNITS[unit]
        self.is_log = False
        self.smoothing = 0.0
        self.beside: LivePlot | None = None
        """The plot beside it, whose axes stand at the same height."""
        self._specs: tuple[CurveSpec, ...] = ()
        self._lines: dict[str, Line] = {}
        self.x_range = (0.0, 1.0)
        self._x_ticks: Callable[[int], Sequence[Tick]] = lambda _width_px: ()
        self.x_words: Callable[[float], str] = lambda x: f"{x:.0f}"
        self._names = ("", y_name or title)
        self._marks: tuple[Mark, ...] = ()
        self._canvas: Canvas | None = None
        self.hover = Hover(self)
        self.redrawing = QTimer(self, singleShot=True, interval=REDRAW_EVERY_MS)
        """Active while there is something new to be drawn."""
        self.redrawing.timeout.connect(self.redraw)
        self.fitting = QTimer(self, singleShot=True, interval=0)
        """Active until the lines above the axes are fitted to another width."""
        self.fitting.timeout.connect(self._show_emptiness)
        self.legend = Legend(from_right=True, parent=self)
        self.legend_below = Legend(from_right=False, parent=self)
        self.exports = PlotExports(self)
        self.head.setSpacing(SPACE_2)
        self.head.addWidget(self.legend)
        self.head.addWidget(self.exports.button)
        self.body.addWidget(self.legend_below)
        self.empty = Text(empty_text, role="muted", wrap=True)
        """What stands here as long as there is nothing to draw."""
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.beyond = Text(_NO_WORDS, role="muted")
        """Says where values beyond what is sensible are left out."""
        self.beyond.hide()
        self.body.addWidget(self.beyond)
        self._pages = QStackedLayout()
        self._pages.setStackingMode(QStackedLayout.StackingMode.StackAll)
        self._pages.addWidget(self.empty)
        self.body.addLayout(self._pages, 1)
        self.setMinimumSize(220, 150)
        self._show_emptiness()

    # --- what is shown

    def show_as(self, title: str, *, unit: str, is_log: bool, empty_text: str) -> None:
        """Show something else from now on: its name, how its values are written and scaled, and what stands here without any."""
        self.unit, self.is_log = UNITS[unit], is_log
        self._names = (self._names[0], title)
        self.title.setText(title)
        self.setAccessibleName(title)
        self.exports.show_title(title)
        self.empty.setText(empty_text)
        if self._canvas is not None:
            self._canvas.setAccessibleName(tr("Plot of {title}", title=title))
        self._show_emptiness()
        self._schedule()

    def set_curves(self, specs: Sequence[CurveSpec]) -> None:
        """These curves in this order; those known by id keep their points."""
        wanted = tuple(specs)
        if wanted == self._specs:
            return
        self._specs = wanted
        self._lines = {spec.id: self._lines.get(spec.id) or Line(spec.breaks_at) for spec in wanted}
        for legend in (self.legend, self.legend_below):
            legend.show_specs(wanted)
        self._show_emptiness()
        self.set_smoothing(self.smoothing)

    def set_smoothing(self, weight: float) -> None:
        """How much of each noisy curve's past stays in its next point, 0..1; the curve as it is lies pale behind."""
        self.smoothing = weight
        for spec in self._specs:
            self._lines[spec.id].smooth(weight if spec.is_noisy else 0.0)
        if self._canvas is not None:
            self._canvas.set_curves(_with_pale(self.curves))
        self._schedule()

    def series(self, id: str) -> Series:
        """The points of a curve."""
        return self._lines[id].raw

    @property
    def curves(self) -> dict[CurveSpec, Line]:
        """The points of all curves."""
        return {spec: self._lines[spec.id] for spec in self._specs}

    def append(self, id: str, xs: Sequence[float], ys: Sequence[float]) -> None:
        """More points behind those of a curve."""
        if len(xs):
            self._lines[id].extend(xs, ys)
            self._schedule()

    def clear(self) -> None:
        """No points; the curves stay named."""
        for line in self._lines.values():
            line.clear()
        self._schedule()

    def set_points(self, id: str, xs: Sequence[float], ys: Sequence[float]) -> None:
        """Exactly these points."""
        self._lines[id].clear()
        self._lines[id].extend(xs, ys)
        self._schedule()

    def set_x(
        self, low: float, high: float, ticks: "Callable[[int], Sequence[Tick]]", words: Callable[[float], str], *, name: str = ""
    ) -> None:
        """The range across, the words below it for a width in pixels, how a place on it is called in the read-out, and the axis."""
        self._names = (name, self._names[1])
        self.x_range, self._x_ticks, self.x_words = (low, high), ticks, words
        self._schedule()

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Dashed upright lines with a word; these and no others."""
        if self._marks != tuple(marks):
            self._marks = tuple(marks)
            self._schedule()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(len(line.raw) for line in self._lines.values())

    # --- drawing

    def _schedule(self) -> None:
        if not self.redrawing.isActive():
            self.redrawing.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._schedule()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Not now: the layout around both plots is placing them, and would forget this one were it told anew meanwhile.
        self.fitting.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_canvas", None) is not None:
            self._canvas.apply_theme()
            self.hover.refresh()

    def canvas(self) -> "Canvas":
        """The drawing area; loads pyqtgraph when it is first asked for."""
        if self._canvas is None:
            from tlstudio.ui.plots.canvas import Canvas

            self._canvas = Canvas(self)
            self._canvas.names.beside = lambda: None if self.beside is None else self.beside._canvas
            self._canvas.setAccessibleName(tr("Plot of {title}", title=self.title.text()))
            self._canvas.hovered.connect(self.hover.on_hovered)
            self._canvas.view_resized.connect(self._schedule)
            self._canvas.set_curves(_with_pale(self.curves))
            self._pages.addWidget(self._canvas)
        return self._canvas

    def redraw(self) -> None:
        """Bring the picture up to date."""
        if not is_seen(self):
            return
        canvas = self.canvas()
        limits = [found for line in self._lines.values() if (found := line.raw.limits) is not None]
        lowest, highest = min((item[2] for item in limits), default=0.0), max((item[3] for item in limits), default=0.0)
        if self.is_log:
            lowest = min((low for line in self._lines.values() if (low := line.lowest) is not None), default=0.0)
        bound = (
            highest if self.is_log else sensible_high(highest, max((line.raw.first_value for line in self._lines.values()), default=0.0))
        )
        self.beyond.setText(tr("Cut off: it goes up to {highest}.", highest=f"{highest:.1e}") if bound < highest else _NO_WORDS)
        self._show_emptiness()
        ticks, words = (log_ticks(lowest, highest), log_words) if self.is_log else (self.unit.ticks(lowest, bound), self.unit.words)
        low, high = (log10(ticks.low), log10(ticks.high)) if self.is_log else (ticks.low, ticks.high)
        canvas.set_names(*self._names)
        canvas.set_ranges(_wider(*self.x_range, room_px=canvas.axes_px.width()), _wider(low, high), is_log=self.is_log)
        canvas.show_marks(self._marks)
        ticks = thinned(ticks, canvas.axes_px.height())
        canvas.set_ticks(self._x_ticks(canvas.axes_px.width()), tuple(zip(ticks.at, words(ticks), strict=True)))
        for spec, line in self.curves.items():
            canvas.show_series(spec.id, line.drawn, self.unit.readout)
            if line.smoothed is not None:
                canvas.show_series(spec.pale().id, line.raw, self.unit.readout)
        self.hover.refresh()

    def _show_emptiness(self) -> None:
        """Also of the plot beside it: lines above the axes that only one of them had would part their heights until it has news, too."""
        both = (self,) if self.beside is None else (self, self.beside)
        fits, is_cut = all(_has_room_in_head(plot) for plot in both), any(plot.beyond.text() != _NO_WORDS for plot in both)
        num_rows = max(plot.legend_below.num_rows(plot.width() - 2 * SPACE_3) for plot in both)
        for plot in both:
            plot.legend.setVisible(not plot.is_empty and fits)
            plot.legend_below.setVisible(not plot.is_empty and not fits)
            plot.legend_below.show_rows(num_rows)
            plot.beyond.setVisible(not plot.is_empty and is_cut)
            plot.body.activate()  # at once: a second row of names would lie on the plot until then
        self.empty.setVisible(self.is_empty)
        self.exports.button.setVisible(not self.is_empty and not self.exports.is_on_paper)
        if self._canvas is not None and self._canvas.isHidden() != self.is_empty:
            self._canvas.setVisible(not self.is_empty)
            self._canvas.names.refresh()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.is_empty:
            self.exports.menu().popup(event.globalPos())


def _has_room_in_head(plot: LivePlot) -> bool:
    """Whether the legend has room beside the title."""
    controls = sum(min(control.sizeHint().width(), control.maximumWidth()) for control in plot.exports.controls)
    return plot.legend.needed_px() + plot.title.sizeHint().width() + controls + _HEAD_GAPS_PX <= plot.width()


def _wider(low: float, high: float, *, room_px: int = 0) -> tuple[float, float]:
    """A little room at both ends, so that a mark at the edge is whole, however narrow the plot is."""
    room = (high - low) * (max(_ROOM, _MARK_PX / room_px) if room_px > _LEAST_ROOM_PX else _ROOM)
    return low - room, high + room


def _with_pale(curves: Mapping[CurveSpec, Line]) -> list[CurveSpec]:
    """Curves as they are first, so that the smoothed ones lie over them."""
    return [*(spec.pale() for spec, line in curves.items() if line.smoothed is not None), *curves]
