"""`tlstudio evaluate P --run R`: figures with intervals, per class, and the confusion matrix."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal, counted, percent, table
from tlstudio.domain.report import ClassScore, Estimate, EvaluationReport
from tlstudio.domain.splits import Split
from tlstudio.operations.evaluating import evaluate_run
from tlstudio.operations.runs import note_of_best


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    parser.add_argument("--run", default="best", metavar="R", help="a run's number, or best (default)")
    parser.add_argument(
        "--split",
        type=Split,
        choices=[Split.TRAIN, Split.VAL, Split.TEST],
        help="which images judge (default: test, or val where the data has no test images); each look at the test images is counted",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project) as project:
        terminal.note(note_of_best(project, arguments.run))
        report = evaluate_run(project, arguments.run, arguments.split)
    terminal.result(report, report_lines(report))
    return EXIT_DONE


def report_lines(report: EvaluationReport) -> list[str]:
    """The report for people."""
    lines = [
        f"Run {report.run} on {counted(len(report.answers), f'{report.split.value} image')} ({_caution(report)})",
        *_shared(report),
        f"  accuracy           {estimate_words(report.accuracy)}",
        f"  balanced accuracy  {estimate_words(report.balanced_accuracy)}",
        f"  macro F1           {estimate_words(report.macro_f1)}",
        *([f"  no better than guessing: the commonest class is {percent(report.guess)}"] if report.is_no_better_than_guessing else []),
        "",
    ]
    return [*lines, *class_lines(report.classes, report.confusion)]


def class_lines(classes: Sequence[ClassScore], confusion: Sequence[tuple[int, ...]]) -> list[str]:
    """The per-class table and the confusion matrix."""
    rows = [("class", "precision", "recall", "F1", "images")]
    rows += [(item.name, percent(item.precision), percent(item.recall), percent(item.f1), str(item.num_images)) for item in classes]
    heading = ("", *(item.name for item in classes))
    cells = [_row(item.name, row) for item, row in zip(classes, confusion, strict=True)]
    return [*table(rows, right=(1, 2, 3, 4)), "", "truth \\ predicted", *table([heading, *cells], right=range(1, len(heading)))]


def _row(name: str, numbers: tuple[int, ...]) -> tuple[str, ...]:
    return (name, *(str(number) for number in numbers))


def _shared(report: EvaluationReport) -> list[str]:
    if not report.num_shared:
        return []
    what = "training shared 1 of these images" if report.num_shared == 1 else f"training shared {report.num_shared} of these images"
    return [f"  {what} (copies, near copies or groups): the figures are too good"]


def _caution(report: EvaluationReport) -> str:
    if report.split is Split.TRAIN:
        return "it has learned from these: no measure of anything new"
    if report.used_for_selection:
        return "also used for selection"
    return f"opened {report.num_openings} times" if report.num_openings != 1 else "opened once"


def estimate_words(estimate: Estimate) -> str:
    """A figure with its interval."""
    return f"{percent(estimate.value)}  (95 %: {percent(estimate.low)} to {percent(estimate.high)})"
