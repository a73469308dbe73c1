"""`tlstudio weights list` and `tlstudio weights import PATH`: the sets of pretrained weights on this computer."""

import argparse
from pathlib import Path

from tlstudio.cli.network import import_confirmed
from tlstudio.cli.terminal import EXIT_DONE, Terminal, table
from tlstudio.operations import weights


def add_arguments(parser: argparse.ArgumentParser) -> None:
    # Late, because `tlstudio.cli.main` imports nothing of a command before it is chosen.
    from tlstudio.cli.main import add_json

    actions = parser.add_subparsers(dest="action", required=True, metavar="list | import")
    add_json(actions.add_parser("list", help="what is on this computer"))
    taking = actions.add_parser("import", help="take a .safetensors file, or a folder with config.json, into the library")
    taking.add_argument("path", type=Path, metavar="PATH")
    taking.add_argument("--network", metavar="NAME", help="which network it is, where it fits several")
    add_json(taking)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    if arguments.action == "import":
        card = import_confirmed(arguments.path, arguments.network, terminal)
        lines = [f"{card.name} is in the library as {card.hash[:12]}"]
        lines += [f"  missing: {name}" for name in card.missing_keys] + [f"  not used: {name}" for name in card.unexpected_keys]
        terminal.result(card, lines)
        return EXIT_DONE
    cards = weights.list_weights()
    rows = [("name", "network", "licence", "size", "hash")]
    rows += [
        (card.name, card.architecture, card.licence or "not known", f"{card.size_bytes / 1e6:.1f} MB", card.hash[:12]) for card in cards
    ]
    empty = ["There are no weights on this computer yet. Import some: tlstudio weights import PATH"]
    terminal.result({"weights": cards}, table(rows, right=(3,)) if cards else empty)
    return EXIT_DONE
