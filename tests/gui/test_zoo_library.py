"""The line below the models: where weights are kept and how much they take; damaged ones are told and can be removed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pack_files import two_sets
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from tests.recorded import make_project
from tlstudio.operations import installing, weights
from tlstudio.paths import weights_dir
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.panel import ZooPanel
from tlstudio.zoo.library import Library


class Studio:
    """The Models panel on a project, two sets imported."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        make_project(folder).close()
        self.cards = installing.install_pack(two_sets(folder.parent)).installed
        self.workspace = Workspace()
        self.said: list[str] = []
        self.workspace.changes.said.connect(self.said.append)

    def open(self, folder: Path) -> None:
        with self.qtbot.waitSignal(self.workspace.changes.project_changed):
            self.workspace.open(folder)
        self.panel = ZooPanel(self.workspace)
        self.qtbot.addWidget(self.panel)
        self.panel.resize(1200, 820)
        self.panel.show()
        self.line = self.panel.library.line
        self.wait(lambda: self.line.words.text() and self.workspace.background.is_idle)

    def wait(self, until: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(until()))

    def click(self, button: QPushButton) -> None:
        assert button.isVisible()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def agree(self) -> None:
        """Say yes to the question that is asked."""
        self.wait(lambda: self.line.findChild(QMessageBox) is not None)
        box = self.line.findChild(QMessageBox)
        self.click(next(button for button in box.buttons() if button.text() == "Remove"))

    def flip_a_bit(self) -> str:
        """Damage one set in a way that only its hash shows; its name."""
        card = self.cards[1]
        file = Library().file_of(card.hash)
        data = bytearray(file.read_bytes())
        data[-1] ^= 1
        file.write_bytes(data)
        return card.name


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path) -> Iterator[Studio]:
    result = Studio(qtbot, tmp_path / "survey")
    yield result
    result.workspace.close()


def test_the_line_says_how_many_how_much_and_where(studio: Studio, tmp_path: Path) -> None:
    studio.open(tmp_path / "survey")
    assert studio.line.words.text().startswith("2 imported sets · ")
    assert studio.line.folder.whole_text() == str(weights_dir())
    studio.click(studio.line.check)
    studio.wait(lambda: "2 imported sets of weights are whole, every one." in studio.said)


def test_a_set_that_is_cut_short_is_told_at_once_and_can_be_removed(studio: Studio, tmp_path: Path) -> None:
    file = Library().file_of(studio.cards[0].hash)
    file.write_bytes(file.read_bytes()[:-10])
    studio.open(tmp_path / "survey")
    studio.wait(lambda: [row.words.text() for row in studio.line.problems] != [])
    assert "The weights First are damaged" in studio.line.problems[0].words.text()
    studio.click(studio.line.problems[0].remove)
    assert file.exists(), "not before the person has agreed"
    studio.agree()
    studio.wait(lambda: not studio.line.problems and studio.workspace.background.is_idle)
    assert [card.name for card in weights.list_weights() if not card.bundled] == ["Second"]
    assert studio.line.words.text().startswith("1 imported set · ")


def test_a_flipped_bit_is_found_by_checking_and_stays_told(studio: Studio, tmp_path: Path) -> None:
    name = studio.flip_a_bit()
    studio.open(tmp_path / "survey")
    assert studio.line.problems == [], "only reading the file shows it"
    studio.click(studio.line.check)
    studio.wait(lambda: [f"The weights {name} are damaged" in row.words.text() for row in studio.line.problems] == [True])
    studio.panel.library.reload()
    studio.wait(lambda: studio.workspace.background.is_idle)
    assert len(studio.line.problems) == 1


def test_an_empty_library_says_where_weights_will_be(studio: Studio, tmp_path: Path) -> None:
    for card in studio.cards:
        weights.remove_weights(card.hash)
    studio.open(tmp_path / "survey")
    assert studio.line.words.text() == "Imported weights will be kept in"
    assert studio.line.folder.whole_text() == str(weights_dir())
    assert not studio.line.check.isVisible()
