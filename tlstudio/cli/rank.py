"""`tlstudio rank P`: which network on this computer sees the classes of these images best, and how fast; nothing is trained."""

import argparse
from pathlib import Path

from tlstudio.cli.numbers import whole_from
from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal, table
from tlstudio.cli.watching import EXIT_BY_STATUS, failure_lines, watch
from tlstudio.domain.events import NetworkPassed
from tlstudio.domain.folds import FEWEST_FOLDS, MOST_FOLDS, FoldPlan
from tlstudio.domain.ranking import Ranking, fit_words
from tlstudio.domain.run_state import RunState, Status
from tlstudio.jobs.outcome import words
from tlstudio.operations import looks, preferences, weights
from tlstudio.operations.ranking import report_of, start_ranking


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    parser.add_argument(
        "--weights",
        nargs="+",
        metavar="NAME",
        help="only these sets of weights, by name, architecture or hash (default: all that are here)",
    )
    parser.add_argument(
        "--folds",
        type=int,
        default=5,
        choices=range(FEWEST_FOLDS, MOST_FOLDS + 1),
        metavar="K",
        help=f"parts that each judge once, {FEWEST_FOLDS} to {MOST_FOLDS} (default: 5); copies and groups stay in one",
    )
    parser.add_argument("--seed", type=whole_from(0), default=0, metavar="N", help="the folds are made from this number (default: 0)")
    parser.add_argument(
        "--device", metavar="D", help="auto, cpu, mps (Apple GPU, untested) or cuda:0 (default: what is set in the window, else auto)"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    plan = FoldPlan(num_folds=arguments.folds, seed=arguments.seed)
    cards = list({card.hash: card for card in map(weights.find_weights, arguments.weights)}.values()) if arguments.weights else None
    with opened(arguments.project) as project:
        looks.look_at_missing(project, for_leaks=True, report=terminal.report)
        device = arguments.device or preferences.load().device
        started = start_ranking(project, cards=cards, plan=plan, device=device)
    for note in started.notes:
        terminal.say(note)
    state = watch(started.folder, terminal, process=started.process)
    report = report_of(started.folder, state, device=device)
    document = {
        "status": state.status,
        "words": words(state).text(),
        "plan": plan,
        "report": report,
        "advice": report.advice.text() if report is not None else None,
        "passed": [{"weights": item.weights, "name": item.name, "reason": item.reason.text()} for item in state.passed],
        "warnings": [warning.text() for warning in state.warnings],
        "folder": str(started.folder),
        "failure": state.failure,
    }
    terminal.result(document, _lines(state, report))
    return EXIT_BY_STATUS.get(state.status, EXIT_DONE)


def _lines(state: RunState, report: Ranking | None) -> list[str]:
    ending = failure_lines(state) if state.status is not Status.FINISHED or report is None else []
    return [*(report_lines(report) if report is not None else []), *passed_lines(state.passed), *ending]


def report_lines(report: Ranking) -> list[str]:
    """The ranking for people."""
    heading = ("network", "fit", "images/s here", "")
    rows = [
        (item.name, fit_words(item.fit), f"{item.images_per_second:,.0f}", _mark(report, item.weights, is_as_good=item.is_as_good))
        for item in report.networks
    ]
    return [
        f"{report.num_folds} folds of {report.networks[0].num_images:,} training and validation images (the test set took no part)",
        *table([heading, *rows], right=(2,)),
        "  fit: balanced accuracy of a linear head on cached features, with its 95 % interval; nothing was trained",
        "",
        report.advice.text(),
    ]


def passed_lines(passed: tuple[NetworkPassed, ...]) -> list[str]:
    """The networks that could not be ranked."""
    return [f"{item.name} was passed over. {item.reason.text()}" for item in passed]


def _mark(report: Ranking, weights: str, *, is_as_good: bool) -> str:
    if weights == report.advised:
        return "advised"
    return "as good" if is_as_good and weights != report.networks[0].weights else ""
