"""Judging a run in the window: a wrong cell shows its images, a label is corrected there, a look at the test set is counted."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.recorded import make_project, record_run
from tlstudio.domain.commands import SetAside
from tlstudio.domain.jobs import PREDICTIONS_FILE
from tlstudio.domain.splits import Split
from tlstudio.messages import message
from tlstudio.project.project import Project
from tlstudio.ui.evaluate.panel import EvaluatePanel
from tlstudio.ui.evaluate.selection import Cell
from tlstudio.ui.workspace import Workspace

ANTS, BEES, WASPS = 0, 1, 2


class Studio:
    """The panel with a project whose recorded run takes two validation ants for bees and one wasp for an ant."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.folder = folder
        with_project(folder, self._record)
        self.workspace = Workspace()
        self.said: list[str] = []
        self.failures: list[object] = []
        self.workspace.changes.said.connect(self.said.append)
        self.workspace.changes.failed.connect(self.failures.append)

    def _record(self, project: Project) -> None:
        val = [sample for sample in project.dataset().samples if sample.split is Split.VAL]
        ants = [sample.id for sample in val if sample.path.startswith("ants")]
        wasps = [sample.id for sample in val if sample.path.startswith("wasps")]
        self.ants_for_bees = tuple(ants[:2])
        self.wasp_for_ant = wasps[2]
        record_run(project, 1, wrong={ants[0]: BEES, ants[1]: BEES, wasps[2]: ANTS})

    def open(self, *, run: int | None = 1) -> None:
        """As the shell does: the panel is made when the project is open."""
        with self.qtbot.waitSignal(self.workspace.changes.project_changed):
            self.workspace.open(self.folder)
        self.panel = EvaluatePanel(self.workspace)
        self.qtbot.addWidget(self.panel)
        self.panel.resize(1200, 860)
        self.panel.show()
        if run is not None:
            self.wait_for_run(run)

    def wait_for_run(self, number: int) -> None:
        self.qtbot.waitUntil(lambda: self.panel.model.report is not None and self.panel.model.report.run == number)

    def shown(self) -> list[int]:
        gallery = self.panel.mistakes.gallery
        return [item.sample for item in gallery.items] if gallery.isVisible() else []

    def click_cell(self, truth: int, predicted: int) -> None:
        matrix = self.panel.mistakes.matrix
        self.qtbot.mouseClick(matrix.viewport(), Qt.MouseButton.LeftButton, pos=matrix.center_of(Cell(truth, predicted)))

    def choose_split(self, split: Split) -> None:
        """As a person does: a row of the choice is taken."""
        box = self.panel.header.splits
        row = box.findData(split.value)
        assert row >= 0
        box.setCurrentIndex(row)
        box.activated.emit(row)

    def class_of(self, sample: int) -> str:
        dataset = self.workspace.dataset
        return dataset.class_by_id[dataset.by_id[sample].class_id].name

    def num_openings(self) -> int:
        return self.workspace.project.num_openings()


def with_project(folder: Path, change: Callable[[Project], object]) -> None:
    """Change a project while no window has it."""
    project = Project.open(folder) if folder.exists() else make_project(folder)
    change(project)
    project.close()


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path) -> Iterator[Studio]:
    studio = Studio(qtbot, tmp_path / "Insects")
    yield studio
    studio.workspace.close()


def test_all_mistakes_are_shown_first_with_figures(studio: Studio) -> None:
    studio.open()
    assert studio.shown() == [*studio.ants_for_bees, studio.wasp_for_ant]
    assert studio.panel.figures.accuracy.accessibleName().startswith("Accuracy: 66.7 %")
    assert studio.panel.header.subject.whole_text() == "also used for selection"


def test_a_click_on_a_wrong_cell_shows_its_images_and_selects_them_everywhere(studio: Studio) -> None:
    studio.open()
    studio.click_cell(ANTS, BEES)
    assert studio.shown() == list(studio.ants_for_bees)
    assert studio.panel.mistakes.title.text() == "ants taken for bees"
    assert studio.workspace.selection == studio.ants_for_bees
    studio.click_cell(WASPS, ANTS)
    assert studio.shown() == [studio.wasp_for_ant]
    studio.panel.mistakes.all_button.click()
    assert len(studio.shown()) == 3


def test_the_matrix_is_walked_with_the_arrow_keys(studio: Studio) -> None:
    studio.open()
    matrix = studio.panel.mistakes.matrix
    studio.click_cell(ANTS, ANTS)
    studio.qtbot.keyClick(matrix, Qt.Key.Key_Right)
    assert studio.shown() == list(studio.ants_for_bees)
    studio.qtbot.keyClick(matrix, Qt.Key.Key_Escape)
    assert len(studio.shown()) == 3


