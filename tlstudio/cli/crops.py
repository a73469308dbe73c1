"""`tlstudio crops P --out NEW`: what is seen in the images, as images of a new project."""

import argparse
from pathlib import Path

from tlstudio.cli.opening import opened
from tlstudio.cli.stopping import stop_on_ctrl_c
from tlstudio.cli.terminal import EXIT_DONE, EXIT_STOPPED, Terminal, counted
from tlstudio.operations.crops import MARGIN, Crops, make_crops

_MOST_PROBLEMS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    parser.add_argument("--out", type=Path, required=True, metavar="NEW", help="the folder of the new project; nothing may be there yet")
    parser.add_argument(
        "--margin", type=float, default=MARGIN, help=f"added on each side, as a part of the box's width and height (default {MARGIN})"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with stop_on_ctrl_c() as stop, opened(arguments.project, writable=False) as project:
        outcome = make_crops(project, arguments.out, margin=arguments.margin, report=terminal.report, stop=stop)
    document = {
        "folder": str(outcome.folder) if outcome.folder else None,
        "num_crops": outcome.num_crops,
        "num_images": outcome.num_images,
        "num_without": outcome.num_without,
        "problems": [{"path": item.path, "id": item.reason.id, "reason": item.reason.text()} for item in outcome.problems],
    }
    terminal.result(document, _lines(outcome))
    return EXIT_DONE if outcome.folder else EXIT_STOPPED


def _lines(outcome: Crops) -> list[str]:
    if outcome.folder is None:
        return ["Stopped; nothing was made"]
    lines = [f"Cut {counted(outcome.num_crops, 'crop')} from {counted(outcome.num_images, 'image')} into {outcome.folder}"]
    if outcome.num_without:
        lines.append(f"Images in which nothing is marked: {outcome.num_without}")
    lines += [f"Not cut: {item.path}: {item.reason}" for item in outcome.problems[:_MOST_PROBLEMS]]
    if len(outcome.problems) > _MOST_PROBLEMS:
        lines.append(f"… and {len(outcome.problems) - _MOST_PROBLEMS} more; --json lists them all")
    return lines
