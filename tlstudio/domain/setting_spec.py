"""What a row of the settings table says, and how it finds its place in a `Recipe`."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from tlstudio.domain.recipe import FineTunePart, Recipe
from tlstudio.messages import Message, message

Value = str | int | float | tuple[float, ...] | None
"""None is "automatic" for the settings that have an `automatic` word."""


class Kind(StrEnum):
    """How a value is entered and written."""

    CHOICE = "choice"
    WHOLE = "whole"
    NUMBER = "number"
    SHARE = "share"
    """0..1, shown as percent."""
    NUMBERS = "numbers"
    """A short list of positive numbers."""


class Group(StrEnum):
    """What settings behind the door have in common, in the order they are shown."""

    TRAINS = "trains"
    RATES = "rates"
    STEPS = "steps"
    IMAGES = "images"
    KEEPING = "keeping"
    HEAD = "head"
    COMPUTING = "computing"


GROUP_TITLES = {
    Group.TRAINS: message("setting.group.trains", "What trains"),
    Group.RATES: message("setting.group.rates", "Learning rates"),
    Group.STEPS: message("setting.group.steps", "Steps"),
    Group.IMAGES: message("setting.group.images", "Images and labels"),
    Group.KEEPING: message("setting.group.keeping", "Stopping and keeping"),
    Group.HEAD: message("setting.group.head", "New head"),
    Group.COMPUTING: message("setting.group.computing", "Computing"),
}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One of the values of a setting of kind CHOICE."""

    value: str
    label: Message


def always(_recipe: Recipe) -> bool:
    """Of a setting that has a meaning in every recipe."""
    return True


def with_finetune(recipe: Recipe) -> bool:
    """Of a setting that means nothing for a head on a frozen backbone."""
    return recipe.finetune is not None


class SettingSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row: one setting of a recipe."""

    id: str
    label: Message
    sentence: Message
    """What it does and when to change it, in one sentence."""
    kind: Kind
    read: Callable[[Recipe], Value]
    write: Callable[[Recipe, Value], Recipe]
    main: bool = False
    """Shown without opening the door to all settings."""
    group: Group | None = None
    """The heading it stands under behind that door; None in front of it."""
    needs: Callable[[Recipe], bool] = always
    """Whether it has a meaning in a recipe, as the others stand."""
    choices: tuple[Choice, ...] = ()
    minimum: float = 0.0
    maximum: float = 1.0
    automatic: Message | None = None
    """What None is called, for settings that may be left to the program."""

    def applies(self, recipe: Recipe) -> bool:
        """Whether the setting changes anything in this recipe."""
        return self.needs(recipe)

    def replaced(self, recipe: Recipe, value: Value) -> Recipe:
        """`recipe` with this setting at `value`. Raises `ValueError` where the value is outside the limits or of the wrong kind."""
        self._check(value)
        return self.write(recipe, value)

    def _check(self, value: Value) -> None:
        if value is None:
            if self.automatic is None:
                raise ValueError(f"{self.id} needs a value")
            return
        if self.kind is Kind.CHOICE:
            is_known = self.id == "device" or value in {choice.value for choice in self.choices}
            if not isinstance(value, str) or not is_known:
                raise ValueError(f"{self.id} cannot be {value!r}")
            return
        numbers = value if isinstance(value, tuple) else (value,)
        if not numbers or isinstance(value, tuple) != (self.kind is Kind.NUMBERS):
            raise ValueError(f"{self.id} cannot be {value!r}")
        for number in numbers:
            if isinstance(number, str) or not self.minimum <= number <= self.maximum:
                raise ValueError(f"{self.id} must be between {self.minimum:g} and {self.maximum:g}, not {number!r}")
            if self.kind is Kind.WHOLE and number != int(number):
                raise ValueError(f"{self.id} must be a whole number, not {number!r}")


Place = tuple[Callable[[Recipe], Value], Callable[[Recipe, Value], Recipe]]
"""How a setting is read from a recipe and put into it."""


def field(name: str) -> Place:
    """Reads and replaces a field of the recipe itself."""

    def read(recipe: Recipe) -> Value:
        value: Value = getattr(recipe, name)
        return value

    return read, lambda recipe, value: msgspec.structs.replace(recipe, **{name: value})


def part(part: str, name: str) -> Place:
    """Reads and replaces a field of one part; a recipe without fine-tuning reads the part's defaults and stays as it is."""

    def read(recipe: Recipe) -> Value:
        value: Value = getattr(getattr(recipe, part) or FineTunePart(), name)
        return value

    def write(recipe: Recipe, value: Value) -> Recipe:
        held = getattr(recipe, part)
        if held is None:
            return recipe
        return msgspec.structs.replace(recipe, **{part: msgspec.structs.replace(held, **{name: value})})

    return read, write


def spec(id: str, place: Place, label: Message, sentence: Message, kind: Kind, **more: object) -> SettingSpec:
    """A row; `more` are further fields of it."""
    read, write = place
    return SettingSpec(id=id, label=label, sentence=sentence, kind=kind, read=read, write=write, **more)  # type: ignore[arg-type]
