"""A run is shown from its journal: a recorded one is replayed line by line, attached to, and told to the rail."""

import gc
import threading
import time
from pathlib import Path

import msgspec
import pytest
import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Window
from tests.recorded import make_project, record_run
from tlstudio.domain.jobs import JOURNAL_FILE
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.files import FileLock
from tlstudio.jobs.watcher import Watcher
from tlstudio.messages import message
from tlstudio.ui import job_watch
from tlstudio.ui.job_watch import JobWatches


def replay(folder: Path, *, go_on: threading.Event) -> threading.Thread:
    """Write a recorded journal again, line by line, holding the run's lock as its job would; after the first line it waits for `go_on`."""
    journal = folder / JOURNAL_FILE
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0])
    lock = FileLock(folder / "job.lock")
    assert lock.acquire()

    def write() -> None:
        go_on.wait(120)
        for line in lines[1:]:
            time.sleep(0.1)
            with open(journal, "ab") as file:
                file.write(line)
        lock.release()

    thread = threading.Thread(target=write, name="replay")
    thread.start()
    return thread


def test_states_arrive_in_order_while_the_job_is_at_work(qtbot: QtBot, tmp_path: Path) -> None:
    project = make_project(tmp_path / "Insects")
    record_run(project, 1)
    project.close()
    folder = tmp_path / "Insects" / "runs" / "0001"
    go_on = threading.Event()
    writing = replay(folder, go_on=go_on)
    watches = JobWatches()
    states: list[RunState] = []
    watches.state_changed.connect(lambda _number, state: states.append(state))
    watches.state_changed.connect(lambda *_: go_on.set())  # what follows comes once the first line was shown
    with qtbot.waitSignal(watches.ended) as ended:
        watches.watch(1, folder)
    writing.join()
    assert ended.args[0] == 1
    assert ended.args[1].status is Status.FINISHED
    assert len(states) > 1, "what arrives is shown before the end"
    assert [len(state.validations) for state in states] == sorted(len(state.validations) for state in states)
    assert watches.state(1) is states[-1]
    qtbot.waitUntil(lambda: not watches.is_watching(1))
    watches.close()


def test_a_job_that_cannot_start_says_why(qtbot: QtBot) -> None:
    error = TLStudioError(message("test.title", "There is nothing to train on."), message("test.hint", "Import images."))

    def start() -> None:
        raise error

    watches = JobWatches()
    heard: list[TLStudioError] = []
    watches.start(start, failed=heard.append)
    qtbot.waitUntil(lambda: heard == [error])
    with qtbot.waitSignal(watches.failed) as told:
        watches.start(start)
    assert told.args == [error]
    watches.close()


@pytest.mark.expects_log
def test_a_watch_that_breaks_says_so_and_the_run_can_be_watched_again(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_watcher: Watcher) -> RunState:
        raise OSError("Input/output error")

    project = make_project(tmp_path / "Insects")
    record_run(project, 1)
    project.close()
    folder = tmp_path / "Insects" / "runs" / "0001"
    watches = JobWatches()
    with monkeypatch.context() as broken, qtbot.waitSignal(watches.failed):
        broken.setattr(Watcher, "poll", breaks)
        watches.watch(1, folder)
    qtbot.waitUntil(lambda: not watches.is_watching(1))
    with qtbot.waitSignal(watches.ended) as ended:
        watches.watch(1, folder)
    assert ended.args[1].status is Status.FINISHED
    watches.close()


@pytest.mark.expects_log
def test_leaving_while_a_job_is_still_being_started_lets_its_thread_end(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def start() -> None:
        begun.set()
        go_on.wait(60)
        ended.set()
        raise TLStudioError(message("test.title", "Too late."), message("test.hint", "Nobody listens."))

    monkeypatch.setattr(job_watch, "_CLOSE_WAIT_MS", 10)
    window = QObject()
    watches = JobWatches(window)
    watches.start(start)
    assert begun.wait(60)
    watches.close()
    shiboken6.delete(window)  # all that belongs to it goes with it
    del watches
    gc.collect()
    (watch,) = (item for item in job_watch._ending if shiboken6.isValid(item))
    assert watch.isRunning()
    go_on.set()
    assert ended.wait(60)
    qtbot.waitUntil(lambda: not shiboken6.isValid(watch))


def test_a_run_that_is_at_work_is_attached_to_on_opening(window: Window, tmp_path: Path) -> None:
    project = make_project(tmp_path / "Insects")
    record_run(project, 1)
    (run,) = project.runs()
    project.record_run(msgspec.structs.replace(run, status=Status.RUNNING, summary=None))
    project.close()
    folder = tmp_path / "Insects" / "runs" / "0001"
    go_on = threading.Event()
    writing = replay(folder, go_on=go_on)
    seen: list[tuple[str, str]] = []
    window.workspace.changes.run_state_changed.connect(lambda *_: seen.append(window.shell.rail.item("train").state()))
    window.open(tmp_path / "Insects")
    window.until(lambda: any(mark == "busy" and line.startswith("Run 1") for line, mark in seen))
    go_on.set()
    window.until(lambda: bool(window.workspace.runs) and window.workspace.runs[0].is_usable)
    writing.join()
    assert window.shell.rail.item("evaluate").state()[0].startswith("Val balanced acc. ")


def test_closing_the_window_lets_the_run_go_on(window: Window, tmp_path: Path) -> None:
    project = make_project(tmp_path / "Insects")
    record_run(project, 1)
    project.close()
    folder = tmp_path / "Insects" / "runs" / "0001"
    go_on = threading.Event()
    writing = replay(folder, go_on=go_on)
    window.open(tmp_path / "Insects")
    window.shell.close()
    go_on.set()
    assert not any(thread.name.startswith("lane") for thread in threading.enumerate())
    writing.join()
    assert not (folder / "control.json").exists(), "nobody told the job to stop"
