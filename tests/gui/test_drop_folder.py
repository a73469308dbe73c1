"""A dropped folder becomes a project without a dialog; its images appear and are counted by class."""

import shutil
import threading
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication

from tests.conftest import MakeImages
from tests.gui.conftest import Window
from tlstudio.ui.data.viewmodel import class_rows


def drop(window: Window, path: Path) -> None:
    """Let go of a file over the middle of the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    arguments = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(400, 300), *arguments)
    QGuiApplication.sendEvent(window.shell, enter)
    assert enter.isAccepted()
    QGuiApplication.sendEvent(window.shell, QDropEvent(QPointF(400, 300), *arguments))


def test_images_appear_with_their_classes(window: Window, make_images: MakeImages) -> None:
    folder = make_images({"discs": 5, "bars": 7}, name="particles")
    drop(window, folder)
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 12)
    window.until(lambda: not window.workspace.imports.is_running)

    assert window.workspace.project is not None
    assert window.workspace.project.name == "particles"
    assert window.workspace.dataset is not None
    assert {row.name: row.num_images for row in class_rows(window.workspace.dataset)} == {"bars": 7, "discs": 5}
    assert window.shell.panels.current_id() == "data"
    assert window.shell.rail.item("data").state() == ("12 images, 2 classes", "ok")
    assert window.data.view.side.classes.line(window.workspace.dataset.classes[0].id).name.whole_text() in ("bars", "discs")


def test_the_first_run_is_one_click_away(window: Window, make_images: MakeImages) -> None:
    drop(window, make_images({"discs": 4, "bars": 4}))
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 8)
    button = window.data.view.header.train
    window.until(button.isEnabled)
    assert button.text() == "Train a first model"


def test_a_folder_without_images_is_refused_and_leaves_nothing(window: Window, tmp_path: Path, home: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    drop(window, empty)
    notice = window.shell.start.notice
    window.until(notice.isVisible)
    assert "empty" in notice.title.text()
    assert "Nothing was changed" in notice.hint.text()
    assert window.workspace.project is None
    assert not (home / "projects").exists()


def test_unreadable_files_stand_under_problems_with_their_reason(window: Window, make_images: MakeImages) -> None:
    folder = make_images({"discs": 3, "bars": 3})
    (folder / "bars" / "broken.png").write_bytes(b"<html><body>not found</body></html>")
    drop(window, folder)
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 7)
    window.until(window.data.view.notice.isVisible)
    assert "1 file could not be taken in" in window.data.view.notice.title.text()

    window.data.view.notice.action.click()
    window.wait_shown(lambda num: num == 1)
    window.data.grid.step(0)
    inspector = window.data.view.inspector
    assert inspector.name.whole_text() == "broken.png"
    assert inspector.reason.isVisibleTo(inspector)
    assert inspector.reason.text()


def test_rows_of_a_table_that_cannot_be_used_are_told_with_their_reasons(window: Window, make_images: MakeImages) -> None:
    folder = make_images({"plate": 3})
    (folder / "labels.csv").write_text("path,label\nplate/plate_000.png,disc\nplate/plate_001.png,bar\nplate/gone.png,bar\n")
    drop(window, folder)
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 3)
    notice = window.data.view.notice
    window.until(notice.isVisible)
    assert notice.title.text() == "1 problem in the labels."
    assert notice.details.toPlainText() == "labels.csv: Row 4: there is no image plate/gone.png in the folder."
    assert window.workspace.dataset is not None
    assert {row.name: row.num_images for row in class_rows(window.workspace.dataset)} == {"bar": 1, "disc": 1}


def test_a_zip_archive_becomes_a_project_of_its_images(window: Window, make_images: MakeImages, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "particles"), "zip", make_images({"discs": 3, "bars": 2})))
    drop(window, archive)
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 5)
    assert window.workspace.project is not None
    assert window.workspace.project.name == "particles"
    window.until(lambda: not window.workspace.imports.is_running)
    archive.unlink()
    assert window.workspace.dataset is not None
    assert all(window.workspace.dataset.file_of(sample).is_file() for sample in window.workspace.dataset.samples)


def test_a_damaged_archive_is_refused_before_a_project_is_made(window: Window, tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK nothing")
    drop(window, tmp_path / "broken.zip")
    window.until(window.shell.start.notice.isVisible)
    assert window.shell.start.notice.title.text() == "broken.zip is damaged, or no zip archive."
    assert window.workspace.project is None


def test_an_archive_dropped_on_another_panel_goes_into_the_data(
    window: Window, insects: Path, make_images: MakeImages, tmp_path: Path
) -> None:
    window.open(insects)
    window.shell.show_panel("train")
    drop(window, Path(shutil.make_archive(str(tmp_path / "more"), "zip", make_images({"beetles": 4}, name="more"))))
    window.wait_shown(lambda num: num == 34)
    assert window.shell.panels.current_id() == "data"


def test_how_images_were_read_is_said(window: Window, make_images: MakeImages) -> None:
    folder = make_images({"": 4})
    for number, file in enumerate(sorted(folder.glob("*.png"))):
        file.rename(folder / f"{('ant', 'bee')[number % 2]}_{number}.png")
    drop(window, folder)
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 4)
    notice = window.data.view.notice
    window.until(notice.isVisible)
    assert notice.title.text() == "How the images were read"
    assert notice.hint.text() == "Classes from names: {class}_{number}. Classes: 2."


def test_a_second_folder_goes_into_the_open_project(window: Window, insects: Path, make_images: MakeImages) -> None:
    window.open(insects)
    drop(window, make_images({"beetles": 4}, name="more"))
    window.wait_shown(lambda num: num == 34)
    assert window.workspace.project is not None
    assert window.workspace.project.folder == insects
    notice = window.data.view.notice
    window.until(notice.isVisible)
    assert notice.hint.text() == "4 new beside the 30 that were there: beetles 4. New class: beetles."
    assert notice.title.text() == "4 images joined the project"


def test_what_was_said_of_an_import_does_not_stand_over_a_later_one(window: Window, insects: Path, make_images: MakeImages) -> None:
    window.open(insects)
    drop(window, make_images({"beetles": 4}, name="more"))
    window.wait_shown(lambda num: num == 34)
    notice = window.data.view.notice
    window.until(notice.isVisible)
    drop(window, make_images({"": 2}, name="flat"))
    window.until(lambda: notice.title.text() == "2 images joined the project")
    assert notice.hint.text() == "2 without a class beside the 34 that were there."
    window.until(lambda: not window.workspace.imports.is_running)
    drop(window, insects.parent / "flat")
    window.until(lambda: not notice.isVisible())


def test_a_dropped_file_on_the_start_page_is_refused_in_words(window: Window, tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text("hello")
    drop(window, file)
    assert window.shell.start.notice.isVisible()
    assert "one.txt is not a folder" in window.shell.start.notice.title.text()


def test_going_home_during_an_import_keeps_what_is_in_and_ends_it(
    window: Window, make_images: MakeImages, held_import: threading.Event
) -> None:
    drop(window, make_images({"discs": 75, "bars": 75}, size=96))
    window.until(lambda: window.workspace.project is not None and len(window.data.grid.state.ids) > 0)
    assert window.workspace.imports.is_running
    folder = window.workspace.project.folder
    window.shell.go_home()
    assert window.shell.start.isVisible()
    window.shell.open_path(folder)  # at once, while it is still being closed
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num > 0)
    assert window.workspace.is_writable, "it was given back before"
    assert len(window.data.grid.state.ids) < 150, "it was ended"
