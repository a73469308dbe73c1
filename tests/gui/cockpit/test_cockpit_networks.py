"""Which network stands in the cockpit: another one, one whose weights are gone, one without images, dropped weights."""

from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from tests.gui.cockpit.conftest import OTHER, RESNET, VIT, Studio
from tlstudio.domain.recipe import NetworkPart
from tlstudio.operations import weights
from tlstudio.project.project import Project


def test_the_name_of_a_network_stands_whole_where_there_is_room(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    page = studio.look_at(VIT)
    card = msgspec.structs.replace(OTHER, architecture=VIT.architecture, name="vit_tiny_patch16_224 (augreg_in21k_ft_in1k)")
    monkeypatch.setattr(weights, "list_weights", lambda: [card])
    studio.workspace.networks.reload()
    studio.wait(lambda: page.networks.findText(card.name) >= 0)
    page.networks.setCurrentIndex(page.networks.findText(card.name))
    page.networks.activated.emit(page.networks.currentIndex())
    studio.wait(lambda: page.networks.currentText() == card.name and page.networks.width() >= page.networks.sizeHint().width())
    studio.panel.resize(760, 700)
    studio.wait(lambda: not page.networks.geometry().intersects(page.back.geometry()))


def test_another_network_is_drawn_when_it_is_chosen(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    page = studio.look_at(VIT)
    assert len(studio.states()) == 14
    here = [*weights.list_weights(), OTHER]
    monkeypatch.setattr(weights, "list_weights", lambda: here)
    studio.workspace.networks.reload()
    studio.wait(lambda: page.networks.findText("ResNet-34") >= 0)
    assert page.networks.currentText() == "vit_tiny_patch16_224, random weights"
    page.networks.activated.emit(page.networks.findText("ResNet-34"))
    assert page.networks.currentText() == "ResNet-34"


def test_without_images_the_network_is_drawn_and_figures_are_promised(qtbot: QtBot, tmp_path: Path) -> None:
    Project.create(tmp_path / "empty").close()
    studio = Studio(qtbot, tmp_path / "empty")
    page = studio.look_at(RESNET)
    assert len(studio.states()) == 6
    assert page.figures.memory.accessibleName() == "Memory: – add images first"
    page.stages.slider.setValue(2)
    assert studio.states() == ["cached"] * 2 + ["trains"] * 3 + ["new"]
    studio.workspace.close()


def test_a_network_whose_weights_are_gone_is_told_and_another_one_is_drawn(studio: Studio) -> None:
    studio.panel.show_cockpit(NetworkPart(architecture="resnet18", weights="ef" * 32))
    page = studio.panel.cockpit
    assert page is not None
    studio.wait(page.notice.isVisible)
    assert studio.states() == []
    assert page.figures.whole.accessibleName() == "Whole run: – not known"
    assert not page.stages.slider.isEnabled()
    studio.look_at(RESNET)
    assert len(studio.states()) == 6
    assert page.stages.slider.isEnabled()


def test_weights_that_are_dropped_are_taken_by_the_zoo(studio: Studio, tmp_path: Path) -> None:
    page = studio.look_at(RESNET)
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing")
    assert studio.panel.take_drop([broken])
    assert not page.isVisible()
    studio.wait(lambda: studio.panel.zoo.notice.isVisible())
