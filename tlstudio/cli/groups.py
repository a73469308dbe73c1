"""`tlstudio groups P`: which groups names and times of capture suggest; `--by` confirms them."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal
from tlstudio.datasets.copies import are_apart, groups, severity_of
from tlstudio.domain.bursts import BURST
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Severity
from tlstudio.domain.grouping import RULES
from tlstudio.domain.samples import Sample
from tlstudio.operations import grouping


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    parser.add_argument(
        "--by",
        choices=[*RULES, BURST, "none"],
        help="folder: slide03/017.png; stem: slide03_017.png; long_stem: all of the name but its last part; "
        "burst: taken within seconds of each other; none: take groups away",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project, writable=arguments.by is not None) as project:
        if arguments.by is not None:
            change = grouping.take_groups_away(project) if arguments.by == "none" else grouping.use_groups(project, arguments.by)
            terminal.say(change.words or "Nothing changed.")
        dataset = project.dataset()
        found = [] if dataset.num_groups else grouping.proposals(project)
    torn = [group for group in groups(dataset) if are_apart(group)]
    document = {
        "num_groups": dataset.num_groups,
        "num_torn": len(torn),
        "proposals": [{"by": item.rule, "num_groups": item.num_groups, "examples": dict(item.examples)} for item in found],
    }
    lines = [_line(dataset, torn, arguments.project)]
    for item in found:
        examples = ", ".join(f"{group} ({file})" for group, file in item.examples)
        lines.append(f"  --by {item.rule}: {item.num_groups} groups, such as {examples}")
    terminal.result(document, lines)
    return EXIT_DONE


def _line(dataset: Dataset, torn: Sequence[Sequence[Sample]], project: Path) -> str:
    """How many groups there are, and whether the division keeps them whole."""
    num = dataset.num_groups
    if not num:
        return "No groups"
    counted = "1 group" if num == 1 else f"{num} groups"
    if not torn:
        return f"{counted}; {'it' if num == 1 else 'each'} stays on one side of the division"
    which = "it" if num == 1 else f"{len(torn)} of them"
    apart = f"{counted}; {which} {'lies' if len(torn) == 1 else 'lie'} in more than one split"
    if severity_of(torn) is not Severity.BLOCKS:
        return apart
    return f"{apart}, and training waits: tlstudio train {quote(str(project))} --mend-leaks"
