"""What the Evaluate panel does in the background: judge a run, and learn which splits it has answers for."""

from tlstudio.domain.runs import Run
from tlstudio.jobs.watcher import read_state
from tlstudio.operations.evaluating import evaluate_run
from tlstudio.project.project import Project
from tlstudio.ui.evaluate.viewmodel import Figures, Wanted


def load(project: Project, run: Run, wanted: Wanted) -> Figures:
    """Judge the run; for the test split this counts an opening. Blocks; raises `TLStudioError`."""
    report = evaluate_run(project, wanted.run, wanted.split)
    predicted = read_state(project.folder / run.folder_name).predictions
    return Figures(report=report, num_by_split=predicted.num_by_split if predicted else {wanted.split: len(report.answers)})
