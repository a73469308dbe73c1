"""`--set NAME=VALUE`: any setting of a recipe, by the same table the window shows."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches

from tlstudio.domain.recipe import RECIPES, Recipe
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_spec import Kind, SettingSpec
from tlstudio.domain.setting_text import value_of


def apply_settings(recipe: Recipe, given: Sequence[str]) -> Recipe:
    """`recipe` with each "name=value" set. Raises `ValueError` for an unknown name, one given twice or a value outside its limits."""
    wanted = dict(pairs(given))
    for id, spec in SETTINGS.items():
        if id not in wanted:
            continue
        if not spec.applies(recipe):
            with_it = ", ".join(name for name, row in RECIPES.items() if spec.applies(row.build(recipe.network)))
            raise ValueError(f"{id} means nothing for the recipe {recipe.name} as it is" + (f", but for {with_it}" if with_it else ""))
        recipe = spec.replaced(recipe, value_of(spec, wanted[id]))
    return recipe


def listed() -> str:
    """Every setting with its limits and what it does, for the end of a command's help."""
    lines = ["settings for --set NAME=VALUE:"]
    for id, spec in SETTINGS.items():
        lines.append(f"  {id} ({_limits(spec)})")
        lines += textwrap.wrap(spec.sentence.text(), 100, initial_indent="      ", subsequent_indent="      ")
    return "\n".join(lines)


def _limits(spec: SettingSpec) -> str:
    if spec.kind is Kind.CHOICE:
        limits = ", ".join(choice.value for choice in spec.choices)
    else:
        limits = f"{_plain(spec.minimum)} to {_plain(spec.maximum)}" + (", several with commas" if spec.kind is Kind.NUMBERS else "")
    return limits if spec.automatic is None else f"{limits}, or auto: {spec.automatic.text()}"


def _plain(number: float) -> str:
    return str(int(number)) if number >= 1 and number == int(number) else f"{number:g}"


def pairs(given: Sequence[str]) -> list[tuple[str, str]]:
    """Settings' ids and what is to become of each. Raises `ValueError` where there is no such setting, or one is given twice."""
    found = [_pair(item) for item in given]
    twice = [id for id, number in Counter(id for id, _text in found).items() if number > 1]
    if twice:
        raise ValueError(f"{twice[0]} is set twice; which of them is meant?")
    return found


def _pair(item: str) -> tuple[str, str]:
    name, equals, text = item.partition("=")
    if not equals or name.strip() not in SETTINGS:
        near = get_close_matches(name.strip(), SETTINGS)
        raise ValueError(f"{item!r} sets nothing; " + (f"did you mean {near[0]}=?" if near else f"the settings are {', '.join(SETTINGS)}"))
    return name.strip(), text.strip()
