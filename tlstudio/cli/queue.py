"""`tlstudio queue P`: the runs that wait for their turn; with --run they are trained one after the other."""

import argparse
from collections.abc import Callable
from pathlib import Path
from shlex import quote

from tlstudio.cli.numbers import whole_from
from tlstudio.cli.opening import opened, take_in
from tlstudio.cli.terminal import EXIT_DONE, Terminal
from tlstudio.cli.watching import EXIT_BY_STATUS, failure_lines, watch
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.trials import Trial
from tlstudio.errors import TLStudioError
from tlstudio.jobs.outcome import words
from tlstudio.messages import message
from tlstudio.operations import queueing
from tlstudio.operations.runs import find_run
from tlstudio.operations.trials import trials_of
from tlstudio.project.project import Project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--run", action="store_true", help="train them one after the other until none waits")
    one.add_argument("--first", type=whole_from(1), metavar="R", help="let a run be the next one")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    if arguments.run:
        return run_queue(arguments.project, terminal)
    with opened(arguments.project, writable=arguments.first is not None) as project:
        if arguments.first is not None:
            queueing.move(project, arguments.first, before=next(iter(queueing.order(project)), None))
        numbers = queueing.order(project)
        terminal.result({"project": project.name, "queue": numbers}, _lines(project, numbers))
    return EXIT_DONE


def run_queue(folder: Path, terminal: Terminal) -> int:
    """Train what waits, one after the other, and say what came of it; the worst exit code of them."""
    ended: list[dict[str, object]] = []

    def on_ended(number: int, state: RunState) -> None:
        ended.append({"run": number, "status": state.status, "summary": state.summary})

    code = train_waiting(folder, terminal, on_ended=on_ended)
    terminal.result({"runs": ended}, [] if ended else ["No run waits."])
    return code


def train_waiting(folder: Path, terminal: Terminal, *, on_ended: Callable[[int, RunState], object]) -> int:
    """Train what waits, one after the other; the worst exit code of them. A run that fails does not keep the others.

    Raises `TLStudioError` where none can start because another run is under way.
    """
    code, num_started = EXIT_DONE, 0
    while True:
        with opened(folder) as project:
            started = queueing.start_next(project)
            waiting = len(queueing.order(project))
        if started is None:
            if waiting and not num_started:
                raise _under_way(folder, waiting)
            return code
        num_started += 1
        terminal.say(f"Run {started.number}{_more(waiting)}")
        state = watch(started.folder, terminal, process=started.process)
        take_in(folder, terminal)
        for line in _ended(started.number, state):
            terminal.say(line)
        on_ended(started.number, state)
        code = max(code, EXIT_BY_STATUS.get(state.status, EXIT_DONE))
        if state.status is Status.INTERRUPTED:
            return code  # this command was told to end


def _more(num_waiting: int) -> str:
    if not num_waiting:
        return ""
    return f" · {num_waiting} more {'waits' if num_waiting == 1 else 'wait'}"


def _under_way(folder: Path, num_waiting: int) -> TLStudioError:
    return TLStudioError(
        message("queue.busy", "Another run is under way, so none of the queue was started ({waiting} in it).", waiting=num_waiting),
        message(
            "queue.busy.hint",
            "They wait on. `tlstudio runs {folder}` lists the run; when it is over: tlstudio queue {folder} --run",
            folder=quote(str(folder)),
        ),
    )


def _ended(number: int, state: RunState) -> list[str]:
    lines = [f"Run {number}: {words(state)}"]
    return lines + failure_lines(state) if state.status is Status.FAILED else lines


def _trial(trial: Trial | None) -> str:
    return "" if trial is None else f", trial {trial.number} of sweep {trial.sweep}"


def _lines(project: Project, numbers: list[int]) -> list[str]:
    if not numbers:
        return ["No run waits. Add one: tlstudio train P --queue"]
    rows = [(number, find_run(project, number).recipe) for number in numbers]
    trials = trials_of(project, numbers)
    lines = [
        f"{place}. run {number}: {recipe.name}, {recipe.network.architecture}, seed {recipe.seed}{_trial(trials.get(number))}"
        for place, (number, recipe) in enumerate(rows, 1)
    ]
    return [*lines, f"Train them: tlstudio queue {quote(str(project.folder))} --run"]
