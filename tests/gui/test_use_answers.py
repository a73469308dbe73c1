"""Using a model in the window: images are dropped, pasted or chosen, and each gets an answer or the reason why not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.gui.fake_worker import FakeWarm
from tests.recorded import make_project, picture, record_run
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.ui.use.panel import UsePanel
from tlstudio.ui.use.viewmodel import Asked
from tlstudio.ui.workspace import Workspace


class Studio:
    """The panel with two recorded runs of which the first is the better one, and a worker that answers by file name."""

    def __init__(self, qtbot: QtBot, tmp_path: Path, *, runs: bool = True) -> None:
        self.qtbot = qtbot
        project = make_project(tmp_path / "Insects")
        if runs:
            record_run(project, 1)
            record_run(project, 2, wrong={6: 1})
        project.close()
        self.new = tmp_path / "new images"
        self.new.mkdir()
        self.workspace = Workspace()
        self.warm = FakeWarm()
        self.workspace.warm = self.warm
        with qtbot.waitSignal(self.workspace.changes.project_changed):
            self.workspace.open(tmp_path / "Insects")
        self.panel = UsePanel(self.workspace)
        qtbot.addWidget(self.panel)
        self.panel.resize(1200, 800)
        self.panel.show()

    def image(self, name: str, *, class_index: int = 0) -> Path:
        file = self.new / name
        file.write_bytes(b"cut short" if name.startswith("broken") else picture(class_index, 99))
        return file

    def drop(self, *paths: Path) -> bool:
        """Drag files over the panel and let go; whether they were taken."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        arguments = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        enter = QDragEnterEvent(QPointF(60, 200).toPoint(), *arguments)
        enter.ignore()
        QGuiApplication.sendEvent(self.panel, enter)
        if enter.isAccepted():
            QGuiApplication.sendEvent(self.panel, QDropEvent(QPointF(60, 200), *arguments))
        return enter.isAccepted()

    def answers(self) -> tuple[Asked, ...]:
        """What the panel shows, once nothing is on its way."""
        self.qtbot.waitUntil(lambda: bool(self.panel.try_card.grid.items) and not self.panel.model.waiting)
        return self.panel.try_card.grid.items


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path) -> Iterator[Studio]:
    studio = Studio(qtbot, tmp_path)
    yield studio
    studio.workspace.close()


def test_a_dropped_image_shows_its_class_and_probability(studio: Studio) -> None:
    assert studio.drop(studio.image("bees new.png"))
    (answer,) = studio.answers()
    assert (answer.name, answer.probability) == ("bees", 0.9)
    spoken = studio.panel.try_card.grid.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "bees new.png: bees 90 %"


def test_the_picture_of_a_dropped_image_is_shown(studio: Studio) -> None:
    file = studio.image("wasps.png", class_index=2)
    studio.drop(file)
    studio.qtbot.waitUntil(lambda: studio.panel.try_card.grid.picture(file) is not None)
    middle = studio.panel.try_card.grid.picture(file)
    assert middle.width() == middle.height() == studio.panel.try_card.grid.picture_px()


