"""The main job through the window with the real job process: drop, train, watch, judge, use. Clicks are counted."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from tests.conftest import MakeImages
from tests.gui.conftest import Window
from tlstudio.domain.run_state import RunState, Status
from tlstudio.operations import weights
from tlstudio.ui.evaluate.panel import EvaluatePanel
from tlstudio.ui.train.panel import TrainPanel
from tlstudio.ui.use.panel import UsePanel
from tlstudio.ui.zoo.pages import ModelsPanel

_TRAINING_MS = 900_000


class Clicks(QObject):
    """Counts what a person does with the mouse."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(watched, QWidget):
            self.number += 1
        return False


def drop(widget: QWidget, path: Path) -> None:
    """Let go of a file over the middle of a widget."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place = QPoint(widget.width() // 2, widget.height() // 2)
    arguments = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QGuiApplication.sendEvent(widget, QDragEnterEvent(place, *arguments))
    QGuiApplication.sendEvent(widget, QDropEvent(QPointF(place), *arguments))


def panel(window: Window, id: str) -> QWidget:
    """A panel, brought to the front by its step in the rail."""
    window.qtbot.mouseClick(window.shell.rail.item(id), Qt.MouseButton.LeftButton)
    window.until(lambda: window.shell.panels.current_id() == id)
    window.idle()
    found = window.shell.panels.panel(id)
    assert found is not None
    return found


def import_dropped(window: Window, folder: Path, number: int) -> None:
    drop(window.shell, folder)
    window.until(lambda: window.workspace.project is not None)
    window.until(lambda: not window.workspace.imports.is_running, timeout=300_000)
    window.wait_shown(lambda num: num == number)


@pytest.mark.timeout(1800)
def test_from_a_dropped_folder_to_an_export(window: Window, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = weights.import_weights(weights.inspect_weights(shared / "weights/vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors"))
    import_dropped(window, shared / "data/hymenoptera", 396)

    models = panel(window, "models")
    assert isinstance(models, ModelsPanel)
    zoo = models.zoo
    window.until(lambda: any(row.key == card.hash for row in zoo.model.shown))
    zoo.on_selected(card.hash)
    window.qtbot.mouseClick(zoo.detail.use, Qt.MouseButton.LeftButton)

    train = panel(window, "train")
    assert isinstance(train, TrainPanel)
    window.qtbot.mouseClick(train.recipe.card.recipes.segment("balanced"), Qt.MouseButton.LeftButton)
    train.recipe.on_setting_edited("epochs", 3)
    assert train.model.choice.recipe is not None
    assert train.model.choice.recipe.network.weights == card.hash
    states: list[RunState] = []
    window.workspace.changes.run_state_changed.connect(lambda _number, state: states.append(state))
    window.qtbot.mouseClick(train.header.start, Qt.MouseButton.LeftButton)
    window.until(lambda: bool(states) and states[-1].status.is_over, timeout=_TRAINING_MS)
    live = [state for state in states if state.status is Status.RUNNING]
    assert {len(state.steps) for state in live} - {0}, "no point of the curve arrived before the end"
    assert any(len(state.validations) >= 1 for state in live)
    window.until(lambda: window.workspace.runs[-1].is_usable)
    assert window.workspace.runs[-1].summary is not None
    assert window.workspace.runs[-1].summary.accuracy >= 0.94
    assert len(train.curves.left.series("training")) > 3

    evaluate = panel(window, "evaluate")
    assert isinstance(evaluate, EvaluatePanel)
    window.until(lambda: evaluate.model.report is not None)
    report = evaluate.model.report
    assert report is not None
    assert sum(map(sum, report.confusion)) == 153
    assert report.used_for_selection
    wrong = next((truth, guess) for truth in (0, 1) for guess in (0, 1) if truth != guess and report.confusion[truth][guess])
    _click_cell(window, evaluate, wrong)
    window.until(lambda: len(evaluate.mistakes.gallery.items) == report.confusion[wrong[0]][wrong[1]])

    use = panel(window, "use")
    assert isinstance(use, UsePanel)
    drop(use, shared / "data/hymenoptera/val/bees/10870992_eebeeb3a12.jpg")
    window.until(lambda: any(item.answer is not None for item in use.try_card.grid.items), timeout=300_000)
    answer = use.try_card.grid.items[0].answer
    assert answer is not None
    assert sum(answer.probabilities) == pytest.approx(1.0, abs=1e-3)

    target = tmp_path / "insects.onnx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_arguments: (str(target), ""))
    export = use.exports.cards["onnx"]
    window.qtbot.mouseClick(export.export_button, Qt.MouseButton.LeftButton)
    window.until(target.exists, timeout=600_000)
    window.until(lambda: "153 of 153" in _words_of(export))


def _click_cell(window: Window, evaluate: EvaluatePanel, cell: tuple[int, int]) -> None:
    from tlstudio.ui.evaluate.selection import Cell

    matrix = evaluate.mistakes.matrix
    place = matrix.center_of(Cell(*cell))
    window.qtbot.mouseClick(matrix.viewport(), Qt.MouseButton.LeftButton, pos=place)


def _words_of(widget: QWidget) -> str:
    from PySide6.QtWidgets import QLabel

    return " ".join(label.text() for label in widget.findChildren(QLabel))


@pytest.mark.timeout(1200)
def test_three_clicks_from_a_dropped_folder_to_a_validated_model(window: Window, make_images: MakeImages) -> None:
    clicks = Clicks()
    application = QGuiApplication.instance()
    assert application is not None
    application.installEventFilter(clicks)
    import_dropped(window, make_images({"discs": 30, "bars": 30}, size=96), 60)
    button = window.data.view.header.train
    window.until(button.isEnabled)
    window.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    window.until(lambda: any(run.is_usable for run in window.workspace.runs), timeout=_TRAINING_MS)
    train = window.shell.panels.panel("train")
    assert isinstance(train, TrainPanel)
    window.until(train.header.evaluate.isVisible)
    window.qtbot.mouseClick(train.header.evaluate, Qt.MouseButton.LeftButton)
    evaluate = window.shell.panels.panel("evaluate")
    assert isinstance(evaluate, EvaluatePanel)
    window.until(lambda: evaluate.model.report is not None)
    application.removeEventFilter(clicks)
    assert evaluate.model.report is not None
    assert evaluate.model.report.accuracy.value > 0.5
    assert clicks.number <= 3
