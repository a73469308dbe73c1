"""`--set NAME=VALUE`: any setting of a recipe, by the same table the window shows."""

from collections.abc import Sequence

from tlstudio.domain.recipe import Recipe
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_spec import Kind, SettingSpec, Value


def apply_settings(recipe: Recipe, given: Sequence[str]) -> Recipe:
    """`recipe` with each "name=value" set. Raises `ValueError` for an unknown name or a value outside its limits."""
    wanted = dict(_pair(item) for item in given)
    for id, spec in SETTINGS.items():
        if id not in wanted:
            continue
        if not spec.applies(recipe):
            raise ValueError(f"{id} means nothing for the recipe {recipe.name} as it is")
        recipe = spec.replaced(recipe, _value(spec, wanted[id]))
    return recipe


def _pair(item: str) -> tuple[str, str]:
    name, equals, text = item.partition("=")
    if not equals or name.strip() not in SETTINGS:
        raise ValueError(f"{item!r} sets nothing; the settings are {', '.join(SETTINGS)}")
    return name.strip(), text.strip()


def _value(spec: SettingSpec, text: str) -> Value:
    if spec.automatic is not None and text in ("auto", spec.automatic.text()):
        return None
    if spec.kind is Kind.CHOICE:
        return text
    try:
        if spec.kind is Kind.NUMBERS:
            return tuple(float(part) for part in text.split(","))
        return int(text) if spec.kind is Kind.WHOLE else float(text)
    except ValueError as error:
        raise ValueError(f"{spec.id} needs a number, not {text!r}") from error
