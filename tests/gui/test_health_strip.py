"""What is wrong with the data stands above it, with its images and the one button that mends it."""

from pathlib import Path

from PySide6.QtWidgets import QLabel, QPushButton

from tests.conftest import MakeImages
from tests.gui.conftest import Window
from tests.recorded import make_project
from tlstudio.domain.commands import SetSplits
from tlstudio.domain.splits import Split
from tlstudio.operations.importing import import_data
from tlstudio.project.project import Project


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
