"""Jobs beside the run table: what has been exported so far, and stopping an export or a folder prediction on its way."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from tlstudio.domain.jobs import ENVIRONMENT_FILE, Command, Environment, ExportJob
from tlstudio.domain.run_state import RunState
from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.jobs import control
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.watcher import read_state
from tlstudio.log import logger
from tlstudio.messages import message
from tlstudio.operations.starting import EXPORT_OUTPUT
from tlstudio.project import layout
from tlstudio.project.project import Project

log = logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Exported:
    """One export of a run, as its journal tells it."""

    number: int
    folder: Path
    format: str
    """A row of EXPORTERS."""
    output: Path
    is_there: bool
    """Whether the file is still where it was written."""
    state: RunState


def list_exports(project: Project, run: Run) -> list[Exported]:
    """The exports of a run, oldest first; folders that cannot be read are left out and logged."""
    parent = project.folder / layout.EXPORTS
    found = (_read(parent / f"{number:04d}", run) for number in job_folders.numbers(parent))
    return [item for item in found if item is not None]


def stop_job(folder: Path) -> None:
    """Ask an export or a folder prediction to stop. Raises `TLStudioError` where the word cannot be left for it."""
    try:
        control.send(folder, Command.STOP)
    except OSError as error:
        raise TLStudioError(
            message("job.not_told", "The job in {folder} could not be told to stop.", folder=str(folder)),
            message("job.not_told.hint", "The disk refused: {reason}. Free some space and try again.", reason=error.strerror or str(error)),
            details=str(error),
        ) from error


def _read(folder: Path, run: Run) -> Exported | None:
    try:
        job = job_folders.read_job(folder)
        if not isinstance(job, ExportJob) or job.run != run.folder_name:
            return None
        environment = msgspec.json.decode((folder / ENVIRONMENT_FILE).read_bytes(), type=Environment)
        output = Path(environment.outputs[EXPORT_OUTPUT])
    except (TLStudioError, OSError, msgspec.MsgspecError, KeyError) as error:
        log.info("the export in %s cannot be read: %s", folder, error)
        return None
    return Exported(
        number=int(folder.name), folder=folder, format=job.format, output=output, is_there=output.exists(), state=read_state(folder)
    )
