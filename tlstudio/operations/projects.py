"""Projects as a whole: make one, open one, the recent ones, the sample."""

import itertools
import re
from pathlib import Path

from tlstudio import paths
from tlstudio.domain.progress import Report, Stop, ignore
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.project import layout, recents, recorder
from tlstudio.project.lock import HolderKind
from tlstudio.project.project import Project
from tlstudio.project.recents import RecentProject

SAMPLE_NAME = "Sample particles"
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)


def create_project(folder: Path, *, kind: HolderKind = "command") -> Project:
    """A new, empty project in `folder`, open for writing. `kind` is what others are told who find it held."""
    project = Project.create(folder, kind=kind)
    recents.remember(recents.card(project))
    return project


def open_project(path: Path, writable: bool = True, *, kind: HolderKind = "command") -> Project:
    """Open a project by its folder or file, with the results of runs that went on meanwhile."""
    project = Project.open(path, writable=writable, kind=kind)
    try:
        recorder.ingest(project)
        recents.remember(recents.card(project))
    except BaseException:
        project.close()
        raise
    return project


def is_same(one: Project, other: Project) -> bool:
    """Whether two openings are of one project, also through a link or after its folder was moved; a copy is another one."""
    if one.id != other.id:
        return False
    try:
        return one.folder.samefile(other.folder)
    except OSError:  # the place one of them was opened at is gone: it is the other place now
        return True


def recent_projects() -> list[RecentProject]:
    """The projects that were open lately and are still there, the latest first."""
    return recents.load()


def forget_project(path: Path) -> None:
    """Take a project off the list of recent ones; its folder stays."""
    recents.forget(path)


def project_folder_for(source: Path) -> Path:
    """Where a dropped folder becomes a project: named after it, in Documents, beside any that has the name already."""
    name = _file_name(source.name or source.absolute().name)
    tries = (paths.projects_dir() / (name if number == 1 else f"{name} {number}") for number in itertools.count(1))
    return next(folder for folder in tries if not folder.exists())


def _file_name(name: str) -> str:
    """A name that every system takes for a folder."""
    name = " ".join(_FORBIDDEN.sub(" ", name).split()).strip(" .")[:80].strip(" .")
    return f"{name} images" if _RESERVED.match(name) else name or "Images"


def open_sample(report: Report = ignore, stop: Stop | None = None, *, kind: HolderKind = "command") -> Project:
    """The sample project, made with copies of its images the first time; work done in it stays.

    Raises `TLStudioError` where this installation has no sample.
    """
    source = paths.resources() / "sample"
    if not source.is_dir():
        raise TLStudioError(
            message("sample.missing", "The sample images are not in this installation."),
            message("sample.missing.hint", "Drop a folder of your own images instead, or install TL Studio again."),
        )
    folder = paths.projects_dir() / SAMPLE_NAME
    project = open_project(folder, kind=kind) if layout.is_project(folder) else create_project(folder, kind=kind)
    try:
        if project.writable and not _is_whole(project, source):
            _fill_sample(project, source, report, stop)
    except BaseException:
        project.close()
        raise
    return project


def _is_whole(project: Project, source: Path) -> bool:
    """Whether every image of the sample is in; an import that was stopped goes on with the rest."""
    from tlstudio.datasets.scan import scan

    return len(project.dataset().samples) >= len(scan(source).files)


def _fill_sample(project: Project, source: Path, report: Report, stop: Stop | None) -> None:
    # Imported here: opening a project must not load the decoder.
    from tlstudio.operations.importing import import_data

    import_data(project, source, copy=True, report=report, stop=stop)
    recents.remember(recents.card(project))
