"""Numbers among the arguments: a wrong one is told in words, not by the name of a function."""

import argparse
from collections.abc import Callable


def whole_from(least: int) -> Callable[[str], int]:
    """For argparse: a whole number of at least `least`."""

    def read(text: str) -> int:
        if not text.strip().removeprefix("-").isdecimal() or (number := int(text)) < least:
            raise argparse.ArgumentTypeError(f"a whole number from {least} on is needed, not {text!r}")
        return number

    return read


def number_or_auto(text: str) -> int:
    """For argparse: a number from 1, or 0 for auto."""
    return 0 if text == "auto" else whole_from(1)(text)
