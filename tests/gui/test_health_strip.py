"""What is wrong with the data stands above it, with its images and the one button that mends it."""

import threading
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from tests.conftest import MakeImages
from tests.gui.conftest import Window
from tests.recorded import make_project
from tlstudio.domain.commands import SetSplits
from tlstudio.domain.findings import Finding
from tlstudio.domain.progress import Stop
from tlstudio.domain.splits import Split
from tlstudio.errors import ClosedMeanwhileError
from tlstudio.messages import message
from tlstudio.operations import health
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project
from tlstudio.ui.widgets.thumb_row import ThumbRow

CLOSED = message("test.closed", "The project was closed.")


def with_copies_apart(folder: Path, make_images: MakeImages) -> Path:
    """A project in which two copies of one image were put into training and test by hand."""
    images = make_images({"discs": 6, "bars": 6}, name="particles")
    (images / "discs" / "copy.png").write_bytes((images / "discs" / "discs_000.png").read_bytes())
    project = Project.create(folder)
    import_data(project, images)
    copies = [sample.id for sample in project.dataset().samples if sample.name in ("copy.png", "discs_000.png")]
    project.apply(SetSplits(split_by_sample={copies[0]: Split.TRAIN, copies[1]: Split.TEST}))
    project.close()
    return folder


def buttons(window: Window, text: str) -> list[QPushButton]:
    return [item for item in window.data.view.health.findChildren(QPushButton) if item.text() == text and item.isVisible()]


def visible_texts(window: Window) -> list[str]:
    return [item.text() for item in window.data.view.health.findChildren(QLabel) if item.isVisible()]


def test_copies_apart_are_shown_and_moved_together(window: Window, tmp_path: Path, make_images: MakeImages) -> None:
    panel = window.open(with_copies_apart(tmp_path / "Particles", make_images))
    health = panel.view.health
    window.until(lambda: bool(health.findings))
    assert "more than one split" in health.words.whole_text()
    assert window.shell.rail.item("data").state()[1] == "warn"

    health.review.click()
    next(item for item in buttons(window, "Show images") if "more than one split" in item.accessibleName()).click()
    window.wait_shown(lambda num: num == 2)
    buttons(window, "Move them together")[0].click()
    window.until(lambda: "more than one split" not in health.words.whole_text())
    assert window.workspace.dataset is not None
    copies = [sample for sample in window.workspace.dataset.samples if sample.name in ("copy.png", "discs_000.png")]
    assert {sample.split for sample in copies} == {Split.TRAIN}
    assert window.shell.rail.item("data").state()[1] == "ok"


