"""A sweep: one image large, a key sets its class, the next one comes by itself; skip, back, undo, and what is left."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.conftest import MakeImages
from tests.gui.conftest import Window
from tlstudio.domain.samples import SampleState
from tlstudio.operations import edits
from tlstudio.project.project import Project
from tlstudio.ui.data.sweep_view import SweepView


@pytest.fixture
def sweep(window: Window, insects: Path) -> Window:
    """A sweep over ten ants, ten bees and ten wasps has begun with its key."""
    window.open(insects)
    window.press(Qt.Key.Key_S)
    assert view_of(window).isVisible()
    return window


def view_of(window: Window) -> SweepView:
    return window.data.sweeping.view


def hit(window: Window, *keys: Qt.Key, control: bool = False) -> None:
    """Hit keys where the focus is, as a person does."""
    for key in keys:
        focused = QApplication.focusWidget()
        assert focused is not None
        window.qtbot.keyClick(focused, key, Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier)


def class_names(window: Window, ids: list[int]) -> list[str | None]:
    dataset = window.workspace.dataset
    assert dataset is not None
    classes = [dataset.by_id[id].class_id for id in ids]
    return [None if id is None else dataset.class_by_id[id].name for id in classes]


def test_a_key_sets_the_class_and_the_next_image_comes_at_once(sweep: Window) -> None:
    ids, view = list(sweep.data.grid.state.ids), view_of(sweep)
    assert (view.left.text(), view.place.text(), view.tag.text()) == ("30", "left of 30", "ants")
    first = view.name.whole_text()
    hit(sweep, Qt.Key.Key_2)
    assert view.left.text() == "29", "nobody waits for the disk"
    assert view.name.whole_text() != first
    hit(sweep, Qt.Key.Key_3, Qt.Key.Key_9, Qt.Key.Key_U)
    assert view.left.text() == "27", "a key without a class does nothing"
    assert "No class has key 9." in sweep.said
    sweep.idle()
    assert class_names(sweep, ids[:4]) == ["bees", "wasps", None, "ants"]


def test_skip_back_and_undo(sweep: Window) -> None:
    ids, view = list(sweep.data.grid.state.ids), view_of(sweep)
    hit(sweep, Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_2)
    assert view.left.text() == "27"
    hit(sweep, Qt.Key.Key_Backspace)
    assert (view.left.text(), view.tag.text()) == ("28", "bees")
    hit(sweep, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right)
    hit(sweep, Qt.Key.Key_Z, control=True)
    assert (view.left.text(), view.tag.text()) == ("28", "ants"), "undo comes back to its image"
    hit(sweep, Qt.Key.Key_3)
    sweep.idle()
    assert class_names(sweep, ids[:4]) == ["ants", "ants", "wasps", "ants"]


def test_keys_that_come_faster_than_the_disk_all_count(sweep: Window) -> None:
    ids = list(sweep.data.grid.state.ids)
    for place in range(30):
        hit(sweep, (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)[(place // 2) % 3])
    view = view_of(sweep)
    assert view.left.text() == "0"
    assert view.end.isVisible()
    assert "All of them have a class" in view.end.sentence.text()
    sweep.idle()
    assert class_names(sweep, ids) == [("ants", "bees", "wasps")[(place // 2) % 3] for place in range(30)]
    hit(sweep, Qt.Key.Key_1)
    sweep.idle()
    assert class_names(sweep, ids)[-1] == "wasps", "behind the last image a key has nothing to speak to"


def test_a_sweep_is_over_what_is_shown_and_an_image_that_is_classed_stays_in_it(window: Window, insects: Path) -> None:
    project = Project.open(insects)
    unlabelled = [sample.id for sample in project.dataset().samples][5:9]
    edits.set_class(project, unlabelled, None)
    project.close()
    panel = window.open(insects)
    panel.view.toolbar.chips.chip("unlabelled").click()
    window.wait_shown(lambda num: num == 4)
    panel.view.toolbar.sweep.click()
    view = view_of(window)
    assert view.left.text() == "4"
    hit(window, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_Right)
    window.idle()
    hit(window, Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert (view.left.text(), view.tag.text()) == ("3", "bees")
    hit(window, Qt.Key.Key_Escape)
    window.wait_shown(lambda num: num == 2)
    assert QApplication.focusWidget() is panel.grid
    assert class_names(window, unlabelled) == ["ants", "bees", None, None]


def test_it_begins_with_the_selected_image_and_ends_on_the_one_it_came_to(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    panel.grid.step(12)
    window.press(Qt.Key.Key_S)
    assert view_of(window).left.text() == "18"
    hit(window, Qt.Key.Key_1, Qt.Key.Key_Escape)
    window.idle()
    assert panel.grid.selection() == (panel.grid.state.ids[13],)
    hit(window, Qt.Key.Key_3)
    window.idle()
    assert class_names(window, list(panel.grid.state.ids[12:14])) == ["ants", "wasps"], "keys speak to the grid again"


def test_delete_sets_the_image_aside_and_goes_on(sweep: Window) -> None:
    ids, view = list(sweep.data.grid.state.ids), view_of(sweep)
    hit(sweep, Qt.Key.Key_Delete)
    assert view.left.text() == "29"
    sweep.idle()
    assert sweep.workspace.dataset is not None
    assert sweep.workspace.dataset.by_id[ids[0]].state is SampleState.SET_ASIDE
    hit(sweep, Qt.Key.Key_Z, control=True)
    sweep.idle()
    assert view.left.text() == "30"
    assert sweep.workspace.dataset.by_id[ids[0]].state is SampleState.READY


def test_a_click_on_a_class_does_what_its_key_does(sweep: Window) -> None:
    ids, view = list(sweep.data.grid.state.ids), view_of(sweep)
    assert [line.accessibleName() for line in view.classes.values()] == ["ants, key 1", "bees, key 2", "wasps, key 3"]
    ants, bees, _ = view.classes.values()
    assert (ants.isChecked(), bees.isChecked()) == (True, False)
    sweep.qtbot.mouseClick(bees, Qt.MouseButton.LeftButton)
    assert (view.left.text(), ants.isChecked(), bees.isChecked()) == ("29", True, False)
    sweep.idle()
    assert class_names(sweep, ids[:1]) == ["bees"]


def test_what_the_project_refuses_ends_the_sweep_and_is_said(sweep: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sweep.workspace.project is not None
    gone = sweep.workspace.dataset.classes[1].id  # type: ignore[union-attr]
    sweep.data.editing.add_class("hornets")
    sweep.idle()
    monkeypatch.setattr("tlstudio.ui.data.edits.label", lambda ids, class_id: lambda project: edits.remove_class(project, gone))
    hit(sweep, Qt.Key.Key_2)
    sweep.idle()
    assert not view_of(sweep).isVisible()
    assert sweep.data.view.notice.isVisible()
    assert "bees still has 10 images" in sweep.data.view.notice.title.text()


def test_without_a_class_it_says_what_to_do_first(window: Window, make_images: MakeImages) -> None:
    folder = make_images({"": 3})
    window.shell.take_drop([folder])
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 3)
    window.press(Qt.Key.Key_S)
    assert not view_of(window).isVisible()
    assert "Add a class first" in window.said[-1]


def test_the_next_pictures_are_there_before_they_are_asked_for(window: Window, make_images: MakeImages) -> None:
    window.shell.take_drop([make_images({"discs": 3, "bars": 3}, size=700)])
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 6)
    window.press(Qt.Key.Key_S)
    view = view_of(window)
    window.idle()
    hit(window, Qt.Key.Key_Right)
    assert view.picture.num_pixels == 700 * 700, "the whole picture, in the same moment"
    view.put_away()
    window.idle()


def test_the_keys_are_its_own_again_when_the_panel_comes_back(sweep: Window) -> None:
    sweep.shell.show_panel("models")
    sweep.idle()
    sweep.shell.show_panel("data")
    hit(sweep, Qt.Key.Key_Right)
    assert view_of(sweep).left.text() == "29"


def test_after_the_sweep_the_health_is_that_of_the_new_labels(sweep: Window) -> None:
    health = sweep.data.view.health
    assert not any(finding.check == "unlabelled" for finding in health.findings)
    hit(sweep, Qt.Key.Key_U, Qt.Key.Key_Escape)
    sweep.until(lambda: any(finding.check == "unlabelled" for finding in health.findings))
