"""Two processes of which the second does not have what the first has: its images for a while, room for its views, the same version."""

import shutil
from pathlib import Path

import pytest
import torch

from tests.engine.crews import MARKS, Start, ended, kept, recipe, with_hook
from tests.engine.folders import events_of, manifest_of, state_of, write_training
from tests.real_jobs import wait_for
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import Command
from tlstudio.domain.run_state import RunState, Status
from tlstudio.jobs import control

pytestmark = MARKS

OWN_SHARE = """
import os
from pathlib import Path
if os.environ.get("RANK"):
    from tlstudio.engine.data import pixel_cache
    pixel_cache._room = lambda _place: 0
if os.environ.get("RANK") == "1":
    from dataclasses import replace
    import msgspec
    from tlstudio.engine import exam, helping
    from tlstudio.engine.data.reading import Reader

    own = Path(os.environ["OWN"])
    exam._SAY_EVERY_S = -1.0
    honest_job, honest_content = helping.read_job, Reader._content
    asked, due = {}, {"train": 6, "val": 3}

    def read_job(*given, **how):
        job = honest_job(*given, **how)
        return replace(job, environment=msgspec.structs.replace(job.environment, roots={"1": str(own)}))

    def content(self, entry):
        split = entry.split.value
        asked[split] = asked.get(split, 0) + 1
        if asked[split] == due.get(split) and own.is_dir():
            own.rename(own.with_name("unplugged"))
            own.mkdir()
        return honest_content(self, entry)

    helping.read_job, Reader._content = read_job, content
"""
"""Every epoch reads the files; the second process has a share of its own, which goes away in the middle of an epoch and of a validation."""
NO_ROOM = """
import os
if os.environ.get("RANK") == "1":
    from tlstudio.engine import frozen
    frozen.room_bytes = lambda _folder: 0
"""
OLDER = """
import os
if os.environ.get("RANK") == "1":
    import tlstudio
    tlstudio.__version__ = "0.0.1"
"""


@pytest.fixture
def images(make_images) -> Path:
    return make_images({"bars": 20, "discs": 20})


def plugged_in(own: Path) -> None:
    own.rmdir()
    own.with_name("unplugged").rename(own)


def is_waiting(state: RunState) -> bool:
    return state.status is Status.PAUSED and state.waits_for is not None


@pytest.mark.parametrize("num_views", [0, 2])
def test_all_wait_together_for_the_images_of_one_and_come_to_the_very_same_bits(
    images: Path, tmp_path: Path, start: Start, num_views: int
) -> None:
    asked = recipe(num_views=num_views, epochs=3)
    whole, away = (write_training(tmp_path / name, asked, manifest_of(images), images=images) for name in ("whole", "away"))
    ended(start(whole), whole)
    own = tmp_path / "share" / "own"
    shutil.copytree(images, own)
    launcher = start(away, **with_hook(tmp_path / "hooks", OWN_SHARE), OWN=str(own))
    for number in (1, 2):
        state = wait_for(away, lambda state: is_waiting(state) and num_pauses(away) == number)  # noqa: B023 (called at once)
        assert state.waits_for is not None
        assert str(own) in state.waits_for.text()
        plugged_in(own)
    state = ended(launcher, away)
    assert (state.status, state.attempt, state.warnings) == (Status.FINISHED, 1, ())
    assert num_pauses(away) == 2
    assert says_that_it_goes_on(away), "while the second process computes its share once more"
    ours, theirs = kept(away), kept(whole)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def says_that_it_goes_on(folder: Path) -> bool:
    """Between the end of the last pause, which was in a validation, and what that came to."""
    events = events_of(folder)
    continued = max(index for index, event in enumerate(events) if isinstance(event, ev.Continued))
    validated = next(index for index, event in enumerate(events) if isinstance(event, ev.Validated) and index > continued)
    return any(isinstance(event, ev.StillWorking) for event in events[continued:validated])


def num_pauses(folder: Path) -> int:
    return sum(isinstance(event, ev.Paused) for event in events_of(folder))


def test_who_waits_for_the_images_of_another_can_be_cancelled(images: Path, tmp_path: Path, start: Start) -> None:
    folder = write_training(tmp_path / "project", recipe(), manifest_of(images), images=images)
    launcher = start(folder, **with_hook(tmp_path / "hooks", OWN_SHARE), OWN=str(tmp_path / "nowhere"))
    wait_for(folder, is_waiting)
    control.send(folder, Command.CANCEL)
    assert ended(launcher, folder).status is Status.CANCELLED


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        (NO_ROOM, "Process 1 of the training cannot follow the plan of the first (num views, boundary, prefix bytes, frozen precision)."),
        (OLDER, "The machines of this training run different versions of TL Studio"),
    ],
)
def test_who_would_train_another_way_says_so_and_nothing_is_started_again(
    images: Path, tmp_path: Path, start: Start, hook: str, words: str
) -> None:
    folder = write_training(tmp_path / "project", recipe(num_views=2), manifest_of(images), images=images)
    state = ended(start(folder, **with_hook(tmp_path / "hooks", hook)), folder)
    assert (state.status, state.attempt) == (Status.FAILED, 1)
    assert state.failure is not None
    assert state.failure.title.text().startswith(words)
    assert state.failure.hint.text().endswith("is kept.") or "start it again" in state.failure.hint.text()
    assert state_of(folder).steps == () or all(step.learning_rate is None for step in state.steps)
