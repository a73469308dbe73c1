"""A job folder as the engine reads it: the order, this machine, and what earlier attempts said."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from tlstudio.domain import jobs
from tlstudio.domain.events import PlanFixed, Started
from tlstudio.domain.journal import JournalLine
from tlstudio.domain.manifest import Manifest, manifest_hash
from tlstudio.domain.plan import Plan
from tlstudio.domain.recipe import Recipe, decode_recipe
from tlstudio.domain.run_state import RunState, apply
from tlstudio.engine.crew import ALONE, Alone
from tlstudio.engine.gate import Gate
from tlstudio.errors import TLStudioError
from tlstudio.messages import message

if TYPE_CHECKING:
    from tlstudio.engine.distributed import Crew

T = TypeVar("T")

_jobs: msgspec.json.Decoder[jobs.AnyJob] = msgspec.json.Decoder(jobs.AnyJob)
_environments = msgspec.json.Decoder(jobs.Environment)


class WorkClock:
    """What `RunState.work_s` will say of the journal: the work of all attempts, without pauses and without loading libraries."""

    def __init__(self, history: tuple[JournalLine, ...], gate: Gate) -> None:
        self._before_s = worked_s(history)
        self._gate = gate
        self._since = time.monotonic() - gate.paused_s

    @property
    def seconds(self) -> float:
        """Until now."""
        return self._before_s + time.monotonic() - self._since - self._gate.paused_s


@dataclass(frozen=True, kw_only=True)
class Job:
    """One attempt at one job."""

    folder: Path
    spec: Any
    """One of `domain.jobs.AnyJob`."""
    environment: jobs.Environment
    gate: Gate
    history: tuple[JournalLine, ...] = ()
    """What earlier attempts wrote."""
    crew: "Alone | Crew" = ALONE
    """The processes that train it together."""

    @cached_property
    def clock(self) -> WorkClock:
        """Begins when it is asked for first: as soon as the libraries are loaded, by `watched`."""
        return WorkClock(self.history, self.gate)

    @property
    def attempt(self) -> int:
        """From 1."""
        return 1 + len(self.events(Started))

    @property
    def last_plan(self) -> Plan | None:
        """The plan of the attempt before this one."""
        plans = self.events(PlanFixed)
        return plans[-1].plan if plans else None

    def events(self, kind: type[T]) -> list[T]:
        """What earlier attempts said of one kind."""
        return [line.event for line in self.history if isinstance(line.event, kind)]

    def checkpoints_folder(self) -> Path:
        """Made when it is not there."""
        return _made(self.folder / jobs.CHECKPOINTS)

    def predictions_file(self) -> Path:
        """Its folder is made when it is not there."""
        _made(self.folder / jobs.PREDICTIONS)
        return self.folder / jobs.PREDICTIONS_FILE

    def file_in_project(self, relative: str) -> Path:
        """A place relative to the project."""
        return Path(self.environment.project_folder) / relative


def read_job(folder: Path, *, gate: Gate, history: tuple[JournalLine, ...], crew: "Alone | Crew" = ALONE) -> Job:
    """Raises `TLStudioError` where the order or the environment is missing or damaged."""
    return Job(
        folder=folder,
        spec=_read(folder / jobs.JOB_FILE, _jobs.decode),
        environment=crew.here(_read(folder / jobs.ENVIRONMENT_FILE, _environments.decode)),
        gate=gate,
        history=history,
        crew=crew,
    )


def read_recipe(folder: Path) -> Recipe:
    """Raises `TLStudioError`."""
    return _read(folder / jobs.RECIPE_FILE, decode_recipe)


def read_manifest(folder: Path, *, expected_hash: str) -> Manifest:
    """Raises `TLStudioError`, also where it is not the manifest that the job was made with."""

    def decode(data: bytes) -> Manifest:
        if expected_hash and manifest_hash(data) != expected_hash:
            raise ValueError("its hash is not the one in job.json")
        return Manifest.decode(data)

    return _read(folder / jobs.MANIFEST_FILE, decode)


def worked_s(history: tuple[JournalLine, ...]) -> float:
    """`RunState.work_s` of earlier attempts, in seconds."""
    state = RunState()
    for line in history:
        state = apply(state, line.event, time=line.time)
    return state.work_s


def _read(file: Path, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(file.read_bytes())
    except (OSError, ValueError) as error:
        raise TLStudioError(
            message("job.file_damaged", "{file} of this job is missing or damaged.", file=file.name),
            message("job.file_damaged.hint", "Images, labels and other runs are safe. Start the job again from the window."),
            details=f"{file}: {error}",
        ) from error


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
