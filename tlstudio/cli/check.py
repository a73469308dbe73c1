"""`tlstudio check P`: is everything in the project whole?"""

import argparse
from pathlib import Path

from tlstudio.cli.terminal import EXIT_DONE, EXIT_REFUSED, Terminal
from tlstudio.operations.checking import check


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    problems = check(arguments.project, report=terminal.report)
    serious = [item for item in problems if not item.is_harmless]
    lines = [f"{item.file}: {item.title} {item.hint}" for item in problems]
    if not problems:
        lines = ["Everything is whole."]
    elif not serious:
        lines.append("Nothing of this does harm; images, labels and runs are whole.")
    terminal.result({"problems": problems, "is_whole": not serious}, lines)
    return EXIT_REFUSED if serious else EXIT_DONE
