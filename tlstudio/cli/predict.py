"""`tlstudio predict P --run R DIR --csv OUT`: a folder of images becomes a table."""

import argparse
from pathlib import Path

from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal
from tlstudio.cli.watching import EXIT_BY_STATUS, failure_lines, watch
from tlstudio.domain.run_state import Status
from tlstudio.jobs.folder import output_path
from tlstudio.jobs.outcome import words
from tlstudio.operations.predicting import predict_folder
from tlstudio.operations.runs import note_of_best


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    parser.add_argument("source", type=Path, metavar="DIR", help="the folder of images; folders in it are included")
    parser.add_argument("--run", default="best", metavar="R", help="a run's number, or best (default)")
    parser.add_argument(
        "--csv", type=Path, required=True, metavar="OUT", help="the table: path, predicted, one probability a class, reason"
    )
    parser.add_argument("--device", default="auto", metavar="D", help="auto, cpu, mps (Apple GPU, untested) or cuda:0")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project, writable=False) as project:
        terminal.note(note_of_best(project, arguments.run))
        started = predict_folder(project, arguments.run, arguments.source, arguments.csv, device=arguments.device)
    state = watch(started.folder, terminal, process=started.process, keeps_best=False)
    files = [str(output_path(started.folder, item.output)) for item in state.files]
    document = {
        "status": state.status,
        "words": words(state).text(),
        "files": files,
        "num_failed": state.num_failed,
        "folder": str(started.folder),
        "failure": state.failure,
    }
    done = [f"{words(state)}: {file}" for file in files]
    lines = done if state.status is Status.FINISHED else failure_lines(state)
    terminal.result(document, lines)
    return EXIT_BY_STATUS.get(state.status, EXIT_DONE)
