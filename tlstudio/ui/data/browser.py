"""Which images the grid shows: the filter is applied in the background, and the newest wish wins."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding
from tlstudio.ui.data.tiles import tile_of
from tlstudio.ui.data.viewmodel import Filter, Shown, show
from tlstudio.ui.widgets.thumb_grid import ThumbGrid
from tlstudio.ui.workspace import Workspace


class Browser(QObject):
    """Keeps the grid in step with the data set and the filter."""

    shown = Signal(object)
    """A `Shown`, when the grid has it."""
    filter_changed = Signal(object)

    def __init__(self, workspace: Workspace, grid: ThumbGrid, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._grid = grid
        self.filter = Filter()
        self._applied = Filter()
        """What the list in the grid was made with."""
        self._findings: tuple[Finding, ...] = ()
        self._is_busy = False
        self._is_stale = False
        self._is_held = False

    def hold(self) -> None:
        """The grid is covered: its list stays as it is until it is let go."""
        self._is_held = True

    def let_go(self) -> None:
        """The grid is seen again."""
        self._is_held = False
        self.refresh()

    def choose_chip(self, chip: str) -> None:
        """Show what a chip stands for; what was picked is let go."""
        self._set(Filter(chip=chip, query=self.filter.query))

    def pick(self, label: str, *, class_id: str | None = None, only: Iterable[int] | None = None) -> None:
        """Show one class, or certain images."""
        self._set(Filter(chip="picked", class_id=class_id, only=None if only is None else frozenset(only), label=label))

    def search(self, query: str) -> None:
        """Show only images whose name, note or class contains these words."""
        self._set(replace(self.filter, query=query))

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """The chip "Problems" stands for these too."""
        if tuple(findings) != self._findings:
            self._findings = tuple(findings)
            self.refresh()

    def reset(self) -> None:
        """Another project: show everything; what is wrong with it is not known yet."""
        self._findings = ()
        self._set(Filter())

    def _set(self, wanted: Filter) -> None:
        self.filter = wanted
        self.filter_changed.emit(self.filter)
        self.refresh()

    def refresh(self) -> None:
        """The data or the filter changed. Tiles that are on the screen change at once, the list a moment later."""
        dataset = self._workspace.dataset
        if self._is_held:
            return
        if dataset is None:
            self._grid.set_tiles((), partial(tile_of, _NOTHING))
            return
        self._grid.describe = partial(tile_of, dataset)
        self._grid.refresh()
        if self._is_busy:
            self._is_stale = True
            return
        self._is_busy = True
        wanted, findings = self.filter, self._findings
        self._workspace.background.run(
            lambda _report, _stop: show(dataset, wanted, findings),
            done=lambda found: self._on_shown(dataset, wanted, found),
            failed=self._on_failed,
            lane="filter",
        )

    def _on_shown(self, dataset: Dataset, wanted: Filter, found: Shown) -> None:
        self._is_busy = False
        if self._is_stale:
            self._is_stale = False
            self.refresh()
            return
        if dataset is not self._workspace.dataset:
            self.refresh()
            return
        is_same_list, self._applied = wanted == self._applied, wanted
        was_selected = bool(self._grid.state.selected)
        if found.ids != self._grid.state.ids:
            self._grid.set_tiles(found.ids, partial(tile_of, dataset))
        if is_same_list and was_selected and not self._grid.state.selected:
            # The image that was classed has left this list: go on with the one in its place. Another list begins with nothing selected.
            self._grid.step(0)
        self.shown.emit(found)

    def _on_failed(self, error: object) -> None:
        self._is_busy = False
        self._workspace.changes.failed.emit(error)


_NOTHING = Dataset(samples=(), classes=(), roots=(), plan=None)
