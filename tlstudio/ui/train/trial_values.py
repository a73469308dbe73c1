"""Values of a setting for a sweep: what stands there at first, how it is written and read."""

from tlstudio.domain.abilities import Abilities, without_place
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.recipe_settings import settings_of
from tlstudio.domain.setting_spec import Kind, SettingSpec, Value
from tlstudio.domain.trials import Axis
from tlstudio.ui.recipe.numbers import read_number
from tlstudio.ui.words import say

FIRST = "learning_rate"
"""The setting that matters most where there is one."""
_OTHERWISE = ("seed", "device", "precision", "lora_alpha", "micro_batch", "input_size_px")
"""No recipe becomes better by them, or only together with another."""
_LOG_FROM = 10.0
"""A range this many times as high as low is even in its logarithm."""


def offered(recipe: Recipe, abilities: Abilities | None = None) -> list[SettingSpec]:
    """The settings that trials may differ in, in the order they are shown; not what the network has no place for."""
    left_out = {*_OTHERWISE, *(without_place(abilities) if abilities is not None else ())}
    return [spec for spec in settings_of(recipe) if spec.id not in left_out and spec.kind is not Kind.NUMBERS]


def choices(spec: SettingSpec, abilities: Abilities | None = None) -> tuple[str, ...]:
    """What of a choice the network allows."""
    known = tuple(choice.value for choice in spec.choices)
    return tuple(value for value in known if value in abilities.poolings) if spec.id == "pooling" and abilities is not None else known


def suggested(spec: SettingSpec, recipe: Recipe) -> tuple[Value, ...]:
    """Values around the one that stands: three rates a factor of three apart, every choice."""
    value = spec.read(recipe)
    if spec.kind is Kind.CHOICE:
        return tuple(choice.value for choice in spec.choices)
    if value is None or isinstance(value, str | tuple):
        return tuple(number for number in (1, 2, 4) if spec.minimum <= number <= spec.maximum)
    return tuple(dict.fromkeys(_fitted(spec, number) for number in _around(spec, value)))


def written(spec: SettingSpec, values: tuple[Value, ...]) -> str:
    """Several values in one line."""
    return "   ".join(word(spec, value) for value in values)


def read(spec: SettingSpec, text: str) -> Axis:
    """The values or the range "low : high" that `text` is. Raises `ValueError`."""
    low, colon, high = text.replace("%", " ").partition(":")
    if not colon:
        parts = low.replace(";", " ").replace(", ", " ").split()
        return Axis(setting=spec.id, values=tuple(dict.fromkeys(_value(spec, part) for part in parts)))
    ends = tuple(_value(spec, end.strip()) for end in (low, high))
    if not all(isinstance(end, int | float) for end in ends):
        raise ValueError(text)
    start, end = (float(number) for number in ends)  # type: ignore[arg-type]
    return Axis(setting=spec.id, low=start, high=end, is_log=spec.kind is Kind.NUMBER and 0 < start * _LOG_FROM <= end)


def _around(spec: SettingSpec, value: float) -> tuple[float, ...]:
    if spec.kind is Kind.WHOLE:
        return (value // 2, value, 2 * value) if value else (0, 2, 4)
    if spec.kind is Kind.SHARE:
        return (value / 2, value, 2 * value) if value else (0.0, 0.1, 0.2)
    return (value / 3, value, 3 * value) if value else (0.0, 0.1, 0.2)


def _fitted(spec: SettingSpec, number: float) -> float:
    fitted = min(spec.maximum, max(spec.minimum, float(f"{number:.2g}")))
    return round(fitted) if spec.kind is Kind.WHOLE else fitted


def word(spec: SettingSpec, value: Value) -> str:
    """One value, as the field and the table show it."""
    if value is None or isinstance(value, tuple):
        return say(spec.automatic) if spec.automatic is not None else ""
    if isinstance(value, str):
        return next((say(choice.label) for choice in spec.choices if choice.value == value), value)
    return f"{100 * value:g} %" if spec.kind is Kind.SHARE else f"{value:g}"


def _value(spec: SettingSpec, text: str) -> Value:
    if spec.automatic is not None and text == say(spec.automatic):
        return None
    number = read_number(text)
    if spec.kind is Kind.SHARE:
        return round(number / 100, 6)
    return round(number) if spec.kind is Kind.WHOLE and number == int(number) else number
