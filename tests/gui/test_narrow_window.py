"""What a window of 1024 x 700 still says in whole words."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication

from tests.gui.conftest import Window
from tests.recorded import make_project, record_run
from tests.replayed_job import finished_run
from tlstudio.domain.splits import Split
from tlstudio.ui import theme
from tlstudio.ui.app import build_application
from tlstudio.ui.evaluate.panel import EvaluatePanel
from tlstudio.ui.tasks.classification import ClassificationPainter
from tlstudio.ui.tasks.painter import Verdict
from tlstudio.ui.train.panel import TrainPanel
from tlstudio.ui.widgets.eliding import shortened

BUSY = "epoch 2 of 14 · about 3 min left · 1,840 img/s"


class Recorder(QPainter):
    """Remembers what is written."""

    def __init__(self, image: QImage) -> None:
        super().__init__(image)
        self.words: list[str] = []

    def drawText(self, *arguments: object) -> None:
        self.words.append(str(arguments[-1]))


@pytest.fixture
def metrics() -> QFontMetrics:
    assert isinstance(build_application(["tlstudio"]), QApplication)
    return QFontMetrics(theme.font())


@pytest.mark.parametrize(
    ("text", "room_for", "shown"),
    [
        (BUSY, BUSY, BUSY),
        (BUSY, BUSY[:-3], "epoch 2 of 14 · about 3 min left…"),
        (BUSY, "epoch 2 of 14 · about 3 min l", "epoch 2 of 14…"),
        ("Done, stopped early: validation no longer improved", "Done, stopped early: validation no", "Done, stopped early…"),
        ("Failed: Not enough memory: it needs 26 GB", "Failed: Not enough mem", "Failed: Not enough…"),
        ("mobilenetv2_100 (qat_in1k)", "mobilenetv2_100 (qat", "mobilenetv2_100…"),
        ("mobilenetv2_100", "mobilenet…i", "mobilenet…"),
    ],
)
def test_whole_parts_and_words_go_before_letters(metrics: QFontMetrics, text: str, room_for: str, shown: str) -> None:
    assert shortened(text, metrics, metrics.horizontalAdvance(room_for)) == shown


def test_the_figures_below_a_mistake_are_never_cut(metrics: QFontMetrics) -> None:
    image = QImage(400, 100, QImage.Format.Format_RGB32)
    painter = Recorder(image)
    verdict = Verdict(
        predicted="Vespula vulgaris",
        probability=0.74,
        truth="Apis mellifera",
        truth_probability=0.04,
        file="Apis mellifera_015.png",
        label="Apis mellifera",
        is_changed=False,
    )
    ClassificationPainter().paint_verdict(painter, QRectF(0, 0, 161, 42), verdict, is_label_hovered=False)
    painter.end()
    predicted, truth, _file, label = painter.words
    assert predicted.startswith("Ves")
    assert predicted.endswith("… 74 %")
    assert truth.startswith("Ap")
    assert truth.endswith("… 4 %")
    assert label.endswith(" ▾"), "what opens a menu looks like it"


@pytest.fixture
def narrow(window: Window, tmp_path: Path) -> Window:
    project = make_project(tmp_path / "Particles", classes=("chains", "diatoms", "rods", "yeast"))
    judged = [sample.id for sample in project.dataset().samples if sample.split is Split.VAL]
    record_run(project, 1, wrong={judged[0]: 1})
    finished_run(project, 2, "balanced", weights_name="mobilenetv2_100 (qat_in1k)")
    project.close()
    window.open(tmp_path / "Particles")
    window.shell.resize(1024, 700)
    return window


def test_evaluate_says_split_and_classes_in_whole_words(narrow: Window) -> None:
    narrow.shell.show_panel("evaluate")
    panel = narrow.shell.panels.panel("evaluate")
    assert isinstance(panel, EvaluatePanel)
    narrow.workspace.changes.run_chosen.emit(1)
    narrow.until(lambda: panel.model.report is not None and narrow.workspace.background.is_idle)
    splits, table = panel.header.splits, panel.mistakes.table
    assert splits.currentText() == "Validation (12)"
    narrow.until(lambda: splits.width() >= splits.sizeHint().width())
    for row in range(table.model().rowCount()):
        assert table.sizeHintForIndex(table.model().index(row, 0)).width() <= table.columnWidth(0)
    header = table.horizontalHeader()
    for column in range(table.model().columnCount()):
        title = table.model().headerData(column, Qt.Orientation.Horizontal)
        assert header.fontMetrics().horizontalAdvance(title) + 20 <= table.columnWidth(column), title


def test_train_shows_the_chosen_model_and_the_penalties_whole(narrow: Window) -> None:
    narrow.shell.show_panel("train")
    narrow.idle()
    panel = narrow.shell.panels.panel("train")
    assert isinstance(panel, TrainPanel)
    card = panel.recipe.card
    card.door.click()
    card.settings.set_open(card.settings.sections)
    narrow.until(card.setting("penalties").isVisible)
    field = card.setting("penalties").editor.control
    assert field.fontMetrics().horizontalAdvance(field.text()) < field.width() - 20
    assert card.network.fontMetrics().horizontalAdvance("mobilenetv2_100 (qat_in1k)") < card.network.width() - 60
