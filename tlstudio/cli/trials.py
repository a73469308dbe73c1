"""`tlstudio sweep P`: trials of a recipe's settings, one after the other; their table as they end, and the best of them."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from tlstudio.cli.numbers import whole_from
from tlstudio.cli.opening import opened
from tlstudio.cli.queue import train_waiting
from tlstudio.cli.recipe_settings import pairs
from tlstudio.cli.terminal import EXIT_DONE, Terminal, counted, percent, table
from tlstudio.cli.train import add_recipe_arguments, recipe_without_leaks, require_said_once
from tlstudio.domain.recipe import RECIPES
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.run_state import RunState
from tlstudio.domain.setting_spec import SettingSpec, Value
from tlstudio.domain.setting_text import axis_of
from tlstudio.domain.trials import MOST_TRIALS, Axis, Leads, SearchKind, TrialPlan
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations import evaluating, trials
from tlstudio.operations.runs import find_run
from tlstudio.operations.trials import Sweep, TrialRow
from tlstudio.project.project import Project

_RECIPES = ("balanced", *(id for id in RECIPES if id != "balanced"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder; without --set its sweeps are listed")
    about_set = "what trials differ in: num_stages=1,2,3 or learning_rate=1e-4:1e-2:log or epochs=5:20; one value holds for all"
    add_recipe_arguments(parser, recipes=_RECIPES, about_set=about_set)
    parser.add_argument(
        "--kind",
        type=SearchKind,
        choices=tuple(SearchKind),
        metavar="KIND",
        help="grid: every combination (the default, a range is 3 values); random: by chance, made from --seed; "
        "tpe: by what the trials before came to (the extra optuna)",
    )
    parser.add_argument("--trials", type=whole_from(1), metavar="N", help=f"at most so many (default and most: {MOST_TRIALS})")
    parser.add_argument("--no-pruning", action="store_true", help="let every trial come to its end, however hopeless it is")
    parser.add_argument("--queue", action="store_true", help="let them wait for their turn instead of training them; see `tlstudio queue`")
    parser.add_argument("--override", default="", metavar="REASON", help="train in spite of a finding that blocks, as in `tlstudio train`")
    parser.add_argument("--mend-leaks", action="store_true", help="first move copies and groups that lie on both sides to one of them")
    parser.add_argument(
        "--cancel",
        type=whole_from(1),
        metavar="SWEEP",
        help="take the trials of a sweep that still wait out of the queue; nothing else may be given with it",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    if arguments.cancel is not None:
        about = f"--cancel takes what waits of sweep {arguments.cancel} out of the queue and begins none"
        _require_nothing_else(arguments, about, mend="leave it out")
        return _cancel(arguments, terminal)
    if not arguments.settings:
        _require_nothing_else(arguments, "without --set sweeps are listed and none is begun", mend="name settings with --set")
        return _list(arguments.project, terminal)
    with opened(arguments.project) as project:
        sweep = _order(project, arguments, terminal)
    if arguments.queue:
        lines = [f"Train them: tlstudio queue {quote(str(arguments.project))} --run"]
        terminal.result({"sweep": sweep, "queued": [row.run for row in sweep.trials]}, lines)
        return EXIT_DONE

    def on_ended(number: int, _state: RunState) -> None:
        with opened(arguments.project, writable=False) as project:
            rows = trials.find_sweep(project, sweep.id).trials
        for row in rows:
            if row.run == number:
                terminal.say(f"Trial {row.number} of {sweep.num_trials}: {_settings(sweep, row)} · {percent(row.balanced_accuracy)}")

    code = train_waiting(arguments.project, terminal, on_ended=on_ended)
    with opened(arguments.project, writable=False) as project:
        ended = trials.find_sweep(project, sweep.id)
        leads = _leads(project, ended)
        terminal.result({"sweep": ended, "best": ended.best, "leads": leads}, _lines(project, ended, leads))
    return code


def _require_nothing_else(arguments: argparse.Namespace, about: str, *, mend: str) -> None:
    """What orders a sweep means nothing where none is ordered. Raises `argparse.ArgumentError`."""
    orders = {"--network": arguments.network, "--weights": arguments.weights, "--device": arguments.device}
    orders |= {"--seed": arguments.seed is not None}
    orders |= {"--queue": arguments.queue, "--override": arguments.override, "--mend-leaks": arguments.mend_leaks}
    orders |= {"--set": arguments.settings, "--recipe": arguments.recipe, "--kind": arguments.kind}
    orders |= {"--trials": arguments.trials, "--no-pruning": arguments.no_pruning}
    given = [name for name, value in orders.items() if value]
    if given:
        raise argparse.ArgumentError(None, f"{about}, so {', '.join(given)} would change nothing: {mend}")


def _order(project: Project, arguments: argparse.Namespace, terminal: Terminal) -> Sweep:
    axes, fixed = _asked(arguments.settings)
    require_said_once(arguments)
    arguments.settings = fixed
    base = recipe_without_leaks(project, arguments, terminal)
    try:
        numbers = {"num_trials": arguments.trials or MOST_TRIALS, "seed": arguments.seed or 0}
        plan = TrialPlan(axes=axes, kind=arguments.kind or SearchKind.GRID, prunes=not arguments.no_pruning, **numbers)
    except ValueError as error:
        raise _no_sweep(error) from error
    ordered = trials.order_sweep(project, base, plan, override=arguments.override)
    for note in ordered.notes:
        terminal.say(note)
    sweep = trials.find_sweep(project, ordered.sweep)
    terminal.say(f"Sweep {sweep.id}: {counted(sweep.num_trials, 'trial')} in the queue.")
    return sweep


def _asked(given: Sequence[str]) -> tuple[tuple[Axis, ...], list[str]]:
    """What trials differ in, and the settings that are the same in all."""
    axes, fixed = [], []
    try:
        for item, (id, text) in zip(given, pairs(given), strict=True):
            axis = axis_of(SETTINGS[id], text)
            if axis is not None:
                axes.append(axis)
            else:
                fixed.append(item)
        if not axes:
            raise ValueError(f"{', '.join(given)} has one value only; name several, such as learning_rate=1e-4,1e-3, or a range")
    except ValueError as error:
        raise _no_sweep(error) from error
    return tuple(axes), fixed


def _no_sweep(error: ValueError) -> TLStudioError:
    return TLStudioError(
        message("sweep.bad", "That is no sweep: {reason}.", reason=str(error)),
        message("sweep.bad.hint", "`tlstudio sweep --help` says how values and ranges are written. Nothing was queued."),
    )


def _cancel(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project) as project:
        numbers = trials.cancel_rest(project, arguments.cancel)
    lines = [f"{counted(len(numbers), 'trial')} of sweep {arguments.cancel} taken out of the queue."]
    terminal.result({"sweep": arguments.cancel, "cancelled": numbers}, lines)
    return EXIT_DONE


def _list(folder: Path, terminal: Terminal) -> int:
    with opened(folder, writable=False) as project:
        found = trials.sweeps(project)
        leads = [_leads(project, sweep) for sweep in found]
        lines = [line for sweep, its in zip(found, leads, strict=True) for line in (*_lines(project, sweep, its), "")]
        terminal.result(
            {"sweeps": found, "leads": leads}, lines[:-1] or ["No sweep yet. Try one: tlstudio sweep P --set learning_rate=1e-4:1e-2:log"]
        )
    return EXIT_DONE


def _leads(project: Project, sweep: Sweep) -> Leads | None:
    """Which trials chance alone may have put below the best one; None where there are none to compare."""
    runs = [row.run for row in sweep.judged]
    return evaluating.leads_of(project, runs[0], runs[1:]) if sweep.best is not None and len(runs) > 1 else None


def _lines(project: Project, sweep: Sweep, leads: Leads | None) -> list[str]:
    """The trials, the best first, what the best one was trained with, and which others may be as good."""
    heading = ("trial", "run", *sweep.plan.settings, "balanced", "state")
    rows = [
        (str(row.number), str(row.run), *(_value(*cell) for cell in _cells(sweep, row)), percent(row.balanced_accuracy), row.words.text())
        for row in sorted(sweep.trials, key=lambda row: (-(row.balanced_accuracy or 0.0), row.number))
    ]
    lines = [
        f"Sweep {sweep.id} ({sweep.plan.kind}): {sweep.num_over} of {sweep.num_trials} trials are over",
        *table([heading, *rows], right=range(len(heading) - 1)),
    ]
    if sweep.is_one_head:
        return [*lines, "No trial was better than the head alone."]
    best = sweep.best
    if best is None or len(sweep.judged) == 1:
        return lines
    name = find_run(project, best.run).recipe.name
    figure = f"{percent(best.balanced_accuracy)} balanced on validation"
    lines.append(f"Best: trial {best.number} (run {best.run}, {name}), {_settings(sweep, best)}: {figure}")
    return [*lines, *_chance(sweep, leads)]


def _chance(sweep: Sweep, leads: Leads | None) -> list[str]:
    """In the words of the window."""
    if leads is None:
        return []
    near = ", ".join(f"trial {row.number}" for row in sweep.trials if row.run in leads.near)
    parts = [f"within chance of it, judged on the same images: {near}"] if near else []
    parts += [f"not compared: {len(leads.not_compared)}"] if leads.not_compared else []
    unread = ", ".join(f"trial {row.number}" for row in sweep.trials if row.run in leads.unread)
    parts += [f"answers that could not be read: {unread}"] if unread else []
    words = "; ".join(parts)
    return [words[:1].upper() + words[1:]] if words else []


def _cells(sweep: Sweep, row: TrialRow) -> list[tuple[SettingSpec, Value]]:
    return [(SETTINGS[id], value) for id, value in zip(sweep.plan.settings, row.values, strict=True)]


def _settings(sweep: Sweep, row: TrialRow) -> str:
    return ", ".join(f"{spec.id}={_value(spec, value)}" for spec, value in _cells(sweep, row))


def _value(spec: SettingSpec, value: Value) -> str:
    """As it is typed for `--set`."""
    if value is None:
        return spec.automatic.text() if spec.automatic is not None else ""
    if isinstance(value, tuple):
        return ",".join(f"{number:g}" for number in value)
    return value if isinstance(value, str) else f"{value:g}"
