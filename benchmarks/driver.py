"""The real window, driven by a script."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

_PATIENCE_S = 300.0


class Driver:
    """Opens the window and lets its event loop run."""

    def __init__(self, *, warm: bool = False) -> None:
        from tlstudio.ui.app import build_application, open_window

        os.environ["TLSTUDIO_NO_PROBE"] = "1"  # what is measured here is not to be shared with another measurement
        self.application = build_application(["tlstudio"])
        self.shell = open_window(None, warm=warm)
        self.workspace = self.shell.workspace
        self.spin(0.5)

    def spin(self, seconds: float) -> None:
        """Let the loop run."""
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def until(self, holds: Callable[[], bool], what: str, *, patience_s: float = _PATIENCE_S) -> None:
        """Let the loop run until `holds`."""
        deadline = time.monotonic() + patience_s
        while not holds():
            if time.monotonic() > deadline:
                raise SystemExit(f"waited in vain for {what}")
            self.spin(0.01)

    def open(self, folder: Path) -> None:
        """Open a project."""
        self.workspace.open(folder)
        self.until(lambda: self.workspace.project is not None and self.workspace.background.is_idle, "the project")

    def running(self) -> list[int]:
        """Numbers of the runs on their way."""
        return [run.number for run in self.workspace.runs if not run.status.is_over]

    def close(self) -> None:
        """Close the window as a person does."""
        self.shell.close()
        self.workspace.close()
        self.shell.deleteLater()
        QApplication.sendPostedEvents()
        self.spin(0.05)


class GapProbe(QObject):
    """Notes the time between turns of the event loop with a timer of one millisecond, the shortest that leaves the loop idle."""

    def __init__(self) -> None:
        super().__init__()
        self._clock = QElapsedTimer()
        self._gaps: list[int] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._note)

    def start(self) -> None:
        """Begin to note."""
        self._clock.start()
        self._timer.start(1)

    def stop(self) -> list[float]:
        """End; the gaps in seconds."""
        self._timer.stop()
        return [gap / 1e9 for gap in self._gaps]

    def _note(self) -> None:
        self._gaps.append(self._clock.nsecsElapsed())
        self._clock.restart()
