"""F07: the disk refuses a label. It is kept, a red band says so, it is tried again by itself and on a button, and never lost in silence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton

from tests.gui.conftest import Window
from tests.gui.test_set_class import class_names
from tlstudio.project.database import Database, translated
from tlstudio.project.project import Project
from tlstudio.ui import edit_queue


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> "Disk":
    return Disk(monkeypatch)


class Disk:
    """Refuses every commit while it is full, as SQLite would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        self.num_refused = 0
        real = Database.transaction

        @contextmanager
        def transaction(database: Database) -> Iterator[None]:
            with real(database):
                yield
                if self.is_full:
                    self.num_refused += 1
                    with translated(database.path):
                        raise apsw.FullError("database or disk is full")

        monkeypatch.setattr(Database, "transaction", transaction)


def stored_classes(folder: Path) -> list[str | None]:
    """Of the first two images, as somebody else reads them from the disk."""
    project = Project.open(folder, writable=False)
    try:
        dataset = project.dataset()
        return [dataset.class_by_id[sample.class_id].name if sample.class_id else None for sample in dataset.samples[:2]]
    finally:
        project.close()


def test_a_refused_label_is_kept_said_and_saved_by_itself_once_there_is_room(
    window: Window, insects: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edit_queue, "RETRY_MS", 150)
    panel = window.open(insects)
    panel.grid.step(0)
    band = window.shell.unsaved.notice
    disk.is_full = True
    window.press(Qt.Key.Key_2)
    window.until(band.isVisible)
    assert band.title.text() == "1 change is not saved yet."
    assert "The disk is full" in band.hint.text()
    assert "kept" in band.hint.text()
    assert band.property("tone") == "bad"
    assert window.shell.status.saved.text() == "Not saved"
    assert not window.failures
    window.until(lambda: disk.num_refused >= 3)
    assert stored_classes(insects) == ["ants", "ants"]

    disk.is_full = False
    window.until(lambda: not band.isVisible())
    window.idle()
    assert class_names(window) == ["bees"]
    assert stored_classes(insects) == ["bees", "ants"]
    assert window.shell.status.saved.text() == "Saved"
    window.press(Qt.Key.Key_Z, control=True)
    window.idle()
    assert class_names(window) == ["ants"], "it was made once: one step takes it back"


def test_edits_made_meanwhile_wait_in_their_order_and_the_button_tries_at_once(
    window: Window, insects: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edit_queue, "RETRY_MS", 3_600_000)  # by itself it would take an hour
    panel = window.open(insects)
    panel.grid.step(0)
    band = window.shell.unsaved.notice
    disk.is_full = True
    window.press(Qt.Key.Key_2)
    window.press(Qt.Key.Key_3)
    window.until(lambda: band.title.text() == "2 changes are not saved yet.")
    disk.is_full = False
    band.action.click()
    window.until(lambda: not band.isVisible())
    window.idle()
    assert class_names(window) == ["wasps"], "the later label wins, as it would have"
    assert not window.failures


def test_sqlite_itself_finding_no_room_is_met_the_same_way(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    (id,) = panel.grid.selection()
    assert window.workspace.project is not None
    database = window.workspace.project._database
    database.rows("PRAGMA max_page_count = 1")  # as many as there are now
    panel.view.inspector.note.setText("blurred " * 4000)
    panel.view.inspector.note.editingFinished.emit()
    band = window.shell.unsaved.notice
    window.until(band.isVisible)
    assert "The disk is full" in band.hint.text()
    database.rows("PRAGMA max_page_count = 1000000")
    band.action.click()
    window.until(lambda: not band.isVisible())
    window.idle()
    assert window.workspace.dataset is not None
    assert window.workspace.dataset.by_id[id].note.startswith("blurred blurred")


def test_the_window_asks_before_it_closes_on_what_is_not_saved(window: Window, insects: Path, disk: Disk) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    disk.is_full = True
    window.press(Qt.Key.Key_2)
    window.until(window.shell.unsaved.notice.isVisible)
    assert not window.shell.close()
    assert window.shell.isVisible()
    (question,) = window.shell.findChildren(QMessageBox)
    assert question.text() == "Lose a change that is not saved?"
    (yes,) = (item for item in question.findChildren(QPushButton) if item.text() == "Lose them")
    yes.click()
    window.until(lambda: not window.shell.isVisible())


def test_a_label_given_just_before_the_project_is_left_is_saved(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    for key in (Qt.Key.Key_3, Qt.Key.Key_1, Qt.Key.Key_2):
        window.press(key)
    window.shell.go_home()
    window.idle()
    assert stored_classes(insects) == ["bees", "ants"]


def test_a_label_given_just_before_the_window_closes_is_saved(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    panel.grid.step(0)
    for key in (Qt.Key.Key_3, Qt.Key.Key_1, Qt.Key.Key_2):
        window.press(key)
    window.shell.close()
    assert stored_classes(insects) == ["bees", "ants"]
