"""Choosing a network in Models: its card, how its weights get here, what trainings start from, and removing it."""

import argparse
import shlex
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMessageBox

from tests.gui.zoo.conftest import MOBILENET, VIT, Studio, imported
from tlstudio.cli import weights as weights_command
from tlstudio.domain.recipe import NetworkPart
from tlstudio.operations import weights
from tlstudio.project.project import Project
from tlstudio.ui.widgets.breaking_text import BreakingText


def _arguments_of(command: str) -> argparse.Namespace:
    program, what, *rest = shlex.split(command)
    assert (program, what) == ("tlstudio", "weights")
    parser = argparse.ArgumentParser(exit_on_error=False)
    weights_command.add_arguments(parser)
    return parser.parse_args(rest)


def test_nothing_that_can_be_copied_holds_what_cannot_be_seen(studio: Studio) -> None:
    panel = studio.panel
    panel.on_search("resnet50 a1_in1k")
    panel.on_selected(next(row.key for row in panel.model.shown if row.tag == "a1_in1k" and row.network.name == "resnet50"))
    labels = [label for label in panel.detail.findChildren(QLabel) if label.isVisible()]
    selectable = [label for label in labels if label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse]
    assert not any("\u200b" in label.text() for label in selectable)
    broken = [label for label in labels if isinstance(label, BreakingText)]
    assert any("resnet50.a1_in1k" in label.whole_text() for label in broken)
    for label in broken:
        label.actions()[0].trigger()
        assert QGuiApplication.clipboard().text() == label.text().replace("\u200b", "") == label.accessibleName()


def test_a_network_without_weights_here_says_how_they_get_here(studio: Studio) -> None:
    panel = studio.panel
    panel.on_search("resnet50 a1_in1k")
    panel.on_selected(next(row.key for row in panel.model.shown if row.tag == "a1_in1k" and row.network.name == "resnet50"))
    detail = panel.detail
    assert detail.sentence.text().startswith("The classic convolutional network")
    assert detail.facts.words()["Paper"] == "2015 · He et al.: Deep Residual Learning for Image Recognition"
    assert detail.facts.words()["ImageNet top-1"] == "80.4 %, as timm publishes it"
    assert detail.get_it.isVisible()
    studio.click(detail.get_it.copy)
    command = QGuiApplication.clipboard().text()
    assert command == "tlstudio weights pack resnet50.a1_in1k --out resnet50.a1_in1k.tlweights"
    assert _arguments_of(command).names == ["resnet50.a1_in1k"], "the terminal takes it as it is"
    assert studio.said[-1] == f"Copied: {command}"
    assert detail.bring.isVisible()
    assert not detail.use.isVisible()
    assert not detail.remove.isVisible()
    assert detail.facts.words()["Licence"].startswith("apache-2.0 · Commercial use allowed")
    studio.click(detail.random)
    assert studio.workspace.networks.chosen == NetworkPart(architecture="resnet50")
    assert detail.in_use.text() == "In use, with random weights"
    assert studio.rail["models"][0] == "resnet50, random weights"


def test_a_chosen_model_is_kept_with_the_project(studio: Studio, shared: Path) -> None:
    studio.import_(shared / "weights" / MOBILENET)
    studio.import_(shared / "weights" / VIT)
    first = next(card for card in weights.list_weights() if card.architecture == "mobilenetv2_100")
    studio.panel.on_selected(first.hash)
    studio.click(studio.panel.detail.use)
    assert studio.workspace.networks.chosen.weights == first.hash
    assert not studio.panel.detail.use.isVisible()
    studio.wait(lambda: studio.workspace.background.is_idle)
    studio.workspace.close()
    project = Project.open(studio.folder)
    assert project.settings().network == NetworkPart(architecture="mobilenetv2_100", weights=first.hash)
    project.close()


def test_weights_are_removed_only_after_the_question(studio: Studio, shared: Path, tmp_path: Path) -> None:
    studio.import_(shared / "weights" / MOBILENET)
    studio.click(studio.panel.detail.remove)
    box = studio.panel.findChild(QMessageBox)
    agree = next(button for button in box.buttons() if button.text() == "Remove")
    studio.qtbot.mouseClick(agree, Qt.MouseButton.LeftButton)
    studio.wait(lambda: studio.panel.model.num_ready == 1 and studio.workspace.background.is_idle)
    assert imported() == []
    assert studio.workspace.networks.name == "Starter (MobileNetV4 small)"


def test_enter_uses_the_row(studio: Studio) -> None:
    panel = studio.panel
    panel.on_search("mobilenetv4_conv_large")
    key = panel.model.shown[0].key
    panel.on_selected(key)
    panel.table.view.setFocus()
    studio.qtbot.keyClick(panel.table.view, Qt.Key.Key_Return)
    studio.wait(lambda: studio.workspace.networks.chosen.architecture == panel.model.row.network.name)
    assert "Trainings start from" in studio.said[-1]
