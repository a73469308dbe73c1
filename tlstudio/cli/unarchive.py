"""`tlstudio unarchive FILE --out FOLDER`: the project of an archive, every file verified."""

import argparse
from pathlib import Path

from tlstudio.cli.stopping import stop_on_ctrl_c
from tlstudio.cli.terminal import EXIT_DONE, EXIT_STOPPED, Terminal
from tlstudio.operations.unarchiving import unarchive_project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", type=Path, metavar="FILE", help="the .tlarchive")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the project's folder; nothing may be there yet")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with stop_on_ctrl_c() as stop:
        folder = unarchive_project(arguments.archive, arguments.out, report=terminal.report, stop=stop)
    document = {"project": str(folder) if folder else None}
    terminal.result(document, [f"The project is at {folder}" if folder else "Stopped; nothing was made"])
    return EXIT_DONE if folder else EXIT_STOPPED
