"""`tlstudio unarchive FILE --out FOLDER`: the project of an archive, every file verified."""

import argparse
from pathlib import Path

from tlstudio.cli.stopping import stop_on_ctrl_c
from tlstudio.cli.terminal import EXIT_DONE, EXIT_STOPPED, Terminal, counted
from tlstudio.operations.unarchiving import unarchive_project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", type=Path, metavar="FILE", help="the .tlarchive")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the project's folder; nothing may be there yet")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with stop_on_ctrl_c() as stop:
        outcome = unarchive_project(arguments.archive, arguments.out, report=terminal.report, stop=stop)
    if outcome.folder is None:
        terminal.result({"project": None}, ["Stopped; nothing was made"])
        return EXIT_STOPPED
    lines = [f"The project is at {outcome.folder}"]
    if outcome.missing:
        lines.append(f"It was packed without {counted(len(outcome.missing), 'image')}, which could not be read then")
    terminal.result({"project": str(outcome.folder), "missing": outcome.missing}, lines)
    return EXIT_DONE