def test_a_corrupt_image_is_a_card_with_its_reason_and_the_others_are_answered(studio: Studio) -> None:
    studio.drop(studio.image("ants.png"), studio.image("broken.png"), studio.image("wasps.png"))
    answers = {item.file.name: item for item in studio.answers()}
    assert answers["ants.png"].name == "ants"
    assert answers["wasps.png"].name == "wasps"
    assert answers["broken.png"].reason.text() == "broken.png is cut short."
    grid = studio.panel.try_card.grid
    spoken = [grid.model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert "broken.png: broken.png is cut short." in spoken


def test_the_newest_drop_stands_first_and_the_same_image_is_not_shown_twice(studio: Studio) -> None:
    first, second = studio.image("ants.png"), studio.image("bees.png")
    studio.drop(first)
    studio.answers()
    studio.drop(second)
    studio.answers()
    studio.drop(first)
    assert [item.file.name for item in studio.answers()] == ["ants.png", "bees.png"]


def test_the_panel_says_what_it_is_waiting_for_and_stays_usable(studio: Studio) -> None:
    studio.warm.may_answer.clear()
    studio.drop(studio.image("ants.png"), studio.image("bees.png"))
    assert studio.panel.try_card.busy.text() == "looking at 2 images…"
    assert studio.panel.folder_button.isEnabled()
    studio.warm.may_answer.set()
    studio.answers()
    assert studio.panel.try_card.busy.text() == ""


def test_the_window_closes_at_once_while_images_are_looked_at(studio: Studio) -> None:
    studio.warm.may_answer.clear()
    studio.drop(studio.image("ants.png"))
    studio.qtbot.waitUntil(lambda: studio.warm.is_asked)
    studio.workspace.close()
    assert studio.warm.is_closed
    assert not studio.warm.was_waited_for


def test_the_best_run_answers_until_another_is_chosen_which_then_answers_anew(studio: Studio) -> None:
    assert studio.panel.runs.currentText() == "Run 1 · Quick · test_resnet · best"
    studio.drop(studio.image("ants.png"))
    studio.answers()
    studio.panel.runs.run_chosen.emit(2)
    studio.answers()
    assert studio.warm.asked == [("0001", ["ants.png"]), ("0002", ["ants.png"])]


def test_a_run_sent_from_another_panel_is_used(studio: Studio) -> None:
    studio.workspace.changes.run_chosen.emit(2)
    assert studio.panel.runs.currentText() == "Run 2 · Quick · test_resnet"


def test_many_images_come_in_parts(studio: Studio) -> None:
    studio.drop(*[studio.image(f"ants {number:02d}.png") for number in range(20)])
    assert len(studio.answers()) == 20
    assert [len(files) for _run, files in studio.warm.asked] == [16, 4]


def test_a_run_that_cannot_be_loaded_is_said_in_the_card(studio: Studio) -> None:
    studio.warm.refusal = TLStudioError(message("test.gone", "The checkpoint of run 1 is missing."), message("test.hint", "Train again."))
    studio.drop(studio.image("ants.png"))
    studio.qtbot.waitUntil(studio.panel.try_card.notice.isVisible)
    assert studio.panel.try_card.notice.title.text() == "The checkpoint of run 1 is missing."
    assert studio.panel.try_card.grid.items == ()
    studio.warm.refusal = None
    studio.drop(studio.image("ants.png"))
    studio.answers()
    assert not studio.panel.try_card.notice.isVisible()


def test_files_are_chosen_in_a_dialog(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    file = studio.image("bees.png")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_arguments: ([str(file)], ""))
    studio.panel.try_card.zone.button.click()
    assert studio.answers()[0].name == "bees"


def test_a_picture_is_pasted(studio: Studio) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(0xFF8040)
    QGuiApplication.clipboard().setImage(image)
    studio.panel.paste()
    (answer,) = studio.answers()
    assert answer.file.suffix == ".png"
    assert QImage(str(answer.file)).size() == image.size()


def test_pasted_files_are_tried(studio: Studio) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(studio.image("wasps.png")))])
    QGuiApplication.clipboard().setMimeData(data)
    studio.panel.paste()
    assert studio.answers()[0].name == "wasps"


def test_pasting_nothing_says_so(studio: Studio) -> None:
    QGuiApplication.clipboard().clear()
    with studio.qtbot.waitSignal(studio.workspace.changes.said) as said:
        studio.panel.paste()
    assert "no image" in said.args[0]


def test_weights_and_projects_are_left_to_the_window(studio: Studio) -> None:
    weights = studio.new / "model.safetensors"
    weights.write_bytes(b"")
    assert not studio.drop(weights)
    assert not studio.panel.take_drop([weights])


def test_without_a_warm_worker_one_is_started_for_the_images_and_ended(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    cold = FakeWarm()
    monkeypatch.setattr("tlstudio.ui.use.asking.WarmWorker", lambda _log_folder: cold)
    studio.workspace.warm = None
    studio.drop(studio.image("bees.png"))
    assert studio.answers()[0].name == "bees"
    assert cold.is_closed


def test_answers_are_cleared(studio: Studio) -> None:
    studio.drop(studio.image("ants.png"))
    studio.answers()
    studio.panel.try_card.clear_button.click()
    assert studio.panel.try_card.grid.items == ()
    assert not studio.panel.try_card.clear_button.isVisible()


def test_without_a_finished_run_it_says_what_belongs_here(qtbot: QtBot, tmp_path: Path) -> None:
    studio = Studio(qtbot, tmp_path, runs=False)
    assert studio.panel.empty.isVisible()
    assert not studio.panel.folder_button.isVisible()
    assert not studio.panel.exports.isVisible()
    assert not studio.drop(studio.image("ants.png"))
    with qtbot.waitSignal(studio.workspace.changes.show_panel) as asked:
        studio.panel.empty.button.click()
    assert asked.args == ["train"]
    studio.workspace.close()
