"""Labelling image by image: a key sets the class of the one that is shown, and the next one comes by itself."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from tlstudio.domain.samples import Sample, SampleState
from tlstudio.ui.data.browser import Browser
from tlstudio.ui.data.editing import Editing
from tlstudio.ui.data.sweep import Sweep
from tlstudio.ui.data.sweep_view import SweepView
from tlstudio.ui.data.view import DataView
from tlstudio.ui.data.viewmodel import class_at, class_rows
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace

_THUMBNAILS_AHEAD = 8
_PICTURES_AHEAD = 2
"""Large ones take tens of megabytes each."""


class Sweeping(QObject):
    """Runs a sweep over the images that the grid shows, in its order; while none runs, keys speak to the selected images."""

    begun = Signal()

    def __init__(self, workspace: Workspace, below: DataView, browser: Browser, editing: Editing, *, panel: QWidget) -> None:
        super().__init__(panel)
        self._workspace = workspace
        self._below = below
        self._browser = browser
        self._editing = editing
        self.state: Sweep | None = None
        """None while no sweep runs."""
        self.view = SweepView(workspace.thumbnails, panel)
        self.view.class_wanted.connect(self._label)
        self.view.stepped.connect(self._on_stepped)
        self.view.closed.connect(self._on_closed)
        editing.failed.connect(self.view.put_away)
        workspace.changes.undoing.connect(self._on_undoing)
        workspace.changes.redoing.connect(self._on_redoing)

    def start(self) -> None:
        """Begin with the image the keys speak to, or with the first."""
        dataset, grid = self._workspace.dataset, self._below.grid
        if dataset is None or not self._workspace.is_writable or self.state is not None:
            return
        ids = [id for id in grid.state.ids if (sample := dataset.by_id.get(id)) is not None and sample.state is SampleState.READY]
        if not ids or not dataset.classes:
            words = tr("There is no image here to label.") if not ids else tr("Add a class first: the first nine have a key each.")
            self._workspace.changes.said.emit(words)
            return
        chosen = grid.selection()
        start = ids.index(chosen[0]) if chosen and chosen[0] in ids else 0
        self.state = Sweep(ids, class_of=self._stored_class, start=start)
        self.begun.emit()
        self._browser.hold()
        self._below.setEnabled(False)
        self.view.covering.open()
        self.refresh()

    def set_class_at(self, place: int) -> None:
        """The class of key `place` + 1, for the image that is shown; -1 takes the class away."""
        dataset = self._workspace.dataset
        if self.state is None or dataset is None:
            self._editing.set_class_at(place)
        elif place < 0:
            self._label(None)
        elif (item := class_at(dataset, place)) is not None:
            self._label(item.id)
        else:
            self._editing.say_no_class(place)

    def set_aside(self) -> None:
        """Keep the image that is shown out."""
        sample = self._sample(self.state.current) if self.state is not None else None
        if self.state is None:
            self._editing.set_aside()
        elif sample is not None and sample.state is SampleState.READY:
            self.state.leave_out()
            self._editing.set_aside((sample.id,))
            self.refresh()

    def refresh(self) -> None:
        """Another image is shown, or what is known of it changed."""
        state, dataset = self.state, self._workspace.dataset
        if state is None or dataset is None:
            return
        self.view.show_classes(class_rows(dataset))
        self.view.show_place(num_left=state.num_left, total=len(state.ids))
        self._workspace.changes.hint_changed.emit(tr("1–9 sets the class and goes on · Ctrl+Z undoes and goes back · Esc ends"))
        sample = self._sample(state.current)
        if sample is None:
            self.view.show_end(num_without=sum(state.class_of(id) is None for id in state.ids))
            return
        self.view.show_image(sample.content_hash, name=sample.name, class_id=state.class_of(sample.id))
        ahead = [item for id in state.ahead(_THUMBNAILS_AHEAD) if (item := self._sample(id)) is not None]
        self.view.prepare([item.content_hash for item in ahead])
        self._workspace.pictures.want(sample, self.view.picture.show_better, ahead=ahead[:_PICTURES_AHEAD])

    def _label(self, class_id: str | None) -> None:
        if self.state is None or (id := self.state.current) is None:
            return
        if self.state.label(class_id):
            self._editing.set_class(class_id, (id,))
        self.refresh()

    def _on_stepped(self, num: int) -> None:
        if self.state is not None:
            self.state.go(num)
            self.refresh()

    def _on_undoing(self) -> None:
        if self.state is not None:
            self.state.take_back()
            self.refresh()

    def _on_redoing(self) -> None:
        if self.state is not None:
            self.state.do_again()
            self.refresh()

    def _on_closed(self) -> None:
        state, self.state = self.state, None
        self._workspace.pictures.release()
        self._below.setEnabled(True)
        if state is not None and state.current is not None:
            self._below.grid.select([state.current])
            self._below.grid.tell()
        self._below.focus_images()
        self._browser.let_go()

    def _sample(self, id: int | None) -> Sample | None:
        dataset = self._workspace.dataset
        return None if dataset is None or id is None else dataset.by_id.get(id)

    def _stored_class(self, id: int) -> str | None:
        sample = self._sample(id)
        return None if sample is None else sample.class_id
