"""Space in the gallery opens an image large; arrows move on to the next mistake."""

from PySide6.QtCore import QItemSelectionModel, QObject
from PySide6.QtWidgets import QWidget

from tlstudio.ui.evaluate.gallery import Gallery
from tlstudio.ui.evaluate.viewmodel import GalleryItem
from tlstudio.ui.widgets.large_view import LargeView
from tlstudio.ui.words import number, percent, tr
from tlstudio.ui.workspace import Workspace


class Enlarging(QObject):
    """Keeps the large view in step with the gallery."""

    def __init__(self, workspace: Workspace, gallery: Gallery, panel: QWidget) -> None:
        super().__init__(panel)
        self._workspace = workspace
        self._gallery = gallery
        self.view = LargeView(workspace.thumbnails, panel)
        self.view.stepped.connect(self.on_stepped)
        self.view.closed.connect(gallery.setFocus)
        self.view.closed.connect(workspace.pictures.release)
        gallery.large_asked.connect(self.open)
        gallery.doubleClicked.connect(self.open)

    def open(self, *_: object) -> None:
        """Show the image the keys speak to."""
        if self._item() is not None:
            self.view.open()
            self.refresh()

    def on_stepped(self, num: int) -> None:
        row = min(max(self._gallery.currentIndex().row() + num, 0), len(self._gallery.items) - 1)
        index = self._gallery.model().index(row, 0)
        self._gallery.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.refresh()

    def refresh(self) -> None:
        """The image, or its label, changed."""
        item = self._item()
        if self.view.isHidden():
            return
        if item is None:
            self.view.put_away()
            return
        place = tr("{n} of {total}", n=number(self._gallery.currentIndex().row() + 1), total=number(len(self._gallery.items)))
        self.view.show_image(item.content_hash, name=item.verdict.file, tag=_tag(item), place=place)
        sample = self._workspace.dataset.by_id.get(item.sample) if self._workspace.dataset is not None else None
        if sample is not None and sample.width_px:
            self._workspace.pictures.want(sample, self.view.picture.show_better)

    def _item(self) -> GalleryItem | None:
        index = self._gallery.currentIndex()
        item = self._gallery.items[index.row()] if index.isValid() else None
        return None if item is None or item.is_gone else item


def _tag(item: GalleryItem) -> str:
    """ "ants, answered bees 97 %"."""
    verdict = item.verdict
    answer = f"{verdict.predicted} {percent(verdict.probability, 0)}"
    return answer if verdict.is_right else tr("{truth}, answered {answer}", truth=verdict.truth, answer=answer)
