"""The large view of the image the keys speak to, kept in step with the grid."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from tlstudio.ui.widgets.large_view import LargeView
from tlstudio.ui.widgets.thumb_grid import ThumbGrid
from tlstudio.ui.words import number, tr
from tlstudio.ui.workspace import Workspace


class Enlarging(QObject):
    """Opens on Space; arrows move the grid's selection along."""

    def __init__(self, workspace: Workspace, grid: ThumbGrid, panel: QWidget) -> None:
        super().__init__(panel)
        self._workspace = workspace
        self._grid = grid
        self.view = LargeView(workspace.thumbnails, panel)
        self.view.stepped.connect(grid.step)
        self.view.closed.connect(grid.setFocus)
        self.view.closed.connect(workspace.pictures.release)
        grid.activated.connect(self.open)
        grid.selection_changed.connect(self.refresh)

    def open(self, _id: int) -> None:
        """Show the image the keys speak to."""
        self.view.open()
        self.refresh()

    def refresh(self, *_: object) -> None:
        """The image, or what is known of it, changed."""
        dataset, id = self._workspace.dataset, self._grid.current()
        if self.view.isHidden():
            return
        sample = dataset.by_id.get(id) if dataset is not None and id is not None else None
        if dataset is None or sample is None:
            self.view.put_away()
            return
        item = dataset.class_by_id.get(sample.class_id or "")
        place = tr("{n} of {total}", n=number((self._grid.state.current or 0) + 1), total=number(len(self._grid.state.ids)))
        self.view.show_image(sample.content_hash, name=sample.name, tag=item.name if item else "", place=place)
        if sample.width_px:
            self._workspace.pictures.want(sample, self.view.picture.show_better)
