"""Several things dropped at once: they are taken as a whole, or it is said what to drop instead; none vanishes without a word."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication

from tests.conftest import MakeImages
from tests.gui.conftest import Window


def drop(window: Window, *paths: Path) -> None:
    """Let go of files over the middle of the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    arguments = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QGuiApplication.sendEvent(window.shell, QDragEnterEvent(QPoint(400, 300), *arguments))
    QGuiApplication.sendEvent(window.shell, QDropEvent(QPointF(400, 300), *arguments))


def test_two_class_folders_on_the_start_page_make_no_half_project(window: Window, make_images: MakeImages, home: Path) -> None:
    folder = make_images({"ants": 3, "bees": 3})
    drop(window, folder / "ants", folder / "bees")
    notice = window.shell.start.notice
    assert notice.isVisible()
    assert "nothing was changed" in notice.title.text()
    assert "Drop the one folder that holds them" in notice.hint.text()
    window.idle()
    assert window.workspace.project is None
    assert not (home / "projects").exists()

    drop(window, folder)
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 6)
    assert window.workspace.dataset is not None
    assert sorted(item.name for item in window.workspace.dataset.classes) == ["ants", "bees"]


def test_two_class_folders_on_a_project_change_nothing_and_it_says_so(window: Window, insects: Path, make_images: MakeImages) -> None:
    window.open(insects)
    folder = make_images({"ants": 3, "bees": 3})
    drop(window, folder / "ants", folder / "bees")
    assert window.shell.notice.isVisible()
    assert "Drop the one folder that holds them" in window.shell.notice.hint.text()
    assert not window.workspace.imports.is_running
    window.wait_shown(lambda num: num == 30)


def test_a_project_dropped_with_something_else_is_not_opened(window: Window, insects: Path, make_images: MakeImages) -> None:
    drop(window, insects, make_images({"ants": 3}))
    assert "A project is dropped alone" in window.shell.start.notice.hint.text()
    window.idle()
    assert window.workspace.project is None
