"""The process of a job: alone in its folder's log, out of reach of the terminal, recognised only where it is really that job."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.unit.jobs.journals import JournalWriter, phase, started
from tlstudio.domain.jobs import LOCK_FILE, LOG_FILE
from tlstudio.domain.run_state import Status
from tlstudio.files import FileLock
from tlstudio.jobs import process as processes
from tlstudio.jobs.outcome import words
from tlstudio.jobs.process import is_job_of, kill_pid, start_job, wait_until_gone
from tlstudio.jobs.watcher import Watcher, follow, kill_if_silent

# Holds the lock of its folder and says nothing more.
SILENT = """
import sys, time
from pathlib import Path
from tlstudio.files import FileLock
lock = FileLock(Path(sys.argv[-1]) / "job.lock")
assert lock.acquire()
print("tlstudio", flush=True)
time.sleep(120)
"""


@pytest.fixture
def job(tmp_path: Path) -> JournalWriter:
    return JournalWriter(tmp_path / "0001")


@pytest.fixture
def silent(job: JournalWriter):
    """A process that is at work on the job and says nothing."""
    command = [sys.executable, "-c", f"# tlstudio\n{SILENT}", str(job.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


# The real process of a job, whose libraries would take their time to be taken apart.
SLOW_TO_END = """
import atexit, sys, time
from tlstudio.__main__ import main
atexit.register(time.sleep, 120)
sys.exit(main(["job", sys.argv[-1]]))
"""


def test_a_job_that_wrote_its_ending_is_gone_at_once_with_its_code_and_its_log(job: JournalWriter) -> None:
    began = time.monotonic()
    result = subprocess.run([sys.executable, "-c", SLOW_TO_END, str(job.folder)], capture_output=True, text=True, timeout=200, check=False)
    assert time.monotonic() - began < 110, "its libraries were waited for, which take two minutes"
    assert result.returncode == 1
    assert Watcher(job.folder).poll().status is Status.FAILED
    assert "job.json" in result.stderr
    lock = FileLock(job.folder / LOCK_FILE)
    assert lock.acquire()
    lock.release()


def test_a_job_without_an_order_fails_in_words_and_leaves_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also: files that lie in the current folder are never imported, whatever they are called."""
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "random.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w').close()")
    monkeypatch.chdir(trap)
    folder = tmp_path / "0001"
    folder.mkdir()
    process = start_job(folder)
    last = list(follow(folder, process=process))[-1]
    assert last.status is Status.FAILED
    assert "job.json" in words(last).text()
    assert process.wait(60) not in (0, None)
    assert (folder / LOG_FILE).exists()
    assert not (tmp_path / "sprung").exists()


def test_a_job_has_a_session_of_its_own_and_ends_when_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = [sys.executable, "-c", "import os, time; print(os.getsid(0) == os.getpid(), flush=True); time.sleep(60)"]
    real = subprocess.Popen
    monkeypatch.setattr(processes.subprocess, "Popen", lambda _command, **how: real(program, **how))
    process = start_job(tmp_path)
    while not (tmp_path / LOG_FILE).read_text():
        assert process.poll() is None
    assert process.wait(0.05) is None
    process.terminate()
    assert process.wait(30) != 0
    if os.name == "posix":
        assert (tmp_path / LOG_FILE).read_text() == "True\n"


def test_a_pid_alone_is_no_proof(job: JournalWriter, silent: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    assert is_job_of(job.folder, silent.pid)
    assert not is_job_of(tmp_path / "another", silent.pid)
    assert not is_job_of(job.folder, os.getpid())
    assert not kill_pid(tmp_path / "another", silent.pid)
    assert silent.poll() is None


@pytest.mark.expects_log
def test_a_job_that_hangs_is_ended_and_can_continue(job: JournalWriter, silent: "subprocess.Popen[bytes]") -> None:
    job.say(started(pid=silent.pid), phase("finetune", 50, silence_limit_s=60.0))
    watcher = Watcher(job.folder)
    assert watcher.poll().status is Status.RUNNING
    assert not kill_if_silent(watcher)
    watcher.silent_s = 61.0
    assert kill_if_silent(watcher)
    assert wait_until_gone(job.folder, silent.pid, timeout_s=30)
    assert list(follow(job.folder))[-1].status is Status.INTERRUPTED
    assert not FileLock(job.folder / LOCK_FILE).is_held_elsewhere()


def test_a_job_that_was_ended_from_outside_is_known_at_once(job: JournalWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own process has gone, so there is no waiting for its first word."""
    real = subprocess.Popen
    monkeypatch.setattr(processes.subprocess, "Popen", lambda _command, **how: real([sys.executable, "-c", "raise SystemExit(9)"], **how))
    fresh = JournalWriter(job.folder.parent / "0002", ordered_s_ago=0.0)
    process = start_job(fresh.folder)
    assert process.wait(20) == 9
    assert Watcher(fresh.folder, process=process).poll().status is Status.INTERRUPTED
    assert Watcher(fresh.folder).poll().status is Status.WAITING


def test_to_kill_a_job_is_to_kill_all_that_it_has_started(tmp_path: Path) -> None:
    program = [
        "import subprocess, sys",
        "print(subprocess.Popen([sys.executable, '-c', 'input()'], start_new_session=True).pid, flush=True)",
        "input()",
    ]
    parent = subprocess.Popen([sys.executable, "-c", "\n".join(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    job = processes.JobProcess(tmp_path, parent)
    job.kill()
    assert job.wait(30) == -9
    gone, _alive = psutil.wait_procs([child], timeout=30)
    assert gone or child.status() == psutil.STATUS_ZOMBIE
    parent.communicate()
