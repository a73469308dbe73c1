"""The transfer cockpit as it is moved through: the slider by keys and mouse, figures and boxes that follow, nothing cut."""

import pytest
from PySide6.QtCore import QPoint, Qt

from tests.gui.cockpit.conftest import RESNET, VIT, Studio
from tests.gui.test_accessible_names import nameless, unreachable
from tlstudio.ui.zoo.cockpit.compare import ComparePopover


def test_it_is_reached_from_the_card_of_a_network_and_left_again(studio: Studio) -> None:
    zoo = studio.panel.zoo
    studio.wait(lambda: zoo.model.row is not None)
    studio.qtbot.mouseClick(zoo.detail.transfer, Qt.MouseButton.LeftButton)
    page = studio.panel.cockpit
    assert page is not None
    assert page.isVisible()
    studio.wait(lambda: page.networks.currentText() == "Starter (MobileNetV4 small)")
    studio.qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert zoo.isVisible()


def test_keys_move_the_slider_and_boxes_and_figures_follow(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    slider = page.stages.slider
    assert studio.states() == ["cached"] * 5 + ["new"]
    alone = page.figures.trainable.accessibleName()
    slider.setFocus()
    studio.qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert studio.states() == ["cached"] * 4 + ["trains", "new"]
    assert slider.words == "Frozen: 4 of 5 stages"
    assert page.figures.trainable.accessibleName() != alone
    assert "first pass" in page.figures.epoch.accessibleName()
    studio.qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert studio.states() == ["trains"] * 5 + ["new"]
    assert slider.words == "Everything trains"
    studio.qtbot.keyClick(slider, Qt.Key.Key_End)
    assert page.figures.trainable.accessibleName() == alone


def test_the_mouse_takes_the_slider_to_the_nearest_gap_and_a_click_opens_a_stage(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    slider, view = page.stages.slider, page.stages.view
    studio.wait(lambda: len(slider.stops) == 6)
    studio.qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.stops[2]) + 9, 13))
    assert studio.states() == ["cached"] * 2 + ["trains"] * 3 + ["new"]

    def middle(place: int) -> QPoint:
        return QPoint(round(view.places.lefts[place] + view.places.widths[place] / 2), 90)

    studio.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(1))
    assert studio.states() == ["cached"] + ["trains"] * 4 + ["new"]
    studio.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(3))
    assert studio.states() == ["cached"] * 4 + ["trains", "new"]
    studio.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(5))
    assert studio.states() == ["cached"] * 4 + ["trains", "new"], "the head is always new"


def test_every_control_has_a_name_and_is_reached_by_keys(studio: Studio) -> None:
    page = studio.look_at(VIT)
    page.stages.slider.setValue(9)
    studio.qtbot.mouseClick(page.rates.ways.segment("lora"), Qt.MouseButton.LeftButton)
    assert not nameless(page)
    assert not unreachable(page)
    assert page.stages.slider.accessibleDescription() == "Frozen: 9 of 13 blocks"
    assert "block 12, 197 tokens, adapters" in page.stages.view.accessibleDescription()


@pytest.mark.parametrize("width", [768, 1184])
def test_nothing_is_cut_or_overlaps_whatever_trains(studio: Studio, width: int) -> None:
    studio.panel.resize(width, 640)
    page = studio.look_at(VIT)
    for frozen in (0, 9, 13):
        page.stages.slider.setValue(frozen)
        studio.wait(lambda: page.stages.height() >= page.stages.minimumSizeHint().height())
        for card in (page.figures, page.head, page.rates, page.finder):
            studio.wait(lambda card=card: card.height() >= card.heightForWidth(card.width()))
        cards = [page.stages, page.figures, page.head, page.rates, page.finder]
        areas = [card.geometry() for card in cards]
        assert not any(one.intersects(other) for place, one in enumerate(areas) for other in areas[place + 1 :])
        assert page.head.parentWidget().width() <= page.width()


def test_three_depths_are_compared_and_one_is_taken(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    studio.qtbot.mouseClick(page.compare, Qt.MouseButton.LeftButton)
    popover = page.compare.findChild(ComparePopover)
    assert popover is not None
    assert [entry.text() for entry in popover.entries] == ["Head only", "Head and the last 2 stages", "Everything"]
    assert page.stages.slider.value() == 5, "to compare changes nothing"
    popover.entries[1].click()
    assert page.stages.slider.value() == 3
    assert studio.states() == ["cached"] * 3 + ["trains"] * 2 + ["new"]
