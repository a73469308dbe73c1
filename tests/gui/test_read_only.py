"""A project that somebody else holds opens for reading only: it says who, and offers no edit."""

from pathlib import Path

from PySide6.QtCore import Qt

from tests.gui.conftest import Window
from tlstudio.project.project import Project
from tlstudio.ui.app import open_window


def test_the_holder_is_named_and_edits_are_off(window: Window, insects: Path) -> None:
    holder = Project.open(insects, kind="command")
    try:
        panel = window.open(insects)
        assert window.shell.notice.isVisible()
        assert "for reading only" in window.shell.notice.title.text()
        assert "process" in window.shell.notice.hint.text()
        assert window.shell.status.saved.text() == "Read-only"
        for control in (panel.view.header.import_button, panel.view.header.split, panel.view.side.classes.add_button):
            assert not control.isEnabled()
        panel.grid.step(0)
        assert not panel.view.inspector.classes.isEnabled()
        assert not panel.view.inspector.note.isEnabled()

        window.press(Qt.Key.Key_2)
        window.idle()
        assert panel.view.notice.isVisible(), "a key that cannot do its work says why"
        assert "for reading only" in panel.view.notice.title.text()
    finally:
        holder.close()


def test_a_second_window_reads_what_the_first_one_writes(window: Window, insects: Path) -> None:
    window.open(insects)
    second = open_window(insects, warm=False)
    window.qtbot.addWidget(second)
    try:
        window.until(lambda: second.workspace.project is not None)
        assert second.workspace.project is not None
        assert not second.workspace.project.writable
        assert "window" in second.notice.hint.text()
        assert window.workspace.project is not None
        assert window.workspace.project.writable
    finally:
        second.close()
