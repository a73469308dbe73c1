"""Which images the grid shows, and in which order: the filter is applied in the background, and the newest wish wins."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding
from tlstudio.ui.data.likeness import Likeness
from tlstudio.ui.data.orders import IMPORTED, LIKENESS, Ranks, ranks
from tlstudio.ui.data.tiles import tile_of
from tlstudio.ui.data.viewmodel import Filter, Shown, show
from tlstudio.ui.widgets.thumb_grid import ThumbGrid
from tlstudio.ui.workspace import Workspace


class Browser(QObject):
    """Keeps the grid in step with the data set, the filter and the order."""

    shown = Signal(object)
    """A `Shown`, when the grid has it."""
    filter_changed = Signal(object)
    order_changed = Signal(str)

    def __init__(self, workspace: Workspace, grid: ThumbGrid, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._grid = grid
        self.filter = Filter()
        self._applied = Filter()
        """What the list in the grid was made with."""
        self._applied_order = IMPORTED
        self.order = IMPORTED
        self._ranks: Ranks | None = None
        """Of the order; None where it has to be made."""
        self._likeness = Likeness(workspace, self)
        self._likeness.found.connect(self._arrange)
        self._likeness.failed.connect(self._on_not_ordered)
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
        """Show what a chip stands for."""
        self._set(self.filter.with_chip(chip))

    def choose_class(self, class_id: str) -> None:
        """Show one class, of the part that is shown."""
        dataset = self._workspace.dataset
        if dataset is not None and class_id in dataset.class_by_id:
            self._set(self.filter.with_class(class_id, dataset.class_by_id[class_id].name))

    def pick(self, label: str, *, only: Iterable[int], check: str = "") -> None:
        """Show certain images, whatever was shown before; those of a `check` until it finds nothing any more."""
        self._set(Filter(only=frozenset(only), label=label, check=check))

    def drop_pick(self) -> None:
        """Show every class again."""
        if self.filter.label:
            self._set(self.filter.without_pick())

    def choose_order(self, order: str) -> None:
        """Show the images in another order, or in the same one as it is now; one that takes time comes when it is worked out."""
        self._likeness.stop()
        self.order = order
        self.order_changed.emit(order)
        if order == LIKENESS:
            self._likeness.find()
        else:
            self._arrange()

    def search(self, query: str) -> None:
        """Show only images whose name, note or class contains these words."""
        self._set(replace(self.filter, query=query))

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """The chip "Problems" stands for these too."""
        if tuple(findings) != self._findings:
            self._findings = tuple(findings)
            if self.filter.check and self.filter.check not in {finding.check for finding in findings}:
                self.drop_pick()
            else:
                self.refresh()

    def reset(self) -> None:
        """Another project: show everything; what is wrong with it is not known yet."""
        self._findings = ()
        self._likeness.forget()
        self.order = IMPORTED
        self.order_changed.emit(IMPORTED)
        self._set(Filter())

    def _set(self, wanted: Filter) -> None:
        self.filter = wanted
        self.filter_changed.emit(self.filter)
        self._arrange()

    def _arrange(self) -> None:
        """Another list or another order: what depends on labels is looked at anew, and stays so while this list is shown."""
        self._ranks = None
        self.refresh()

    def _on_not_ordered(self, error: object) -> None:
        self.choose_order(IMPORTED)
        self._workspace.changes.failed.emit(error)

    def refresh(self) -> None:
        """The data or the filter changed. Tiles that are on the screen change at once, the list a moment later."""
        dataset = self._workspace.dataset
        if self._is_held:
            return
        if dataset is None:
            self._grid.set_tiles((), partial(tile_of, _NOTHING))
            return
        self._follow_class(dataset)
        self._grid.describe = partial(tile_of, dataset)
        self._grid.refresh()
        if self._is_busy:
            self._is_stale = True
            return
        self._is_busy = True
        wanted, findings, order, places, known = self.filter, self._findings, self.order, self._likeness.places, self._ranks

        def work(_report: object, _stop: object) -> tuple[Shown, Ranks | None]:
            made = known or ranks(dataset, order, places)
            return show(dataset, wanted, findings, ranks=made), made

        self._workspace.background.run(
            work, done=lambda result: self._on_shown(dataset, wanted, order, *result), failed=self._on_failed, lane="filter"
        )

    def _follow_class(self, dataset: Dataset) -> None:
        """The class that is shown may have another name, or be gone."""
        if self.filter.class_id is None:
            return
        item = dataset.class_by_id.get(self.filter.class_id)
        followed = self.filter.without_pick() if item is None else replace(self.filter, label=item.name)
        if followed != self.filter:
            self.filter = followed
            self.filter_changed.emit(followed)

    def _on_shown(self, dataset: Dataset, wanted: Filter, order: str, found: Shown, made: Ranks | None) -> None:
        self._is_busy = False
        if self._is_stale:
            self._is_stale = False
            self.refresh()
            return
        if dataset is not self._workspace.dataset:
            self.refresh()
            return
        self._ranks = made
        is_same_list, self._applied = wanted == self._applied, wanted
        is_same_order, self._applied_order = order == self._applied_order, order
        was_selected = bool(self._grid.state.selected)
        if found.ids != self._grid.state.ids:
            self._grid.set_tiles(found.ids, partial(tile_of, dataset))
        if not is_same_order and found.ids:
            self._grid.reveal((self._grid.state.current or 0) if self._grid.state.selected else 0)
        if is_same_list and was_selected and not self._grid.state.selected:
            # The image that was classed has left this list: go on with the one in its place. Another list begins with nothing selected.
            self._grid.step(0)
        self.shown.emit(found)

    def _on_failed(self, error: object) -> None:
        self._is_busy = False
        self._workspace.changes.failed.emit(error)


_NOTHING = Dataset(samples=(), classes=(), roots=(), plan=None)
