"""The start page: recent projects with pictures, opening one, what happens when it is gone."""

import shutil
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage

from tests.conftest import MakeImages
from tests.gui.conftest import Window
from tests.recorded import make_project
from tlstudio.datasets.scan import Scan
from tlstudio.operations import dropped, projects
from tlstudio.ui.start import loading
from tlstudio.ui.start.card import ProjectCard
from tlstudio.ui.start.viewmodel import when


def cards(window: Window) -> list[ProjectCard]:
    window.shell.start.refresh()
    window.idle()
    return window.shell.start.cards()


def recent(window: Window, name: str) -> ProjectCard:
    return next(card for card in cards(window) if card.view.title == name)


def test_a_recent_project_is_there_with_its_counts_and_pictures(window: Window, insects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    projects.open_project(insects).close()
    opened_at = projects.recent_projects()[0].opened_at
    monkeypatch.setattr(loading, "time", SimpleNamespace(time=lambda: opened_at))  # also when midnight passes meanwhile
    card = recent(window, "Insects")
    assert card.view.line == "30 images · 3 classes"
    assert card.view.badge == "today"
    assert len(card.view.images) == 4
    assert QImage(card.view.images[0]).pixelColor(50, 50) != QColor(Qt.GlobalColor.transparent)
    assert "Insects" in card.accessibleName()


def test_a_click_opens_it(window: Window, insects: Path) -> None:
    projects.open_project(insects).close()
    window.qtbot.mouseClick(recent(window, "Insects"), Qt.MouseButton.LeftButton)
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 30)
    assert window.shell.rail.name.whole_text() == "Insects"


def test_a_project_that_vanished_says_so_and_the_page_stays(window: Window, tmp_path: Path) -> None:
    make_project(tmp_path / "Gone").close()
    projects.open_project(tmp_path / "Gone").close()
    card = recent(window, "Gone")
    shutil.rmtree(tmp_path / "Gone")
    window.qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    window.until(window.shell.start.notice.isVisible)
    assert window.workspace.project is None
    assert not window.shell.start.progress.isVisible()


def test_closing_a_project_comes_back_here(window: Window, insects: Path) -> None:
    window.open(insects)
    window.shell.go_home()
    window.idle()
    assert window.shell.start.isVisible()
    assert [card.view.title for card in window.shell.start.cards() if card.view.path] == ["Insects"]


def test_days_in_words() -> None:
    now = time.mktime((2026, 5, 20, 9, 0, 0, 0, 0, -1))
    day = 86_400
    assert [when(now - days * day, now=now) for days in (0, 1, 5, 40)] == ["today", "yesterday", "5 days ago", "2026-04-10"]


def test_the_card_of_a_project_that_was_just_closed_is_up_to_date(window: Window, make_images: MakeImages) -> None:
    window.shell.take_drop([make_images({"discs": 3, "bars": 4}, name="particles")])
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 7)
    window.shell.go_home()
    window.idle()
    (card,) = [card for card in window.shell.start.cards() if card.view.path]
    assert card.view.line == "7 images · 2 classes"
    assert card.isEnabled()


def test_a_folder_whose_look_is_stopped_makes_nothing_and_the_page_is_back(
    window: Window, make_images: MakeImages, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = dropped.scan

    def scan(source: Path, *, stop: threading.Event) -> Scan:
        stop.wait(20)  # a folder that takes long to look at
        return really(source, stop=stop)

    monkeypatch.setattr(dropped, "scan", scan)
    page = window.shell.start
    window.shell.take_drop([make_images({"discs": 3, "bars": 4}, name="particles")])
    window.until(page.progress.isVisible)
    page.progress.stop_button.click()
    window.until(lambda: not page.progress.isVisible())
    window.idle()
    assert page.isVisible()
    assert page.zone.choose.isEnabled()
    assert not page.notice.isVisible()
    assert window.workspace.project is None
    assert not (home / "projects").exists()


def test_the_sample_opens_from_its_card(window: Window) -> None:
    card = next(card for card in cards(window) if card.view.path is None)
    assert card.view.badge == "sample"
    assert len(card.view.images) == 4
    window.qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert not card.isEnabled(), "one thing is opened at a time"
    window.until(lambda: window.workspace.project is not None, timeout=120_000)
    window.wait_shown(lambda num: num > 200)
    assert window.shell.rail.name.whole_text() == projects.SAMPLE_NAME
    assert window.data.view.header.train.isEnabled()
