"""A job that replays a recorded journal into its folder, line by line, as the engine writes it; without torch and without a process."""

import os
import time
from pathlib import Path

import msgspec

from tests import journals
from tests.recorded import manifest_of, write_job
from tlstudio.domain import jobs
from tlstudio.domain.events import AnyEvent
from tlstudio.domain.jobs import Control, TrainJob
from tlstudio.domain.journal import JournalLine, encode_line
from tlstudio.domain.manifest import manifest_hash
from tlstudio.domain.recipe import RECIPES, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status, apply
from tlstudio.domain.runs import Run
from tlstudio.domain.trials import Trial
from tlstudio.files import FileLock
from tlstudio.messages import Message
from tlstudio.project.project import Project

NETWORK = NetworkPart(architecture="mobilenetv4_conv_small")


class ReplayedJob:
    """Holds the run's lock until it is closed; `process` is None as for a job somebody else started."""

    process = None
    notes: tuple[Message, ...] = ()

    def __init__(self, project: Project, number: int, name: str, *, recipe: Recipe | None = None, weights_name: str = "") -> None:
        self.number = number
        self.folder = project.folder / f"runs/{number:04d}"
        self._events = [event for event, _time in journals.events(name)]
        self._seq = 0
        manifest = manifest_of(project).encode()
        recipe = recipe or RECIPES["quick" if name == "quick" else "balanced"].build(NETWORK)
        job = TrainJob(manifest_hash=manifest_hash(manifest), weights_name=weights_name, trial=_trial(self.folder))
        write_job(project, self.folder, job)
        a_minute_ago = time.time() - 60  # not in the tick of the first line: then it would count as still being started
        os.utime(self.folder / jobs.ENVIRONMENT_FILE, (a_minute_ago, a_minute_ago))
        (self.folder / jobs.MANIFEST_FILE).write_bytes(manifest)
        (self.folder / jobs.RECIPE_FILE).write_bytes(msgspec.json.encode(recipe))
        self._lock = FileLock(self.folder / jobs.LOCK_FILE)
        assert self._lock.acquire()
        self.run = Run(
            number=number, recipe=recipe, weights_name=weights_name, created_at=time.time(), status=Status.WAITING, num_classes=3
        )
        project.record_run(self.run)

    def play(self, count: int | None = None, *, until: type | None = None) -> None:
        """Write the next `count` events, or all up to the next one of a kind, or all that are left."""
        written = 0
        while self._events and (count is None or written < count):
            event = self._events.pop(0)
            self.write(event)
            written += 1
            if until is not None and isinstance(event, until):
                return

    def write(self, event: AnyEvent) -> None:
        """One event of the test's own."""
        with open(self.folder / jobs.JOURNAL_FILE, "ab") as file:
            file.write(encode_line(JournalLine(seq=self._seq, time=time.time(), event=event)))
        self._seq += 1

    def told(self) -> jobs.Command:
        """What the job was told last."""
        file = self.folder / jobs.CONTROL_FILE
        return msgspec.json.decode(file.read_bytes(), type=Control).command if file.exists() else jobs.Command.RUN

    def die(self) -> None:
        """The process is gone without an ending, as after kill -9."""
        self._lock.release()

    def finish(self) -> None:
        """Write what is left and end."""
        self.play()
        self.die()


class Launches:
    """Stands for the start of a process by the queue: a job that replays a recorded journal in the folder it is given."""

    def __init__(self, project: Project, name: str) -> None:
        self.project = project
        self.name = name
        self.jobs: list[ReplayedJob] = []

    def __call__(self, folder: Path, *, warm: object = None) -> ReplayedJob:
        recipe = next(run.recipe for run in self.project.runs() if run.number == int(folder.name))
        self.jobs.append(ReplayedJob(self.project, int(folder.name), self.name, recipe=recipe))
        return self.jobs[-1]


def _trial(folder: Path) -> Trial | None:
    """What the run was ordered as."""
    file = folder / jobs.JOB_FILE
    return msgspec.json.decode(file.read_bytes(), type=TrainJob).trial if file.exists() else None


def finished_run(project: Project, number: int, name: str, *, recipe: Recipe | None = None, weights_name: str = "") -> Run:
    """A run that is over, with its row as the recorder leaves it."""
    job = ReplayedJob(project, number, name, recipe=recipe, weights_name=weights_name)
    job.finish()
    state = RunState()
    for event, moment in journals.events(name):
        state = apply(state, event, time=moment)
    run = msgspec.structs.replace(job.run, status=state.status, summary=state.summary)
    project.record_run(run)
    return run
