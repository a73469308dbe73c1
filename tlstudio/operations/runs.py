"""The run table: what there is, how it stands, and which run a word such as "best" means."""

from pathlib import Path

from tlstudio.domain.jobs import QUEUED_FILE
from tlstudio.domain.judged_apart import judged_apart
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run, best_run
from tlstudio.errors import TLStudioError
from tlstudio.jobs.outcome import words
from tlstudio.jobs.watcher import read_state
from tlstudio.messages import Message, message
from tlstudio.project import recorder
from tlstudio.project.project import Project

BEST = "best"


def list_runs(project: Project) -> list[Run]:
    """All runs by number, each as its journal says at this moment. Who may only read sees the same, without storing it."""
    recorder.ingest(project)
    return project.runs()


def find_run(project: Project, which: int | str) -> Run:
    """A run by its number, or the best on validation for "best". Raises `TLStudioError` where there is none."""
    runs = list_runs(project)
    if which == BEST:
        best = best_run(runs)
        if best is None:
            raise TLStudioError(
                message("run.none_usable", "No run of {project} has left a model yet.", project=project.name),
                message("run.none_usable.hint", "Train one first: press Train, or use `tlstudio train`."),
            )
        return best
    found = next((run for run in runs if str(run.number) == str(which).lstrip("0")), None)
    if found is None:
        numbers = ", ".join(str(run.number) for run in runs)
        raise TLStudioError(
            message("run.unknown", "{project} has no run {which}.", project=project.name, which=which),
            message("run.unknown.hint", "Its runs: {numbers}.", numbers=numbers) if numbers else message("run.none", "It has no runs yet."),
        )
    return found


def note_of_best(project: Project, which: int | str) -> Message | None:
    """What a person should know who asks for "best" where better figures are of other images; None for a run by its number."""
    return judged_apart(list_runs(project)) if which == BEST else None


def usable_run(project: Project, which: int | str) -> Run:
    """The same, of a run that has left a model. Raises `TLStudioError` where it has not."""
    run = find_run(project, which)
    if not run.is_usable:
        raise TLStudioError(
            message(
                "run.not_usable",
                "Run {number} has left no model. It says: {state}.",
                number=run.number,
                state=words(read_state(folder_of(project, run))),
            ),
            message("run.not_usable.hint", "Wait until it is done, continue it, or choose another run."),
        )
    return run


def startable_run(project: Project, number: int) -> tuple[Run, RunState]:
    """A run that waits to be started or can go on, and how it stands. Raises `TLStudioError` where it is neither."""
    run = find_run(project, number)
    state = read_state(folder_of(project, run))
    # One that never began, such as after a command for a cluster that nobody gave, may begin; where it has begun, its lock says so.
    is_ordered_only = state.status in (Status.QUEUED, Status.WAITING) and not state.attempt
    if not state.can_continue and not is_ordered_only:
        raise TLStudioError(
            message(
                "run.not_startable",
                "Run {number} cannot be continued: only one that waits, was interrupted or failed with a checkpoint. It says: {state}.",
                number=number,
                state=words(state),
            ),
            message("run.not_startable.hint", "Start or queue a new run instead; this one stays as it is."),
        )
    return run, state


def take_from_queue(project: Project, run: Run) -> None:
    """Take away the mark of a run that waits for its turn: whoever does starts it, and nobody else.

    Raises `TLStudioError` where somebody else has done so.
    """
    try:
        (folder_of(project, run) / QUEUED_FILE).unlink()
    except FileNotFoundError:
        raise not_queued(run.number) from None


def not_queued(number: int) -> TLStudioError:
    """A run that does not wait, or no longer."""
    return TLStudioError(
        message("queue.not_there", "Run {number} does not wait in the queue.", number=number),
        message("queue.not_there.hint", "It has been started or removed meanwhile. Nothing was changed."),
    )


def folder_of(project: Project, run: Run) -> Path:
    """Where a run lives."""
    return project.folder / run.folder_name
