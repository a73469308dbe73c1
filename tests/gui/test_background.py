"""Work behind the window: answers and errors come back where they belong, stopping is a request, nothing outlives the window."""

import threading
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QThread
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Window
from tlstudio.domain.progress import Progress, Report, Stop
from tlstudio.errors import ClosedMeanwhileError, TLStudioError
from tlstudio.messages import message
from tlstudio.project.project import Project
from tlstudio.ui.background import Background

WHAT = message("test.what", "Reading")


@pytest.fixture
def background(qtbot: QtBot):
    made = Background()
    yield made
    made.close()


def test_the_work_is_done_elsewhere_and_the_answer_comes_back_here(qtbot: QtBot, background: Background) -> None:
    threads: list[QThread] = []

    def work(_report: Report, _stop: Stop) -> int:
        threads.append(QThread.currentThread())
        return 42

    answers: list[tuple[int, QThread]] = []
    background.run(work, done=lambda answer: answers.append((answer, QThread.currentThread())))
    qtbot.waitUntil(lambda: bool(answers))
    assert answers[0][0] == 42
    assert answers[0][1] is not threads[0]
    assert answers[0][1] == QCoreApplication.instance().thread()


def test_one_lane_keeps_its_order_and_another_does_not_wait(qtbot: QtBot, background: Background) -> None:
    gate, order = threading.Event(), []
    background.run(lambda _report, _stop: gate.wait(60), done=lambda _: order.append("first"), lane="slow")
    background.run(lambda _report, _stop: None, done=lambda _: order.append("second"), lane="slow")
    background.run(lambda _report, _stop: None, done=lambda _: order.append("other"), lane="fast")
    qtbot.waitUntil(lambda: order == ["other"])
    gate.set()
    qtbot.waitUntil(lambda: order == ["other", "first", "second"])
    assert background.is_idle


def test_an_error_goes_to_who_asked_for_it_else_to_everybody(qtbot: QtBot, background: Background) -> None:
    error = TLStudioError(message("test.title", "The disk is full."), message("test.hint", "Free some space."))

    def work(_report: Report, _stop: Stop) -> None:
        raise error

    mine: list[TLStudioError] = []
    background.run(work, failed=mine.append)
    qtbot.waitUntil(lambda: mine == [error])
    with qtbot.waitSignal(background.failed) as told:
        background.run(work)
    assert told.args == [error]


def test_a_project_closed_meanwhile_is_told_to_who_waits_and_to_nobody_else(qtbot: QtBot, background: Background, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "Beetles.tlstudio")
    project.close()
    told: list[object] = []
    background.failed.connect(told.append)
    waited: list[object] = []
    background.run(lambda _report, _stop: project.runs(), done=told.append, failed=waited.append)
    background.run(lambda _report, _stop: project.runs(), done=told.append)
    qtbot.waitUntil(lambda: background.is_idle)
    assert told == []
    assert [type(error) for error in waited] == [ClosedMeanwhileError]


def test_the_window_says_nothing_of_a_project_closed_meanwhile(window: Window, insects: Path) -> None:
    window.open(insects)
    window.workspace.changes.failed.emit(ClosedMeanwhileError(WHAT, WHAT))
    assert not window.shell.notice.isVisible()


@pytest.mark.expects_log
def test_a_bug_is_told_in_plain_words_with_the_details_aside(qtbot: QtBot, background: Background) -> None:
    with qtbot.waitSignal(background.failed) as told:
        background.run(lambda _report, _stop: 1 // 0)
    (error,) = told.args
    assert "Something went wrong" in error.title.text()
    assert "Traceback" not in error.title.text() + error.hint.text()
    assert "ZeroDivisionError" in error.details


def test_progress_arrives_and_stopping_is_a_request(qtbot: QtBot, background: Background) -> None:
    seen: list[Progress] = []
    ended: list[str] = []

    def work(report: Report, stop: Stop) -> str:
        report(Progress(what=WHAT, done=1, total=10))
        while not stop.is_set():
            threading.Event().wait(0.01)
        return "kept"

    task = background.run(work, progress=seen.append, done=ended.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert not task.is_over
    task.stop()
    qtbot.waitUntil(lambda: ended == ["kept"])
    assert task.is_over


def test_an_answer_for_a_widget_that_is_gone_is_dropped(qtbot: QtBot, background: Background) -> None:
    heard: list[int] = []

    class Listener(QObject):
        def on_done(self, answer: int) -> None:
            heard.append(answer)

    method, closure = Listener(), QObject()
    gate = threading.Event()
    background.run(lambda _report, _stop: gate.wait(60), lane="one")
    background.run(lambda _report, _stop: 1, done=method.on_done, lane="one")
    background.run(lambda _report, _stop: 2, done=lambda answer: heard.append(answer if closure.objectName() else 3), lane="one")
    shiboken6.delete(method)
    shiboken6.delete(closure)
    gate.set()
    qtbot.waitUntil(lambda: background.is_idle)
    assert heard == []


def test_closing_stops_what_is_under_way_and_ends_the_threads(qtbot: QtBot) -> None:
    background = Background()
    begun, stopped = threading.Event(), threading.Event()

    def work(_report: Report, stop: Stop) -> None:
        begun.set()
        while not stop.is_set():
            threading.Event().wait(0.01)
        stopped.set()

    background.run(work, done=lambda _: pytest.fail("nobody listens any more"))
    assert begun.wait(60)
    background.close()
    assert stopped.is_set()
    assert not background.findChildren(QThread) or all(thread.isFinished() for thread in background.findChildren(QThread))


def test_an_error_nobody_took_stands_above_the_panels(window: Window, insects) -> None:
    window.open(insects)
    error = TLStudioError(message("test.title", "The disk is full."), message("test.hint", "Free some space."), details="errno 28")

    def work(_report: Report, _stop: Stop) -> None:
        raise error

    window.workspace.background.run(work)
    notice = window.shell.notice
    window.until(notice.isVisible)
    assert (notice.title.text(), notice.hint.text()) == ("The disk is full.", "Free some space.")
    assert not notice.details.isVisible()
    notice.details_button.click()
    assert notice.details.toPlainText() == "errno 28"
    assert notice.details.isVisible()
    notice.close_button.click()
    assert not notice.isVisible()


def test_an_edit_that_fails_is_told_where_it_was_made(window: Window, insects) -> None:
    window.open(insects)

    def work(_project: object) -> None:
        raise TLStudioError(message("test.title", "The disk is full."), message("test.hint", "Free some space."))

    heard: list[TLStudioError] = []
    window.workspace.edit(work, failed=heard.append)
    window.until(lambda: bool(heard))
    assert window.shell.status.saved.text() == "Saved"
    assert not window.failures
