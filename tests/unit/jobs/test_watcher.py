"""What is shown of a job comes from its journal alone, whatever state the journal and the process are in."""

import errno
import time
from pathlib import Path

import pytest

from tests.unit.jobs.journals import SUMMARY, JournalWriter, phase, started, step
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import LOCK_FILE
from tlstudio.domain.run_state import Status
from tlstudio.files import FileLock
from tlstudio.jobs import watcher as watching
from tlstudio.jobs.watcher import Watcher, follow, kill_if_silent, read_state


@pytest.fixture
def job(tmp_path: Path) -> JournalWriter:
    return JournalWriter(tmp_path / "0001")


@pytest.fixture
def lock(job: JournalWriter) -> FileLock:
    """Held, as by a job that is at work; in another file description, so that it counts as somebody else's."""
    lock = FileLock(job.folder / LOCK_FILE)
    assert lock.acquire()
    yield lock
    lock.release()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the lock at every poll."""
    monkeypatch.setattr(watching, "_PROBE_EVERY_S", 0.0)


def test_new_lines_are_folded_as_they_come(job: JournalWriter, lock: FileLock) -> None:
    watcher = Watcher(job.folder)
    assert watcher.poll().status is Status.WAITING
    job.say(started(), phase("finetune", 50), step(1))
    assert watcher.poll().steps[-1].step == 1
    job.say(step(2), step(3))
    state = watcher.poll()
    assert [item.step for item in state.steps] == [1, 2, 3]
    assert state.status is Status.RUNNING


def test_only_what_is_new_is_read(job: JournalWriter, lock: FileLock, monkeypatch: pytest.MonkeyPatch) -> None:
    job.say(started(), phase("finetune", 50), *(step(number) for number in range(1, 200)))
    watcher = Watcher(job.folder)
    watcher.poll()
    decoded = []
    real = watching.decode_line
    monkeypatch.setattr(watching, "decode_line", lambda data: decoded.append(data) or real(data))
    job.say(step(200))
    assert len(watcher.poll().steps) == 200
    assert len(decoded) == 1


def test_nothing_new_gives_the_same_object(job: JournalWriter, lock: FileLock) -> None:
    job.say(started(), phase("features", 10))
    watcher = Watcher(job.folder)
    first = watcher.poll()
    assert watcher.poll() is first
    job.say(ev.Progressed(done=4))
    assert watcher.poll() is not first


def test_a_torn_line_waits_for_its_rest(job: JournalWriter, lock: FileLock) -> None:
    job.say(started(), phase("finetune", 50))
    watcher = Watcher(job.folder)
    watcher.poll()
    line = job.line(step(1))
    with open(job.file, "ab") as file:
        file.write(line[:20])
        file.flush()
        assert len(watcher.poll().steps) == 0
        file.write(line[20:])
    assert len(watcher.poll().steps) == 1


def test_a_line_of_a_newer_version_is_passed_over(job: JournalWriter, lock: FileLock) -> None:
    job.say(started())
    newer = job.line(ev.Paused(step=1)).replace(b'"kind":"paused"', b'"kind":"dancing"')
    import json
    import zlib

    body = json.dumps(json.loads(newer)["line"], separators=(",", ":")).encode()
    job.file.write_bytes(job.file.read_bytes() + b'{"crc":"%08x","line":%s}\n' % (zlib.crc32(body), body))
    job.say(phase("head"))
    state = Watcher(job.folder).poll()
    assert (state.status, state.phase) == (Status.RUNNING, "head")


def test_a_torn_tail_that_a_new_attempt_cut_is_read_right(job: JournalWriter, lock: FileLock) -> None:
    job.say(started(), phase("finetune", 50), *(step(number) for number in range(1, 6)))
    whole = job.file.read_bytes()
    job.file.write_bytes(whole + b'{"crc":"00')
    watcher = Watcher(job.folder)
    watcher.poll()
    job.file.write_bytes(whole)
    job.say(ev.Resumed(attempt=2, from_step=3), step(4))
    state = watcher.poll()
    assert [item.step for item in state.steps] == [1, 2, 3, 4]
    assert state.attempt == 2


@pytest.mark.expects_log
def test_a_journal_that_became_shorter_is_read_again(job: JournalWriter, lock: FileLock) -> None:
    job.say(started(), phase("finetune", 50), step(1), step(2))
    watcher = Watcher(job.folder)
    watcher.poll()
    job.file.write_bytes(b"".join(job.file.read_bytes().splitlines(keepends=True)[:3]))
    assert [item.step for item in watcher.poll().steps] == [1]


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        (ev.Finished(summary=SUMMARY), Status.FINISHED),
        (ev.Stopped(summary=SUMMARY), Status.STOPPED),
        (ev.Cancelled(), Status.CANCELLED),
    ],
)
def test_an_ending_counts_whoever_holds_the_lock(job: JournalWriter, ending: ev.AnyEvent, status: Status) -> None:
    job.say(started(), ending)
    assert read_state(job.folder).status is status


def test_a_free_lock_without_an_ending_is_an_interruption(job: JournalWriter, lock: FileLock, impatient: None) -> None:
    job.say(started(), phase("finetune", 50), step(7))
    watcher = Watcher(job.folder)
    assert watcher.poll().status is Status.RUNNING
    lock.release()
    state = watcher.poll()
    assert state.status is Status.INTERRUPTED
    assert state.steps[-1].step == 7
    assert read_state(job.folder).status is Status.INTERRUPTED


def test_a_journal_that_still_grows_is_no_interruption(job: JournalWriter, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job writes its ending and goes, just between the look at the journal and the look at the lock."""
    job.say(started(), phase("finetune", 50), step(7))
    watcher = Watcher(job.folder)

    def ended(_lock: FileLock) -> bool:
        job.say(ev.Finished(summary=SUMMARY))
        return False

    monkeypatch.setattr(FileLock, "is_held_elsewhere", ended)
    assert watcher.poll().status is Status.FINISHED


