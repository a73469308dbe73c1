"""`tlstudio runs P`: the run table, and the few things one can tell a run."""

import argparse
import datetime
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from tlstudio.cli.opening import opened, take_in
from tlstudio.cli.terminal import EXIT_DONE, Terminal, percent, table
from tlstudio.cli.watching import EXIT_BY_STATUS, watch
from tlstudio.domain.jobs import Command
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run, best_run, is_judged_alike, newest_usable
from tlstudio.jobs.outcome import words
from tlstudio.jobs.watcher import read_state
from tlstudio.operations import training
from tlstudio.operations.event_files import write_event_files
from tlstudio.operations.runs import find_run, folder_of, list_runs
from tlstudio.project.project import Project

_TOLD = {"pause": Command.PAUSE, "continue": Command.RUN, "stop": Command.STOP, "cancel": Command.CANCEL}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--watch", type=int, metavar="R", help="show a run's progress until it is over")
    one.add_argument("--pause", type=int, metavar="R", help="let a run wait")
    one.add_argument("--continue", type=int, metavar="R", help="let a waiting run go on")
    one.add_argument("--stop", type=int, metavar="R", help="stop a run and keep its best state")
    one.add_argument("--cancel", type=int, metavar="R", help="stop a run and keep nothing")
    one.add_argument("--discard", type=int, metavar="R", help="remove a run and its folder")
    one.add_argument("--tensorboard", type=Path, metavar="FOLDER", help="write the curves as files that TensorBoard shows")
    parser.add_argument("--run", metavar="R", help="show or write only this run, by its number, or best (default: all)")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    given = vars(arguments)
    _require_one_run(arguments)
    if arguments.watch is not None:
        return _watch(arguments, terminal)
    if arguments.tensorboard is not None:
        return _write_event_files(arguments, terminal)
    for name, command in _TOLD.items():
        if given[name] is not None:
            with opened(arguments.project, writable=False) as project:
                training.send_command(project, given[name], command)
            terminal.result({"run": given[name], "told": command}, [f"Run {given[name]} was told: {name}"])
            return EXIT_DONE
    with opened(arguments.project, writable=arguments.discard is not None) as project:
        if arguments.discard is not None:
            find_run(project, arguments.discard)
            training.discard_run(project, arguments.discard)
            terminal.say(f"Run {arguments.discard} is gone.")
        runs = list_runs(project)
        shown = runs if arguments.run is None else [find_run(project, arguments.run)]
        best = _best_number(runs)
        newest = newest_usable(runs)
        apart = {} if newest is None else {run.number: newest.number for run in runs if _is_apart(run, newest)}
        answer = {"project": project.name, "runs": shown, "best": best, "other_data": sorted(apart)}
        terminal.result(answer, _lines(project, shown, best, apart))
    return EXIT_DONE


def _require_one_run(arguments: argparse.Namespace) -> None:
    """Who names a run to do something with names no other one. Raises `argparse.ArgumentError`."""
    named = [name for name in ("watch", "discard", *_TOLD) if vars(arguments)[name] is not None]
    if named and arguments.run is not None:
        raise argparse.ArgumentError(None, f"--{named[0]} says which run is meant, so --run would change nothing: leave it out")


def _watch(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project, writable=False) as project:
        found = find_run(project, arguments.watch)
        folder = folder_of(project, found)
    state = watch(folder, terminal)
    take_in(arguments.project, terminal)
    terminal.result({"run": found.number, "status": state.status, "summary": state.summary}, [f"Run {found.number}: {words(state)}"])
    return EXIT_BY_STATUS.get(state.status, EXIT_DONE)


def _write_event_files(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project, writable=False) as project:
        runs = list_runs(project) if arguments.run is None else [find_run(project, arguments.run)]
        written = write_event_files(project, runs, arguments.tensorboard)
    lines = [f"Wrote {file}" for file in written] or [_no_curves(runs, arguments.run)]
    if written:
        lines.append(f"Look at them: tensorboard --logdir {quote(str(arguments.tensorboard))}")
    terminal.result({"files": [str(file) for file in written]}, lines)
    return EXIT_DONE


def _no_curves(runs: list[Run], asked: str | None) -> str:
    which = "No run" if asked is None else f"Run {runs[0].number}"
    return f"{which} has {'curves yet' if asked is None else 'no curves'}; nothing was written."


def _best_number(runs: list[Run]) -> int | None:
    best = best_run(runs)
    return best.number if best is not None else None


def _is_apart(run: Run, newest: Run) -> bool:
    """Whether its figures must not be compared with those of `newest`; one that failed is told without any."""
    return run.summary is not None and run.status is not Status.FAILED and not is_judged_alike(run, newest)


def _lines(project: Project, runs: list[Run], best: int | None, apart: Mapping[int, int]) -> list[str]:
    """`apart`: the numbers of runs judged on other data than the newest, each with the number of that."""
    if not runs:
        return [f"{project.name} has no runs yet. Train one: tlstudio train {quote(str(project.folder))}"]
    rows = [("run", "recipe", "network", "weights", "seed", "validation", "balanced", "", "started", "state")]
    for run in runs:
        rows.append(
            (
                f"{run.number}{' *' if run.number == best else ''}",
                run.recipe.name,
                run.recipe.network.architecture,
                run.weights_name or "random",
                str(run.recipe.seed),
                percent(run.summary.accuracy if run.summary else None),
                percent(run.summary.balanced_accuracy if run.summary else None),
                "other data" if run.number in apart else "",
                datetime.datetime.fromtimestamp(run.created_at).strftime("%Y-%m-%d %H:%M"),
                words(read_state(folder_of(project, run))).text(),
            )
        )
    lines = table(rows, right=(4, 5, 6))
    told = {run.number for run in runs}
    if best in told:
        lines.append("* best on validation")
    if newest := next((newest for number, newest in apart.items() if number in told), None):
        lines.append(
            f"other data: judged on other validation images or other labels than run {newest}, the newest that is done: not to be compared"
        )
    return lines
