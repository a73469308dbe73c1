"""Taking a model away: an export is written and compared with the app before it is handed over."""

from pathlib import Path

from tlstudio.domain.exporters import EXPORTERS
from tlstudio.domain.jobs import ExportJob
from tlstudio.errors import TLStudioError
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.launch import StartedJob, launch
from tlstudio.jobs.warm import WarmWorker
from tlstudio.messages import message
from tlstudio.operations import runs
from tlstudio.operations.outputs import checked_output
from tlstudio.operations.starting import EXPORT_OUTPUT, environment_for
from tlstudio.project import layout
from tlstudio.project.project import Project


def export_run(project: Project, run: int | str, format: str, output: Path, *, warm: WarmWorker | None = None) -> StartedJob:
    """Start writing a run's model to `output` in a format of EXPORTERS. Raises `TLStudioError`."""
    spec = EXPORTERS.get(format)
    if spec is None:
        raise TLStudioError(
            message("export.unknown_format", "There is no export called {format}.", format=format),
            message("export.unknown_format.hint", "Formats: {formats}.", formats=", ".join(EXPORTERS)),
        )
    chosen = runs.usable_run(project, run)
    file = checked_output(output, name=f"{project.name} run {chosen.number}{spec.suffix}")
    environment = environment_for(project, outputs={EXPORT_OUTPUT: file})
    folder = job_folders.claim(project.folder / layout.EXPORTS)
    job_folders.write_order(folder, job=ExportJob(run=chosen.folder_name, format=format, output=EXPORT_OUTPUT), environment=environment)
    return launch(folder, warm=warm)
