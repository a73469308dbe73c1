"""The menu at the title of a plot: what it shows, how smooth, on which scale."""

from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu

from tlstudio.operations.preferences import PlotChoice
from tlstudio.ui.train.curve_kinds import curve_kinds
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.words import tr

if TYPE_CHECKING:
    from tlstudio.ui.train.run_plot import RunPlot

_ARROW_PX = 16


class PlotMenu(QObject):
    """A click on the title, or on the arrow beside it, opens it."""

    chosen = Signal(object)
    """A `PlotChoice`."""

    def __init__(self, plot: "RunPlot") -> None:
        super().__init__(plot)
        self._plot = plot
        self.button = button("▾", kind="quiet", on_click=self._open, parent=plot)
        self.button.setFixedWidth(_ARROW_PX)
        plot.head.removeWidget(plot.title)
        together = QHBoxLayout()
        together.setSpacing(0)
        together.addWidget(plot.title)
        together.addWidget(self.button)
        plot.head.insertLayout(0, together)
        plot.exports.controls.append(self.button)
        plot.title.setCursor(Qt.CursorShape.PointingHandCursor)
        plot.title.installEventFilter(self)

    def show_title(self, title: str) -> None:
        """The plot shows something else now."""
        self.button.setAccessibleName(tr("{title}: choose what this plot shows", title=title))
        self.button.setToolTip(tr("Choose what this plot shows, smoothing and scale"))

    def menu(self) -> QMenu:
        """What the runs that are drawn have values for, and how it is drawn."""
        plot = self._plot
        menu = QMenu(plot)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        one = QActionGroup(menu)
        for kind in curve_kinds().values():
            if kind is plot.kind or plot.is_told(kind):
                self._add(menu, kind.title, kind is plot.kind, {"curve": kind.id, "is_log": False}, one)
        menu.addSeparator()
        smoothing = menu.addMenu(tr("Smoothing"))
        smoothing.setEnabled(plot.kind.is_noisy)
        one = QActionGroup(smoothing)
        for words, weight in ((tr("Off"), 0.0), (tr("Light"), 0.6), (tr("Medium"), 0.9), (tr("Strong"), 0.98)):
            self._add(smoothing, words, plot.choice.smoothing == weight, {"smoothing": weight}, one)
        log = self._add(menu, tr("Logarithmic scale"), plot.is_log, {"is_log": not plot.is_log})
        log.setEnabled(plot.kind.can_be_log)
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and watched is self._plot.title:
            self._open()
            return True
        return super().eventFilter(watched, event)

    def _add(self, menu: QMenu, words: str, is_checked: bool, changes: dict[str, object], group: QActionGroup | None = None) -> QAction:
        action = menu.addAction(words, partial(self._choose, changes))
        action.setCheckable(True)
        action.setChecked(is_checked)
        if group is not None:
            group.addAction(action)
        return action

    def _choose(self, changes: dict[str, object]) -> None:
        choice: PlotChoice = msgspec.structs.replace(self._plot.choice, **changes)
        self.chosen.emit(choice)

    def _open(self) -> None:
        title = self._plot.title
        self.menu().popup(title.mapToGlobal(QPoint(0, title.height())))
