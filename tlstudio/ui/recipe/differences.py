"""What of a recipe is not as its row of RECIPES has it, in words."""

from functools import lru_cache

from tlstudio.domain.recipe import RECIPES, NetworkPart, Recipe
from tlstudio.domain.recipe_settings import SETTINGS, settings_of
from tlstudio.domain.setting_spec import Kind, SettingSpec, Value
from tlstudio.ui.words import percent, say, tr, tr_n

_OF_A_RUN = ("seed", "device")
"""Said of a run itself, or of the machine; they make no other recipe."""
_TELLING = ("lora_rank", "head_kind", "epochs", "num_stages", "learning_rate")
"""Settings that a person remembers a run by, before all others."""
_MOST_TOLD = 2


@lru_cache(maxsize=512)  # a table of runs asks again whenever one of them goes on
def differences(recipe: Recipe) -> tuple[tuple[str, str], ...]:
    """Ids of the settings that differ, each with its name and value, such as "Epochs: 30"."""
    row = RECIPES.get(recipe.name)
    if row is None:
        return ()
    plain = row.build(NetworkPart(architecture=recipe.network.architecture, weights=recipe.network.weights))
    changed = (spec for spec in settings_of(recipe) if spec.id not in _OF_A_RUN and spec.read(recipe) != spec.read(plain))
    return tuple((spec.id, change_words(spec, spec.read(recipe))) for spec in changed)


def change_words(spec: SettingSpec, value: Value) -> str:
    """ "Epochs: 30"."""
    return tr("{setting}: {value}", setting=say(spec.label), value=value_words(spec, value))


def recipe_words(recipe: Recipe) -> str:
    """ "Balanced", "Balanced · LoRA", "Balanced · LoRA, cosine head", "Balanced, changed"."""
    row = RECIPES.get(recipe.name)
    title = say(row.title) if row is not None else recipe.name
    changed = {id for id, _words in differences(recipe)}
    kinds = []
    if "lora_rank" in changed:
        kinds.append(tr("LoRA"))
    if "head_kind" in changed:
        kinds.append(tr("{kind} head", kind=value_words(SETTINGS["head_kind"], recipe.head.kind)))
    if kinds:
        return tr("{recipe} · {kinds}", recipe=title, kinds=", ".join(kinds))
    return tr("{recipe}, changed", recipe=title) if changed else title


def short_words(recipe: Recipe) -> str:
    """ "Balanced", "300 epochs · Balanced", "LoRA rank 8, 30 epochs, +3 · Custom": what tells a run from others first."""
    row = RECIPES.get(recipe.name)
    changed = [id for id, _words in differences(recipe)]
    changed.sort(key=lambda id: _TELLING.index(id) if id in _TELLING else len(_TELLING))
    told = [short_change(SETTINGS[id], SETTINGS[id].read(recipe)) for id in changed[:_MOST_TOLD]]
    rest = [f"+{len(changed) - _MOST_TOLD}"] if len(changed) > _MOST_TOLD else []
    title = say(row.title) if row is not None else recipe.name
    return tr("{changes} · {recipe}", changes=", ".join([*told, *rest]), recipe=title) if told else title


def short_change(spec: SettingSpec, value: Value) -> str:
    """ "300 epochs", "LoRA rank 8", "patience 0": it stands inside a line."""
    if spec.id == "epochs" and isinstance(value, int):
        return tr_n("1 epoch", "{n} epochs", value)
    if spec.id == "num_stages" and isinstance(value, int):
        return tr_n("1 stage", "{n} stages", value)
    if spec.id == "head_kind":
        return tr("{kind} head", kind=value_words(spec, value))
    return tr("{setting} {value}", setting=inside(say(spec.label)), value=value_words(spec, value))


def inside(label: str) -> str:
    """A label as it is written inside a line: "patience", but "LoRA rank"."""
    first = label.partition(" ")[0]
    return label[:1].lower() + label[1:] if first == first.capitalize() else label


def value_words(spec: SettingSpec, value: Value) -> str:
    """A value as its control would show it, without a unit."""
    if value is None:
        return say(spec.automatic) if spec.automatic is not None else ""
    if isinstance(value, tuple):
        return "  ".join(f"{number:g}" for number in value)
    if isinstance(value, str):
        return next((say(choice.label) for choice in spec.choices if choice.value == value), value)
    return percent(value, 0) if spec.kind is Kind.SHARE else f"{value:g}"
