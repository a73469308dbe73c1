"""Images are selected with mouse and keys, classed with one key, and every edit can be undone."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt

from tests.conftest import MakeImages
from tests.gui.conftest import Window
from tlstudio.domain.samples import SampleState


def class_names(window: Window) -> list[str | None]:
    """The class of each selected image."""
    dataset = window.workspace.dataset
    assert dataset is not None
    classes = [dataset.by_id[id].class_id for id in window.data.grid.selection()]
    return [None if id is None else dataset.class_by_id[id].name for id in classes]


def test_a_number_sets_the_class_and_ctrl_z_takes_it_back(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    window.press(Qt.Key.Key_Right, shift=True)
    assert class_names(window) == ["ants", "ants"]

    window.press(Qt.Key.Key_2)
    window.idle()
    assert class_names(window) == ["bees", "bees"]
    assert "bees" in window.said[-1]

    window.press(Qt.Key.Key_Z, control=True)
    window.idle()
    assert class_names(window) == ["ants", "ants"]
    window.press(Qt.Key.Key_Z, control=True, shift=True)
    window.idle()
    assert class_names(window) == ["bees", "bees"]


def test_u_takes_the_class_away(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    window.press(Qt.Key.Key_U)
    window.idle()
    assert class_names(window) == [None]
    assert panel.view.side.unlabelled.text() == "Unlabelled 1"


def test_a_key_without_a_class_does_nothing(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    window.press(Qt.Key.Key_9)
    window.idle()
    assert class_names(window) == ["ants"]


def test_delete_sets_aside_and_the_inspector_takes_back(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    (id,) = panel.grid.selection()
    window.press(Qt.Key.Key_Delete)
    window.idle()
    assert window.workspace.dataset is not None
    assert window.workspace.dataset.by_id[id].state is SampleState.SET_ASIDE
    assert panel.view.inspector.reason.text() == "Set aside by hand"
    panel.view.inspector.back.click()
    window.idle()
    assert window.workspace.dataset.by_id[id].state is SampleState.READY


def test_labelling_goes_on_with_the_next_unlabelled_image(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    window.press(Qt.Key.Key_Right, shift=True)
    window.press(Qt.Key.Key_U)
    window.idle()
    panel.view.toolbar.chips.chip("unlabelled").click()
    window.wait_shown(lambda num: num == 2)
    panel.grid.step(0)
    first = panel.grid.selection()
    window.press(Qt.Key.Key_3)
    window.wait_shown(lambda num: num == 1)
    assert panel.grid.selection() != first
    assert len(panel.grid.selection()) == 1


def test_keys_typed_into_the_search_field_class_nothing(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    search = panel.view.header.search
    search.setFocus()
    window.qtbot.keyClicks(search, "bees_002")
    window.wait_shown(lambda num: num == 1)
    assert search.text() == "bees_002"
    assert window.workspace.dataset is not None
    assert sum(sample.path.startswith("ants") for sample in window.workspace.dataset.samples if sample.class_id) == 10


def test_click_ctrl_click_shift_click_and_rubber_band(window: Window, insects: Path) -> None:
    grid = window.open(insects).grid
    click, viewport = window.qtbot.mouseClick, grid.viewport()
    ids = list(grid.state.ids)
    left = Qt.MouseButton.LeftButton
    click(viewport, left, pos=grid.rect_of(ids[1]).center())
    assert grid.selection() == (ids[1],)
    click(viewport, left, Qt.KeyboardModifier.ControlModifier, grid.rect_of(ids[3]).center())
    assert grid.selection() == (ids[1], ids[3])
    click(viewport, left, Qt.KeyboardModifier.ShiftModifier, grid.rect_of(ids[5]).center())
    assert grid.selection() == (ids[3], ids[4], ids[5])

    start = grid.rect_of(ids[0]).topLeft() - QPoint(3, 3)
    end = grid.rect_of(ids[1]).center()
    window.qtbot.mousePress(viewport, left, pos=start)
    window.qtbot.mouseMove(viewport, pos=end)
    window.qtbot.mouseRelease(viewport, left, pos=end)
    assert grid.selection() == (ids[0], ids[1])
    assert window.workspace.selection == (ids[0], ids[1])


def test_space_opens_large_arrows_move_on_and_keys_class_there(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    window.press(Qt.Key.Key_Space)
    large = panel.large.view
    assert large.isVisible()
    assert large.tag.text() == "ants"
    assert large.keys.isVisible()
    assert "Space or Esc closes" in large.keys.text()
    window.press(Qt.Key.Key_Right, on=large)
    assert large.place.text() == "2 of 30"
    window.press(Qt.Key.Key_3, on=large)
    window.idle()
    assert large.tag.text() == "wasps"
    window.press(Qt.Key.Key_Escape, on=large)
    assert not large.isVisible()


def test_the_inspector_sets_class_split_and_note(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    (id,) = panel.grid.selection()
    inspector = panel.view.inspector
    inspector.classes.setCurrentIndex(inspector.classes.findText("wasps"))
    inspector.classes.activated.emit(inspector.classes.currentIndex())
    inspector.splits.setCurrentIndex(inspector.splits.findText("Test"))
    inspector.splits.activated.emit(inspector.splits.currentIndex())
    inspector.note.setText("blurred")
    inspector.note.editingFinished.emit()
    window.idle()
    assert window.workspace.dataset is not None
    sample = window.workspace.dataset.by_id[id]
    assert class_names(window) == ["wasps"]
    assert (sample.split, sample.note) == ("test", "blurred")


def test_the_large_view_shows_more_than_the_thumbnail(window: Window, make_images: MakeImages) -> None:
    window.shell.take_drop([make_images({"discs": 2, "bars": 2}, size=700)])
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 4)
    panel = window.data
    panel.grid.step(0)
    window.press(Qt.Key.Key_Space)
    picture = panel.large.view.picture
    window.until(lambda: picture.num_pixels == 700 * 700)
    at_once: list[int] = []
    panel.large.view.stepped.connect(lambda _: at_once.append(picture.num_pixels))
    window.press(Qt.Key.Key_Right, on=panel.large.view)
    assert [num <= 256 * 256 for num in at_once] == [True]
    window.until(lambda: picture.num_pixels == 700 * 700)
    panel.large.view.put_away()
    window.idle()
