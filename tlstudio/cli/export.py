"""`tlstudio export P --run R --format onnx OUT`: a model for other programs, compared with the app before it is handed over."""

import argparse
from pathlib import Path

from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal
from tlstudio.cli.watching import EXIT_BY_STATUS, failure_lines, watch
from tlstudio.domain.events import Compared
from tlstudio.domain.exporters import EXPORTERS
from tlstudio.domain.run_state import RunState, Status
from tlstudio.jobs.folder import output_path
from tlstudio.jobs.outcome import words
from tlstudio.operations.exporting import export_run
from tlstudio.operations.runs import note_of_best


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    parser.add_argument("output", type=Path, metavar="OUT", help="the file to write")
    parser.add_argument("--run", default="best", metavar="R", help="a run's number, or best (default)")
    parser.add_argument(
        "--format", default="onnx", choices=list(EXPORTERS), help="; ".join(f"{spec.id}: {spec.sentence}" for spec in EXPORTERS.values())
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project, writable=False) as project:
        terminal.note(note_of_best(project, arguments.run))
        started = export_run(project, arguments.run, arguments.format, arguments.output)
    state = watch(started.folder, terminal, process=started.process, keeps_best=False)
    files = [str(output_path(started.folder, item.output)) for item in state.files]
    document = {
        "status": state.status,
        "words": words(state).text(),
        "files": files,
        "compared": state.compared,
        "folder": str(started.folder),
        "failure": state.failure,
    }
    terminal.result(document, _lines(state, files))
    return EXIT_BY_STATUS.get(state.status, EXIT_DONE)


def _lines(state: RunState, files: list[str]) -> list[str]:
    if state.status is not Status.FINISHED:
        return failure_lines(state)
    lines = [f"Wrote {file} ({item.num_bytes / 1e6:.1f} MB)" for file, item in zip(files, state.files, strict=True)]
    return [*lines, compared_line(state.compared)] if state.compared is not None else lines


def compared_line(compared: Compared) -> str:
    """The parity of an export in a sentence."""
    line = (
        f"Compared with the app on {compared.num_images} {compared.split.value} images: {compared.num_same} the same answer, "
        f"largest difference of a probability {compared.max_difference:.1e}"
    )
    return line + (f", {len(compared.near_ties)} near ties" if compared.near_ties else "")
