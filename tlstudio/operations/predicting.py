"""Using a run: a whole folder into a CSV as a job of its own, or a few images at once in the warm worker."""

from collections.abc import Sequence
from pathlib import Path

from tlstudio.domain.jobs import PREDICTIONS, PredictJob
from tlstudio.domain.runs import Run
from tlstudio.domain.serving import Answers
from tlstudio.errors import TLStudioError
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.launch import StartedJob, launch
from tlstudio.jobs.warm import WarmWorker
from tlstudio.messages import message
from tlstudio.operations import runs
from tlstudio.operations.outputs import checked_output
from tlstudio.operations.starting import CSV_OUTPUT, SOURCE_ROOT, environment_for
from tlstudio.project.project import Project


def predict_folder(
    project: Project,
    run: int | str,
    source: Path,
    csv: Path,
    *,
    warm: WarmWorker | None = None,
    device: str = "auto",
) -> StartedJob:
    """Start predicting every image below `source` with a run's model into the table `csv`. Raises `TLStudioError`.

    Columns: path, predicted, one probability a class, reason; an image that cannot be read is a row with its reason.
    """
    chosen = runs.usable_run(project, run)
    if not source.is_dir():
        raise TLStudioError(
            message("predict.not_a_folder", "{source} is not a folder.", source=str(source)),
            message("predict.not_a_folder.hint", "Give the folder that holds the images; folders in it are included."),
        )
    output = checked_output(csv, name=f"{project.name} run {chosen.number}.csv")
    environment = environment_for(project, roots={SOURCE_ROOT: source.absolute()}, outputs={CSV_OUTPUT: output}, device=device)
    folder = job_folders.claim(project.folder / PREDICTIONS)
    job_folders.write_order(folder, job=PredictJob(run=chosen.folder_name, source=SOURCE_ROOT, output=CSV_OUTPUT), environment=environment)
    return launch(folder, warm=warm)


def predict_images(project: Project, run: int | Run, files: Sequence[Path], warm: WarmWorker) -> Answers:
    """What a run says of a few files, in their order, with the run's own class names. Blocks; raises `TLStudioError`."""
    chosen = run if isinstance(run, Run) else runs.usable_run(project, run)
    if not chosen.is_usable:
        chosen = runs.usable_run(project, chosen.number)
    environment = environment_for(project)
    return warm.predict(runs.folder_of(project, chosen), environment, tuple(str(file.absolute()) for file in files))
