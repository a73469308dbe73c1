"""From a dropped folder to the first validated model: the clicks a person needs and the seconds it takes.

The window is driven as a person does it, with the network that is there and no setting touched. Everything counts from the drop: reading
the files, splitting, the pass of the backbone, the head, and the figures on the screen.
"""

import os
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.driver import Driver
from benchmarks.material import Material, end_processes_of, material
from benchmarks.results import Result, hand_on, say

_MUST_CLICKS = 3


class Clicks(QObject):
    """Counts the mouse."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(watched, QWidget):
            self.number += 1
        return False


def main() -> None:
    """Measure and hand on."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["TLSTUDIO_HOME"] = home
        try:
            _measure(material("hymenoptera", "vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors"))
        finally:
            end_processes_of(Path(home))


def _measure(chosen: Material) -> None:
    if chosen.weights is not None:
        from tlstudio.operations import weights

        weights.import_weights(weights.inspect_weights(chosen.weights))
    driver = Driver(warm=True)
    driver.until(lambda: driver.workspace.warm is not None, "the warm worker")
    driver.workspace.warm.wait_until_ready()  # type: ignore[union-attr]
    clicks = Clicks()
    application = QApplication.instance()
    application.installEventFilter(clicks)  # type: ignore[union-attr]
    started = time.perf_counter()
    driver.shell.take_drop([chosen.images])
    imported_s = _wait_for_images(driver, started)
    say(f"images are in after {imported_s:.1f} s")
    _click(driver, driver.shell.panels.panel("data").view.header.train)  # type: ignore[union-attr]
    driver.until(lambda: any(run.is_usable for run in driver.workspace.runs), "the first model")
    trained_s = time.perf_counter() - started
    say(f"the model is validated after {trained_s:.1f} s")
    train = driver.shell.panels.panel("train")
    driver.until(lambda: train.header.evaluate.isVisible(), "the way to its figures")  # type: ignore[union-attr]
    _click(driver, train.header.evaluate)  # type: ignore[union-attr]
    driver.until(lambda: _report(driver) is not None, "the figures")
    shown_s = time.perf_counter() - started
    report = _report(driver)
    num_images = len(driver.workspace.dataset.ready)  # type: ignore[union-attr]
    application.removeEventFilter(clicks)  # type: ignore[union-attr]
    driver.close()
    hand_on(_results(num_images, imported_s, trained_s, shown_s, clicks.number, report.accuracy.value))  # type: ignore[attr-defined]


def _results(num_images: int, imported_s: float, trained_s: float, shown_s: float, num_clicks: int, accuracy: float) -> list[Result]:
    case, images = "first model", f"{num_images} images"
    return [
        Result(case=case, figure="drop until all images are in", value=imported_s, unit="s", note=images),
        Result(case=case, figure="drop until the first model is validated", value=trained_s, unit="s"),
        Result(case=case, figure="drop until its mistakes are on the screen", value=shown_s, unit="s"),
        Result(
            case=case, figure="clicks", value=num_clicks, unit="", must=f"≤ {_MUST_CLICKS}, no setting", holds=num_clicks <= _MUST_CLICKS
        ),
        Result(case=case, figure="accuracy on validation", value=100 * accuracy, unit="%"),
    ]


def _wait_for_images(driver: Driver, started: float) -> float:
    workspace = driver.workspace
    driver.until(lambda: workspace.project is not None and workspace.dataset is not None and len(workspace.dataset.ready) > 0, "images")
    driver.until(lambda: not workspace.imports.is_running, "the end of the import")
    imported_s = time.perf_counter() - started
    button = driver.shell.panels.panel("data").view.header.train  # type: ignore[union-attr]
    driver.until(button.isEnabled, "the training button")
    return imported_s


def _report(driver: Driver) -> object | None:
    panel = driver.shell.panels.panel("evaluate")
    return panel.model.report if panel is not None else None  # type: ignore[attr-defined]


def _click(driver: Driver, button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.spin(0.0)


if __name__ == "__main__":
    main()
