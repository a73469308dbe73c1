"""The card about dividing says what it would do before it does it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from tests.gui.conftest import Window
from tests.recorded import make_project
from tlstudio.domain.splits import Split
from tlstudio.operations.splitting import split_again
from tlstudio.project.project import Project
from tlstudio.ui.data.split_popover import SplitPopover


@pytest.fixture
def divided(tmp_path: Path) -> Path:
    """Sixty images, divided by the program."""
    project = make_project(tmp_path / "Insects", num_per_class=20)
    split_again(project, project.dataset().plan.__class__())
    project.close()
    return project.folder


def open_card(window: Window) -> SplitPopover:
    window.data.view.header.split.click()
    card = window.data.dividing.popover
    assert card is not None
    wait_settled(window, card)
    return card


def wait_settled(window: Window, card: SplitPopover) -> None:
    """Until what it says is of what is chosen now."""
    window.until(lambda: not card._pause.isActive() and window.workspace.background.is_idle and bool(card.effect.text()))


def counts(window: Window) -> list[int]:
    assert window.workspace.dataset is not None
    return [window.workspace.dataset.num_by_split[split] for split in Split]


def test_it_says_what_would_move_before_it_is_done_and_one_key_takes_it_back(window: Window, divided: Path) -> None:
    panel = window.open(divided)
    before = counts(window)
    card = open_card(window)
    assert card.how.text().startswith("Stratified by class")
    assert card.effect.text() == "No image moves: they are divided like this already."
    assert not card.go.isEnabled()
    assert card.kept.text() == "9 images, not opened yet"
    assert not card.keep_test.isChecked()

    card.val.setValue(30)
    wait_settled(window, card)
    assert [text.text() for text in card.counts.values()] == ["33", "18", "9"]
    assert "of 60 images move" in card.effect.text()
    window.qtbot.mouseClick(card.go, Qt.MouseButton.LeftButton)
    window.until(lambda: counts(window) == [33, 18, 9])
    assert panel.dividing.popover is None
    window.workspace.undo()
    window.until(lambda: counts(window) == before)


def test_another_division_is_one_press_and_a_kept_test_set_stays(window: Window, divided: Path) -> None:
    window.open(divided)
    assert window.workspace.dataset is not None
    tests = {sample.id for sample in window.workspace.dataset.ready if sample.split is Split.TEST}
    card = open_card(window)
    card.keep_test.setChecked(True)
    assert not card.test.isEnabled()
    window.qtbot.mouseClick(card.another, Qt.MouseButton.LeftButton)
    assert card.seed.value() == 1
    wait_settled(window, card)
    assert card.go.isEnabled()
    window.qtbot.mouseClick(card.go, Qt.MouseButton.LeftButton)
    window.until(lambda: window.workspace.dataset is not None and window.workspace.dataset.plan.seed == 1)
    assert {sample.id for sample in window.workspace.dataset.ready if sample.split is Split.TEST} == tests


def test_a_test_set_that_was_opened_is_kept_unless_a_person_says_otherwise(window: Window, divided: Path) -> None:
    project = Project.open(divided)
    for run in (1, 2):
        project.count_opening(run=run)
    project.close()
    window.open(divided)
    card = open_card(window)
    assert card.keep_test.isChecked()
    assert card.kept.text() == "9 images, opened 2 times"
    card.close()


def test_a_division_that_came_with_the_data_is_said_and_its_test_set_kept(window: Window, insects: Path) -> None:
    window.open(insects)
    card = open_card(window)
    assert card.keep_test.isChecked()
    assert card.given.isVisible()
    assert card.given.text().startswith("This division came with the data. Its test set is kept")
    card.keep_test.setChecked(False)
    wait_settled(window, card)
    assert "test set included" in card.given.text()
    card.close()
    window.idle()
    assert window.workspace.dataset is not None
    assert window.workspace.dataset.plan.given, "looking changes nothing"


def test_undo_brings_back_the_division_that_came_with_the_data_and_its_words(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    before, note = counts(window), panel.view.side.splits.note.text()
    assert note.startswith("As it came with the data")
    card = open_card(window)
    card.keep_test.setChecked(False)
    card.val.setValue(30)
    wait_settled(window, card)
    effect = card.effect.text()
    window.qtbot.mouseClick(card.go, Qt.MouseButton.LeftButton)
    window.until(lambda: counts(window) != before)
    window.idle()
    assert panel.view.side.splits.note.text().startswith("Stratified by class")
    window.workspace.undo()
    window.until(lambda: counts(window) == before)
    window.idle()
    assert panel.view.side.splits.note.text() == note
    card = open_card(window)
    assert card.given.isVisible()
    card.keep_test.setChecked(False)
    card.val.setValue(30)
    wait_settled(window, card)
    assert card.effect.text() == effect
    card.close()


def test_what_would_be_missing_is_warned_of_and_what_cannot_be_trained_refused(window: Window, tmp_path: Path) -> None:
    project = make_project(tmp_path / "Few", num_per_class=2)
    split_again(project, project.dataset().plan.__class__())
    project.close()
    window.open(tmp_path / "Few")
    card = open_card(window)
    card.val.setValue(40)
    wait_settled(window, card)
    assert card.missing.text() == "Without test images, not measured: ants, bees, wasps."
    assert card.go.isEnabled(), "a warning, no refusal"
    card.val.setValue(0)
    card.test.setValue(0)
    wait_settled(window, card)
    assert card.missing.text() == "Validation would have no image; nothing could be trained."
    assert card.missing.isVisible()
    assert not card.go.isEnabled()
    card.val.setValue(60)
    card.test.setValue(40)
    assert card.effect.text() == "Nothing would be left to learn from."
    assert not card.go.isEnabled()
    card.close()


def test_a_card_opens_whole_even_where_the_window_ends_at_the_edge_of_the_screen(window: Window, divided: Path) -> None:
    panel = window.open(divided)
    screen = window.shell.screen().availableGeometry()
    window.shell.move(screen.right() - 700, screen.bottom() - 200)
    card = open_card(window)
    window.until(lambda: screen.contains(card.geometry()))
    card.close()
    panel.view.side.export.click()
    window.until(lambda: panel.exporting.popover is not None and panel.exporting.popover.isVisible())
    export = panel.exporting.popover
    assert export is not None
    assert screen.contains(export.geometry())
    export.close()
    window.idle()
