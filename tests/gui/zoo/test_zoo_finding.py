"""Finding a network in Models: words, conditions, families, sorting, a table that is narrow."""

import pytest
from PySide6.QtCore import QPoint, Qt

from tests.gui.zoo.conftest import Studio
from tlstudio.ui.zoo.name_delegate import fitting
from tlstudio.ui.zoo.table_model import COLUMNS, SECOND_ROLE


def test_the_starter_is_ready_in_use_and_all_shows_the_whole_catalogue(studio: Studio) -> None:
    panel = studio.panel
    assert panel.search.placeholderText() == "Search 1,436 architectures"
    assert studio.names() == ["Starter (MobileNetV4 small)"]
    assert studio.rail["models"] == ("MobileNetV4 small", "ok"), "the whole name has no room in the rail"
    assert studio.column("weights") == ["In use"]
    assert "Import stronger weights when you can" in panel.detail.sentence.text()
    assert panel.detail.facts.words()["Classes"] == "none, features only"
    assert not panel.detail.remove.isVisible()
    assert not panel.detail.get_it.isVisible()
    studio.click(panel.filters.chips.chip("all"))
    assert len(studio.names()) > 2000
    tip = panel.filters.chips.chip("all").toolTip()
    assert tip.startswith("Everything timm and torchvision offer")
    assert f"1,436 networks in {len(studio.names()):,} rows, one a set of weights." in tip


def test_rows_of_one_network_are_told_apart_at_any_width(studio: Studio) -> None:
    panel = studio.panel
    for words in ("efficientnet", "beit"):
        panel.on_search(words)
        rows = panel.table.model.rowCount()
        for room_px in (240, 300):
            index = panel.table.model.index
            shown = [fitting(index(row, 0).data(), index(row, 0).data(SECOND_ROLE) or "", room_px) for row in range(rows)]
            assert not any(name.startswith("torchvision/") for name, _ in shown)
            twice = {pair for pair in shown if shown.count(pair) > 1}
            assert len(twice) <= rows // 20, twice


def test_a_narrow_table_keeps_what_decides_and_sorts_by_what_it_hides(studio: Studio) -> None:
    panel = studio.panel
    panel.model.clear()
    panel._show()
    panel.table.setFixedWidth(480)
    view = panel.table.view
    hidden = {column.key for place, column in enumerate(COLUMNS) if view.isColumnHidden(place)}
    assert {"params", "input", "licence"} <= hidden
    assert not hidden & {"name", "top1", "speed", "time"}
    action = next(action for action in view.horizontalHeader().actions() if action.text() == "Sort by Params")
    action.trigger()
    assert panel.model.sort_by == ("params", True)


def test_typing_finds_a_network(studio: Studio) -> None:
    studio.qtbot.keyClicks(studio.panel.search, "vit tiny augreg")
    studio.wait(lambda: studio.names() and all(name.startswith("vit_tiny") for name in studio.names()))
    assert "vit_tiny_patch16_224" in studio.names()
    studio.panel.search.clear()
    studio.qtbot.keyClicks(studio.panel.search, "nothing like this")
    studio.wait(lambda: studio.panel.table.empty.isVisible())
    empty = studio.panel.table.empty
    assert empty.title.text() == "No network fits all of this"
    assert "“nothing like this”" in empty.sentence.text()
    assert not studio.panel.right.isVisible(), "no card of a network that is not in the table"
    studio.click(empty.button)
    assert studio.panel.search.text() == ""
    assert len(studio.names()) > 2000, "nothing is asked for any more"
    assert not empty.isVisible()


def test_conditions_narrow_each_other_and_say_which_to_give_up(studio: Studio) -> None:
    panel = studio.panel
    studio.wait(lambda: studio.column("speed")[0] != "–")
    chips = panel.filters.chips
    studio.click(chips.chip("all"))
    whole = len(studio.names())
    for id in ("fits", "commercial"):
        studio.click(chips.chip(id))
        assert 0 < len(studio.names()) < whole
        whole = len(studio.names())
    assert chips.chip("all").text() == f"All {whole:,}"
    for combo, word in ((panel.filters.family, "VGG"), (panel.filters.size_limit, "≤ 5 M")):
        combo.setCurrentText(word)
        combo.activated.emit(combo.currentIndex())
    words = panel.table.empty.sentence.text()
    assert panel.table.empty.isVisible()
    assert all(asked in words for asked in ("Fits here", "Commercial use", "VGG", "≤ 5 M"))
    assert "Without VGG there would be" in words
    studio.click(chips.chip("fits"))
    studio.click(panel.table.empty.button)
    assert panel.filters.family.currentText() == "All families"
    assert not chips.chip("commercial").isChecked()


def test_a_family_narrows_the_table(studio: Studio) -> None:
    family = studio.panel.filters.family
    row = family.findData("MobileNetV4")
    family.setCurrentIndex(row)
    family.activated.emit(row)
    assert studio.names() == ["Starter (MobileNetV4 small)"]
    studio.click(studio.panel.filters.chips.chip("all"))
    names = studio.names()
    assert len(names) > 10
    assert all(name.lower().startswith(("mobilenetv4", "starter (mobilenetv4")) for name in names)


def test_a_click_on_a_head_sorts_by_that_figure(studio: Studio) -> None:
    studio.click(studio.panel.filters.chips.chip("all"))
    place = next(index for index, column in enumerate(COLUMNS) if column.key == "top1")
    studio.panel.table.view.sortByColumn(place, Qt.SortOrder.DescendingOrder)
    shown = [float(text) for text in studio.column("top1") if text != "–"]
    assert shown == sorted(shown, reverse=True)
    assert shown[0] > 88
    studio.panel.table.view.sortByColumn(place, Qt.SortOrder.AscendingOrder)
    assert studio.column("top1")[-1] == "–"
    assert float(studio.column("top1")[0]) < 60


@pytest.mark.parametrize("key", ["top1", "params"])
def test_the_first_click_on_a_figure_shows_the_largest_on_top(studio: Studio, key: str) -> None:
    studio.click(studio.panel.filters.chips.chip("all"))
    view, model = studio.panel.table.view, studio.panel.model
    studio.panel.on_selected(model.shown[len(model.shown) // 2].key)
    place = next(index for index, column in enumerate(COLUMNS) if column.key == key)
    header = view.horizontalHeader()
    spot = QPoint(header.sectionViewportPosition(place) + 20, header.height() // 2)
    studio.qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert model.sort_by == (key, True)
    assert view.rowAt(1) == 0, "the top of the table is on the screen"
    assert studio.column(key)[0] != "–"
    if key == "top1":
        assert float(studio.column(key)[0]) > 88
        assert studio.column(key)[-1] == "–"
