"""A project that somebody else holds opens for reading only: it says who, and offers no edit."""

from pathlib import Path

import pytest
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


def test_opening_what_is_open_already_leaves_it_as_it_is(window: Window, insects: Path, tmp_path: Path) -> None:
    window.open(insects)
    project = window.workspace.project
    assert project is not None
    window.shell.show_panel("train")
    link = tmp_path / "link"
    link.symlink_to(insects, target_is_directory=True)
    for times, path in enumerate((insects, link), 1):
        window.shell.open_path(path)
        window.until(lambda times=times: window.said.count("Insects is open already.") == times)
        window.idle()
    assert window.workspace.project is project
    assert project.writable
    assert window.shell.panels.current_id() == "train"
    assert not window.shell.notice.isVisible()
    project.set_settings(project.settings())


@pytest.mark.expects_log  # the place of its backups is gone
def test_a_project_that_was_moved_while_it_was_open_is_opened_where_it_is_now(window: Window, insects: Path, tmp_path: Path) -> None:
    window.open(insects)
    moved = insects.rename(tmp_path / "Moved")
    window.shell.open_path(moved)
    window.until(lambda: window.workspace.project is not None and window.workspace.project.folder == moved)
    assert window.workspace.is_writable
