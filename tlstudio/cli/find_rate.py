"""`tlstudio find-rate P`: learning rates from far too small to far too large, the loss at each, and the one to train with."""

import argparse
import shlex
from pathlib import Path

from tlstudio.cli.opening import opened
from tlstudio.cli.recipe_settings import pairs
from tlstudio.cli.terminal import EXIT_DONE, Terminal, table
from tlstudio.cli.train import add_recipe_arguments, asked_recipe
from tlstudio.cli.watching import EXIT_BY_STATUS, failure_lines, watch
from tlstudio.domain.rate_finder import taken_over
from tlstudio.domain.recipe import RECIPES, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.setting_spec import Value
from tlstudio.jobs.outcome import words
from tlstudio.operations.finding_rate import start_finding

_ROWS = 13


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    any_network = NetworkPart(architecture="")
    with_steps = [id for id, spec in RECIPES.items() if spec.build(any_network).finetune is not None]
    add_recipe_arguments(parser, recipes=tuple(with_steps))


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project, writable=False) as project:
        recipe = asked_recipe(project, arguments, terminal)
        started = start_finding(project, recipe)
    for note in started.notes:
        terminal.say(note)
    state = watch(started.folder, terminal, process=started.process, keeps_best=False)
    document = {
        "status": state.status,
        "words": words(state).text(),
        "recipe": recipe,
        "rates": [{"rate": item.rate, "loss": item.loss} for item in state.rates],
        "suggested": state.found.rate if state.found is not None else None,
        "warnings": [warning.text() for warning in state.warnings],
        "failure": state.failure,
    }
    terminal.result(document, _lines(arguments, recipe, state))
    return EXIT_BY_STATUS.get(state.status, EXIT_DONE)


def _lines(arguments: argparse.Namespace, recipe: Recipe, state: RunState) -> list[str]:
    if state.status is not Status.FINISHED or state.found is None:
        return failure_lines(state)
    every = max(1, len(state.rates) // _ROWS)
    rows = [(f"{item.rate:.1e}", "–" if item.loss is None else f"{item.loss:.3f}") for item in state.rates[::every]]
    lines = [*table([("rate", "loss"), *rows], right=(0, 1)), ""]
    rate = state.found.rate
    if rate is None:
        return [*lines, "The loss fell at no rate, so none is suggested: the recipe's own is as good as any."]
    again = shlex.join(_again(arguments, recipe, rate))
    return [*lines, f"Suggested: {rate:g}, where the loss falls most steeply. Nothing was kept. Train with it: {again}"]


def _again(arguments: argparse.Namespace, recipe: Recipe, rate: float) -> list[str]:
    """The training that was tried, all that was asked for in it, with the rate."""
    found = taken_over(rate, recipe)
    options = {"network": arguments.network, "weights": arguments.weights, "seed": arguments.seed, "device": arguments.device}
    command = ["tlstudio", "train", str(arguments.project), "--recipe", recipe.name]
    for name, value in options.items():
        command += [f"--{name}", str(value)] if value is not None else []
    kept = [f"{id}={text}" for id, text in pairs(arguments.settings) if id not in found]
    for setting in (*kept, *(f"{id}={_typed(value)}" for id, value in found.items())):
        command += ["--set", setting]
    return command


def _typed(value: Value) -> str:
    """One number or several, to the last bit."""
    return ",".join(map(repr, value if isinstance(value, tuple) else (value,)))
