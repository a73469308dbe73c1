"""`--set NAME=VALUE`: any setting of a recipe, by the same table the window shows."""

from collections.abc import Sequence

from tlstudio.domain.recipe import Recipe
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_text import value_of


def apply_settings(recipe: Recipe, given: Sequence[str]) -> Recipe:
    """`recipe` with each "name=value" set. Raises `ValueError` for an unknown name or a value outside its limits."""
    wanted = dict(pair(item) for item in given)
    for id, spec in SETTINGS.items():
        if id not in wanted:
            continue
        if not spec.applies(recipe):
            raise ValueError(f"{id} means nothing for the recipe {recipe.name} as it is")
        recipe = spec.replaced(recipe, value_of(spec, wanted[id]))
    return recipe


def pair(item: str) -> tuple[str, str]:
    """A setting's id and what is to become of it. Raises `ValueError` where there is no such setting."""
    name, equals, text = item.partition("=")
    if not equals or name.strip() not in SETTINGS:
        raise ValueError(f"{item!r} sets nothing; the settings are {', '.join(SETTINGS)}")
    return name.strip(), text.strip()
