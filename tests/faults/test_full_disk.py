"""F06: a training on a full disk waits, says how much it needs, and goes on as if nothing had been once there is room."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.conftest import MakeImages
from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.engine.test_control import Running
from tests.faults.test_job_kill import result_of
from tlstudio import files
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import Command
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.engine import room, worker
from tlstudio.engine.journal import SPARE_FILE, JournalWriter

REPOSITORY = Path(__file__).resolve().parents[2]
RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=4, batch_size=8, learning_rate=3e-3, patience=0),
    augmentation="light",
    seed=5,
)


class Disk:
    """Full for files whose name begins with a word, until it is freed; its room is that of a full one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, beginning: str, *, after: int = 0) -> None:
        self.is_full = True
        self._honest = files.write_bytes
        self._beginning, self._left = beginning, after
        monkeypatch.setattr(files, "write_bytes", self._write)
        monkeypatch.setattr(room, "free_bytes", lambda _place: 0 if self.is_full else 1 << 40)

    def _write(self, path: Path, data: bytes) -> None:
        if path.name.startswith(self._beginning):
            self._left -= 1
            if self.is_full and self._left < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
        self._honest(path, data)


@pytest.fixture
def images(make_images: MakeImages) -> Path:
    return make_images({"bars": 12, "discs": 12})


def is_waiting(state: RunState) -> bool:
    return state.status is Status.PAUSED and state.waits_for is not None


@pytest.mark.parametrize(("what", "after"), [("last-", 4), ("best-", 0), ("predictions", 0)])
def test_it_waits_for_room_and_ends_with_the_same_bits(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, after: int
) -> None:
    whole = write_training(tmp_path / "whole", RECIPE, manifest_of(images), images=images)
    assert worker.run_job(whole) == 0
    disk = Disk(monkeypatch, what, after=after)
    job = Running(write_training(tmp_path / "full", RECIPE, manifest_of(images), images=images))
    state = job.wait_for(is_waiting)
    assert state.waits_for is not None
    assert "The disk is full" in state.waits_for.text()
    assert " MB are needed" in state.waits_for.text()
    kept = {item.file for item in state.checkpoints} & {
        f"checkpoints/{file.name}" for file in (job.folder / "checkpoints").glob("last-*.s*")
    }
    assert what != "last-" or len(kept) == 2, "what was saved before stays"
    disk.is_full = False
    state = job.end()
    assert (state.status, state.attempt, state.waits_for) == (Status.FINISHED, 1, None)
    assert result_of(job.folder) == result_of(whole)


