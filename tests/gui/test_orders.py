"""The images can be shown as imported, unlabelled first, by name, and so that neighbours look alike."""

import itertools
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from tests.gui.conftest import Window
from tests.recorded import make_project
from tlstudio.operations import edits, likeness
from tlstudio.project.project import Project


def choose(window: Window, order: str) -> None:
    """Take an order from the list, as a person does."""
    combo = window.data.view.toolbar.order
    index = combo.findData(order)
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def shown_classes(window: Window) -> list[str | None]:
    dataset = window.workspace.dataset
    assert dataset is not None
    return [dataset.by_id[id].class_id for id in window.data.grid.state.ids]


def test_unlabelled_first_and_an_image_that_is_classed_stays_where_it_is(window: Window, insects: Path) -> None:
    project = Project.open(insects)
    unlabelled = [sample.id for sample in project.dataset().samples][12:15]
    edits.set_class(project, unlabelled, None)
    project.close()
    panel = window.open(insects)
    imported = list(panel.grid.state.ids)
    choose(window, "unlabelled")
    window.until(lambda: panel.grid.state.ids[:3] == unlabelled)
    assert panel.grid.state.ids[3:] == [id for id in imported if id not in unlabelled]

    panel.grid.step(0)
    window.press(Qt.Key.Key_1)
    window.idle()
    assert panel.grid.state.ids[:3] == unlabelled
    window.press(Qt.Key.Key_Right)
    assert panel.grid.selection() == (unlabelled[1],), "the arrow goes on to the next one"

    choose(window, "unlabelled")
    window.until(lambda: panel.grid.state.ids[:2] == unlabelled[1:])
    choose(window, "imported")
    window.until(lambda: panel.grid.state.ids == imported)


def test_by_name_counts_as_people_do(window: Window, tmp_path: Path) -> None:
    make_project(tmp_path / "Insects", num_per_class=12).close()
    panel = window.open(tmp_path / "Insects")
    assert window.workspace.project is not None
    choose(window, "name")
    dataset = window.workspace.dataset
    assert dataset is not None
    names = [sample.name for sample in dataset.samples]
    window.until(lambda: [dataset.by_id[id].name for id in panel.grid.state.ids] == sorted(names))


def test_by_similarity_classes_come_in_stripes_and_a_filter_keeps_the_order(window: Window, insects: Path) -> None:
    panel = window.open(insects)
    choose(window, "likeness")
    window.until(lambda: window.workspace.background.is_idle and panel.grid.state.ids != sorted(panel.grid.state.ids))
    classes, row = shown_classes(window), list(panel.grid.state.ids)
    assert sum(one == other for one, other in itertools.pairwise(classes)) >= 24, "of 29; by chance it would be 9"
    panel.view.toolbar.chips.chip("train").click()
    window.wait_shown(lambda num: num == 15)
    assert panel.grid.state.ids == [id for id in row if id in set(panel.grid.state.ids)]
    window.shell.show_panel("models")
    window.shell.show_panel("data")
    window.idle()
    assert panel.view.toolbar.order.currentData() == "likeness", "it is remembered while the project is open"


def test_another_order_stops_the_one_that_takes_long(window: Window, insects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began, stopped = threading.Event(), threading.Event()

    def slow(project: object, dataset: object, *, report: object, stop: threading.Event) -> None:
        began.set()
        stop.wait(60)
        stopped.set()

    monkeypatch.setattr(likeness, "places_by_likeness", slow)
    panel = window.open(insects)
    imported = list(panel.grid.state.ids)
    choose(window, "likeness")
    window.until(began.is_set)
    assert panel.grid.state.ids == imported, "the images stay as they are until the order is there"
    choose(window, "name")
    window.until(stopped.is_set)
    window.idle()
    assert panel.view.toolbar.order.currentData() == "name"


def test_another_project_begins_as_imported(window: Window, insects: Path, tmp_path: Path) -> None:
    window.open(insects)
    choose(window, "name")
    window.idle()
    make_project(tmp_path / "Others", classes=("rods", "yeast")).close()
    with window.qtbot.waitSignal(window.workspace.changes.project_changed):
        window.shell.open_path(tmp_path / "Others")
    window.wait_shown(lambda num: num == 20)
    assert window.data.view.toolbar.order.currentData() == "imported"
    assert window.data.grid.state.ids == sorted(window.data.grid.state.ids)
