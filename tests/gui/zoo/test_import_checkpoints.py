"""Checkpoints, caches and torchvision's files dropped on Models: one card with its progress, notes and refusals; a choice of several."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog
from weights_files import SMALL, save, tensors

from tests.gui.conftest import Window
from tests.gui.zoo.conftest import MOBILENET, VIT, Studio
from tlstudio.jobs import conversion
from tlstudio.operations import weights
from tlstudio.paths import cache_dir
from tlstudio.ui.zoo.pages import ModelsPanel
from tlstudio.ui.zoo.panel import ZooPanel

FAKE = Path(__file__).with_name("fake_converter.py")
REAL_PROCESS_MS = 280_000
"""The libraries of a real process may take minutes to load on a busy machine."""

READ, WRITTEN = {"type": "Reading"}, {"type": "Writing", "done": 30_000_000, "total": 60_000_000}
DONE = {"type": "Converted", "entry": "state_dict_ema"}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "_command", lambda: [sys.executable, str(FAKE)])


def _checkpoint(file: Path, *says: dict[str, Any], ends: bool = True, seed: int = 0) -> Path:
    """A file that the fake takes for an order; the tensors it hands over are real ones."""
    source = save(file.parent / "prepared" / f"{file.stem}.safetensors", tensors(seed=seed))
    file.write_text(json.dumps({"tensors": str(source), "says": says, "ends": ends}))
    return file


def _notes(studio: Studio) -> str:
    return studio.panel.right.importing.card.notes.whole_text()


@pytest.mark.usefixtures("fake")
def test_a_checkpoint_gets_the_same_card_and_says_what_was_taken(studio: Studio, tmp_path: Path) -> None:
    studio.bring(_checkpoint(tmp_path / "lab.pth", READ, DONE))
    card = studio.panel.right.importing.card
    assert card.state.text() == "Recognised"
    assert card.file.whole_text().startswith("lab.pth · ")
    assert "entry state_dict_ema" in _notes(studio)
    assert not card.progress.isVisible()
    studio.click(card.confirm)
    studio.wait(lambda: studio.panel.model.num_ready == 2 and studio.workspace.background.is_idle)
    assert [item.source for item in weights.list_weights()][-1] == "lab.pth"
    assert list((cache_dir() / "converted").rglob("*.safetensors")) == []


@pytest.mark.usefixtures("fake")
def test_converting_shows_how_far_it_is_and_cancel_ends_it(studio: Studio, tmp_path: Path) -> None:
    card = studio.panel.right.importing.card
    assert studio.panel.take_drop([_checkpoint(tmp_path / "slow.pth", READ, WRITTEN, ends=False)])
    studio.wait(lambda: "30 of 60" in card.progress.words.whole_text())
    assert card.state.text() == "Converting…"
    assert card.progress.bar.value() == 500
    studio.click(card.cancel)
    assert studio.panel.right.currentWidget() is studio.panel.detail
    studio.wait(lambda: studio.workspace.background.is_idle)
    assert not studio.panel.notice.isVisible(), "nothing is said of a file that is no longer wanted"
    assert list((cache_dir() / "converted").rglob("*")) == []


@pytest.mark.usefixtures("fake")
def test_what_was_converted_goes_when_the_card_is_left(studio: Studio, tmp_path: Path) -> None:
    studio.bring(_checkpoint(tmp_path / "lab.pth", DONE))
    assert list((cache_dir() / "converted").rglob("*.safetensors"))
    studio.click(studio.panel.right.importing.card.cancel)
    studio.wait(lambda: studio.workspace.background.is_idle)
    assert list((cache_dir() / "converted").rglob("*")) == []


@pytest.mark.usefixtures("fake")
def test_a_checkpoint_with_code_is_refused_in_words(studio: Studio, tmp_path: Path) -> None:
    file = _checkpoint(tmp_path / "evil.pth", {"type": "Refused", "reason": "code", "what": "posix.system"})
    assert studio.panel.take_drop([file])
    notice = studio.panel.notice
    studio.wait(notice.isVisible)
    assert "evil.pth is refused: opening it would run code (posix.system)" in notice.title.text()
    assert "nothing in the file was run" in notice.hint.text()
    assert studio.panel.right.currentWidget() is studio.panel.detail


def test_torchvisions_squeezenet_is_recognised_imported_and_chosen(studio: Studio, shared: Path) -> None:
    studio.bring(shared / "weights" / "squeezenet1_1.in1k_fp16.safetensors")
    card = studio.panel.right.importing.card
    assert card.architecture.currentText() == "torchvision/squeezenet1_1"
    studio.click(card.confirm)
    studio.wait(lambda: "squeezenet1_1.in1k_fp16" in studio.names() and studio.workspace.background.is_idle)
    studio.click(studio.panel.detail.use)
    assert studio.workspace.networks.chosen.architecture == "torchvision/squeezenet1_1"


def _cache(folder: Path) -> Path:
    """A cache of the hub with two networks, as links into blobs, and one that is none of ours."""
    for name, architecture, seed in (("timm--test_resnet.r160_in1k", SMALL, 1), ("lab--net", SMALL, 2)):
        place = folder / f"models--{name}"
        blob = save(place / "blobs" / "00aa", tensors(architecture, seed=seed))
        snapshot = place / "snapshots" / "0123abcd"
        snapshot.mkdir(parents=True)
        os.symlink(os.path.relpath(blob, snapshot), snapshot / "model.safetensors")
        (place / "refs").mkdir()
        (place / "refs" / "main").write_text("0123abcd")
    other = folder / "models--bert" / "snapshots" / "0"
    other.mkdir(parents=True)
    (other / "config.json").write_text(json.dumps({"model_type": "bert"}))
    save(other / "model.safetensors", {"embeddings.weight": tensors()["conv1.0.weight"]})
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="the cache holds links where the system has them")
def test_of_a_whole_cache_a_person_chooses_and_each_is_shown(studio: Studio, tmp_path: Path) -> None:
    card = studio.panel.right.importing.card
    assert studio.panel.take_drop([_cache(tmp_path / "hub")])
    studio.wait(card.sets.isVisible)
    assert [tick.accessibleName() for tick in card.sets.ticks] == ["lab/net", "timm/test_resnet.r160_in1k"]
    assert card.confirm.text() == "Look at 2 sets"
    card.sets.ticks[0].click()
    assert card.confirm.text() == "Look at 1 set"
    studio.click(card.confirm)
    studio.wait(card.architecture.isVisible)
    assert card.name.text() == f"{SMALL} (r160_in1k)"
    assert card.facts.words()["From"] == "timm/test_resnet.r160_in1k"
    studio.click(card.confirm)
    studio.wait(lambda: studio.panel.model.num_ready == 2 and studio.workspace.background.is_idle)
    assert studio.panel.right.currentWidget() is studio.panel.detail


@pytest.mark.skipif(sys.platform == "win32", reason="the cache holds links where the system has them")
def test_none_ticked_cannot_be_looked_at_and_cancel_leaves(studio: Studio, tmp_path: Path) -> None:
    card = studio.panel.right.importing.card
    assert studio.panel.take_drop([_cache(tmp_path / "hub")])
    studio.wait(card.sets.isVisible)
    for tick in card.sets.ticks:
        tick.click()
    assert not card.confirm.isEnabled()
    studio.click(card.cancel)
    assert studio.panel.right.currentWidget() is studio.panel.detail


def test_the_dialog_shows_every_ending(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: list[str] = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda parent, title, start, kind: (kinds.append(kind) or "", ""))
    studio.panel.on_import_wanted()
    assert all(ending in kinds[0] for ending in ("*.safetensors", "*.pth", "*.pt", "*.bin", "*.th", "*.ckpt", "config.json"))


# --- every file a user could bring, dropped on the window for real


def _drop(window: Window, path: Path) -> ZooPanel:
    """Let go of it over the middle of the window, which shows Models."""
    window.shell.show_panel("models")
    window.idle()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    arguments = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QGuiApplication.sendEvent(window.shell, QDragEnterEvent(QPoint(400, 300), *arguments))
    QGuiApplication.sendEvent(window.shell, QDropEvent(QPointF(400, 300), *arguments))
    panel = window.shell.panels.panel("models")
    assert isinstance(panel, ModelsPanel)
    return panel.zoo


@pytest.mark.parametrize(
    ("name", "architecture"),
    [(VIT, "vit_tiny_patch16_224"), (MOBILENET, "mobilenetv2_100"), ("squeezenet1_1.in1k_fp16.safetensors", "torchvision/squeezenet1_1")],
)
def test_each_real_set_is_recognised_when_it_is_dropped(window: Window, insects: Path, shared: Path, name: str, architecture: str) -> None:
    window.open(insects)
    panel = _drop(window, shared / "weights" / name)
    window.until(panel.right.importing.card.confirm.isVisible)
    assert panel.right.importing.card.architecture.currentText() == architecture
    window.qtbot.mouseClick(panel.right.importing.card.confirm, Qt.MouseButton.LeftButton)
    window.until(lambda: architecture in {card.architecture for card in weights.list_weights()})
    window.idle()


def test_the_foreign_checkpoint_is_refused_with_the_reason_when_it_is_dropped(window: Window, insects: Path, shared: Path) -> None:
    window.open(insects)
    panel = _drop(window, shared / "weights" / "resnet20_cifar10-12fca82f.th")
    window.until(panel.notice.isVisible, timeout=REAL_PROCESS_MS)
    assert "a ResNet of 20 layers" in panel.notice.hint.text()
    assert "neither timm nor torchvision" in panel.notice.hint.text()
    assert [card for card in weights.list_weights() if not card.bundled] == []
