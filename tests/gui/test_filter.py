"""Chips and words choose which images are shown."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from tests.conftest import MakeImages
from tests.gui.conftest import Window
from tlstudio.domain.findings import Finding, Severity
from tlstudio.messages import message
from tlstudio.ui.data.class_row import ClassLine


@pytest.mark.parametrize(("chip", "num"), [("train", 15), ("val", 9), ("test", 6), ("all", 30)])
def test_a_chip_shows_its_part(window: Window, insects: Path, chip: str, num: int) -> None:
    panel = window.open(insects)
    panel.view.toolbar.chips.chip(chip).click()
    window.wait_shown(lambda shown: shown == num)
    assert panel.view.toolbar.chips.chip("all").text() == "All 30"


def test_words_look_in_names_notes_and_classes(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    search = panel.view.header.search
    search.setText("wasps 00")
    window.wait_shown(lambda num: num == 10)
    search.setText("wasps_003")
    window.wait_shown(lambda num: num == 1)
    search.setText("nothing like this")
    window.until(panel.view.nothing.isVisible)
    search.clear()
    window.wait_shown(lambda num: num == 30)


def test_a_search_says_how_many_images_it_found(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    subject = panel.view.header.subject
    assert subject.whole_text() == ""
    panel.view.header.search.setText("wasps")
    window.wait_shown(lambda num: num == 10)
    assert subject.whole_text() == "10 of 30 images"
    panel.view.header.search.setText("nothing like this")
    window.until(panel.view.nothing.isVisible)
    assert subject.whole_text() == "0 of 30 images"
    panel.view.header.search.clear()
    window.wait_shown(lambda num: num == 30)
    assert subject.whole_text() == ""


def test_the_selection_stays_where_the_image_is_still_shown(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.select(panel.grid.state.ids[:3])
    panel.grid.tell()
    panel.view.toolbar.chips.chip("train").click()
    window.wait_shown(lambda num: num == 15)
    assert len(panel.grid.selection()) == 3
    panel.view.toolbar.chips.chip("test").click()
    window.wait_shown(lambda num: num == 6)
    assert panel.grid.selection() == (), "an image that was not chosen is never selected"


def test_a_search_selects_nothing_by_itself(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    search = panel.view.header.search
    panel.grid.select([panel.grid.state.ids[0]])
    panel.grid.tell()
    search.setText("wasps")
    window.wait_shown(lambda num: num == 10)
    assert panel.grid.selection() == ()
    assert window.workspace.selection == ()
    search.clear()
    window.wait_shown(lambda num: num == 30)
    assert panel.grid.selection() == ()
    assert panel.view.inspector.empty.isVisible()


def test_the_size_slider_changes_the_columns(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    before = panel.grid.layout_now.columns
    panel.view.toolbar.size.setValue(200)
    assert panel.grid.layout_now.columns < before
    assert panel.grid.layout_now.tile >= 180


def class_line(window: Window, name: str) -> ClassLine:
    assert window.workspace.dataset is not None
    item = next(item for item in window.workspace.dataset.classes if item.name == name)
    return window.data.view.side.classes.line(item.id)


def test_a_class_a_part_and_words_are_shown_together(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    chips = panel.view.toolbar.chips
    chips.chip("val").click()
    window.wait_shown(lambda num: num == 9)
    window.qtbot.mouseClick(class_line(window, "wasps"), Qt.MouseButton.LeftButton)
    window.wait_shown(lambda num: num == 3)
    assert chips.current() == "val"
    assert panel.view.header.subject.whole_text() == "3 of 30 images"
    panel.view.header.search.setText("006")
    window.wait_shown(lambda num: num == 1)
    panel.view.header.search.clear()
    window.wait_shown(lambda num: num == 3)
    chips.chip("train").click()
    window.wait_shown(lambda num: num == 5)
    chips.chip("picked").click()
    window.wait_shown(lambda num: num == 15)
    assert not chips.chip("picked").isVisible()
    assert chips.current() == "train"


def test_all_shows_all_again_and_unlabelled_lets_the_class_go(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    chips = panel.view.toolbar.chips
    panel.grid.step(0)
    window.press(Qt.Key.Key_U)
    window.idle()
    window.qtbot.mouseClick(class_line(window, "wasps"), Qt.MouseButton.LeftButton)
    window.wait_shown(lambda num: num == 10)
    chips.chip("unlabelled").click()
    window.wait_shown(lambda num: num == 1)
    assert not chips.chip("picked").isVisible()
    window.qtbot.mouseClick(class_line(window, "bees"), Qt.MouseButton.LeftButton)
    window.wait_shown(lambda num: num == 10)
    assert chips.current() == "", "one class is not all"
    chips.chip("all").click()
    window.wait_shown(lambda num: num == 30)


def test_the_class_that_is_shown_is_renamed_and_then_goes(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    chip = panel.view.toolbar.chips.chip("picked")
    line = class_line(window, "wasps")
    window.qtbot.mouseClick(line, Qt.MouseButton.LeftButton)
    window.wait_shown(lambda num: num == 10)
    panel.editing.rename_class(line.row.id, "R&D wasps")
    window.until(lambda: chip.text() == "R&&D wasps ×")
    panel.editing.merge_classes(line.row.id, class_line(window, "bees").row.id)
    window.wait_shown(lambda num: num == 30)
    assert not chip.isVisible()


def test_what_a_finding_names_is_shown_whatever_was_shown_before(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.watch.blockSignals(True)  # what it finds comes when it will; here it is said by hand
    panel.view.toolbar.chips.chip("test").click()
    panel.view.header.search.setText("wasps")
    window.wait_shown(lambda num: num == 2)
    title = message("test.finding", "Two of them")
    finding = Finding(check="blurred", severity=Severity.WARNS, title=title, why=title, samples=(*tuple(panel.grid.state.ids[:1]), 1, 2))
    panel.view.health.images_wanted.emit(finding)
    window.wait_shown(lambda num: num == 3)
    assert panel.view.header.search.text() == ""
    assert panel.view.toolbar.chips.chip("picked").text() == "3 images found ×"
    assert panel.view.toolbar.chips.current() == "", "not all are shown"

    panel.browser.show_findings([finding])
    window.idle()
    assert len(panel.grid.state.ids) == 3
    panel.browser.show_findings([])
    window.wait_shown(lambda num: num == 30)
    assert panel.view.toolbar.chips.current() == "all", "what a finding named is shown until it is mended"


def test_what_an_import_could_not_take_in_is_shown_alone_and_an_import_ends_the_old_filter(
    window: Window, insects: Path, make_images: MakeImages
) -> None:
    for name in ("first", "second"):
        (make_images({"ants": 3}, name=name) / "ants" / f"{name}.png").write_bytes(b"")
    panel = window.open(insects)
    panel.view.importing.start(insects.parent / "first")
    window.wait_shown(lambda num: num == 34)
    panel.view.side.classes.chosen.emit(window.workspace.dataset.classes[1].id)
    window.wait_shown(lambda num: num == 10)
    panel.view.importing.start(insects.parent / "second")
    window.wait_shown(lambda num: num == 38)
    panel.view.notice.action.click()
    window.wait_shown(lambda num: num == 1)
    assert panel.view.toolbar.chips.chip("picked").text() == "1 file not taken in ×"
    sample = window.workspace.dataset.by_id[panel.grid.state.ids[0]]
    assert sample.name == "second.png"
