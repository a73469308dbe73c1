"""The window's program: one application, one shell, and what begins after the first paint."""

import contextlib
import os
import sys
import types
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from tlstudio.log import log_to_file, logger
from tlstudio.operations import preferences
from tlstudio.paths import log_dir
from tlstudio.ui.collector import Collector
from tlstudio.ui.panels import PANELS
from tlstudio.ui.shell import Shell
from tlstudio.ui.theme import Theme
from tlstudio.ui.widgets.seen import is_seen
from tlstudio.ui.workspace import Workspace

log = logger(__name__)

_DEVICE_EVERY_MS = 5000
_FIRST_PANEL = PANELS["data"].panel.partition(":")[0]
"""Imported while the start page is looked at, so that the first project opens at once."""


def main(arguments: Sequence[str]) -> int:
    """Open the window, on a project where one is named; returns the exit code when it is closed."""
    log_to_file(log_dir() / "window.log")
    application = build_application(["tlstudio", *arguments])
    collector = Collector(application)
    shell = open_window(Path(arguments[0]) if arguments else None)
    sys.excepthook = lambda kind, error, trace: _on_bug(shell, kind, error, trace)
    code = application.exec()
    sys.excepthook = sys.__excepthook__
    shell.workspace.close()
    collector.close()
    return code


def build_application(arguments: Sequence[str]) -> QApplication:
    """The application with its theme; the one there is already is taken."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(list(arguments))
    application.setApplicationName("TL Studio")
    application.setApplicationDisplayName("TL Studio")
    application.setDesktopFileName("tlstudio")
    chosen = preferences.load()
    preferences.use(chosen)
    if application.findChild(Theme) is None:
        Theme(application, chosen.scheme)
    else:
        application.findChild(Theme).choose(chosen.scheme)
    return application


def open_window(path: Path | None, *, warm: bool = True) -> Shell:
    """Show the window; the project, the device and the warm worker come after its first paint."""
    workspace = Workspace()
    shell = Shell(workspace)
    workspace.setParent(shell)
    theme = QApplication.instance().findChild(Theme)
    if theme is not None:
        theme.changed.connect(workspace.changes.theme_changed)
    shell.painted.connect(lambda: _after_first_paint(shell, path, warm=warm))
    shell.show()
    return shell


def _after_first_paint(shell: Shell, path: Path | None, *, warm: bool) -> None:
    _tell_first_paint()
    workspace = shell.workspace
    if path is not None:
        shell.open_path(path)
    else:
        shell.start.refresh()
        workspace.background.run(lambda _report, _stop: import_module(_FIRST_PANEL), lane="start")
    _look_at_device(shell)
    timer = QTimer(shell)
    timer.timeout.connect(lambda: _look_at_device(shell))
    timer.start(_DEVICE_EVERY_MS)
    if warm:
        workspace.background.run(lambda _report, _stop: _make_warm_worker(), done=lambda worker: _keep_warm(workspace, worker), lane="warm")
        if not os.environ.get("TLSTUDIO_NO_PROBE"):
            workspace.probing.begin()


def _tell_first_paint() -> None:
    """Who measures the start (benchmarks/window.py) names a pipe that hears of it."""
    descriptor = os.environ.pop("TLSTUDIO_FIRST_PAINT_FD", "")
    if descriptor:
        os.write(int(descriptor), b"painted\n")
        os.close(int(descriptor))


def _look_at_device(shell: Shell) -> None:
    from tlstudio.ui import device

    def show(found: device.Device) -> None:
        shell.rail.show_device(found.name, found.line)
        shell.start.show_device(found)

    if is_seen(shell):
        shell.workspace.background.run(lambda _report, _stop: device.look(), done=show, lane="device")


def _make_warm_worker() -> object:
    from tlstudio.jobs.warm import WarmWorker
    from tlstudio.ui.device import has_room_for_warm_worker

    if not has_room_for_warm_worker() or os.environ.get("TLSTUDIO_NO_WARM_WORKER"):
        return None
    worker = WarmWorker(log_dir())
    worker.start()
    return worker


def _keep_warm(workspace: Workspace, worker: object) -> None:
    workspace.warm, workspace.is_worker_known = worker, True
    workspace.changes.worker_changed.emit()


def _on_bug(shell: Shell, kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
    """A mistake of ours in the window itself: logged, told in plain words, and the window stays."""
    log.error("unexpected error in the window", exc_info=(kind, error, trace))
    from tlstudio.ui.background import as_bug

    with contextlib.suppress(RuntimeError):  # the window may be gone already
        shell.workspace.changes.failed.emit(as_bug(error))
