"""Chips and words choose which images are shown."""

from pathlib import Path

import pytest

from tests.gui.conftest import Window


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
