"""`tlstudio brightness P`: which values of images deeper than 8 bits become black and white."""

import argparse
from math import inf
from pathlib import Path

from tlstudio.cli.opening import opened
from tlstudio.cli.terminal import EXIT_DONE, Terminal
from tlstudio.domain.intensity import IntensityRule
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations.intensity import DeepImages, look_at_deep, set_rule


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="P", help="the project's folder")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--range", action="store_true", help="the whole range of the type; DICOM: the file's own window where it has one")
    choice.add_argument("--window", nargs=2, type=float, metavar=("LOW", "HIGH"), help="LOW becomes black, HIGH white; DICOM: rescaled")
    choice.add_argument(
        "--percentiles", nargs=2, type=float, metavar=("LOW", "HIGH"), help="of each image's own values, such as --percentiles 0.1 99.9"
    )
    choice.add_argument("--from-images", action="store_true", help="a window from 0.1 to 99.9 %% of what some of the images hold")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    is_given = arguments.range or arguments.window is not None or arguments.percentiles is not None
    wants_change = is_given or arguments.from_images
    with opened(arguments.project, writable=bool(wants_change)) as project:
        deep = DeepImages() if is_given else look_at_deep(project, report=terminal.report)
        if wants_change:
            set_rule(project, _wanted(arguments, deep))
        rule, num_runs = project.settings().intensity, len(project.runs())
    lines = [_sentence(rule)]
    if deep.num_looked_at:
        lines.append(f"{len(deep.samples)} of {deep.num_looked_at} images looked at are deeper than 8 bits")
    suits = deep.window()
    if suits is not None:
        lines.append(f"0.1 to 99.9 % of what they hold: {suits.low:g} to {suits.high:g}")
    if wants_change and num_runs:
        lines.append(f"Runs so far keep the rule they were trained with ({num_runs}); new ones use this one")
    document = {"rule": rule.kind, "low": rule.low, "high": rule.high, "num_deep": len(deep.samples), "num_looked_at": deep.num_looked_at}
    terminal.result(document, lines)
    return EXIT_DONE


def _wanted(arguments: argparse.Namespace, deep: DeepImages) -> IntensityRule:
    if arguments.range:
        return IntensityRule()
    if arguments.percentiles is not None:
        low, high = arguments.percentiles
        if not 0 <= low < high <= 100:
            raise TLStudioError(
                message("intensity.no_percentiles", "Percentiles are two numbers between 0 and 100, the higher one for white."),
                message("intensity.no_percentiles.hint", "Give the lower one first, such as --percentiles 0.1 99.9."),
            )
        return IntensityRule(kind="percentiles", low=low, high=high)
    if arguments.window is None:
        found = deep.window()
        if found is None:
            raise TLStudioError(
                message(
                    "intensity.nothing_deep", "No image that could be read is deeper than 8 bits, so there is no brightness to choose."
                ),
                message("intensity.nothing_deep.hint", "Nothing was changed. Images of 8 bits are taken as they are."),
            )
        return found
    low, high = arguments.window
    if not -inf < low < high < inf:
        raise TLStudioError(
            message("intensity.empty_window", "A window needs two numbers, the higher one for white."),
            message("intensity.empty_window.hint", "Give the lower value first, such as --window 0 4095."),
        )
    return IntensityRule(kind="window", low=low, high=high)


def _sentence(rule: IntensityRule) -> str:
    if rule.kind == "range":
        return "The whole range of the type becomes black to white; DICOM files use their own window where they have one"
    if rule.kind == "percentiles":
        return f"In each image the lowest {rule.low:g} % become black, the highest {100 - rule.high:g} % white"
    return f"{rule.low:g} becomes black, {rule.high:g} white"
