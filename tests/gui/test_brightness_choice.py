"""The brightness of deep images is looked at before it is chosen, and everything shown follows it."""

from pathlib import Path

import numpy as np
import pytest

from tests.dicom_files import dicom
from tests.gui.conftest import Window
from tlstudio.domain.intensity import IntensityRule
from tlstudio.operations.edits import set_aside
from tlstudio.operations.importing import import_data
from tlstudio.operations.intensity import set_rule
from tlstudio.project.project import Project
from tlstudio.ui.data.brightness_popover import BrightnessPopover
from tlstudio.ui.thumbnails import Wish


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A project of six CT-like images of 12 bits, under the whole range."""
    random = np.random.default_rng(4)
    for index in range(6):
        folder = tmp_path / "files" / ("lung" if index % 2 else "liver")
        folder.mkdir(parents=True, exist_ok=True)
        values = random.integers(900, 1400, (48, 48)).astype(np.uint16)
        (folder / f"{index}.dcm").write_bytes(dicom(values, bits=12, RescaleSlope=1, RescaleIntercept=-1024))
    project = Project.create(tmp_path / "Scans")
    import_data(project, tmp_path / "files")
    set_rule(project, IntensityRule())
    project.close()
    return tmp_path / "Scans"


def opened(window: Window, project: Path) -> BrightnessPopover:
    panel = window.open(project)
    window.until(panel.view.side.brightness.isVisible)
    panel.view.side.brightness.click()
    window.until(lambda: panel.brightness.popover is not None)
    popover = panel.brightness.popover
    assert popover is not None
    window.until(lambda: not popover.pictures[0].image.isNull() and window.workspace.background.is_idle)
    return popover


def brightness_of(popover: BrightnessPopover) -> float:
    return float(popover.pictures[0].image.scaled(1, 1).pixelColor(0, 0).lightnessF())


def tile(window: Window) -> float | None:
    """How bright the first image of the grid is shown; None while it is not there."""
    assert window.workspace.dataset is not None
    sample = window.workspace.dataset.samples[0]
    image = window.workspace.thumbnails.get(Wish(sample.content_hash, 90))
    return None if image is None else float(image.copy(30, 30, 30, 30).scaled(1, 1).pixelColor(0, 0).lightnessF())


def test_the_window_of_the_images_is_offered_previewed_and_kept(window: Window, scans: Path) -> None:
    popover = opened(window, scans)
    assert "6 deep images looked at" in popover.note.text()
    assert popover.runs.isHidden()
    assert not popover.keep.isEnabled(), "nothing is chosen yet"
    assert (popover.low.value(), popover.high.value()) == (-124, 375)
    popover.from_images.click()
    window.idle()
    assert popover.kind.current() == "window"
    popover.low.setValue(300)
    popover.high.setValue(2000)
    window.until(lambda: brightness_of(popover) < 0.1)
    window.idle()
    popover.keep.click()
    window.until(lambda: bool(window.said) and window.said[-1] == "300 becomes black, 2000 white")
    project = window.workspace.project
    assert project is not None
    assert project.settings().intensity == IntensityRule(kind="window", low=300, high=2000)
    window.until(lambda: (shown := tile(window)) is not None and shown < 0.1)
    window.idle()


def test_each_image_may_have_a_window_of_its_own(window: Window, scans: Path) -> None:
    popover = opened(window, scans)
    popover.kind.segment("percentiles").click()
    assert popover.dark.isVisible()
    assert not popover.low.isVisible()
    window.until(lambda: 0.4 < brightness_of(popover) < 0.6)
    popover.bright.setValue(0.0)
    assert not popover.keep.isEnabled()
    popover.bright.setValue(98.0)
    window.idle()
    popover.keep.click()
    window.until(lambda: bool(window.said) and "between 0.1 and 98 %" in window.said[-1])
    project = window.workspace.project
    assert project is not None
    assert project.settings().intensity == IntensityRule(kind="percentiles", low=0.1, high=98.0)
    window.idle()


def test_the_preview_says_that_it_is_being_made_and_shows_no_empty_box(window: Window, scans: Path) -> None:
    for file in sorted((scans.parent / "files").rglob("*.dcm"))[2:]:
        file.unlink()
    project = Project.open(scans)
    ids = [sample.id for sample in project.dataset().samples]
    set_aside(project, ids[2:])
    project.close()
    popover = opened(window, scans)
    assert [place.isVisible() for place in popover.pictures] == [True, True, False, False]
    assert popover.making.text() == ""
    popover.kind.segment("percentiles").click()
    assert popover.making.text() == "Making the preview…"
    window.until(lambda: popover.making.text() == "")
    window.idle()
    popover.close()
    window.until(lambda: window.data.brightness.popover is None)


def test_numbers_that_make_no_window_cannot_be_kept(window: Window, scans: Path) -> None:
    popover = opened(window, scans)
    popover.kind.segment("window").click()
    popover.high.setValue(popover.low.value())
    assert not popover.keep.isEnabled()
    popover.high.setValue(popover.low.value() + 1)
    assert popover.keep.isEnabled()
    popover.close()
    window.until(lambda: window.data.brightness.popover is None)
    window.idle()


def test_where_nothing_is_deep_nothing_is_offered(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    assert not panel.view.side.brightness.isVisible()
