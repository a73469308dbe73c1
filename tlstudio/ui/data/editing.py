"""What a person does to the selected images and to classes; errors are shown in the panel."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from tlstudio.domain.findings import Finding
from tlstudio.domain.splits import Split, SplitPlan
from tlstudio.errors import TLStudioError
from tlstudio.ui.data import edits
from tlstudio.ui.data.viewmodel import class_at
from tlstudio.ui.widgets.notice import Notice
from tlstudio.ui.widgets.thumb_grid import ThumbGrid
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace


class Editing(QObject):
    """Turns intents into edits of the project: of the selected images, or of those named."""

    failed = Signal()
    """An edit was refused; why is shown in the panel."""

    def __init__(self, workspace: Workspace, grid: ThumbGrid, notice: Notice) -> None:
        super().__init__(notice)
        self._workspace = workspace
        self._grid = grid
        self._notice = notice

    def set_class_at(self, place: int) -> None:
        """The class of key `place` + 1; -1 takes the class away."""
        dataset = self._workspace.dataset
        item = class_at(dataset, place) if dataset is not None and place >= 0 else None
        if item is not None:
            self.set_class(item.id)
        elif place < 0:
            self.set_class(None)
        else:
            self.say_no_class(place)

    def say_no_class(self, place: int) -> None:
        """Why key `place` + 1 does nothing."""
        self._workspace.changes.said.emit(tr("No class has key {key}.", key=place + 1))

    def set_class(self, class_id: str | None, ids: Sequence[int] = ()) -> None:
        """Give images a class, or none."""
        if ids := ids or self._selected():
            self._edit(edits.label(ids, class_id))

    def set_split(self, split: Split) -> None:
        """Put the selected images into a part by hand."""
        if ids := self._selected():
            self._edit(edits.to_split(ids, split))

    def set_aside(self, ids: Sequence[int] = ()) -> None:
        """Keep images out."""
        if ids := ids or self._selected():
            self._edit(edits.aside(ids))

    def take_back(self) -> None:
        """Let the selected images take part again."""
        if ids := self._selected():
            self._edit(edits.back(ids))

    def set_note(self, text: str) -> None:
        """Write a note on the selected image."""
        if ids := self._grid.selection():
            self._edit(edits.note(ids, text))

    def add_class(self, name: str) -> None:
        """A new class."""
        self._edit(edits.add_class(name))

    def rename_class(self, class_id: str, name: str) -> None:
        """Another name for a class."""
        self._edit(edits.rename_class(class_id, name))

    def remove_class(self, class_id: str) -> None:
        """Take away a class without images."""
        self._edit(edits.remove_class(class_id))

    def merge_classes(self, class_id: str, into: str) -> None:
        """All images of a class get another."""
        self._edit(edits.merge_classes(class_id, into))

    def divide_again(self, plan: SplitPlan, keep_test: bool) -> None:
        """Divide the images anew, the test set left as it is where that is wanted."""
        self._edit(edits.divide_again(plan, keep_test=keep_test))

    def mend(self, finding: Finding) -> None:
        """What a finding's button does."""
        self._edit(edits.mend(finding))

    def decline(self, finding: Finding) -> None:
        """What a finding proposes is not so."""
        self._edit(edits.decline(finding))

    def _selected(self) -> tuple[int, ...]:
        ids = self._grid.selection()
        if not ids:
            self._workspace.changes.said.emit(tr("Select images first."))
        return ids

    def _edit(self, change: edits.Edit) -> None:
        self._notice.clear()
        self._workspace.edit(change, failed=self._on_failed)

    def _on_failed(self, error: TLStudioError) -> None:
        self._notice.show_error(error)
        self.failed.emit()
