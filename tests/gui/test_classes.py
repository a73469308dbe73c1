"""Classes are added, renamed and removed on the spot; a double name is refused in words."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QScrollArea

from tests.gui.conftest import Window
from tests.recorded import make_project
from tlstudio.ui.data.class_row import ROW_PX, ClassLine


def line_of(window: Window, name: str) -> ClassLine:
    assert window.workspace.dataset is not None
    item = next(item for item in window.workspace.dataset.classes if item.name == name)
    return window.data.view.side.classes.line(item.id)


def names(window: Window) -> list[str]:
    assert window.workspace.dataset is not None
    return [item.name for item in window.workspace.dataset.classes]


def test_a_double_click_renames(window: Window, insects: Path) -> None:
    window.open(insects)
    line = line_of(window, "bees")
    window.qtbot.mouseClick(line, Qt.MouseButton.LeftButton)  # the first half of a person's double click
    window.qtbot.mouseDClick(line, Qt.MouseButton.LeftButton)
    assert line.edit.text() == "bees"
    window.qtbot.keyClicks(line.edit, "honey bees")
    window.qtbot.keyClick(line.edit, Qt.Key.Key_Return)
    window.wait_shown(lambda num: num == 10)
    assert names(window) == ["ants", "honey bees", "wasps"]
    assert line_of(window, "honey bees").name.whole_text() == "honey bees"
    assert window.data.grid.describe(window.data.grid.state.ids[0]).tag == "honey bees"


def test_enter_ends_a_renaming_and_filters_nothing(window: Window, insects: Path) -> None:
    window.open(insects)
    line = line_of(window, "bees")
    window.press(Qt.Key.Key_F2, on=line)
    window.qtbot.keyClicks(line.edit, "drones")
    window.qtbot.keyClick(line.edit, Qt.Key.Key_Return)
    window.idle()
    assert names(window) == ["ants", "drones", "wasps"]
    assert len(window.data.grid.state.ids) == 30


def test_in_a_low_window_the_list_scrolls_above_its_button(window: Window, insects: Path) -> None:
    window.open(insects)
    side = window.data.view.side
    classes = side.classes
    side.setFixedHeight(side.minimumSizeHint().height())
    window.idle()
    scroll = classes.findChild(QScrollArea)
    assert scroll is not None
    assert scroll.height() < 3 * ROW_PX
    assert scroll.geometry().bottom() < classes.add_button.geometry().top()


def test_where_there_is_room_every_class_is_seen(window: Window, tmp_path: Path) -> None:
    classes = ("chains", "diatoms", "rods", "spirals", "yeast")
    make_project(tmp_path / "Particles", classes=classes).close()
    window.open(tmp_path / "Particles")
    for width, height in ((1440, 900), (1024, 700)):
        window.shell.resize(width, height)
        window.idle()
        seen = [name for name in classes if not line_of(window, name).visibleRegion().isEmpty()]
        assert seen == list(classes)
        assert not window.data.view.side.classes.findChild(QScrollArea).verticalScrollBar().isVisible()


def test_a_name_that_is_taken_is_refused(window: Window, insects: Path) -> None:
    window.open(insects)
    line = line_of(window, "bees")
    window.press(Qt.Key.Key_F2, on=line)
    line.edit.setText("ants")
    window.qtbot.keyClick(line.edit, Qt.Key.Key_Return)
    window.idle()
    assert names(window) == ["ants", "bees", "wasps"]
    notice = window.data.view.notice
    assert notice.isVisible()
    assert "already a class called ants" in notice.title.text()
    assert not window.failures


def test_add_a_class_give_it_an_image_and_remove_an_empty_one(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    card = panel.view.side.classes
    card.add_button.click()
    window.qtbot.keyClicks(card.new_name, "hornets")
    window.qtbot.keyClick(card.new_name, Qt.Key.Key_Return)
    window.idle()
    assert names(window)[-1] == "hornets"
    assert line_of(window, "hornets").row.key == 4

    panel.grid.step(0)
    window.press(Qt.Key.Key_4)
    window.idle()
    assert line_of(window, "hornets").row.num_images == 1
    window.press(Qt.Key.Key_Z, control=True)
    window.idle()

    card.show_menu(line_of(window, "hornets").row.id, QPoint(10, 10))
    menu = card.findChild(QMenu)
    assert menu is not None
    remove = next(action for action in menu.actions() if action.text() == "Remove")
    remove.trigger()
    menu.close()
    window.idle()
    assert names(window) == ["ants", "bees", "wasps"]


def test_a_click_on_a_class_shows_its_images(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    window.qtbot.mouseClick(line_of(window, "wasps"), Qt.MouseButton.LeftButton)
    window.wait_shown(lambda num: num == 10)
    chip = panel.view.toolbar.chips.chip("picked")
    assert chip.isVisible()
    assert chip.text() == "wasps ×"
    panel.view.toolbar.chips.chip("all").click()
    window.wait_shown(lambda num: num == 30)
    assert not chip.isVisible()


def test_a_class_is_merged_into_another_and_comes_back_with_one_undo(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    card = panel.view.side.classes
    card.show_menu(line_of(window, "wasps").row.id, QPoint(10, 10))
    menu = card.findChild(QMenu)
    assert menu is not None
    merge = next(action.menu() for action in menu.actions() if action.text() == "Merge into")
    assert isinstance(merge, QMenu)
    assert [action.text() for action in merge.actions()] == ["ants", "bees"]
    merge.actions()[1].trigger()
    menu.close()
    window.idle()
    assert names(window) == ["ants", "bees"]
    assert line_of(window, "bees").row.num_images == 20
    assert window.said[-1] == "wasps is part of bees now"
    window.press(Qt.Key.Key_Z, control=True)
    window.idle()
    assert names(window) == ["ants", "bees", "wasps"]
    assert line_of(window, "wasps").row.num_images == 10
    assert not window.failures
