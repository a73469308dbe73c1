"""`tlstudio doctor`: what this computer and this installation offer, and what is missing."""

import argparse

from tlstudio.cli.terminal import EXIT_DONE, EXIT_REFUSED, Terminal
from tlstudio.operations.doctor import Verdict, examine

_MARKS = {Verdict.GOOD: "ok  ", Verdict.NOTE: "note", Verdict.BAD: "BAD "}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    report = examine()
    lines = [f"{_MARKS[row.verdict]}  {row.title}: {row.value}" for row in report.rows]
    if report.is_sound:
        lines.append("Everything that is needed is here.")
    terminal.result(report, lines)
    return EXIT_DONE if report.is_sound else EXIT_REFUSED
