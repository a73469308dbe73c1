"""Starting the job in a folder whose order is written: in the warm worker where one waits, else in a process of its own."""

from dataclasses import dataclass
from pathlib import Path

from tlstudio.errors import TLStudioError
from tlstudio.jobs.folder import processes_of
from tlstudio.jobs.process import JobProcess, start_job
from tlstudio.jobs.warm import WarmWorker
from tlstudio.messages import Message, message


@dataclass(frozen=True, kw_only=True)
class StartedJob:
    """A job on its way: watch it with `jobs.watcher`."""

    number: int
    folder: Path
    process: JobProcess
    notes: tuple[Message, ...] = ()
    """What a person should know of how it was started, such as images that were left out."""


def launch(folder: Path, *, warm: WarmWorker | None = None, notes: tuple[Message, ...] = ()) -> StartedJob:
    """Start the job in `folder`, in as many processes as its environment says.

    Raises `TLStudioError` where no process can be made; the folder stays and can be continued.
    """
    try:
        processes = processes_of(folder)
        taken = warm.run(folder) if warm is not None and processes == 1 else None
        process = taken or start_job(folder, processes=processes)
    except OSError as error:
        raise TLStudioError(
            message("job.no_process", "The job could not be started: {reason}.", reason=error.strerror or str(error)),
            message("job.no_process.hint", "Its order is kept in {folder}. Close other programs and continue it.", folder=str(folder)),
            details=str(error),
        ) from error
    return StartedJob(number=int(folder.name), folder=folder, process=process, notes=notes)
