"""`tlstudio groups P`: which groups names and times of capture suggest; `--by` confirms them."""

import argparse
from pathlib import Path

from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal
from tlstudio.domain.bursts import BURST
from tlstudio.domain.grouping import RULES
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
    document = {
        "num_groups": dataset.num_groups,
        "proposals": [{"by": item.rule, "num_groups": item.num_groups, "examples": dict(item.examples)} for item in found],
    }
    lines = [f"{dataset.num_groups} groups; each stays on one side of the division" if dataset.num_groups else "No groups"]
    for item in found:
        examples = ", ".join(f"{group} ({file})" for group, file in item.examples)
        lines.append(f"  --by {item.rule}: {item.num_groups} groups, such as {examples}")
    terminal.result(document, lines)
    return EXIT_DONE
