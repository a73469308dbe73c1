"""Taking a plot away as a file: the small button, the menu, and where to write."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from tlstudio.errors import TLStudioError
from tlstudio.ui.file_dialogs import ask_new_of_kind
from tlstudio.ui.plots import export
from tlstudio.ui.widgets.buttons import button
from tlstudio.ui.words import tr

if TYPE_CHECKING:
    from tlstudio.ui.plots.live_plot import LivePlot


_LEAST_SIZE = QSize(560, 340)
_ALL = 99
"""Rows of the legend."""


class PlotExports(QObject):
    """The exports of one plot."""

    failed = Signal(object)
    """A `TLStudioError`."""
    saved = Signal(str)
    """The file that was written."""

    def __init__(self, plot: "LivePlot") -> None:
        super().__init__(plot)
        self._plot = plot
        self.button = button(tr("Save"), kind="quiet", on_click=self._show_menu, parent=plot)
        self.is_on_paper = False
        """While a picture is made."""
        self.controls: list[QWidget] = [self.button]
        """What is there to be pressed, and so is in no picture."""
        self.more: Callable[[QMenu], object] = lambda _menu: None
        """Adds what else can be taken away from here."""
        self.places: Callable[[], export.Places] = lambda: export.POSITIONS
        """How a table tells where a point is."""
        self.caption: Callable[[], str] = lambda: ""
        """What a picture is of; it stands above the plot there."""
        self.show_title(plot.title.text())

    def show_title(self, title: str) -> None:
        """The plot is called something else now."""
        self._title = title
        self.button.setAccessibleName(tr("Save the plot {title}", title=title))

    def menu(self) -> QMenu:
        """Picture, drawing or numbers."""
        menu = QMenu(self._plot)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Save as PNG…"), partial(self._ask_and_save, ".png"))
        menu.addAction(tr("Save as SVG…"), partial(self._ask_and_save, ".svg"))
        menu.addAction(tr("Save numbers as CSV…"), partial(self._ask_and_save, ".csv"))
        self.more(menu)
        return menu

    def save(self, path: Path) -> None:
        """Write the plot in the format of the path's ending: .png, .svg or .csv. Raises `TLStudioError`."""
        export.save(path, self.data(path.suffix.lower()))

    def data(self, suffix: str) -> bytes:
        """The bytes of such a file."""
        if suffix == ".csv":
            return export.table(self.places(), self._plot.curves, self._plot.unit.name)
        with self._on_paper():
            return export.svg(self._plot, self._title, self.caption()) if suffix == ".svg" else export.png(self._plot, self.caption())

    @contextmanager
    def _on_paper(self) -> Iterator[None]:
        """The plot as a picture shows it: nothing to press, large enough to be read, every curve named."""
        plot, legend = self._plot, self._plot.legend_below
        around = plot.parentWidget().layout() if plot.parentWidget() is not None else None
        hidden = [control for control in self.controls if control.isVisibleTo(plot)]
        size, beside, most_rows = plot.size(), plot.beside, legend.most_rows
        try:
            if around is not None:
                around.setEnabled(False)  # else it gives the plot its place again
            self.is_on_paper, plot.beside, legend.most_rows = True, None, _ALL
            for control in hidden:
                control.hide()
            plot.resize(size.expandedTo(_LEAST_SIZE))
            plot.redraw()
            yield
        finally:
            self.is_on_paper, plot.beside, legend.most_rows = False, beside, most_rows
            for control in hidden:
                control.show()
            plot.resize(size)
            plot.redraw()
            if around is not None:
                around.setEnabled(True)

    def _show_menu(self) -> None:
        self.menu().popup(self.button.mapToGlobal(QPoint(0, self.button.height())))

    def _ask_and_save(self, suffix: str) -> None:
        path = ask_new_of_kind(self._plot, tr("Save the plot"), self._title, suffix)
        if path is None:
            return
        try:
            export.save(path, self.data(suffix))
        except TLStudioError as error:
            self.failed.emit(error)
        else:
            self.saved.emit(str(path))
