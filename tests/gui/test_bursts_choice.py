"""Bursts stand above the images with one button that confirms and one that declines."""

from pathlib import Path

from PySide6.QtWidgets import QPushButton

from tests.gui.conftest import Window
from tests.recorded import picture
from tlstudio.domain.samples import NewSample
from tlstudio.operations.splitting import split
from tlstudio.project.project import Project


def with_bursts(folder: Path) -> Path:
    """Twelve bursts of four images, ants and bees in turn."""
    images = folder.parent / "photographs"
    new = []
    for number in range(48):
        kind = number // 4 % 2
        path = f"{('ants', 'bees')[kind]}/{number:04d}.png"
        (images / path).parent.mkdir(parents=True, exist_ok=True)
        (images / path).write_bytes(picture(kind, number))
        taken_at = 1_700_000_000.0 + number // 4 * 600 + number % 4
        new.append(
            NewSample(path=path, content_hash=f"{number}", width_px=48, height_px=48, format="PNG", class_name=path[:4], taken_at=taken_at)
        )
    project = Project.create(folder)
    project.add_samples(project.add_root(images, copied=False), new, given_splits=False)
    split(project)
    project.close()
    return folder


def press(window: Window, text: str) -> None:
    found = [item for item in window.data.view.health.findChildren(QPushButton) if item.text() == text and item.isVisible()]
    assert len(found) == 1
    found[0].click()


def test_bursts_are_confirmed_with_one_button_and_declined_with_another(window: Window, tmp_path: Path) -> None:
    panel = window.open(with_bursts(tmp_path / "Survey"))
    health = panel.view.health
    window.until(lambda: "48 images were taken in 12 bursts" in health.words.whole_text())
    window.idle()
    assert panel.view.toolbar.chips.chip("problems").text() == "Problems", "a proposal is no problem of the images"
    health.review.click()
    press(window, "Keep bursts together")
    window.until(lambda: "groups lie in more than one split" in health.words.whole_text())
    press(window, "Move them together")
    window.until(lambda: health.waits.text() == "")
    assert window.workspace.dataset is not None
    assert all(len({sample.split for sample in unit}) == 1 for unit in window.workspace.dataset.units)
    for _ in range(2):
        window.workspace.undo()
    window.until(lambda: "taken in 12 bursts" in health.words.whole_text())
    health.unfold()
    press(window, "Not groups")
    window.until(lambda: "bursts" not in health.words.whole_text())
