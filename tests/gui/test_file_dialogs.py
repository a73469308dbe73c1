"""Dialogs for folders and files: where they begin, and that their buttons show what they are."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Window
from tlstudio.ui import file_dialogs
from tlstudio.ui.app import build_application


class Asked:
    """Stands for a person at the dialogs; remembers where each began."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.starts: list[str] = []

    def folder(self, _parent: object, _title: str, start: str) -> str:
        self.starts.append(start)
        return self.answer

    def file(self, _parent: object, _title: str, start: str, _kinds: str) -> tuple[str, str]:
        self.starts.append(start)
        return self.answer, ""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked("")
    monkeypatch.setattr(file_dialogs, "last_used", file_dialogs.LastUsed())
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", asked.folder)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", asked.file)
    return asked


def test_dialogs_begin_at_home_and_then_where_the_last_thing_was(window: Window, insects: Path, asked: Asked) -> None:
    panel = window.open(insects)
    panel.view.header.import_wanted.emit(False)
    window.shell.open_project()
    assert asked.starts == [str(Path.home())] * 2, "leaving a dialog is not using a folder"
    asked.answer = str(next(insects.glob("*.tlstudio")))
    window.shell.open_project()
    window.idle()
    asked.answer = ""
    window.data.view.header.import_wanted.emit(False)
    assert asked.starts[-1] == str(insects)


def test_a_folder_that_is_gone_is_not_begun_in(window: Window, tmp_path: Path, asked: Asked) -> None:
    file_dialogs.last_used.folder = tmp_path / "gone"
    window.shell.open_project()
    assert asked.starts == [str(Path.home())]


def test_the_buttons_of_the_file_dialog_have_room_for_their_icons(qtbot: QtBot, tmp_path: Path) -> None:
    build_application(["tlstudio"])
    dialog = QFileDialog(None, "", str(tmp_path))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    buttons = [button for button in dialog.findChildren(QToolButton) if button.isVisible() and not button.icon().isNull()]
    assert len(buttons) >= 4
    for button in buttons:
        image = button.grab().toImage()
        middle = range(image.width() // 2 - 7, image.width() // 2 + 7)
        colours = {image.pixel(x, y) for x in middle for y in range(image.height() // 2 - 7, image.height() // 2 + 7)}
        across = [x for x in middle if len({image.pixel(x, y) for y in range(5, image.height() - 5)}) > 1]
        assert len(colours) > 1
        assert len(across) >= 6, f"{button.objectName()} shows a dot"
