"""`tlstudio train P`: train, watch, and say what came of it."""

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

import msgspec

from tlstudio.cli.network import add_network_arguments, choose_network
from tlstudio.cli.numbers import number_or_auto, whole_from
from tlstudio.cli.opening import opened, take_in
from tlstudio.cli.queue import run_queue
from tlstudio.cli.recipe_settings import apply_settings, listed, pairs
from tlstudio.cli.terminal import EXIT_DONE, Terminal, duration, percent
from tlstudio.cli.watching import EXIT_BY_STATUS, failure_lines, watch
from tlstudio.domain.estimates import work_s
from tlstudio.domain.recipe import RECIPES, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.jobs.launch import StartedJob
from tlstudio.jobs.outcome import kept_words, soup_words, words
from tlstudio.messages import message
from tlstudio.operations import devices, estimates, health, looks, preferences, queueing, repeats, training
from tlstudio.operations.runs import find_run
from tlstudio.project.project import Project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    add_recipe_arguments(parser, recipes=tuple(RECIPES))
    parser.add_argument(
        "--seeds",
        type=whole_from(1),
        metavar="N",
        help="train with the next N seeds from --seed on that this recipe has not had, and say how far apart they are",
    )
    parser.add_argument(
        "--processes",
        type=number_or_auto,
        metavar="N",
        help="train in N processes of this machine, each on a graphics card of its own where there is one; auto: one for each card",
    )
    parser.add_argument("--queue", action="store_true", help="let it wait for its turn instead of starting it; see `tlstudio queue`")
    parser.add_argument(
        "--override",
        default="",
        metavar="REASON",
        help="train in spite of a finding that blocks; the reason stays with the run, and its report says so",
    )
    parser.add_argument("--mend-leaks", action="store_true", help="first move copies and groups that lie on both sides to one of them")
    parser.add_argument(
        "--resume",
        type=whole_from(1),
        metavar="R",
        help="continue the interrupted or failed run of this number as it was ordered, or start it where it waits; "
        "only --device and --processes may be given with it",
    )


def add_recipe_arguments(parser: argparse.ArgumentParser, *, recipes: tuple[str, ...], about_set: str = "") -> None:
    """What `asked_recipe` reads; the first of `recipes` is the default. `about_set` is the help of --set where it means more."""
    parser.epilog = f"{_recipes(recipes)}\n\n{listed()}\n\n{parser.epilog or ''}"
    parser.set_defaults(first_recipe=recipes[0])
    parser.add_argument("--recipe", choices=recipes, help=f"listed below (default: {recipes[0]})")
    add_network_arguments(parser)
    parser.add_argument("--seed", type=whole_from(0), metavar="N", help="all chance is made from this number (default: 0)")
    parser.add_argument(
        "--device", metavar="D", help="auto, cpu, mps (Apple GPU, untested) or cuda:0 (default: what is set in the window, else auto)"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="settings",
        help=about_set or "any setting of the recipe, such as epochs=5",
    )


def _recipes(names: Sequence[str]) -> str:
    """What each does, for the end of a command's help."""
    lines = (f"  {id:<10}{textwrap.fill(RECIPES[id].sentence.text(), 100, subsequent_indent=' ' * 12)}" for id in names)
    return "\n".join(["recipes for --recipe:", *lines])


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    if arguments.resume is not None:
        _require_nothing_else(arguments)
    if arguments.queue or (arguments.seeds or 1) > 1:
        return _run_queued(arguments, terminal)
    with opened(arguments.project) as project:
        started = _start(project, arguments, terminal)
        folder = project.folder
    # The project is given back while the job runs: a window may open it, and this command may be killed.
    for note in started.notes:
        terminal.say(note)
    state = watch(started.folder, terminal, process=started.process)
    take_in(folder, terminal)
    terminal.result(_document(started, state), _lines(arguments.project, started, state))
    return EXIT_BY_STATUS.get(state.status, EXIT_DONE)


def _require_nothing_else(arguments: argparse.Namespace) -> None:
    """A run that goes on is what it was ordered as. Raises `argparse.ArgumentError`."""
    orders = {"--network": arguments.network, "--weights": arguments.weights, "--set": arguments.settings}
    orders |= {"--seed": arguments.seed is not None}
    orders |= {"--queue": arguments.queue, "--override": arguments.override, "--mend-leaks": arguments.mend_leaks}
    orders |= {"--seeds": arguments.seeds, "--recipe": arguments.recipe}
    given = [name for name, value in orders.items() if value]
    if given:
        words = f"--resume continues run {arguments.resume} as it was ordered, so {', '.join(given)} would change nothing: leave it out"
        raise argparse.ArgumentError(None, words)


def _run_queued(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project) as project:
        recipe = recipe_without_leaks(project, arguments, terminal)
        how = {"override": arguments.override, "processes": _processes(arguments)}
        if (arguments.seeds or 1) > 1:
            _require_chance(recipe)
            numbers, notes = queueing.enqueue_seeds(project, recipe, arguments.seeds, **how)
        else:
            numbers, notes = queueing.enqueue(project, [recipe], **how)
        for note in notes:
            terminal.say(note)
        for number in numbers:
            terminal.say(f"Run {number} waits: {_title(find_run(project, number).recipe)}")
    if arguments.queue:
        terminal.result({"queued": numbers}, [f"Train them: tlstudio queue {quote(str(arguments.project))} --run"])
        return EXIT_DONE
    code = run_queue(arguments.project, terminal)
    with opened(arguments.project, writable=False) as project:
        found = repeats.repeats_of(project, numbers[-1])
    if found is not None:
        terminal.say(
            f"{len(found.runs)} seeds: balanced accuracy on validation {percent(found.mean)} ± {percent(found.deviation)}, "
            f"from {percent(found.lowest)} to {percent(found.highest)}"
        )
    return code


