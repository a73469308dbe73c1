"""`tlstudio weights …`: the sets of pretrained weights on this computer, how they come here and how they go on."""

import argparse
from pathlib import Path

from tlstudio.cli.network import import_confirmed
from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal, table
from tlstudio.operations import keeping, weights


def add_arguments(parser: argparse.ArgumentParser) -> None:
    # Late, because `tlstudio.cli.main` imports nothing of a command before it is chosen.
    from tlstudio.cli.main import add_json

    actions = parser.add_subparsers(dest="action", required=True, metavar="list | import | keep")
    listing = actions.add_parser("list", help="what is on this computer")
    listing.set_defaults(act=_list)
    taking = actions.add_parser("import", help="take a .safetensors file, or a folder with config.json, into the library")
    taking.add_argument("path", type=Path, metavar="PATH")
    taking.add_argument("--network", metavar="NAME", help="which network it is, where it fits several")
    taking.set_defaults(act=_import)
    keep = actions.add_parser("keep", help="offer the network that a run has fine-tuned to other projects")
    keep.add_argument("project", type=Path, metavar="P", help="the project's folder")
    keep.add_argument("run", metavar="R", help="the run's number, or `best`")
    keep.add_argument("--name", default="", help="what to call it (default: after the project and the run)")
    keep.set_defaults(act=_keep)
    for action in (listing, taking, keep):
        add_json(action)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    arguments.act(arguments, terminal)
    return EXIT_DONE


def _list(_arguments: argparse.Namespace, terminal: Terminal) -> None:
    cards = weights.list_weights()
    rows = [("name", "network", "licence", "size", "hash")]
    rows += [
        (card.name, card.architecture, card.licence or "not known", f"{card.size_bytes / 1e6:.1f} MB", card.hash[:12]) for card in cards
    ]
    empty = ["There are no weights on this computer yet. Import some: tlstudio weights import PATH"]
    terminal.result({"weights": cards}, table(rows, right=(3,)) if cards else empty)


def _import(arguments: argparse.Namespace, terminal: Terminal) -> None:
    card = import_confirmed(arguments.path, arguments.network, terminal)
    lines = [f"{card.name} is in the library as {card.hash[:12]}"]
    lines += [f"  missing: {name}" for name in card.missing_keys] + [f"  not used: {name}" for name in card.unexpected_keys]
    terminal.result(card, lines)


def _keep(arguments: argparse.Namespace, terminal: Terminal) -> None:
    with opened(arguments.project, writable=False) as project:
        card = keeping.keep_as_weights(project, arguments.run, arguments.name)
    terminal.result(card, [f"{card.name} is in the library as {card.hash[:12]}"])