def test_a_job_that_is_still_loading_is_waited_for(tmp_path: Path) -> None:
    job = JournalWriter(tmp_path / "0002", ordered_s_ago=1.0)
    assert read_state(job.folder).status is Status.WAITING


def test_a_job_that_never_came_up_was_interrupted(tmp_path: Path) -> None:
    job = JournalWriter(tmp_path / "0002", ordered_s_ago=watching.START_GRACE_S + 1)
    assert read_state(job.folder).status is Status.INTERRUPTED


def test_an_interrupted_job_that_goes_on_runs_again(job: JournalWriter, impatient: None) -> None:
    job.say(started(), phase("finetune", 50), step(1), step(2))
    watcher = Watcher(job.folder)
    assert watcher.poll().status is Status.INTERRUPTED
    job.say(started(attempt=2), ev.Resumed(attempt=2, from_step=1), phase("finetune", 50), step(2))
    assert watcher.poll().status is Status.RUNNING
    job.say(ev.Finished(summary=SUMMARY))
    assert watcher.poll().status is Status.FINISHED


@pytest.mark.expects_log
def test_a_disk_that_fails_for_a_moment_costs_nothing(
    job: JournalWriter, lock: FileLock, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.say(started(), phase("finetune", 50), step(1))
    watcher = Watcher(job.folder)
    assert watcher.poll().status is Status.RUNNING
    job.say(step(2), ev.Finished(summary=SUMMARY))
    lock.release()

    def fails(*_arguments: object) -> object:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as disk:
        disk.setattr(watching, "open", fails, raising=False)
        for _ in range(3):
            time.sleep(0.02)
            assert watcher.poll().status is Status.RUNNING, "its ending may stand in what cannot be read"
        assert watcher.silent_s < 0.02
    state = watcher.poll()
    assert state.status is Status.FINISHED
    assert state.steps[-1].step == 2


def test_following_ends_with_the_ending(job: JournalWriter) -> None:
    job.say(started(), phase("finetune", 50), step(1), ev.Finished(summary=SUMMARY))
    assert [state.status for state in follow(job.folder)] == [Status.FINISHED]


def test_silence_is_counted_and_ends_with_a_word(job: JournalWriter, lock: FileLock) -> None:
    job.say(started(), phase("finetune", 50))
    watcher = Watcher(job.folder)
    watcher.poll()
    time.sleep(0.05)
    watcher.poll()
    assert watcher.silent_s >= 0.05
    job.say(step(1))
    watcher.poll()
    assert watcher.silent_s == 0.0


def test_a_paused_job_may_be_silent(job: JournalWriter, lock: FileLock) -> None:
    job.say(started(), phase("finetune", 50, silence_limit_s=0.0), ev.Paused(step=1))
    watcher = Watcher(job.folder)
    watcher.poll()
    time.sleep(0.02)
    assert not kill_if_silent(watcher)
