"""Weight packs dropped on the window: what is in one is shown before anything is installed; a damaged set is named."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pack_files import pack, repacked, reseal, source, two_sets
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from weights_files import tensors

from tests.gui.conftest import Window
from tests.gui.zoo.conftest import Studio
from tlstudio.operations import installing, weights
from tlstudio.ui.zoo.pack_card import PackCard


class PacksStudio(Studio):
    """The Models panel, looked at for its card of a pack."""

    @property
    def card(self) -> PackCard:
        return self.panel.right.packs.card

    def drop(self, *files: Path) -> None:
        """Drop packs on the window and wait until the first has been looked into."""
        assert self.panel.take_drop(list(files))
        self.wait(lambda: self.card.rows)

    def shown(self) -> list[tuple[str, str, str]]:
        return [(row.name.whole_text(), row.state.text(), row.licence.text()) for row in self.card.rows]

    def imported(self) -> list[str]:
        return sorted(card.name for card in weights.list_weights() if not card.bundled)


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path) -> Iterator[PacksStudio]:
    result = PacksStudio(qtbot, tmp_path / "survey")
    yield result
    result.workspace.close()


def test_a_pack_shows_its_sets_and_installs_them_with_one_button(studio: PacksStudio, tmp_path: Path) -> None:
    studio.drop(two_sets(tmp_path))
    assert [(name, state) for name, state, _ in studio.shown()] == [("First", "New"), ("Second", "New")]
    assert all("mit · Commercial use allowed" in licence for _, _, licence in studio.shown())
    assert studio.imported() == [], "nothing is installed unasked"
    assert studio.card.confirm.text() == "Install 2 sets"
    studio.click(studio.card.confirm)
    studio.wait(lambda: "2 sets of weights are on this computer now." in studio.said)
    studio.wait(lambda: {"First", "Second"} <= {card.name for card in studio.workspace.networks.cards})
    assert studio.imported() == ["First", "Second"]
    assert studio.panel.right.currentWidget() is studio.panel.detail
    studio.wait(lambda: studio.panel.detail.name.text() == "First")


def test_a_pack_dropped_on_another_panel_comes_to_models(window: Window, insects: Path, tmp_path: Path) -> None:
    window.open(insects)
    window.shell.take_drop([two_sets(tmp_path)])
    models = window.shell.panels.panel("models")
    assert models is not None
    window.until(lambda: any(card.confirm.isVisible() for card in models.findChildren(PackCard)))
    card = next(card for card in models.findChildren(PackCard) if card.isVisible())
    window.qtbot.mouseClick(card.confirm, Qt.MouseButton.LeftButton)
    window.until(lambda: "2 sets of weights are on this computer now." in window.said)


def test_a_pack_dropped_on_the_start_page_waits_for_a_project(window: Window, insects: Path, tmp_path: Path) -> None:
    window.shell.take_drop([two_sets(tmp_path)])
    assert window.shell.start.notice.title.text() == "These weights wait until a project is open."
    window.open(insects)
    assert window.shell.panels.current_id() == "models"
    models = window.shell.panels.panel("models")
    assert models is not None
    window.until(lambda: any(card.confirm.isVisible() and len(card.rows) == 2 for card in models.findChildren(PackCard)))


def test_what_is_here_already_is_said_and_not_installed_again(studio: PacksStudio, tmp_path: Path) -> None:
    file = two_sets(tmp_path)
    installing.install_pack(file)
    studio.drop(file)
    assert [state for _, state, _ in studio.shown()] == ["Already here"] * 2
    assert not studio.card.confirm.isVisible()
    assert studio.card.cancel.text() == "Close"
    studio.click(studio.card.cancel)
    assert studio.panel.right.currentWidget() is studio.panel.detail


def test_a_set_with_one_flipped_byte_is_refused_by_name_and_the_other_is_installed(studio: PacksStudio, tmp_path: Path) -> None:
    file = two_sets(tmp_path)
    data = bytearray(file.read_bytes())
    data[data.rindex(tensors(num_classes=0, seed=2)["conv1.0.weight"].tobytes())] ^= 1
    file.write_bytes(data)
    studio.drop(file)
    studio.click(studio.card.confirm)
    studio.wait(lambda: "The weights Second in two.tlweights are damaged" in studio.panel.notice.title.text())
    assert "First is on this computer now." in studio.said
    assert studio.imported() == ["First"]


def test_a_set_of_an_unknown_network_is_refused_before_it_is_installed(studio: PacksStudio, tmp_path: Path) -> None:
    good = two_sets(tmp_path)
    second = installing.look_into_pack(good).items[1].card.hash
    cards: list[bytes] = []
    repacked(good, manifest=lambda values: cards.append(reseal(values, 1, card={"architecture": "resnet9000"})))
    forged = repacked(tmp_path / "forged.tlweights", replace={f"{second}/card.json": cards[0]})
    studio.drop(forged)
    assert [state for _, state, _ in studio.shown()] == ["New", "Refused"]
    assert "resnet9000" in studio.card.rows[1].problem.text()
    assert studio.card.confirm.text() == "Install 1 set"


def test_half_a_pack_is_refused_where_it_was_dropped(studio: PacksStudio, tmp_path: Path) -> None:
    file = two_sets(tmp_path)
    file.write_bytes(file.read_bytes()[:5000])
    assert studio.panel.take_drop([file])
    studio.wait(lambda: "two.tlweights is cut short" in studio.panel.notice.title.text())
    assert studio.panel.right.currentWidget() is studio.panel.detail
    assert studio.imported() == []


def test_a_pack_that_is_declined_is_not_installed_and_the_next_one_comes(studio: PacksStudio, tmp_path: Path) -> None:
    other = pack(tmp_path / "other.tlweights", source(tmp_path, "Third", seed=3))
    studio.drop(two_sets(tmp_path), other)
    studio.click(studio.card.cancel)
    studio.wait(lambda: [name for name, _, _ in studio.shown()] == ["Third"])
    assert studio.imported() == []
    assert studio.panel.right.currentWidget() is studio.card


def test_a_pack_and_a_file_that_came_together_are_asked_about_one_after_the_other(studio: PacksStudio, tmp_path: Path) -> None:
    lone = shutil.copy(source(tmp_path, "Third", seed=3).file, tmp_path / "lone.safetensors")
    assert studio.panel.take_drop([two_sets(tmp_path), Path(lone)])
    studio.wait(lambda: studio.panel.right.importing.card.confirm.isVisible())
    studio.click(studio.panel.right.importing.card.cancel)
    studio.wait(lambda: studio.card.confirm.isVisible())
    studio.click(studio.card.confirm)
    studio.wait(lambda: studio.imported() == ["First", "Second"])
    studio.wait(lambda: studio.workspace.background.is_idle)


def test_an_installation_can_be_stopped(studio: PacksStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = installing.install_pack

    def install(path: Path, *, report: object, stop: object) -> object:
        class OnceShown:
            def is_set(self) -> bool:
                stop.wait(60)  # type: ignore[attr-defined]
                return True

        report(PROGRESS)  # type: ignore[operator]
        return really(path, stop=OnceShown())

    monkeypatch.setattr(installing, "install_pack", install)
    studio.drop(two_sets(tmp_path))
    studio.click(studio.card.confirm)
    studio.wait(lambda: studio.card.strip.isVisible())
    assert studio.card.strip.words.whole_text() == "1.0 MB of 2.0 MB"
    studio.click(studio.card.strip.stop_button)
    studio.wait(lambda: "Stopped; 0 sets were installed before." in studio.said)
    assert studio.imported() == []


def _progress() -> object:
    from tlstudio.domain.progress import Progress
    from tlstudio.messages import message

    return Progress(what=message("packs.installing", "Installing {name}", name="First"), done=1_000_000, total=2_000_000, in_bytes=True)


PROGRESS = _progress()
