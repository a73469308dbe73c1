"""What the values in a set of masks mean, by one rule for all of them, so that no mask is read unlike its neighbours.

0 is the background. In this order:

1. **Names** of several classes in a table beside the masks: values are classes. Of one class: values are things of that class.
2. **Binary**: no mask holds two values, and it is the same one in all of them, or a file holds one thing of several in its image.
   What is marked in a file is one thing.
3. **Things** (instances): nine of ten values are in one piece in their mask; and either the set has more than `MAX_CLASSES` values, or
   nine of ten masks count 1, 2, 3 … without a gap and not all of several masks hold the same values.
4. **Classes** otherwise; more than `MAX_CLASSES` of them are none, such as the soft edges of a drawing, and are refused.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from tlstudio.domain.regions import MaskPart
from tlstudio.messages import Message, message

MAX_CLASSES = 200
THING = "object"
"""The class of what no file names."""
_MOST = 0.9


class MaskMeaning(StrEnum):
    """What a value stands for."""

    BINARY = "binary"
    THINGS = "things"
    CLASSES = "classes"


def meaning_of(masks: Sequence[Sequence[MaskPart]], names: Mapping[int, str], *, one_file_a_thing: bool = False) -> MaskMeaning:
    """By what all masks of a set hold."""
    held = [{part.value for part in parts} for parts in masks if parts]
    values = set().union(*held)
    if names:
        return MaskMeaning.CLASSES if len(set(names.values())) > 1 else MaskMeaning.THINGS
    if all(len(some) == 1 for some in held) and (len(values) <= 1 or one_file_a_thing):
        return MaskMeaning.BINARY
    pieces = [part.is_one_piece for parts in masks for part in parts]
    are_whole = sum(pieces) >= _MOST * len(pieces)
    return MaskMeaning.THINGS if are_whole and (len(values) > MAX_CLASSES or _are_counted(held)) else MaskMeaning.CLASSES


def _are_counted(held: Sequence[set[int]]) -> bool:
    counted = [some == set(range(1, len(some) + 1)) for some in held]
    are_all_alike = len(held) > 1 and all(some == held[0] for some in held)
    return not are_all_alike and sum(counted) >= _MOST * len(counted)


def class_of_value(meaning: MaskMeaning, value: int, names: Mapping[int, str]) -> str | None:
    """The class of what has this value; None where the names know none for it."""
    if meaning is MaskMeaning.CLASSES:
        return names.get(value) if names else f"class {value}"
    return next(iter(names.values()), THING)


def told(meaning: MaskMeaning, number: int) -> Message:
    """How they were read, in words."""
    if meaning is MaskMeaning.BINARY:
        return message("masks.binary", "Masks: {number}. What is marked in a mask is one thing.", number=number)
    if meaning is MaskMeaning.THINGS:
        return message("masks.things", "Masks: {number}. Each of their values is one thing.", number=number)
    text = "Masks: {number}. Each of their values is a class; a file classes.txt beside them would give their names."
    return message("masks.classes", text, number=number)
