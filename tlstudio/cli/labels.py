"""`tlstudio labels P --format csv --out TARGET`: what is said of the images, for other programs."""

import argparse
from pathlib import Path

from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal, counted
from tlstudio.operations.exporting_labels import export_labels
from tlstudio.operations.label_exports import LABEL_EXPORTERS, Exported


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    formats = "; ".join(f"{spec.id}: {spec.sentence}" for spec in LABEL_EXPORTERS.values())
    parser.add_argument("--format", default="csv", choices=list(LABEL_EXPORTERS), help=formats)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="TARGET", help="the file or the folder to write; nothing may be there yet"
    )
    parser.add_argument("--link", action="store_true", help="hard links to the images instead of copies")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with opened(arguments.project, writable=False) as project:
        outcome = export_labels(project, arguments.format, arguments.out, link=arguments.link, report=terminal.report)
    document = {
        "target": str(outcome.target),
        "num_images": outcome.num_images,
        "num_left_out": outcome.num_left_out,
        "renamed": outcome.renamed,
        "renamed_groups": outcome.renamed_groups,
        "losses": [item.text() for item in outcome.losses],
    }
    terminal.result(document, _lines(outcome))
    return EXIT_DONE


def _lines(outcome: Exported) -> list[str]:
    lines = [f"Wrote {counted(outcome.num_images, 'image')} to {outcome.target}"]
    if outcome.num_left_out:
        lines.append(f"Left out, for they have no class: {outcome.num_left_out}")
    return lines + [item.text() for item in (*outcome.losses, *outcome.renamed_words())]
