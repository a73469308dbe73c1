"""`tlstudio new P`: a new, empty project."""

import argparse
from pathlib import Path

from tlstudio.cli.terminal import EXIT_DONE, Terminal
from tlstudio.operations import projects


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the folder to make; the project is named after it")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    project = projects.create_project(arguments.project)
    try:
        terminal.result({"project": str(project.folder), "name": project.name, "id": project.id}, [f"Made {project.folder}"])
    finally:
        project.close()
    return EXIT_DONE