def test_every_cell_says_itself_in_words(studio: Studio) -> None:
    studio.open()
    model = studio.panel.mistakes.matrix.model()
    spoken = model.index(ANTS, BEES).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "2 images of ants taken for bees, 66.7 % of its images"
    assert "recognised" in model.index(BEES, BEES).data(Qt.ItemDataRole.AccessibleTextRole)


def test_an_empty_cell_says_so(studio: Studio) -> None:
    studio.open()
    studio.click_cell(BEES, WASPS)
    assert studio.shown() == []
    assert studio.panel.mistakes.nothing.isVisible()


def test_a_row_of_the_class_table_shows_what_was_missed(studio: Studio) -> None:
    studio.open()
    table = studio.panel.mistakes.table
    place = table.visualRect(table.model().index(ANTS, 0)).center()
    studio.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert studio.shown() == list(studio.ants_for_bees)


def test_a_label_is_corrected_from_the_menu_counted_and_undone(studio: Studio) -> None:
    studio.open()
    studio.click_cell(ANTS, BEES)
    gallery = studio.panel.mistakes.gallery
    first = studio.ants_for_bees[0]
    studio.qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=gallery.label_rect(0).center())
    menu = studio.panel.findChild(QMenu)
    assert [action.text().split("\t")[0] for action in menu.actions()] == ["ants", "bees", "wasps"]
    menu.actions()[BEES].trigger()
    menu.close()
    studio.qtbot.waitUntil(lambda: studio.class_of(first) == "bees")
    assert "1 label changed since this run" in studio.panel.mistakes.words.whole_text()
    assert gallery.items[0].verdict.is_changed
    assert studio.shown() == list(studio.ants_for_bees), "the numbers of the run stay as they were"
    studio.workspace.undo()
    studio.qtbot.waitUntil(lambda: studio.class_of(first) == "ants")
    assert "changed" not in studio.panel.mistakes.words.whole_text()


def test_a_number_key_sets_the_class_of_the_selected_images(studio: Studio) -> None:
    studio.open()
    studio.click_cell(ANTS, BEES)
    gallery = studio.panel.mistakes.gallery
    gallery.setFocus()
    gallery.selectAll()
    studio.qtbot.keyClick(gallery, Qt.Key.Key_2)
    studio.qtbot.waitUntil(lambda: all(studio.class_of(id) == "bees" for id in studio.ants_for_bees))
    assert "2 labels changed" in studio.panel.mistakes.words.whole_text()


def test_choosing_the_test_set_counts_one_opening_and_says_so(studio: Studio) -> None:
    studio.open()
    box = studio.panel.header.splits
    assert "opens the test set, counted" in box.itemText(box.findData(Split.TEST.value))
    assert studio.num_openings() == 0
    studio.choose_split(Split.TEST)
    studio.qtbot.waitUntil(lambda: studio.panel.model.report is not None)
    assert studio.num_openings() == 1
    assert studio.panel.header.subject.whole_text() == "test set opened once"
    assert studio.panel.figures.accuracy.accessibleName().startswith("Accuracy: 100.0 %")


def test_looking_around_in_the_open_test_set_is_not_another_opening(studio: Studio) -> None:
    studio.open()
    studio.choose_split(Split.TEST)
    studio.qtbot.waitUntil(lambda: studio.panel.model.report is not None)
    studio.choose_split(Split.TEST)
    studio.click_cell(BEES, BEES)
    studio.panel.hide()
    studio.panel.show()
    studio.workspace.edit(lambda project: project.apply(SetAside(reason_by_sample={1: message("t", "t")})))
    studio.qtbot.waitUntil(lambda: studio.workspace.background.is_idle)
    assert studio.num_openings() == 1
    studio.choose_split(Split.VAL)
    studio.qtbot.waitUntil(lambda: studio.panel.model.report is not None)
    studio.choose_split(Split.TEST)
    studio.qtbot.waitUntil(lambda: studio.panel.model.report is not None)
    assert studio.panel.header.subject.whole_text() == "test set opened twice"


