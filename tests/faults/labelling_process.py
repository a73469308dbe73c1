"""The real window, in which somebody labels image after image. Run: python labelling_process.py PROJECT NUM.

Says "ready N" with the number of images without a class; then a line "ID CLASS" for every label that the window has acknowledged; after
NUM of them it only waits. Which class an image gets is told by its name alone: see `key_of`.
"""

import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tlstudio.domain.commands import Change
from tlstudio.domain.dataset import Dataset
from tlstudio.ui.app import build_application, open_window
from tlstudio.ui.data.panel import DataPanel
from tlstudio.ui.shell import Shell

CLASSES = ("discs", "rods", "spirals")
_UNDER_WAY = 20
"""Keys that may be ahead of the disk: a person is never that quick."""


def key_of(name: str) -> int:
    """1 to 3: what is pressed for the image of this file name, such as "image_017.png"."""
    return 1 + int(name[6:9]) * 7 % len(CLASSES)


class Labeller:
    """Hits keys where the focus is, whenever the window is not busy with others."""

    def __init__(self, shell: Shell, num: int) -> None:
        self._shell = shell
        self._num = num
        self._pressed = 0
        self._acknowledged = 0
        shell.workspace.edits.made.connect(self._on_made)
        self._timer = QTimer(shell)
        self._timer.timeout.connect(self._step)
        self._timer.start(1)

    def _step(self) -> None:
        panel = self._shell.panels.currentWidget()
        if QApplication.focusWidget() is None:
            self._shell.activateWindow()  # without a window manager nobody else does
        if QApplication.focusWidget() is None or not isinstance(panel, DataPanel) or not panel.grid.state.ids:
            return
        if panel.sweeping.state is None:
            self._begin(panel)
        elif self._pressed < self._num and self._pressed - self._acknowledged < _UNDER_WAY:
            self._label(panel)

    def _begin(self, panel: DataPanel) -> None:
        num = panel.view.side.unlabelled.text().rpartition(" ")[2]
        if panel.browser.filter.chip != "unlabelled":
            panel.view.toolbar.chips.chip("unlabelled").click()
        elif len(panel.grid.state.ids) == int(num):
            print(f"ready {num}", flush=True)
            QTest.keyClick(panel.grid, Qt.Key.Key_S)

    def _label(self, panel: DataPanel) -> None:
        sweep, dataset = panel.sweeping.state, self._shell.workspace.dataset
        if sweep is None or dataset is None or sweep.current is None:
            return
        QTest.keyClick(QApplication.focusWidget(), str(key_of(dataset.by_id[sweep.current].name)))
        self._pressed += 1

    def _on_made(self, _project: object, change: Change, dataset: Dataset) -> None:
        """The edit is on the disk, and the window knows."""
        for id in change.samples:
            print(id, dataset.class_by_id[dataset.by_id[id].class_id or ""].name, flush=True)
        self._acknowledged += 1


if __name__ == "__main__":
    application = build_application(["tlstudio"])
    window = open_window(Path(sys.argv[1]), warm=False)
    labeller = Labeller(window, int(sys.argv[2]))
    application.exec()
