"""Is a project whole? Everything that can be verified is read; nothing is changed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from tlstudio import files
from tlstudio.domain.problems import Problem
from tlstudio.domain.progress import Progress, Report, Stop, ignore
from tlstudio.domain.runs import Run
from tlstudio.domain.samples import Root, Sample
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.operations.checking_jobs import job_problems
from tlstudio.project import layout, migrations, queries, recorder, sweeping
from tlstudio.project.database import Database

_MOST = 20
"""Rows of one check; more of the same would say nothing new."""

_RESTORES = message("check.database.hint", "Open the project: it is then restored from its newest backup, and the damaged file is kept.")
_REWRITES = message("check.file.hint", "Open the project: the file is then written again from the database.")
_RECONNECT = message("check.images.hint", "Connect the drive or put the folder back where it was. Runs that are done do not need them.")
_SWEPT = message("check.temporary.hint", "A program was killed while it wrote. Opening the project removes the file; nothing is lost.")
_RUN_GONE = message("check.run_gone.hint", "Put the folder back from a copy, or discard the run.")
_UPDATE = message("check.newer.hint", "Check it with the version that made it, or a later one.")


def check(project_path: Path, *, report: Report = ignore, stop: Stop | None = None) -> list[Problem]:
    """Everything that is wrong with the project at `project_path`; empty for a sound one.

    Raises `TLStudioError` where there is no project. May run while somebody works on it: what is being written is passed over.
    """
    folder = layout.folder_of(project_path)
    found: list[Problem] = []
    for done, (what, one) in enumerate(CHECKS.values()):
        if stop is not None and stop.is_set():
            break
        report(Progress(what=what, done=done, total=len(CHECKS)))
        found += list(one(folder))
    return found


def _project_file(folder: Path) -> Iterator[Problem]:
    file = layout.project_file_in(folder)
    if file is None:
        title = message("check.file_missing", "The small file that opens the project is missing.")
        yield Problem(check="project", file=f"{folder.name}{layout.SUFFIX}", title=title, hint=_REWRITES)
        return
    info = layout.read_project_file(file)
    if info is None:
        yield Problem(check="project", file=file.name, title=message("check.file_damaged", "It cannot be understood."), hint=_REWRITES)
    elif info.format > layout.FORMAT_VERSION:
        title = message("check.newer", "The project was made by a newer version of TL Studio (format {version}).", version=info.format)
        yield Problem(check="project", file=file.name, title=title, hint=_UPDATE)


def _database(folder: Path) -> Iterator[Problem]:
    try:
        database = _open(folder)
    except TLStudioError as error:
        yield Problem(check="database", file=layout.DATABASE, title=error.title, hint=_RESTORES)
        return
    try:
        for text in database.problems(thorough=True)[:_MOST]:
            title = message("check.database", "The database contradicts itself: {what}", what=text)
            yield Problem(check="database", file=layout.DATABASE, title=title, hint=_RESTORES)
    finally:
        database.close()


def _images(folder: Path) -> Iterator[Problem]:
    """Linked or copied files that are not where they were, counted by place."""
    for root, samples in _samples_by_root(folder):
        missing = [sample.path for sample in samples if not Path(root.path, sample.path).is_file()]
        if missing:
            title = message(
                "check.images",
                "{number} of {total} images are not at their place, such as {image}.",
                number=len(missing),
                total=len(samples),
                image=missing[0],
            )
            yield Problem(check="images", file=root.path, title=title, hint=_RECONNECT, is_harmless=not root.copied)


def _runs(folder: Path) -> Iterator[Problem]:
    there = dict(recorder.run_folders(folder))
    rows: list[Run] = _read(folder, queries.runs, [])
    for run in rows:
        if run.number not in there:
            title = message("check.run_gone", "The folder of run {number} is gone.", number=run.number)
            yield Problem(check="run", file=run.folder_name, title=title, hint=_RUN_GONE)
    for kind in layout.JOBS:
        for job in sorted(item for item in (folder / kind).glob("*/") if item.name.isdigit()):
            yield from job_problems(job, name=f"{kind}/{job.name}")


def _temporary(folder: Path) -> Iterator[Problem]:
    lock = files.FileLock(folder / layout.LOCK)
    try:
        ours = [] if lock.is_held_elsewhere() else sweeping.orphans_of_project(folder)
    except OSError:
        ours = sweeping.orphans_of_project(folder)
    for file in [*ours, *sweeping.orphans_of_jobs(folder)][:_MOST]:
        title = message("check.temporary", "A temporary file was left behind.")
        yield Problem(check="temporary", file=file.relative_to(folder).as_posix(), title=title, hint=_SWEPT, is_harmless=True)


Check = Callable[[Path], Iterator[Problem]]
T = TypeVar("T")

CHECKS: dict[str, tuple[Message, Check]] = {
    "project": (message("check.doing.project", "The project's file"), _project_file),
    "database": (message("check.doing.database", "The database"), _database),
    "images": (message("check.doing.images", "Images"), _images),
    "runs": (message("check.doing.runs", "Runs"), _runs),
    "temporary": (message("check.doing.temporary", "Temporary files"), _temporary),
}


def _samples_by_root(folder: Path) -> list[tuple[Root, list[Sample]]]:
    known: list[Sample] = _read(folder, queries.samples, [])
    samples = [sample for sample in known if sample.width_px]
    roots: tuple[Root, ...] = _read(folder, lambda database: queries.roots(database, folder), ())
    return [(root, [sample for sample in samples if sample.root == root.id]) for root in roots]


def _open(folder: Path) -> Database:
    """For reading, beside whoever writes. Raises `TLStudioError`."""
    try:
        return Database(folder / layout.DATABASE, writable=False)
    except TLStudioError:
        return Database(folder / layout.DATABASE, writable=False, immutable=True)


def _read(folder: Path, question: Callable[[Database], T], otherwise: T) -> T:
    """The database's answer; `otherwise` where it has none, which its own check has told."""
    try:
        database = _open(folder)
    except TLStudioError:
        return otherwise
    try:
        return question(database) if migrations.version(database) == migrations.current() else otherwise
    except TLStudioError:
        return otherwise
    finally:
        database.close()