def test_findings_appear_of_a_project_opened_while_those_of_another_were_looked_for(
    window: Window, insects: Path, tmp_path: Path, make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    really = health.findings

    def findings(project: Project, *, stop: Stop) -> list[Finding]:
        if project.folder == insects:
            begun.set()
            go_on.wait(600)
            raise ClosedMeanwhileError(CLOSED, CLOSED)
        return really(project, stop=stop)

    monkeypatch.setattr(health, "findings", findings)
    with window.qtbot.waitSignal(window.workspace.changes.project_changed):
        window.shell.open_path(insects)
    window.until(begun.is_set)
    other = with_copies_apart(tmp_path / "Particles", make_images)
    with window.qtbot.waitSignal(window.workspace.changes.project_changed):
        window.shell.open_path(other)
    go_on.set()
    window.until(lambda: "more than one split" in window.data.view.health.words.whole_text())
    assert not window.shell.notice.isVisible()


def test_the_chip_problems_shows_what_health_names(window: Window, tmp_path: Path, make_images: MakeImages) -> None:
    panel = window.open(with_copies_apart(tmp_path / "Particles", make_images))
    chip = panel.view.toolbar.chips.chip("problems")
    window.until(lambda: bool(panel.view.health.findings) and chip.text() != "Problems")
    num = int(chip.text().removeprefix("Problems "))
    chip.click()
    window.wait_shown(lambda shown: shown == num)
    named = {id for finding in panel.view.health.findings if "copies" in finding.check for id in finding.samples}
    assert named == set(panel.grid.state.ids)

    panel.grid.select([next(sample.id for sample in window.workspace.dataset.samples if sample.name == "copy.png")])
    panel.grid.tell()
    panel.set_aside()
    window.until(lambda: not any("copies" in text.lower() for text in visible_texts(window)))
    window.idle()
    assert "copy.png" in [window.workspace.dataset.by_id[id].name for id in panel.grid.state.ids], "what is set aside stays a problem"


def test_training_is_refused_where_it_was_asked_for(window: Window, tmp_path: Path) -> None:
    make_project(tmp_path / "One", classes=("ants",)).close()
    panel = window.open(tmp_path / "One")
    health = panel.view.health
    window.until(lambda: bool(health.findings))
    assert health.waits.text() == "training waits for this"
    assert window.shell.rail.item("data").state()[1] == "warn"

    panel.view.header.train.click()
    notice = panel.view.notice
    window.until(notice.isVisible)
    assert "one class" in notice.title.text().lower()
    assert not window.failures
    assert window.shell.panels.current_id() == "data"
    assert not list((tmp_path / "One" / "runs").glob("*")), "nothing is left behind"
    window.until(panel.view.header.train.isEnabled)

    notice.action.click()
    assert any("tell apart" in text or "class" in text for text in visible_texts(window))


def test_sound_data_says_so(window: Window, tmp_path: Path) -> None:
    make_project(tmp_path / "Sound", num_per_class=40).close()
    panel = window.open(tmp_path / "Sound")
    window.until(lambda: window.workspace.background.is_idle)
    assert panel.view.health.isVisible()
    assert panel.view.health.badge.text() == "Health"


def test_groups_that_names_suggest_are_confirmed_or_declined(window: Window, tmp_path: Path, make_images: MakeImages) -> None:
    images = make_images({"discs": 12, "bars": 12}, name="slides")
    for file in list(images.rglob("*.png")):
        kind, number = file.stem.split("_")
        file.rename(file.with_name(f"slide{int(number) % 4}_{kind}{number}.png"))
    project = Project.create(tmp_path / "Slides")
    import_data(project, images)
    project.close()
    panel = window.open(project.folder)
    health = panel.view.health
    window.until(lambda: "File names suggest 4 groups: slide0, slide1, slide2" in health.words.whole_text())
    health.review.click()
    assert len(buttons(window, "Not groups")) == 1
    buttons(window, "Use these groups")[0].click()
    window.until(lambda: "4 groups lie in more than one split" in health.words.whole_text())
    assert health.waits.text() == "training waits for this"
    buttons(window, "Move them together")[0].click()
    window.until(lambda: health.waits.text() == "")
    assert window.workspace.dataset is not None
    assert all(len({sample.split for sample in unit}) == 1 for unit in window.workspace.dataset.units)
    assert "copies and groups stay together" in panel.view.side.splits.note.text()
    for _ in range(2):
        window.workspace.undo()
    window.until(lambda: "File names suggest" in health.words.whole_text())
    health.unfold()
    buttons(window, "Not groups")[0].click()
    window.until(lambda: "File names suggest" not in health.words.whole_text())


def with_many_findings(folder: Path, make_images: MakeImages) -> Path:
    """A project with something of everything, so that the list of findings is long."""
    images = make_images({"discs": 14, "bars": 14, "rings": 1, "waves": 4}, name="particles", size=96)
    with Image.open(images / "discs" / "discs_001.png") as opened:
        photo = opened.convert("RGB")
    photo.point(lambda value: value * 0.1).save(images / "discs" / "night.png")
    photo.resize((14, 14)).save(images / "discs" / "tiny.png")
    photo.filter(ImageFilter.GaussianBlur(3)).save(images / "discs" / "soft.png")
    for number in range(7):
        Image.new("RGB", (96 + number, 96), (200, 210, 220)).save(images / "bars" / f"page_{number}.png")
    (images / "discs" / "copy.png").write_bytes((images / "discs" / "discs_000.png").read_bytes())
    (images / "bars" / "broken.png").write_bytes(b"")
    project = Project.create(folder)
    import_data(project, images)
    project.close()
    return folder


def test_each_finding_shows_some_of_its_images(window: Window, tmp_path: Path, make_images: MakeImages) -> None:
    panel = window.open(with_many_findings(tmp_path / "Particles", make_images))
    health = panel.view.health
    window.until(lambda: "7 images are blank" in health.words.whole_text())
    window.shell.resize(1440, 900)
    health.review.click()
    rows = {row.accessibleName().removeprefix("Some of the images: "): row for row in health.findChildren(ThumbRow)}
    assert "1 unreadable file" not in rows
    dataset = window.workspace.dataset
    assert dataset is not None
    pages = rows["7 images are blank"]
    hashes = [sample.content_hash for sample in dataset.samples if sample.name.startswith("page")]
    assert list(pages.content_hashes) == hashes[:5], "the first few say enough"
    window.until(lambda: pages.num_shown == 5 and pages.pictures_are_there())

    window.shell.resize(1024, 700)
    window.until(lambda: pages.num_shown == 2)


def test_a_long_list_scrolls_and_leaves_the_images_their_room(window: Window, tmp_path: Path, make_images: MakeImages) -> None:
    panel = window.open(with_many_findings(tmp_path / "Particles", make_images))
    health = panel.view.health
    window.until(lambda: "7 images are blank" in health.words.whole_text())
    for width, height in ((1440, 900), (1024, 700)):
        window.shell.resize(width, height)
        health.unfold()
        window.until(lambda: health.list.verticalScrollBar().maximum() > 0)
        window.until(lambda: health.list.height() <= 0.4 * panel.view.height())
        window.until(lambda: panel.grid.height() > 200)
        assert panel.view.rect().bottom() >= panel.grid.mapTo(panel.view, panel.grid.rect().bottomLeft()).y()
        content = health.list.widget()
        assert content.width() <= health.list.viewport().width(), "nothing is cut off at the side"


@pytest.mark.parametrize("size", [(1440, 900), (1024, 700)])
def test_nothing_lies_over_another_while_the_list_is_unfolded(
    window: Window, tmp_path: Path, make_images: MakeImages, size: tuple[int, int]
) -> None:
    panel = window.open(with_many_findings(tmp_path / "Particles", make_images))
    window.until(lambda: "7 images are blank" in panel.view.health.words.whole_text())
    window.shell.resize(*size)
    panel.view.health.unfold()
    window.idle()
    window.until(lambda: overlaps(panel.view.side) == [])
    card = panel.view.side.rect()
    export = panel.view.side.export
    assert card.contains(export.geometry()), "what stands at the foot is always in reach"


def overlaps(widget: QWidget) -> list[tuple[QWidget, QWidget]]:
    """Pairs of brothers and sisters below a widget that lie over one another, and rows that are lower than they have to be."""
    found = []
    for parent in (widget, *widget.findChildren(QWidget)):
        children = [child for child in parent.children() if isinstance(child, QWidget) and child.isVisible()]
        found += [(one, other) for one, other in combinations(children, 2) if one.geometry().intersects(other.geometry())]
        found += [(parent, child) for child in children if child.height() < child.minimumSizeHint().height()]
    return found


def test_one_press_sets_aside_what_a_finding_names(window: Window, tmp_path: Path, make_images: MakeImages) -> None:
    panel = window.open(with_many_findings(tmp_path / "Particles", make_images))
    health = panel.view.health
    window.until(lambda: "7 images are blank" in health.words.whole_text())
    health.unfold()
    next(item for item in buttons(window, "Set aside") if item.accessibleName() == "Set aside: 7 images are blank").click()
    window.until(lambda: "blank" not in health.words.whole_text())
    dataset = window.workspace.dataset
    assert dataset is not None
    assert {sample.name for sample in dataset.set_aside} == {"broken.png", *(f"page_{number}.png" for number in range(7))}
    assert health.list.isVisible(), "the next one can be pressed at once"
    assert not any(item.accessibleName() == "Set aside: 7 images are blank" for item in buttons(window, "Set aside"))
    window.workspace.undo()
    window.until(lambda: "7 images are blank" in health.words.whole_text())


def test_deep_images_that_are_dark_lead_to_the_brightness(window: Window, tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    for index in range(12):
        folder = tmp_path / "files" / ("lung" if index % 2 else "liver")
        folder.mkdir(parents=True, exist_ok=True)
        high = 6_000 if index == 0 else 60_000
        Image.fromarray(random.integers(100, high, (48, 48)).astype(np.uint16)).save(folder / f"{index}.png")
    project = Project.create(tmp_path / "Scans")
    import_data(project, tmp_path / "files")
    project.close()
    panel = window.open(project.folder)
    window.until(lambda: "1 image is almost black" in panel.view.health.words.whole_text())
    panel.view.health.unfold()
    next(item for item in buttons(window, "Brightness…") if "almost black" in item.accessibleName()).click()
    window.until(lambda: panel.brightness.popover is not None)
    window.idle()
    assert not window.failures


def test_while_images_still_come_in_nothing_is_called_sound(window: Window, make_images: MakeImages, held_import: threading.Event) -> None:
    window.shell.take_drop([make_images({"discs": 70, "bars": 70}, name="many", size=64)])
    window.until(lambda: window.workspace.project is not None)
    health = window.data.view.health
    assert health.words.whole_text() == "Looking at the images…", "nothing is known before the first look"
    assert health.badge.property("tone") == "neutral"
    window.until(lambda: len(window.data.grid.state.ids) > 0)
    health.show_findings([], None, writable=True)
    window.data.watch.found.emit([])
    assert health.words.whole_text() == "Checked when all images are in"
    assert health.badge.property("tone") == "neutral"
    held_import.set()
    window.until(lambda: not window.workspace.imports.is_running)
    window.until(lambda: health.words.whole_text() not in ("Checked when all images are in", "Looking at the images…"))
    window.idle()
