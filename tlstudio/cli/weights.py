"""`tlstudio weights …`: the sets of pretrained weights on this computer, how they come here and how they go on."""

import argparse
from collections.abc import Callable
from pathlib import Path

from tlstudio.cli import packs
from tlstudio.cli.network import import_confirmed
from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, EXIT_REFUSED, Terminal, counted, megabytes, table
from tlstudio.operations import keeping, weights


def add_arguments(parser: argparse.ArgumentParser) -> None:
    # Late, because `tlstudio.cli.main` imports nothing of a command before it is chosen.
    from tlstudio.cli.main import add_json

    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, sentence, add, act in _ACTIONS:
        action = actions.add_parser(name, help=sentence, description=sentence)
        add(action)
        add_json(action)
        action.set_defaults(act=act)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    code: int = arguments.act(arguments, terminal)
    return code


def _add_nothing(_parser: argparse.ArgumentParser) -> None:
    """This one has no arguments."""


def _add_import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH")
    parser.add_argument("--network", metavar="NAME", help="which network it is, where it fits several")


def _add_keep_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    parser.add_argument("run", metavar="R", help="the run's number, or `best`")
    parser.add_argument("--name", default="", help="what to call it (default: after the project and the run)")


def _add_remove_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="name or hash, as `tlstudio weights list` shows them")


def _list(_arguments: argparse.Namespace, terminal: Terminal) -> int:
    cards = weights.list_weights()
    rows = [("name", "network", "licence", "size", "hash")]
    rows += [
        (card.name, card.architecture, card.licence or "not known", f"{card.size_bytes / 1e6:.1f} MB", card.hash[:12]) for card in cards
    ]
    empty = ["There are no weights on this computer yet. Import some: tlstudio weights import PATH"]
    terminal.result({"weights": cards}, table(rows, right=(3,)) if cards else empty)
    return EXIT_DONE


def _import(arguments: argparse.Namespace, terminal: Terminal) -> int:
    card = import_confirmed(arguments.path, arguments.network, terminal)
    lines = [f"{card.name} is in the library as {card.hash[:12]}"]
    lines += [f"  missing: {name}" for name in card.missing_keys] + [f"  not used: {name}" for name in card.unexpected_keys]
    terminal.result(card, lines)
    return EXIT_DONE


def _keep(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project, writable=False) as project:
        card = keeping.keep_as_weights(project, arguments.run, arguments.name)
    terminal.result(card, [f"{card.name} is in the library as {card.hash[:12]}"])
    return EXIT_DONE


def _remove(arguments: argparse.Namespace, terminal: Terminal) -> int:
    damaged = next((item for item in weights.library_state().damaged if item.folder and item.folder == arguments.name), None)
    if damaged is not None:
        weights.remove_damaged(damaged.folder)
        terminal.result({"removed": damaged.folder}, [f"The damaged weights in {damaged.folder} are no longer on this computer"])
        return EXIT_DONE
    card = weights.find_weights(arguments.name)
    weights.remove_weights(card.hash)
    terminal.result({"removed": card.hash}, [f"{card.name} is no longer on this computer"])
    return EXIT_DONE


def _where(_arguments: argparse.Namespace, terminal: Terminal) -> int:
    state = weights.library_state(verify=True)
    lines = [state.folder, f"{counted(state.num_sets, 'imported set')}, {megabytes(state.size_bytes)}"]
    for item in state.damaged:
        lines.append(item.problem.text() + (f" Remove it: tlstudio weights remove {item.folder}" if item.folder else ""))
    terminal.result(state, lines)
    return EXIT_REFUSED if state.damaged else EXIT_DONE


_Add = Callable[[argparse.ArgumentParser], None]
_Act = Callable[[argparse.Namespace, Terminal], int]
_ACTIONS: tuple[tuple[str, str, _Add, _Act], ...] = (
    ("list", "What is on this computer.", _add_nothing, _list),
    ("import", "Take a file of weights, or a folder with config.json, into the library.", _add_import_arguments, _import),
    ("keep", "Offer the network that a run has fine-tuned to other projects.", _add_keep_arguments, _keep),
    ("pack", "Put sets of weights into one file for another computer.", packs.add_pack_arguments, packs.pack),
    ("install", "Take the sets of such a file into the library, every hash checked.", packs.add_install_arguments, packs.install),
    ("remove", "Take a set away from this computer.", _add_remove_arguments, _remove),
    ("where", "Where weights are kept, how much they take, and whether they are whole.", _add_nothing, _where),
)
"""Name, sentence, what adds its arguments, what does it."""
