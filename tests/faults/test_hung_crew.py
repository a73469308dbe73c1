"""F30 in several processes: one that hangs, and not only one that dies, costs no more than the steps since the last checkpoint."""

import signal
import tempfile
from pathlib import Path

import pytest

from tests.conftest import MakeImages
from tests.engine.crews import MARKS, Start, ended, recipe, with_hook
from tests.engine.folders import events_of, manifest_of, write_training
from tests.real_jobs import wait_for
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import Command
from tlstudio.domain.run_state import Status
from tlstudio.jobs import control

pytestmark = MARKS

NUM_STEPS_OF_EPOCH = 4

HANGS = """
import os, signal, time
if os.environ.get("TORCHELASTIC_RESTART_COUNT") == "0":
    from tlstudio.engine import build, finetune
    build._SILENCE_LIMIT_S = 12.0
    honest = finetune.FineTuning.compute_gradients

    def compute_gradients(tuning, batch, *, chance=0):
        if tuning.step == 4:
            {hang}
        return honest(tuning, batch, chance=chance)

    if os.environ["RANK"] == "1":
        finetune.FineTuning.compute_gradients = compute_gradients
"""
HANGS_FOR_EVER = HANGS.replace("12.0", "1e6").format(hang="open(os.environ['HUNG'], 'w').close(), time.sleep(10_000)")
"""Nobody would take it for hung."""
HANGS_WHILE_IT_JUDGES = """
import os, time
from tlstudio.engine import build, exam
build._SILENCE_LIMIT_S = 12.0
if os.environ.get("TORCHELASTIC_RESTART_COUNT") == "0" and os.environ["RANK"] == "1":
    exam.Exam._read = lambda _exam, _entry: time.sleep(10_000)
"""
IS_SLOW = """
import os, time
from tlstudio.engine import distributed, exam
exam._SAY_EVERY_S = 0.5
read, have_sat = exam.Exam._read, distributed.Crew.have_sat

def read_slowly(self, entry):
    time.sleep(1.2)
    return read(self, entry)

def have_sat_soon(self, *, mine=True):
    self.line._patience_s = 6.0
    try:
        return have_sat(self, mine=mine)
    finally:
        self.line._patience_s = 1e6

if os.environ["RANK"] == "1":
    exam.Exam._read = read_slowly
elif os.environ["RANK"] == "0":
    distributed.Crew.have_sat = have_sat_soon
"""
"""The second process's share of a validation, six images, takes longer than rank 0 waits for one answer."""
HANGS_WHILE_RANK_0_JUDGES = """
import os, time
from tlstudio.engine import exam
honest = exam.Exam._read

def read(self, entry):
    open(os.environ["JUDGES"], "w").close()
    time.sleep(2.0)
    return honest(self, entry)

if os.environ.get("RANK") == "0":
    exam.Exam._read = read
elif os.environ.get("RANK") == "1":
    exam.Exam._read = lambda _exam, _entry: time.sleep(10_000)
"""
HANGS_WHILE_IT_LOOKS = """
import os, time
from pathlib import Path
from tlstudio.engine import exam
from tlstudio.engine.data import away

def hangs(_folder):
    open(os.environ["HUNG"], "w").close()
    time.sleep(10_000)

if os.environ.get("TORCHELASTIC_RESTART_COUNT") == "0" and os.environ["RANK"] == "1":
    exam.Exam._read = lambda _exam, _entry: away.folder_away(Path("/share"))
    away.is_reachable = hangs
"""
"""A drive that went away may let whoever looks at it wait for ever."""
HANGS_AT_THE_END = """
import os, time
if os.environ.get("RANK") == "1":
    from tlstudio.engine import crew_words, helping
    honest = helping._Helper.obey

    def obey(self, word):
        honest(self, word)
        if isinstance(word, crew_words.Count) and len(self._judged.samples) == 20:
            time.sleep(10_000)

    helping._Helper.obey = obey
"""
"""After its last answer, of what test and validation images are."""
NEVER_COMES = """
import os, time
if os.environ.get("TORCHELASTIC_RESTART_COUNT") == "0":
    from tlstudio.engine import helping, meeting
    meeting.SILENCE_LIMIT_S = 12.0
    helping.meet = lambda _place: time.sleep(10_000)
"""


@pytest.fixture
def folder(make_images: MakeImages, tmp_path: Path) -> Path:
    images = make_images({"bars": 20, "discs": 20})
    return write_training(tmp_path / "project", recipe(epochs=3), manifest_of(images), images=images)


@pytest.mark.parametrize("hang", ["time.sleep(10_000)", "os.kill(os.getpid(), signal.SIGSTOP)"], ids=["stuck", "stopped"])
def test_one_that_hangs_is_ended_with_all_others_and_the_run_goes_on_and_says_so(
    folder: Path, tmp_path: Path, start: Start, hang: str
) -> None:
    state = ended(start(folder, **with_hook(tmp_path / "hooks", HANGS.format(hang=hang))), folder)
    assert (state.status, state.attempt) == (Status.FINISHED, 2)
    assert [warning.id for warning in state.warnings] == ["crew.silent"]
    (resumed,) = (event for event in events_of(folder) if isinstance(event, ev.Resumed))
    assert resumed.from_step == 4, "what was trained before it hung is kept"