def _require_chance(recipe: Recipe) -> None:
    """Raises `TLStudioError` where every seed comes to the same, as the window says in place of its button."""
    if not recipe.has_chance:
        text = "Every seed comes to the same result: a head that is solved on fixed features leaves nothing to chance."
        raise TLStudioError(
            message("train.no_chance", text),
            message("train.no_chance.hint", "Leave --seeds out, or take a recipe that fine-tunes, such as balanced. Nothing was queued."),
        )


def _start(project: Project, arguments: argparse.Namespace, terminal: Terminal) -> StartedJob:
    if arguments.resume is not None:
        return training.resume_run(project, arguments.resume, device=arguments.device, processes=_processes(arguments))
    recipe = recipe_without_leaks(project, arguments, terminal)
    runs = project.runs()
    started = training.start_training(project, recipe, override=arguments.override, processes=_processes(arguments))
    expected = estimates.estimate(recipe, project.dataset(), runs, folder=project.folder)
    time = duration(work_s(expected))
    terminal.say(f"Run on {project.name}: {_title(recipe)}, {'about' if expected.is_known else 'roughly'} {time}")
    return started


def recipe_without_leaks(project: Project, arguments: argparse.Namespace, terminal: Terminal) -> Recipe:
    """What was asked for; leaks are looked for, and mended where that was asked for too."""
    recipe = asked_recipe(project, arguments, terminal)
    looks.look_at_missing(project, for_leaks=True, report=terminal.report)
    if arguments.mend_leaks:
        change = health.mend_leaks(project, health.blocking(project))
        terminal.say(change.words or "")
    return recipe


def asked_recipe(project: Project, arguments: argparse.Namespace, terminal: Terminal) -> Recipe:
    """The recipe, the network and the settings that `add_recipe_arguments` asks for. Raises `TLStudioError`, and `argparse.ArgumentError`
    where one of them is given twice.
    """
    network = choose_network(project, arguments, terminal)
    try:
        require_said_once(arguments)
        recipe = msgspec.structs.replace(RECIPES[arguments.recipe or arguments.first_recipe].build(network), seed=arguments.seed or 0)
        recipe = msgspec.structs.replace(recipe, device=_device(arguments))
        return apply_settings(recipe, arguments.settings)
    except ValueError as error:
        raise TLStudioError(
            message("train.bad_setting", "That cannot be trained with: {reason}.", reason=str(error)),
            message("train.bad_setting.hint", "`tlstudio train --help` lists what can be set. Nothing was started."),
        ) from error


def require_said_once(arguments: argparse.Namespace) -> None:
    """`--seed` and `--device` are settings, too. Raises `argparse.ArgumentError`, and `ValueError` as `pairs`."""
    for id, text in pairs(arguments.settings):
        if id in ("seed", "device") and vars(arguments)[id] is not None:
            raise argparse.ArgumentError(None, f"--{id} and --set {id}={text} mean the same setting: leave one of them out")


def _title(recipe: Recipe) -> str:
    return f"{RECIPES[recipe.name].title}, {recipe.network.architecture}, seed {recipe.seed}"


def _device(arguments: argparse.Namespace) -> str:
    device: str = arguments.device or preferences.load().device
    return device


def _processes(arguments: argparse.Namespace) -> int | None:
    """0 is what `auto` was read as."""
    asked: int | None = arguments.processes
    return max(1, len(devices.graphics_cards())) if asked == 0 else asked


def _document(started: StartedJob, state: RunState) -> dict[str, object]:
    return {
        "run": started.number,
        "folder": str(started.folder),
        "status": state.status,
        "words": words(state).text(),
        "summary": state.summary,
        "head": state.head,
        "soup": state.soup,
        "kept_epoch": state.best.epoch if kept_words(state) is not None and state.best is not None else None,
        "plan": state.plan,
        "validations": list(state.validations),
        "warnings": [warning.text() for warning in state.warnings],
        "notes": [note.text() for note in started.notes],
        "failure": state.failure,
    }


def _on_processor(state: RunState, again: str) -> list[str]:
    return [f"Or, without the graphics card: {again} --device cpu"] if state.was_on_card else []


def _lines(project: Path, started: StartedJob, state: RunState) -> list[str]:
    again = f"tlstudio train {quote(str(project))} --resume {started.number}"
    if state.status is Status.INTERRUPTED:
        return [f"Run {started.number}: {words(state)}: {again}", *_on_processor(state, again)]
    if state.status is Status.FAILED:
        more = [f"When that is mended, go on from its last checkpoint: {again}", *_on_processor(state, again)] if state.can_continue else []
        return [f"Run {started.number} failed.", *failure_lines(state), *more, f"Its log: {started.folder / 'log.txt'}"]
    lines = [f"Run {started.number}: {words(state)}"]
    if state.head is not None:
        lines.append(
            f"  head solved in {state.head.solve_s:.2f} s, one pass of the network over the images {duration(state.head.features_s)}"
        )
    if state.soup is not None:
        lines.append(f"  {soup_words(state.soup)}")
    if (kept := kept_words(state)) is not None:
        lines.append(f"  {kept}")
    if state.summary is not None:
        lines.append(f"  validation accuracy {percent(state.summary.accuracy)}, balanced {percent(state.summary.balanced_accuracy)}")
        lines.append(
            f"  {duration(state.summary.seconds)} of work; judge it: tlstudio evaluate {quote(str(project))} --run {started.number}"
        )
    return lines
