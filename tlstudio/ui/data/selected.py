"""The selection, shown in the inspector and in the status line, and kept in step with the other panels."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from tlstudio.ui.data.inspector import Inspector
from tlstudio.ui.data.viewmodel import details, ordered_classes
from tlstudio.ui.widgets.thumb_grid import ThumbGrid
from tlstudio.ui.words import number, tr
from tlstudio.ui.workspace import Workspace


class Selected(QObject):
    """Listens to the grid and to everybody else who selects."""

    def __init__(self, workspace: Workspace, grid: ThumbGrid, inspector: Inspector, *, panel: QWidget) -> None:
        super().__init__(panel)
        self._panel = panel
        self._workspace = workspace
        self._grid = grid
        self._inspector = inspector
        grid.selection_changed.connect(workspace.select)
        workspace.changes.selection_changed.connect(self._on_selected)

    def refresh(self) -> None:
        """What is known of the selected images changed."""
        dataset = self._workspace.dataset
        if dataset is not None:
            found = details(dataset, self._workspace.selection)
            self._inspector.show_details(found, ordered_classes(dataset), writable=self._workspace.is_writable)
        self.say_hint()

    def say_hint(self) -> None:
        """How many are selected, and what a key does now."""
        if not self._panel.isVisible():
            return
        num, total = len(self._workspace.selection), len(self._grid.state.ids)
        text = tr("{n} of {total} selected", n=number(num), total=number(total))
        keys = tr("1–9 sets the class · Space opens large · Ctrl+Z undoes")
        self._workspace.changes.hint_changed.emit(
            f"{text} · {keys}" if num else tr("Click an image, or use the arrow keys · ? shows all keys")
        )

    def _on_selected(self, ids: tuple[int, ...]) -> None:
        if ids != self._grid.selection():
            self._grid.select(ids)
        self.refresh()