def test_one_that_hangs_while_it_judges_is_noticed_too(folder: Path, tmp_path: Path, start: Start) -> None:
    state = ended(start(folder, **with_hook(tmp_path / "hooks", HANGS_WHILE_IT_JUDGES)), folder)
    assert (state.status, state.attempt) == (Status.FINISHED, 2)
    assert [warning.id for warning in state.warnings] == ["crew.silent"]
    (resumed,) = (event for event in events_of(folder) if isinstance(event, ev.Resumed))
    assert resumed.from_step == NUM_STEPS_OF_EPOCH, "the epoch that was to be judged is not trained again"


@pytest.mark.parametrize(("command", "ending"), [(Command.CANCEL, Status.CANCELLED), (Command.STOP, Status.STOPPED)])
def test_who_waits_for_one_that_hangs_can_be_ended(folder: Path, tmp_path: Path, start: Start, command: Command, ending: Status) -> None:
    hung = tmp_path / "hung"
    launcher = start(folder, **with_hook(tmp_path / "hooks", HANGS_FOR_EVER), HUNG=str(hung))
    wait_for(folder, lambda _state: hung.exists())
    control.send(folder, command)
    state = ended(launcher, folder)
    assert (state.status, state.attempt) == (ending, 2)
    assert command is Command.CANCEL or state.summary is not None, "what was best is kept"


def test_one_that_hangs_before_it_is_there_is_not_waited_for_for_ever(folder: Path, tmp_path: Path, start: Start) -> None:
    before = set(Path(tempfile.gettempdir()).glob("tlstudio-*"))
    state = ended(start(folder, **with_hook(tmp_path / "hooks", NEVER_COMES)), folder)
    assert set(Path(tempfile.gettempdir()).glob("tlstudio-*")) <= before, "where they meet is cleared away each time"
    assert (state.status, state.attempt) == (Status.FINISHED, 2)
    assert [warning.id for warning in state.warnings] == ["crew.silent"]


def test_one_whose_images_are_slow_to_judge_is_not_taken_for_hung(folder: Path, tmp_path: Path, start: Start) -> None:
    state = ended(start(folder, **with_hook(tmp_path / "hooks", IS_SLOW)), folder)
    assert (state.status, state.attempt) == (Status.FINISHED, 1)
    assert not state.warnings


def test_one_that_hangs_while_rank_0_judges_its_own_share_keeps_no_run_from_being_cancelled(
    folder: Path, tmp_path: Path, start: Start
) -> None:
    judges = tmp_path / "judges"
    launcher = start(folder, **with_hook(tmp_path / "hooks", HANGS_WHILE_RANK_0_JUDGES), JUDGES=str(judges))
    wait_for(folder, lambda _state: judges.exists())
    control.send(folder, Command.CANCEL)
    state = ended(launcher, folder)
    assert (state.status, state.attempt) == (Status.CANCELLED, 1)


def test_one_that_was_stopped_while_the_run_is_paused_keeps_it_from_no_cancelling(folder: Path, start: Start) -> None:
    launcher = start(folder)
    wait_for(folder, lambda state: len(state.steps) > 0)
    control.send(folder, Command.PAUSE)
    wait_for(folder, lambda state: state.status is Status.PAUSED)
    (one,) = (child for child in launcher.children(recursive=True) if child.environ().get("RANK") == "1")
    one.send_signal(signal.SIGSTOP)
    control.send(folder, Command.CANCEL)
    state = ended(launcher, folder)
    assert (state.status, state.attempt) == (Status.CANCELLED, 1)
    assert not one.is_running()


def test_one_that_hangs_while_it_looks_for_its_images_keeps_no_run_from_being_stopped(folder: Path, tmp_path: Path, start: Start) -> None:
    hung = tmp_path / "hung"
    launcher = start(folder, **with_hook(tmp_path / "hooks", HANGS_WHILE_IT_LOOKS), HUNG=str(hung))
    wait_for(folder, lambda _state: hung.exists())
    control.send(folder, Command.STOP)
    state = ended(launcher, folder)
    assert (state.status, state.attempt) == (Status.STOPPED, 2)
    assert [warning.id for warning in state.warnings] == ["crew.silent_at_end"]
    assert state.summary is not None, "what was best is kept"


def test_one_that_hangs_at_the_end_is_ended_and_the_run_is_what_it_came_to(folder: Path, tmp_path: Path, start: Start) -> None:
    state = ended(start(folder, **with_hook(tmp_path / "hooks", HANGS_AT_THE_END)), folder)
    assert (state.status, state.attempt) == (Status.FINISHED, 1)
    assert not state.warnings
