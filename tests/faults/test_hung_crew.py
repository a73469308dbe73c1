"""F30 in several processes: one that hangs, and not only one that dies, costs no more than the steps since the last checkpoint."""

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
from tlstudio.engine import build, exam
build._SILENCE_LIMIT_S, exam._SAY_EVERY_S = 6.0, 0.5
honest = exam.Exam._read

def read(self, entry):
    time.sleep(0.6)
    return honest(self, entry)

if os.environ["RANK"] == "1":
    exam.Exam._read = read
"""
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
