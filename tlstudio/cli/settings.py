"""`--set NAME=VALUE`: any setting of a recipe, by the same table the window shows."""

from collections.abc import Sequence

from tlstudio.domain.recipe import Recipe
from tlstudio.domain.recipe_settings import SETTINGS, Kind, SettingSpec, Value


def apply_settings(recipe: Recipe, given: Sequence[str]) -> Recipe:
    """`recipe` with each "name=value" set. Raises `ValueError` for an unknown name or a value outside its limits."""
    for item in given:
        name, equals, text = item.partition("=")
        spec = SETTINGS.get(name.strip())
        if not equals or spec is None:
            raise ValueError(f"{item!r} sets nothing; the settings are {', '.join(SETTINGS)}")
        if not spec.applies(recipe):
            raise ValueError(f"{name} means nothing for the recipe {recipe.name}")
        recipe = spec.replaced(recipe, _value(spec, text.strip()))
    return recipe


def _value(spec: SettingSpec, text: str) -> Value:
    if text == "auto" and spec.automatic is not None:
        return None
    if spec.kind is Kind.CHOICE:
        return text
    try:
        if spec.kind is Kind.NUMBERS:
            return tuple(float(part) for part in text.split(","))
        return int(text) if spec.kind is Kind.WHOLE else float(text)
    except ValueError as error:
        raise ValueError(f"{spec.id} needs a number, not {text!r}") from error