def test_told_to_go_on_it_tries_at_once_and_waits_on_where_there_is_still_no_room(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Disk(monkeypatch, "last-")
    job = Running(write_training(tmp_path / "full", RECIPE, manifest_of(images), images=images))
    job.wait_for(is_waiting)
    job.tell(Command.RUN)
    job.wait_for(lambda state: is_waiting(state) and sum(isinstance(event, ev.Paused) for event in events_of(job.folder)) == 2)
    job.tell(Command.CANCEL)
    assert job.end().status is Status.CANCELLED


def test_stopped_while_it_waits_it_keeps_the_best(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Disk(monkeypatch, "last-")
    job = Running(write_training(tmp_path / "full", RECIPE, manifest_of(images), images=images))
    job.wait_for(is_waiting)
    job.tell(Command.STOP)
    state = job.end()
    assert state.status is Status.STOPPED
    assert state.summary is not None
    assert (job.folder / state.summary.checkpoint).is_file()


# A disk of its own in a name space of its own, so that it is full in earnest: journal, checkpoints, caches and all.
ON_A_SMALL_DISK = """
import json, os, shutil, subprocess, sys, time
from pathlib import Path
from tests.engine.folders import state_of
from tlstudio.domain.run_state import Status
from tlstudio.jobs.process import start_job

disk, folder = Path(sys.argv[1]), Path(sys.argv[2])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(disk)], check=True)
shutil.copytree(folder.parents[1], disk / "project")
folder = disk / "project" / "runs" / folder.name


def fill():
    with open(disk / "ballast", "ab", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            pass


def wait_for(reached):
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        if (folder / "journal.jsonl").exists() and reached(state := state_of(folder)):
            return state
        time.sleep(0.01)
    raise SystemExit(f"waited in vain: {state_of(folder)} {(folder / 'log.txt').read_text()}")


job = start_job(folder)
wait_for(lambda state: len(state.steps) >= 2)
fill()
waiting = wait_for(lambda state: state.status is Status.PAUSED)
said = {"why": waiting.waits_for.text(), "checkpoints": len(waiting.checkpoints)}
job.terminate()
said["code"] = job.wait(120)
(disk / "ballast").unlink()
again = start_job(folder)
said["end"] = again.wait(240)
state = state_of(folder)
said |= {"status": state.status.value, "attempt": state.attempt, "left": sorted(item.name for item in folder.iterdir())}
print(json.dumps(said))
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs a disk of its own")
def test_on_a_disk_that_is_full_in_earnest_it_still_says_so_ends_when_asked_and_goes_on_later(images: Path, tmp_path: Path) -> None:
    recipe = msgspec.structs.replace(RECIPE, finetune=FineTunePart(epochs=60, batch_size=4, patience=0))
    folder = write_training(tmp_path / "project", recipe, manifest_of(images), images=images)
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("may not make a name space")
    result = subprocess.run(
        ["unshare", "-m", sys.executable, "-c", ON_A_SMALL_DISK, str(disk), str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    said = json.loads(result.stdout.splitlines()[-1])
    assert "The disk is full" in said["why"]
    assert (said["code"], said["end"], said["status"], said["attempt"]) == (143, 0, "finished", 2)
    assert "journal.spare" not in said["left"]


def test_a_line_of_the_journal_that_found_no_room_is_written_with_what_was_put_by(tmp_path: Path) -> None:
    folder = tmp_path
    writer = JournalWriter(folder / "journal.jsonl")
    honest, spare = writer._file.flush, folder / SPARE_FILE

    class Full:
        """A file on a disk that is full while the spare lies there."""

        def __getattr__(self, name: str) -> object:
            return getattr(writer_file, name)

        def flush(self) -> None:
            if spare.exists():
                raise OSError(errno.ENOSPC, "No space left on device")
            honest()

    writer_file = writer._file
    writer._file = Full()  # type: ignore[assignment]
    writer.write(ev.Paused(step=3))
    assert not spare.exists()
    writer.close()
    assert state_of(folder).status is Status.PAUSED


class FullForTheJournal:
    """From when the stages are unfrozen a journal has no room but what lies by, and of that only a little; until it is freed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full, self.left = False, 4000
        honest_init, honest_write, honest_spare = JournalWriter.__init__, JournalWriter.write, Path.write_bytes
        disk = self

        class File:
            """What the journal is written to."""

            def __init__(self, writer: JournalWriter) -> None:
                self._file, self._spare, self._waiting = writer._file, writer._spare, b""

            def __getattr__(self, name: str) -> object:
                return getattr(self._file, name)

            def write(self, data: bytes) -> None:
                self._waiting += data

            def flush(self) -> None:
                if disk.is_full:
                    if self._spare.exists() or len(self._waiting) > disk.left:
                        raise OSError(errno.ENOSPC, "No space left on device")
                    disk.left -= len(self._waiting)
                data, self._waiting = self._waiting, b""
                self._file.write(data)
                self._file.flush()

        def init(self: JournalWriter, file: Path) -> None:
            honest_init(self, file)
            self._file = File(self)  # type: ignore[assignment]

        def write(self: JournalWriter, event: ev.AnyEvent) -> None:
            honest_write(self, event)
            if isinstance(event, ev.BackboneUnfrozen):
                disk.is_full = True

        def write_bytes(path: Path, data: bytes) -> int:
            if disk.is_full and path.name == SPARE_FILE:
                raise OSError(errno.ENOSPC, "No space left on device")
            return honest_spare(path, data)

        monkeypatch.setattr(JournalWriter, "__init__", init)
        monkeypatch.setattr(JournalWriter, "write", write)
        monkeypatch.setattr(Path, "write_bytes", write_bytes)


def test_steps_that_are_told_do_not_use_up_what_was_put_by(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlstudio.engine.finetune._TELL_EVERY_S", 0.0)
    recipe = msgspec.structs.replace(RECIPE, finetune=FineTunePart(epochs=4, batch_size=1, patience=0))
    disk = FullForTheJournal(monkeypatch)
    job = Running(write_training(tmp_path / "full", recipe, manifest_of(images), images=images))
    state = job.wait_for(lambda state: is_waiting(state) or state.status.is_over)
    assert state.failure is None
    assert state.waits_for is not None
    assert "The disk is full" in state.waits_for.text()
    disk.is_full = False
    state = job.end()
    assert (state.status, state.attempt, state.waits_for) == (Status.FINISHED, 1, None)
    assert state.steps[-1].step == state.plan.num_steps, "and once there is room every step is told again"


def test_epochs_that_are_kept_for_a_soup_wait_for_room_as_well(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert RECIPE.finetune is not None
    recipe = msgspec.structs.replace(RECIPE, finetune=msgspec.structs.replace(RECIPE.finetune, soup=2))
    disk = Disk(monkeypatch, "epoch-")
    job = Running(write_training(tmp_path / "full", recipe, manifest_of(images), images=images))
    state = job.wait_for(lambda state: is_waiting(state) or state.status.is_over)
    assert state.failure is None
    disk.is_full = False
    assert job.end().status is Status.FINISHED
