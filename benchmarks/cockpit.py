"""How soon the cockpit answers its slider: from the key to the repainted figures, through all stops of a network, fifty times."""

import os
import tempfile
import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.driver import Driver
from benchmarks.results import Result, hand_on, median, say

_NETWORKS = ("resnet18", "vit_tiny_patch16_224", "vit_large_patch16_224")
_ROUNDS = 50
_MOST_MS = 100
_PATIENCE_S = 10.0


class Painted(QObject):
    """Knows whether each of some widgets was painted since it was asked last."""

    def __init__(self, widgets: list[QWidget]) -> None:
        super().__init__()
        self._widgets = widgets
        self._seen: set[QObject] = set()
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._seen.add(watched)
        return False

    def forget(self) -> None:
        """Nothing was painted yet."""
        self._seen.clear()

    @property
    def all(self) -> bool:
        """Whether every one was."""
        return all(widget in self._seen for widget in self._widgets)


def main() -> None:
    """Measure and hand on."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["TLSTUDIO_HOME"] = home
        driver = Driver()
        try:
            results = [_measure(driver, page, name) for page in [_open(driver)] for name in _NETWORKS]
        finally:
            driver.close()
    hand_on(results)


def _open(driver: Driver):  # type: ignore[no-untyped-def]
    """The sample in the window, and its Models panel."""
    from tlstudio.operations.projects import open_sample

    driver.workspace.open_with(lambda report, stop: open_sample(report, stop, kind="window"))
    driver.until(lambda: driver.workspace.project is not None and driver.workspace.background.is_idle, "the sample")
    return driver.shell.show_panel("models") or driver.shell.panels.panel("models")


def _measure(driver: Driver, panel, name: str) -> Result:  # type: ignore[no-untyped-def]
    from tlstudio.domain.recipe import NetworkPart

    panel.show_cockpit(NetworkPart(architecture=name))
    page = panel.cockpit
    driver.until(lambda: bool(page.model.boxes) and page.model.known.network.architecture == name, name)
    driver.spin(0.5)
    slider, painted = page.stages.slider, Painted([page.stages.view, page.stages.slider])
    slider.setFocus()
    QApplication.processEvents()
    taken, at_work = [], []
    for round_number in range(_ROUNDS):
        home, onward = (Qt.Key.Key_Home, Qt.Key.Key_Right) if round_number % 2 == 0 else (Qt.Key.Key_End, Qt.Key.Key_Left)
        _press(slider, home)
        QApplication.processEvents()
        for _stop in range(slider.maximum()):
            painted.forget()
            started, own = time.perf_counter(), time.thread_time()
            _press(slider, onward)
            while not painted.all:
                QCoreApplication.processEvents()
                if time.perf_counter() - started > _PATIENCE_S:
                    raise SystemExit("the drawing was not painted")
            QCoreApplication.processEvents()  # what figures of another width make room for
            taken.append(1000 * (time.perf_counter() - started))
            at_work.append(1000 * (time.thread_time() - own))
    taken.sort()
    at_work.sort()
    p95, own95 = taken[int(len(taken) * 0.95)], at_work[int(len(at_work) * 0.95)]
    say(f"{name}: median {median(taken):.1f} ms, p95 {p95:.1f} ms, its own work {own95:.1f} ms")
    return Result(
        case="cockpit",
        figure=f"slider to repainted figures, {name}, 95th percentile",
        value=p95,
        unit="ms",
        must=f"≤ {_MOST_MS} ms",
        holds=p95 <= _MOST_MS,
        note=f"{len(taken)} moves, median {median(taken):.1f} ms, longest {taken[-1]:.1f} ms; its own work {own95:.1f} ms",
    )


def _press(widget: QWidget, key: Qt.Key) -> None:
    QCoreApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier))


if __name__ == "__main__":
    main()
