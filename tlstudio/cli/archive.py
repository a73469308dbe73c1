"""`tlstudio archive P --out FILE`: the whole project as one file."""

import argparse
import os
from pathlib import Path

from tlstudio.cli.opening import opened
from tlstudio.cli.stopping import stop_on_ctrl_c
from tlstudio.cli.terminal import EXIT_DONE, EXIT_STOPPED, Terminal, counted
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations.archiving import Archived, archive_project
from tlstudio.operations.archiving_refusals import ImagesUnreadableError

_MOST_PROBLEMS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    parser.add_argument("--out", required=True, metavar="FILE", help="the .tlarchive to write, or a folder for it")
    parser.add_argument("--without-missing", action="store_true", help="pack it although images are away; they are listed in the archive")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with stop_on_ctrl_c() as stop, opened(arguments.project, writable=False) as project:
        target = Path(arguments.out)
        if arguments.out.endswith((os.sep, "/")) and not target.is_dir():
            target /= target.name  # a folder was meant; that it is missing is told
        try:
            outcome = archive_project(project, target, without_missing=arguments.without_missing, report=terminal.report, stop=stop)
        except ImagesUnreadableError as error:
            hint = "Nothing was written. Connect the drive they are on, or give --without-missing to pack the project without them."
            raise TLStudioError(error.title, message("archive.images_away.flag", hint)) from error
    document = {
        "file": str(outcome.file) if outcome.file else None,
        "num_images": outcome.num_images,
        "num_missing": outcome.num_missing,
        "num_linked": outcome.num_linked,
        "num_runs": outcome.num_runs,
        "num_bytes": outcome.num_bytes,
        "problems": [{"path": item.path, "id": item.reason.id, "reason": item.reason.text()} for item in outcome.problems],
    }
    terminal.result(document, _lines(outcome))
    return EXIT_DONE if outcome.file else EXIT_STOPPED


def _lines(outcome: Archived) -> list[str]:
    if outcome.file is None:
        return ["Stopped; nothing was written"]
    what = f"{counted(outcome.num_images, 'image')} and {counted(outcome.num_runs, 'run')}"
    without = f", without {counted(outcome.num_missing, 'image')} that could not be read" if outcome.num_missing else ""
    lines = [f"Packed {what} into {outcome.file} ({outcome.num_bytes / 1e6:.1f} MB){without}"]
    lines += [f"{item.path}: {item.reason}" for item in outcome.problems[:_MOST_PROBLEMS]]
    if len(outcome.problems) > _MOST_PROBLEMS:
        lines.append(f"… and {len(outcome.problems) - _MOST_PROBLEMS} more; --json lists them all")
    return lines
