"""An import shows how far it is, lets the images appear meanwhile, and can be stopped; what is in stays in."""

import shutil
import threading
from pathlib import Path

from tests.conftest import MakeImages
from tests.gui.conftest import Window

NUM = 150
"""Images of a long import: the test that holds it sees less than half of them."""


def many(make_images: MakeImages, num: int) -> Path:
    """A folder with `num` images that are quickly made."""
    folder = make_images({"discs": 10, "bars": 10}, name="many", size=220)
    for number in range(num - 20):
        source = folder / "discs" / f"discs_{number % 10:03d}.png"
        data = source.read_bytes()
        # A text chunk more, so that no two files are copies.
        (folder / "bars" / f"more_{number:04d}.png").write_bytes(data[:-12] + _text_chunk(number) + data[-12:])
    return folder


def _text_chunk(number: int) -> bytes:
    import zlib

    body = b"tEXtComment\0" + str(number).encode()
    return (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


def test_progress_is_shown_and_images_appear_before_the_end(window: Window, make_images: MakeImages, held_import: threading.Event) -> None:
    window.shell.take_drop([many(make_images, NUM)])
    window.until(lambda: window.workspace.project is not None)
    window.until(lambda: len(window.data.grid.state.ids) > 0)
    assert len(window.data.grid.state.ids) < NUM, "some were there before all were"
    strip = window.data.view.importing.strip
    window.until(lambda: f"of {NUM}" in strip.words.whole_text())
    assert strip.isVisible()
    held_import.set()
    window.until(lambda: not window.workspace.imports.is_running)
    window.wait_shown(lambda num: num == NUM)
    assert not window.data.view.importing.isVisible()


def test_stopping_keeps_what_is_in(window: Window, make_images: MakeImages, held_import: threading.Event) -> None:
    window.shell.take_drop([many(make_images, NUM)])
    window.until(lambda: window.workspace.project is not None)
    window.until(lambda: len(window.data.grid.state.ids) > 0)
    assert not window.data.view.header.train.isEnabled(), "training waits for the import"
    window.data.view.importing.strip.stop_button.click()
    window.until(lambda: not window.workspace.imports.is_running)
    window.idle()
    assert window.workspace.dataset is not None
    num = len(window.workspace.dataset.samples)
    assert 0 < num < NUM
    assert "stopped" in window.said[-1].lower()
    assert window.data.view.header.train.isEnabled()


def test_a_folder_dropped_while_another_is_imported_waits_for_its_turn(
    window: Window, make_images: MakeImages, held_import: threading.Event
) -> None:
    folder, more = many(make_images, NUM), make_images({"beetles": 4}, name="more", seed=1)
    window.shell.take_drop([folder])
    window.until(lambda: window.workspace.imports.is_running and window.shell.panels.panel("data") is not None)
    strip = window.data.view.importing.strip
    begun: list[str] = []
    window.workspace.imports.began.connect(lambda _source: begun.append(strip.words.whole_text()))
    window.shell.take_drop([more])
    assert window.said[-1] == "more waits: it is imported when this import has ended."
    assert "more" not in strip.words.whole_text(), "the strip speaks of what is under way"
    held_import.set()
    window.until(lambda: not window.workspace.imports.is_running)
    window.wait_shown(lambda num: num == NUM + 4)
    assert begun == ["Looking for images in more"]
    assert not window.data.view.importing.isVisible()
    assert window.data.view.header.train.isEnabled()


def test_stopping_also_lets_go_of_what_waits(window: Window, make_images: MakeImages, held_import: threading.Event) -> None:
    folder, more = many(make_images, NUM), make_images({"beetles": 4}, name="more", seed=1)
    window.shell.take_drop([folder])
    window.until(lambda: window.workspace.imports.is_running and window.shell.panels.panel("data") is not None)
    window.shell.take_drop([more])
    window.data.view.importing.strip.stop_button.click()
    window.until(lambda: not window.workspace.imports.is_running)
    window.idle()
    assert window.workspace.dataset is not None
    assert "beetles" not in [item.name for item in window.workspace.dataset.classes]
    assert not window.data.view.importing.isVisible()


def test_a_folder_that_vanishes_is_told_in_the_panel(window: Window, insects: Path, make_images: MakeImages) -> None:
    panel = window.open(insects)
    folder = make_images({"discs": 2})
    shutil.rmtree(folder)
    panel.view.importing.start(folder)
    window.until(panel.view.notice.isVisible)
    assert "There is no folder" in panel.view.notice.title.text()
    assert not panel.view.importing.isVisible()
    assert len(panel.grid.state.ids) == 30