def test_another_run_is_shown_on_validation_and_opens_nothing(studio: Studio) -> None:
    with_project(studio.folder, lambda project: record_run(project, 2))
    studio.open(run=2)
    assert studio.shown() == []
    assert studio.panel.mistakes.nothing.text() == "No mistakes here."
    studio.choose_split(Split.TEST)
    studio.qtbot.waitUntil(lambda: studio.panel.model.report is not None)
    runs = studio.panel.header.runs
    assert runs.itemText(0) == "Run 2 · Quick · test_resnet · best"
    runs.run_chosen.emit(1)
    studio.wait_for_run(1)
    assert studio.panel.model.split is Split.VAL
    assert studio.num_openings() == 1


def test_without_a_finished_run_it_says_what_belongs_here(studio: Studio) -> None:
    with_project(studio.folder, lambda project: project.remove_run(1))
    shutil.rmtree(studio.folder / "runs/0001")
    studio.open(run=None)
    assert studio.panel.empty.isVisible()
    assert not studio.panel.header.runs.isVisible()
    with studio.qtbot.waitSignal(studio.workspace.changes.show_panel) as asked:
        studio.panel.empty.button.click()
    assert asked.args == ["train"]


def test_lost_predictions_are_said_where_the_numbers_would_stand(studio: Studio) -> None:
    shutil.rmtree((studio.folder / "runs/0001" / PREDICTIONS_FILE).parent)
    studio.open(run=None)
    studio.qtbot.waitUntil(studio.panel.notice.isVisible)
    assert "missing" in studio.panel.notice.title.text()
    assert not studio.panel.figures.isVisible()
    assert studio.failures == []


def test_the_figures_stay_when_the_images_are_deleted_from_the_disk(studio: Studio) -> None:
    shutil.rmtree(studio.folder.parent / "Insects images")
    studio.open()
    assert studio.panel.figures.mistakes.accessibleName() == "Mistakes: 3 of 9 images"
    assert len(studio.shown()) == 3


def test_a_read_only_project_says_who_holds_it_instead_of_changing_a_label(studio: Studio) -> None:
    holder = Project.open(studio.folder)
    studio.open()
    studio.panel.on_class_typed(studio.ants_for_bees, 2)
    studio.qtbot.waitUntil(studio.panel.notice.isVisible)
    assert "reading only" in studio.panel.notice.title.text()
    assert studio.class_of(studio.ants_for_bees[0]) == "ants"
    holder.close()


def test_the_way_on_leads_to_using_this_run(studio: Studio) -> None:
    studio.open()
    with studio.qtbot.waitSignals([studio.workspace.changes.run_chosen, studio.workspace.changes.show_panel]):
        studio.panel.header.use_button.click()


def test_a_picture_that_is_clicked_is_selected_everywhere_and_its_label_opens_no_menu(studio: Studio) -> None:
    studio.open()
    gallery = studio.panel.mistakes.gallery
    studio.qtbot.mouseMove(gallery.viewport(), gallery.label_rect(1).center())
    studio.qtbot.mouseClick(
        gallery.viewport(), Qt.MouseButton.LeftButton, pos=gallery.visualRect(gallery.model().index(1)).topLeft() + QPoint(20, 20)
    )
    assert studio.workspace.selection == (studio.shown()[1],)
    assert studio.panel.findChild(QMenu) is None


def test_space_opens_an_image_large_and_arrows_go_on_to_the_next_mistake(studio: Studio) -> None:
    studio.open()
    gallery, large = studio.panel.mistakes.gallery, studio.panel.enlarging.view
    gallery.setFocus()
    gallery.setCurrentIndex(gallery.model().index(0))
    studio.qtbot.keyClick(gallery, Qt.Key.Key_Space)
    assert large.isVisible()
    assert "arrow keys go on" in large.keys.text()
    assert large.tag.text() == "ants, answered bees 90 %"
    studio.qtbot.keyClick(large, Qt.Key.Key_Right)
    assert large.place.text() == "2 of 3"
    assert studio.workspace.selection == (studio.shown()[1],)
    studio.qtbot.keyClick(large, Qt.Key.Key_Escape)
    assert not large.isVisible()
    studio.qtbot.waitUntil(lambda: studio.workspace.background.is_idle)


def test_a_run_that_finishes_elsewhere_is_shown_when_one_comes_back_but_never_under_ones_eyes(studio: Studio) -> None:
    studio.open()
    studio.click_cell(ANTS, BEES)
    record_run(studio.workspace.project, 2)
    studio.workspace.training.refresh()
    studio.qtbot.waitUntil(lambda: len(studio.panel.model.runs) == 2)
    assert studio.panel.model.run.number == 1
    assert studio.shown() == list(studio.ants_for_bees)
    studio.panel.hide()
    record_run(studio.workspace.project, 3)
    studio.workspace.training.refresh()
    studio.wait_for_run(3)
