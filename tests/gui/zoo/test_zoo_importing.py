"""Dropping weights on Models: recognised, confirmed and stored once; refused files say why, and the next one is looked at."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gui.zoo.conftest import MOBILENET, VIT, Studio, imported
from tlstudio.domain.networks import Recognition
from tlstudio.operations import weights
from tlstudio.paths import weights_dir


def test_dropped_weights_are_recognised_confirmed_imported_and_used(studio: Studio, shared: Path) -> None:
    studio.bring(shared / "weights" / MOBILENET)
    card = studio.panel.right.importing.card
    assert studio.panel.right.currentWidget() is card
    assert card.architecture.currentText() == "mobilenetv2_100"
    assert card.licence.text() == "apache-2.0"
    facts = card.facts.words()
    assert (facts["Classes"], facts["Built with"], facts["Missing"], facts["Unexpected"]) == (
        "1,000",
        "pad_type=same",
        "no tensors",
        "no tensors",
    )
    assert not list(weights_dir().glob("*/model.safetensors"))
    card.name.setText("Our MobileNet")
    studio.click(card.confirm)
    studio.wait(lambda: studio.names() == ["Starter (MobileNetV4 small)", "Our MobileNet"])
    stored = imported()
    assert [(item.name, item.architecture, item.licence) for item in stored] == [("Our MobileNet", "mobilenetv2_100", "apache-2.0")]
    assert studio.panel.right.currentWidget() is studio.panel.detail
    assert studio.panel.detail.name.text() == "Our MobileNet"
    studio.click(studio.panel.detail.use)
    assert studio.workspace.networks.chosen.weights == stored[0].hash
    assert studio.panel.detail.in_use.text() == "Trainings start from this"
    assert studio.column("weights") == ["Bundled", "In use"]
    assert studio.rail["models"] == ("Our MobileNet", "ok")


def test_another_candidate_is_looked_at_before_it_is_stored(studio: Studio, shared: Path) -> None:
    studio.bring(shared / "weights" / VIT)
    card = studio.panel.right.importing.card
    candidates = [card.architecture.itemText(row) for row in range(card.architecture.count())]
    assert candidates[0] == "vit_tiny_patch16_224"
    assert len(candidates) > 1
    card.architecture.setCurrentIndex(1)
    card.architecture.activated.emit(1)
    studio.wait(lambda: card.confirm.isVisible() and card.architecture.currentText() == candidates[1])
    studio.click(card.confirm)
    studio.wait(lambda: studio.panel.model.num_ready == 2)
    assert imported()[0].architecture == candidates[1]


def test_weights_that_are_here_already_are_not_stored_twice(studio: Studio, shared: Path) -> None:
    studio.import_(shared / "weights" / MOBILENET)
    studio.bring(shared / "weights" / MOBILENET)
    card = studio.panel.right.importing.card
    assert card.state.text() == "Already here"
    assert card.confirm.text() == "Show it"
    studio.click(card.confirm)
    studio.wait(lambda: studio.panel.right.currentWidget() is studio.panel.detail)
    assert len(imported()) == 1


def test_an_import_can_be_cancelled(studio: Studio, shared: Path) -> None:
    studio.bring(shared / "weights" / MOBILENET)
    studio.click(studio.panel.right.importing.card.cancel)
    assert studio.panel.right.currentWidget() is studio.panel.detail
    assert imported() == []


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda shared, folder: _cut(shared / "weights" / VIT, folder), "cut"),
        (lambda shared, folder: _page(folder), "safetensors"),
    ],
    ids=["cut short", "web page"],
)
def test_a_bad_file_is_refused_with_its_reason(
    studio: Studio, shared: Path, tmp_path: Path, make: Callable[[Path, Path], Path], says: str
) -> None:
    assert studio.panel.take_drop([make(shared, tmp_path)])
    notice = studio.panel.notice
    studio.wait(notice.isVisible)
    words = f"{notice.title.text()} {notice.hint.text()}".lower()
    assert says in words
    assert "nothing was imported" in words
    assert studio.panel.right.currentWidget() is studio.panel.detail
    assert imported() == []


def _cut(source: Path, folder: Path) -> Path:
    target = folder / "cut.safetensors"
    target.write_bytes(source.read_bytes()[:4_000_000])
    return target


def _page(folder: Path) -> Path:
    target = folder / "model.safetensors"
    target.write_text("<!doctype html><html><body>Not found</body></html>")
    return target


def test_after_a_bad_file_the_next_one_is_looked_at(studio: Studio, shared: Path, tmp_path: Path) -> None:
    assert studio.panel.take_drop([_page(tmp_path), shared / "weights" / MOBILENET])
    studio.wait(studio.panel.right.importing.card.confirm.isVisible)
    assert studio.panel.notice.isVisible()
    assert studio.panel.right.currentWidget() is studio.panel.right.importing.card
    studio.click(studio.panel.right.importing.card.confirm)
    assert not studio.panel.notice.isVisible(), "the next import starts without the words about the last one"
    studio.wait(lambda: studio.panel.model.num_ready == 2 and studio.workspace.background.is_idle)


@pytest.mark.parametrize("is_bad", [False, True], ids=["good file", "bad file"])
def test_after_cancelling_while_a_file_is_looked_at_the_next_one_can_be_imported(
    studio: Studio, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_bad: bool
) -> None:
    go_on = threading.Event()
    really = weights.inspect_weights

    def inspect(path: Path, **arguments: Any) -> Recognition:
        go_on.wait(20)
        return really(path, **arguments)

    monkeypatch.setattr(weights, "inspect_weights", inspect)
    panel = studio.panel
    assert panel.take_drop([_page(tmp_path) if is_bad else shared / "weights" / VIT])
    studio.click(panel.right.importing.card.cancel)
    assert panel.right.currentWidget() is panel.detail
    go_on.set()
    studio.wait(lambda: studio.workspace.background.is_idle)
    assert panel.right.currentWidget() is panel.detail
    assert not panel.notice.isVisible(), "nothing is said of a file that is no longer wanted"
    studio.import_(shared / "weights" / MOBILENET)
    assert [card.architecture for card in imported()] == ["mobilenetv2_100"]


def test_the_words_about_a_refused_file_are_gone_when_the_panel_was_left(studio: Studio, tmp_path: Path) -> None:
    panel = studio.panel
    assert panel.take_drop([_page(tmp_path)])
    studio.wait(panel.notice.isVisible)
    panel.hide()
    panel.show()
    assert not panel.notice.isVisible()

    panel.hide()
    assert panel.take_drop([_page(tmp_path)])
    studio.wait(lambda: studio.workspace.background.is_idle)
    panel.show()
    studio.wait(panel.notice.isVisible)


def test_images_and_their_folders_are_left_to_others(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "image.png").write_bytes(b"")
    assert not studio.panel.take_drop([tmp_path / "images"])
    assert not studio.panel.take_drop([tmp_path / "image.png"])
    shutil.rmtree(tmp_path / "images")


def test_weights_dropped_together_with_images_are_taken_and_the_images_are_not_forgotten(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    assert studio.panel.take_drop([_page(tmp_path), tmp_path / "images"])
    assert studio.said[-1] == "Only the weights were taken; a folder of images is dropped by itself."
    studio.wait(studio.panel.notice.isVisible)
