"""A dropped folder or archive becomes a project without a dialog; one without images is refused before anything is made.

A packed project is put beside the others and opened.
"""

from pathlib import Path

from tlstudio.datasets.scan import scan
from tlstudio.domain.progress import Report, Stop, ignore
from tlstudio.operations import import_refusals as refusals
from tlstudio.operations import projects
from tlstudio.operations.unarchiving import unarchive_project
from tlstudio.operations.unpacking import is_archive, require_sound
from tlstudio.project.lock import HolderKind
from tlstudio.project.project import Project


def project_for_folder(source: Path, *, stop: Stop | None = None, kind: HolderKind = "window") -> Project | None:
    """A new, empty project named after `source`, for its images to be imported into; None where it was stopped: nothing is made then.

    Raises `TLStudioError` where `source` cannot be read or holds no image, or no project can be made.
    """
    if is_archive(source):
        require_sound(source)
        return projects.create_project(projects.project_folder_for(source.with_suffix("")), kind=kind)
    if not source.is_dir():
        raise refusals.not_there(source)
    try:
        found = scan(source.absolute(), stop=stop)
    except OSError as error:
        raise refusals.not_readable(source, error) from error
    if found.was_stopped or (stop is not None and stop.is_set()):
        return None
    if not found.files:
        raise refusals.nothing_found(found)
    return projects.create_project(projects.project_folder_for(source), kind=kind)


def project_of_archive(archive: Path, *, report: Report = ignore, stop: Stop | None = None, kind: HolderKind = "window") -> Project | None:
    """The project in `archive`, verified, put in a folder of the archive's name; None where it was stopped. Raises `TLStudioError`."""
    folder = unarchive_project(archive, projects.project_folder_for(archive.with_suffix("")), report=report, stop=stop).folder
    return projects.open_project(folder, kind=kind) if folder is not None else None
