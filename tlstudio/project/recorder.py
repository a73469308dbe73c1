"""From the journals in the runs' folders to the rows of the run table: as often as one likes, with the same result."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tlstudio.domain import jobs
from tlstudio.domain.journal import decode_lines
from tlstudio.domain.manifest import Manifest, ManifestHeader, judged_on
from tlstudio.domain.recipe import decode_recipe
from tlstudio.domain.run_state import RunState, Status, apply
from tlstudio.domain.runs import Run
from tlstudio.files import FileLock
from tlstudio.log import logger
from tlstudio.project import layout
from tlstudio.project.project import Project

log = logger(__name__)

START_GRACE_S = 30.0
"""A job may take this long from its order to its first word before it is said to have been interrupted."""
_NUMBERED = re.compile(r"\d{4,}")


def ingest(project: Project) -> list[Run]:
    """Bring every row that is not at its end up to date, and add runs that are known on the disk alone.

    Returns the runs whose row changed. A project that is open for reading keeps the rows in memory.
    """
    rows = {run.number: run for run in project.runs()}
    changed = []
    for number, folder in run_folders(project.folder):
        row = rows.get(number)
        if row is not None and _is_at_its_end(row.status) and row.judged_on is not None:
            continue
        run = _updated(row or _found(number, folder), folder)
        if run is not None and run != row:
            project.record_run(run)
            changed.append(run)
    changed += _without_folder(project, rows)
    return changed


def run_folders(project_folder: Path) -> Iterator[tuple[int, Path]]:
    """Number and folder of every run on the disk, in order."""
    try:
        items = list((project_folder / layout.RUNS).iterdir())
    except OSError as error:
        log.info("no runs can be read in %s: %s", project_folder, error)
        return
    found = [item for item in items if _NUMBERED.fullmatch(item.name) and item.is_dir()]
    yield from sorted((int(item.name), item) for item in found)


def read_state(folder: Path) -> RunState:
    """The state of a job as its journal and its lock say; nothing is written. Raises `OSError` where the journal cannot be read."""
    state = fold(folder)
    if state.status.is_over:
        return state
    if (folder / jobs.QUEUED_FILE).exists():
        return msgspec.structs.replace(state, status=Status.QUEUED)
    if _is_ordered_just_now(folder):
        return msgspec.structs.replace(state, status=Status.WAITING)
    if _is_at_work(folder, state):
        return state
    # It may have ended between the first look at the journal and the look at its lock.
    state = fold(folder)
    return state if state.status.is_over else msgspec.structs.replace(state, status=Status.INTERRUPTED)


def fold(folder: Path) -> RunState:
    """The journal folded up to its last whole line; a state that waits where there is no journal yet."""
    state = RunState()
    try:
        data = (folder / jobs.JOURNAL_FILE).read_bytes()
    except FileNotFoundError:
        return state
    for line, _ in decode_lines(data):
        state = apply(state, line.event, time=line.time)
    return state


def _is_at_its_end(status: Status) -> bool:
    """An interrupted or a failed run may go on; the others have their last ending in their journal."""
    return status.is_over and status not in (Status.INTERRUPTED, Status.FAILED)


def _updated(run: Run | None, folder: Path) -> Run | None:
    if run is None:
        return None
    try:
        state = read_state(folder)
    except OSError as error:
        log.info("the journal in %s cannot be read now: %s", folder, error)
        return None
    known = run.judged_on if run.judged_on is not None else _judged_on(folder, may_come=not _is_at_its_end(state.status))
    told = msgspec.structs.replace(run, judged_on=known, ended_early=state.ended_early, pruned=state.pruned)
    return told if _is_at_its_end(run.status) else msgspec.structs.replace(told, status=state.status, summary=state.summary)


def _found(number: int, folder: Path) -> Run | None:
    """A row for a run that another program started here; None where its folder is not (yet) one of a run."""
    try:
        recipe = decode_recipe((folder / jobs.RECIPE_FILE).read_bytes())
        job = msgspec.json.decode((folder / jobs.JOB_FILE).read_bytes(), type=jobs.AnyJob)
        ordered_at = (folder / jobs.JOB_FILE).stat().st_mtime
    except (OSError, msgspec.DecodeError) as error:
        log.info("%s is not shown as a run: %s", folder, error)
        return None
    if not isinstance(job, jobs.TrainJob):
        return None
    return Run(
        number=number,
        recipe=recipe,
        weights_name=job.weights_name,
        created_at=job.created_at or ordered_at,
        status=Status.WAITING,
        num_classes=_num_classes(folder),
        override=job.override,
    )


def _judged_on(folder: Path, *, may_come: bool) -> str | None:
    """Empty where its manifest does not tell, or is gone and will not come; None where that cannot be read now."""
    try:
        return judged_on(Manifest.decode((folder / jobs.MANIFEST_FILE).read_bytes()))
    except OSError as error:
        log.info("the manifest in %s cannot be read now: %s", folder, error)
        return None if may_come or not isinstance(error, FileNotFoundError) else ""
    except (ValueError, IndexError) as error:
        log.info("it is not told what the run in %s was judged on: %s", folder, error)
        return ""


def _num_classes(folder: Path) -> int:
    try:
        with open(folder / jobs.MANIFEST_FILE, "rb") as file:
            return len(msgspec.json.decode(file.readline(), type=ManifestHeader).classes)
    except (OSError, msgspec.DecodeError):
        return 0


def _without_folder(project: Project, rows: dict[int, Run]) -> list[Run]:
    """A run whose folder is gone will not end by itself."""
    there = {number for number, _ in run_folders(project.folder)}
    lost = [run for number, run in rows.items() if number not in there and not run.status.is_over]
    ended = [msgspec.structs.replace(run, status=Status.INTERRUPTED) for run in lost]
    for run in ended:
        project.record_run(run)
    return ended


def _is_ordered_just_now(folder: Path) -> bool:
    """Whether its files were written a moment ago and it has said nothing since: its process is still loading.

    Looked at before the lock is, because trying a lock takes it for an instant, in which the job could not.
    """
    try:
        ordered_at = (folder / jobs.ENVIRONMENT_FILE).stat().st_mtime
    except OSError:
        return False
    try:
        spoke_at = (folder / jobs.JOURNAL_FILE).stat().st_mtime
    except OSError:
        spoke_at = 0.0
    return spoke_at <= ordered_at and abs(time.time() - ordered_at) < START_GRACE_S


def _is_at_work(folder: Path, state: RunState) -> bool:
    try:
        return FileLock(folder / jobs.LOCK_FILE).is_held_elsewhere()
    except OSError:
        # On a medium that only its owner may write, the lock cannot be tried: believe a journal that spoke lately.
        return state.last_at is not None and time.time() - state.last_at < state.silence_limit_s
