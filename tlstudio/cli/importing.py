"""`tlstudio import P DIR`: take a folder of images into a project."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tlstudio.cli.opening import opened
from tlstudio.cli.stopping import stop_on_ctrl_c
from tlstudio.cli.terminal import EXIT_DONE, EXIT_STOPPED, Terminal, counted
from tlstudio.datasets.copies import exact_copies
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.imports import ImportProblem, ImportReport
from tlstudio.domain.splits import Split
from tlstudio.operations.importing import import_data
from tlstudio.operations.readiness import shared_with_training

_MOST_PROBLEMS = 10
_TOLD = (
    "num_found",
    "num_added",
    "num_updated",
    "num_known",
    "num_set_aside",
    "num_skipped",
    "classes",
    "format_id",
    "given_splits",
    "was_stopped",
    "intensity",
)
"""Fields of the report that the JSON document passes on as they are."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    parser.add_argument(
        "source",
        type=Path,
        metavar="DIR",
        help="a folder with one folder of images a class, with train, val and test folders, with a table of labels or with annotations",
    )
    parser.add_argument("--copy", action="store_true", help="copy the images into the project instead of linking them")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with stop_on_ctrl_c() as stop, opened(arguments.project) as project:
        outcome = import_data(project, arguments.source, copy=arguments.copy, report=terminal.report, stop=stop)
        dataset = project.dataset()
        terminal.result(_document(outcome, dataset), _lines(outcome, dataset))
    return EXIT_STOPPED if outcome.was_stopped else EXIT_DONE


def _document(outcome: ImportReport, dataset: Dataset) -> dict[str, object]:
    """The outcome in numbers, then the project as it is now. No ids: there may be a hundred thousand."""
    told = {name: getattr(outcome, name) for name in _TOLD}
    return told | {
        "words": outcome.change.words.text() if outcome.change.words else "",
        "remarks": [remark.text() for remark in outcome.remarks],
        "problems": _reasons(outcome.problems),
        "skipped": _reasons(outcome.skipped),
        "images_by_class": {item.name: dataset.num_by_class[item.id] for item in dataset.classes},
        "num_unlabelled": dataset.num_by_class[None],
        "images_by_split": {split.value: dataset.num_by_split[split] for split in Split},
        "shared_with_training": {split.value: number for split, number in shared_with_training(dataset).items()},
        "num_copies": sum(len(members) - 1 for members in exact_copies(dataset)),
    }


def _reasons(problems: Sequence[ImportProblem]) -> list[dict[str, str]]:
    return [{"path": item.path, "id": item.reason.id, "reason": item.reason.text()} for item in problems]


def _lines(outcome: ImportReport, dataset: Dataset) -> list[str]:
    lines = [outcome.change.words.text() if outcome.change.words else f"{outcome.num_added} images added"]
    for item in dataset.classes:
        lines.append(f"  {item.name}: {dataset.num_by_class[item.id]}")
    if unlabelled := dataset.num_by_class[None]:
        lines.append(f"  without a label: {unlabelled}")
    split = dataset.num_by_split
    lines.append(f"Training {split[Split.TRAIN]}, validation {split[Split.VAL]}, test {split[Split.TEST]}")
    lines += _leaks(dataset)
    lines += [remark.text() for remark in outcome.remarks]
    return lines + _first("Set aside", outcome.problems) + _first("Not used", outcome.table_problems)


def _leaks(dataset: Dataset) -> list[str]:
    shared = " and ".join(counted(number, f"{split.value} image") for split, number in shared_with_training(dataset).items())
    why = "copies, near copies or of one group with training images; training waits for that. tlstudio train --mend-leaks moves them"
    return [f"{shared}: {why}"] if shared else []


def _first(what: str, problems: Sequence[ImportProblem]) -> list[str]:
    lines = [f"{what}: {item.path}: {item.reason}" for item in problems[:_MOST_PROBLEMS]]
    if len(problems) > _MOST_PROBLEMS:
        lines.append(f"… and {len(problems) - _MOST_PROBLEMS} more; --json lists them all")
    return lines
