"""`tlstudio crossvalidate P`: each fold of the training and validation images judged by a head that learned from the others."""

import argparse
from pathlib import Path

from tlstudio.cli.evaluate import class_lines, estimate_words
from tlstudio.cli.network import add_network_arguments, choose_network
from tlstudio.cli.numbers import whole_from
from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal, percent, table
from tlstudio.cli.watching import EXIT_BY_STATUS, failure_lines, watch
from tlstudio.domain.folds import FEWEST_FOLDS, MOST_FOLDS, FoldPlan
from tlstudio.domain.report import CrossValidationReport
from tlstudio.jobs.outcome import words
from tlstudio.operations import looks, preferences
from tlstudio.operations.crossvalidating import report_of, start_cross_validation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    parser.add_argument(
        "--folds",
        type=int,
        default=5,
        choices=range(FEWEST_FOLDS, MOST_FOLDS + 1),
        metavar="K",
        help=f"parts that each judge once, {FEWEST_FOLDS} to {MOST_FOLDS} (default: 5); copies and groups stay in one",
    )
    add_network_arguments(parser)
    parser.add_argument("--seed", type=whole_from(0), default=0, metavar="N", help="the folds are made from this number (default: 0)")
    parser.add_argument(
        "--device", metavar="D", help="auto, cpu, mps (Apple GPU, untested) or cuda:0 (default: what is set in the window, else auto)"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    plan = FoldPlan(num_folds=arguments.folds, seed=arguments.seed)
    with opened(arguments.project) as project:
        network = choose_network(project, arguments, terminal)
        looks.look_at_missing(project, for_leaks=True, report=terminal.report)
        device = arguments.device or preferences.load().device
        started = start_cross_validation(project, network, plan, device=device)
    for note in started.notes:
        terminal.say(note)
    state = watch(started.folder, terminal, process=started.process, keeps_best=False)
    report = report_of(started.folder, state)
    document = {
        "status": state.status,
        "words": words(state).text(),
        "network": network,
        "plan": plan,
        "report": report,
        "num_failed": state.num_failed,
        "warnings": [warning.text() for warning in state.warnings],
        "notes": [note.text() for note in started.notes],
        "folder": str(started.folder),
        "failure": state.failure,
    }
    terminal.result(document, failure_lines(state) if report is None else report_lines(report))
    return EXIT_BY_STATUS.get(state.status, EXIT_DONE)


def report_lines(report: CrossValidationReport) -> list[str]:
    """The report for people."""
    heading = ("fold", "learned from", "judged", "accuracy", "balanced", "penalty")
    rows = [
        (
            str(item.fold + 1),
            str(item.num_train),
            str(item.num_images),
            percent(item.accuracy),
            percent(item.balanced_accuracy),
            f"{item.penalty:g}",
        )
        for item in report.folds
    ]
    return [
        f"{len(report.folds)} folds of {report.num_images} training and validation images (the test set took no part)",
        *_about_units(report),
        f"  accuracy           {estimate_words(report.accuracy)}",
        f"  balanced accuracy  {estimate_words(report.balanced_accuracy)}",
        "  mean of the folds; corrected t interval (Nadeau and Bengio 2003)",
        "",
        *table([heading, *rows], right=range(len(heading))),
        "",
        f"All folds together: {percent(report.pooled_accuracy)} of the images right",
        *class_lines(report.classes, report.confusion),
    ]


def _about_units(report: CrossValidationReport) -> list[str]:
    if report.num_units == report.num_images:
        return []
    return [f"  {report.num_units} units of them are independent: copies and groups stay in one fold"]
