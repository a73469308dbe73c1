"""The sample's main job, once from images to an exported model: what `tlstudio demo` shows."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from tlstudio import files
from tlstudio.domain.events import Compared
from tlstudio.domain.findings import Fix, Severity
from tlstudio.domain.progress import Report
from tlstudio.domain.recipe import RECIPES
from tlstudio.domain.report import Estimate, EvaluationReport
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.jobs.launch import StartedJob
from tlstudio.messages import Message, message
from tlstudio.operations import exporting, health, predicting, projects, training, weights
from tlstudio.operations.evaluating import evaluate_run
from tlstudio.operations.runs import list_runs
from tlstudio.project.project import Project

RESULTS = "results"
_NUM_NEW = 6
_STRONGER = "stronger weights see more: `tlstudio weights import FILE`"

Say = Callable[[Message], None]
Follow = Callable[[StartedJob], RunState]


class JobEndedBadly(Exception):
    """A job of the demonstration did not come to its end."""

    def __init__(self, state: RunState) -> None:
        super().__init__(state.status)
        self.state = state


class DemoReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the demonstration found and where it put it."""

    project: str
    network: str
    weights: str
    run: int
    split: Split
    num_judged: int
    accuracy: Estimate
    model_file: str
    compared: Compared | None
    answers_file: str
    report_file: str
    guess: float
    """The accuracy of always giving the commonest class."""
    is_no_better_than_guessing: bool
    seconds: float

    def lines(self) -> list[str]:
        """For people."""
        figure = f"{100 * self.accuracy.value:.1f} % (95 %: {100 * self.accuracy.low:.1f} to {100 * self.accuracy.high:.1f} %)"
        lines = [
            f"Trained a new head on {self.network}, weights {self.weights}",
            f"Accuracy on {self.num_judged} {self.split.value} images: {figure}",
            f"Model for other programs: {self.model_file}",
            f"Answers to {_NUM_NEW} images:      {self.answers_file}",
            f"This report:               {self.report_file}",
            f"Project:                   {self.project}",
            f"All of it took {self.seconds:.0f} s. The images are made, not photographed; they show the way, not a result.",
        ]
        if self.compared is not None:
            same = f"  it gives the same answer as the app on {self.compared.num_same} of {self.compared.num_images} images"
            lines.insert(3, same)
        if self.is_no_better_than_guessing:
            lines.insert(2, f"  (no better than guessing, {100 * self.guess:.0f} %; {_STRONGER})")
        return lines


def run_demo(*, say: Say, report: Report, follow: Follow) -> DemoReport:
    """Open the sample, mend it, train, judge, export and predict; `follow` shows a started job until it is over.

    Raises `TLStudioError`, or `JobEndedBadly` where a job failed or was stopped.
    """
    began = time.monotonic()
    say(message("demo.open", "1. Opening the sample project with its images of particles"))
    project = projects.open_sample(report)
    try:
        return _go(project, began, say, follow)
    finally:
        project.close()


def _go(project: Project, began: float, say: Say, follow: Follow) -> DemoReport:
    _mend(project, say)
    results = project.folder / RESULTS
    results.mkdir(mode=0o700, exist_ok=True)
    number = _train(project, say, follow)
    judged = _judge(project, number, say)
    model = results / "model.onnx"
    say(message("demo.export", "4. Exporting the model and comparing it with the app"))
    exported = _ended_well(follow(exporting.export_run(project, number, "onnx", model)))
    answers = results / "answers.csv"
    say(message("demo.predict", "5. Asking the model about {num} images", num=_NUM_NEW))
    _ended_well(follow(predicting.predict_folder(project, number, _few_images(project, judged, results), answers)))
    row = next(run for run in list_runs(project) if run.number == number)
    demo = DemoReport(
        project=str(project.folder),
        network=row.recipe.network.architecture,
        weights=row.weights_name,
        run=number,
        split=judged.split,
        num_judged=len(judged.answers),
        accuracy=judged.accuracy,
        model_file=str(model),
        compared=exported.compared,
        answers_file=str(answers),
        report_file=str(results / "report.txt"),
        seconds=time.monotonic() - began,
        guess=judged.guess,
        is_no_better_than_guessing=judged.is_no_better_than_guessing,
    )
    files.write_json(results / "report.json", demo)
    files.write_bytes(results / "report.txt", ("\n".join(demo.lines()) + "\n").encode())
    return demo


def _mend(project: Project, say: Say) -> None:
    """Press the buttons of the findings that block training, as a person would."""
    data = project.dataset()
    say(
        message(
            "demo.data", "   {num} images, {aside} set aside because they cannot be read", num=len(data.samples), aside=len(data.set_aside)
        )
    )
    if not project.writable:
        return
    for finding in health.findings(project):
        if finding.severity is Severity.BLOCKS and finding.fix is not Fix.NONE:
            change = health.fix(project, finding)
            say(message("demo.mended", "   {title} {done}", title=finding.title.text(), done=change.words.text() if change.words else ""))


def _train(project: Project, say: Say, follow: Follow) -> int:
    network = weights.default_network()
    say(message("demo.train", "2. Training a new head on {network} with pretrained weights", network=network.architecture))
    started = training.start_training(project, RECIPES["quick"].build(network))
    for note in started.notes:
        say(message("demo.note", "   {note}", note=note.text()))
    state = _ended_well(follow(started))
    accuracy = state.summary.accuracy if state.summary is not None else 0.0
    say(
        message(
            "demo.trained",
            "   run {number}: {percent} % right on validation images",
            number=started.number,
            percent=f"{100 * accuracy:.1f}",
        )
    )
    return started.number


def _judge(project: Project, number: int, say: Say) -> EvaluationReport:
    say(message("demo.judge", "3. Judging it on images it has never seen"))
    try:
        return evaluate_run(project, number)
    except TLStudioError as error:
        if project.writable:
            raise
        say(message("demo.judge.val", "   {reason} The validation images judge instead.", reason=error.title.text()))
        return evaluate_run(project, number, Split.VAL)


def _few_images(project: Project, judged: EvaluationReport, results: Path) -> Path:
    """A folder with copies of a few judged images, as if they were new."""
    folder = results / "images"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    data = project.dataset()
    step = max(1, len(judged.answers) // _NUM_NEW)
    for answer in judged.answers[::step][:_NUM_NEW]:
        file = data.file_of(data.by_id[answer.sample])
        shutil.copyfile(file, folder / f"{judged.class_names[answer.truth]} {file.name}")
    return folder


def _ended_well(state: RunState) -> RunState:
    if state.status is not Status.FINISHED:
        raise JobEndedBadly(state)
    return state
