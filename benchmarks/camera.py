"""The window that pictures are taken of, and the runs that they show: what all scripts that take pictures share."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QDeadlineTimer, QEventLoop, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication

SIZES = ((1440, 900), (1024, 700))
SCHEMES = ("light", "dark")
_WAIT_MS = 240_000


class Camera:
    """The window, and the folder that its pictures go to."""

    def __init__(self, folder: Path) -> None:
        from tlstudio.ui.app import build_application, open_window

        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.application = build_application(["tlstudio"])
        self.shell = open_window(None, warm=False)
        self.settle()

    def settle(self, ms: int = 400) -> None:
        """Let the window do what it has to."""
        deadline = QDeadlineTimer(ms)
        while not deadline.hasExpired():
            self.application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        background = self.shell.workspace.background
        self.until(lambda: background.is_idle, "the background to be idle")

    def until(self, holds: Callable[[], bool], what: str, ms: int = _WAIT_MS) -> None:
        """Wait for something that must come."""
        deadline = QDeadlineTimer(ms)
        while not holds():
            if deadline.hasExpired():
                raise SystemExit(f"waited in vain for {what}")
            self.application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def take(self, name: str, *, panels: tuple[str, ...] = (), settle_ms: int = 400, prepare: Callable[[], object] | None = None) -> None:
        """A picture in every scheme and size, of the window as it is or of each of `panels`; `prepare` opens what is to be seen."""
        for width, height in SIZES:
            self.shell.resize(width, height)
            for scheme in SCHEMES:
                self._use(scheme)
                for panel in panels or ("",):
                    if panel:
                        self.shell.show_panel(panel)
                    if prepare is not None:
                        prepare()
                    self.settle(settle_ms)
                    scale = self.shell.devicePixelRatioF()
                    size = f"{width}x{height}" if scale == 1 else f"{width}x{height}-{scale:.0%}"
                    title = "-".join(part for part in (name, panel, scheme, size) if part)
                    self._picture().save(str(self.folder / f"{title}.png"))

    def _picture(self) -> QPixmap:
        """The window with the cards that lie over it; they are closed then."""
        picture = self.shell.grab()
        cards = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible() and widget.windowType() is Qt.WindowType.Popup]
        painter = QPainter(picture)
        for card in cards:
            painter.drawPixmap(card.pos() - self.shell.pos(), card.grab())
        painter.end()
        for card in cards:
            card.close()
        return picture

    def _use(self, scheme: str) -> None:
        from tlstudio.ui.theme import Theme

        theme = self.application.findChild(Theme)
        assert isinstance(theme, Theme)
        theme.choose(scheme)  # type: ignore[arg-type]


def run_started(camera: Camera, recipe_id: str, *, seed: int = 0) -> int:
    """Start a run on the open project as the Train button does; returns its number, when it has some."""
    from tlstudio.domain.recipe import RECIPES
    from tlstudio.operations.weights import default_network

    workspace = camera.shell.workspace
    known = {run.number for run in workspace.runs}
    workspace.training.start(msgspec.structs.replace(RECIPES[recipe_id].build(default_network()), seed=seed))
    camera.until(lambda: bool({run.number for run in workspace.runs} - known), "the run to begin")
    return max(run.number for run in workspace.runs)


def run_over(camera: Camera, number: int) -> Callable[[], bool]:
    """Whether a run has ended and the table knows."""
    return lambda: any(run.number == number and run.status.is_over for run in camera.shell.workspace.runs)


def num_validations(folder: Path) -> int:
    """Points that a run's curves have."""
    from tlstudio.jobs.watcher import read_state

    return len(read_state(folder).validations)
