"""One text file of YOLO as values: a box or an outline a line, in parts of the image's width and height."""

from collections.abc import Mapping

from tlstudio.datasets.seen import Entry, are_finite, outline
from tlstudio.domain.regions import Region, Shape
from tlstudio.messages import Message, message

MAX_LINES_BYTES = 16 * 1024 * 1024


def parse(text: str, names: Mapping[int, str] | None, *, only_boxes: bool = False) -> tuple[list[Entry], list[tuple[int, Message]]]:
    """What is seen, and lines that cannot be used with their reasons. `names`: classes by number; None: called by their numbers.

    `only_boxes`: the numbers behind the box are something else, such as key points.
    """
    entries: list[Entry] = []
    problems: list[tuple[int, Message]] = []
    for row, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if words:
            region = _region(words, row, names, only_boxes=only_boxes)
            if isinstance(region, Message):
                problems.append((row, region))
            else:
                entries.append(Entry(region=region, row=row))
    return entries, problems


def looks_right(text: str) -> bool:
    """Whether the first line that says anything can be one of YOLO's."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return not line or not isinstance(_region(line.split(), 1, None, only_boxes=False), Message)


def _region(words: list[str], row: int, names: Mapping[int, str] | None, *, only_boxes: bool) -> Region | Message:
    number, numbers = _class(words[0]), _numbers(words[1:])
    if number is None or numbers is None:
        return message("yolo.line", "Entry {row}: it is not a class and its place in numbers; it is not used.", row=row)
    name = str(number) if names is None else names.get(number)
    if name is None:
        return message("yolo.no_class", "Entry {row}: there is no class {number}; it is not used.", row=row, number=number)
    if len(numbers) == 4 or (only_boxes and len(numbers) > 4):
        x, y, width, height = numbers[:4]
        return Region(class_name=name, shape=Shape(x=x - width / 2, y=y - height / 2, width=width, height=height))
    if len(numbers) >= 6 and len(numbers) % 2 == 0:
        return outline(name, (tuple(numbers),), {})
    text = "Entry {row}: it has {number} numbers behind the class; a box has 4, an outline pairs, at least 3."
    return message("yolo.count", text, row=row, number=len(numbers))


def _class(word: str) -> int | None:
    """Some programs write 3.0."""
    whole = word.removesuffix(".0")
    return int(whole) if whole.isascii() and whole.isdecimal() and len(whole) < 7 else None


def _numbers(words: list[str]) -> list[float] | None:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        return None
    return numbers if are_finite(numbers) else None
