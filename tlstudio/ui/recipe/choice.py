"""The recipe that would be trained: a row of RECIPES, a network, and the settings changed by hand."""

from collections.abc import Mapping

import msgspec

from tlstudio.domain.abilities import Abilities, refusals
from tlstudio.domain.draft import RecipeDraft
from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.recipe import CUSTOM, RECIPES, NetworkPart, Recipe
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_spec import Value
from tlstudio.errors import TLStudioError

FIRST_RECIPE = "quick"
_FIRST_BASE = "balanced"
_OF_ONE_NETWORK = ("input_size_px", "pooling", "stage_rates", "lora_rank")


class RecipeChoice:
    """Plain state; always a recipe that checks itself, or none while no network is chosen."""

    def __init__(self) -> None:
        self.network: NetworkPart | None = None
        self.cards: tuple[WeightsCard, ...] = ()
        self.abilities: Mapping[str, Abilities] = {}
        """What networks allow, by architecture; of one that is not named nothing is known."""
        self.recipe_id = FIRST_RECIPE
        self.device = "auto"
        """What is computed on where the recipe is not changed."""
        self._base_id = self._tuned_id = _FIRST_BASE
        self._by_hand: dict[str, Value] = {}
        self._custom: dict[str, Value] = {}
        self._made_for: NetworkPart | None = None
        """The network whose own settings are among those set by hand."""

    @property
    def base_id(self) -> str:
        """The row that what stands is told apart from: the one that is chosen, or that Custom was begun from."""
        return self._base_id if self.recipe_id == CUSTOM else self.recipe_id

    @property
    def _changed(self) -> dict[str, Value]:
        """What was set by hand. Custom has its own, so that a named recipe is itself again after it."""
        return self._custom if self.recipe_id == CUSTOM else self._by_hand

    @property
    def recipe(self) -> Recipe | None:
        """What "Start training" would train; None while no network is chosen."""
        if self.network is None:
            return None
        recipe = self._plain()
        for id, spec in SETTINGS.items():
            if id in self._changed and spec.applies(recipe):
                recipe = spec.replaced(recipe, self._changed[id])
        return recipe

    def choose_recipe(self, id: str) -> None:
        """Another row of RECIPES; settings that were changed by hand stay changed. Custom is as it was left, at first as what stands."""
        if id == CUSTOM and not self._custom:
            self.customise()
        elif id not in (CUSTOM, FIRST_RECIPE):
            self._tuned_id = id
        self.recipe_id = id

    def customise(self) -> None:
        """Become Custom with the values that stand; after Quick, for the rest those of the recipe before it that fine-tunes."""
        before, changed = self.recipe, dict(self._changed)
        self._base_id = self.base_id if self.base_id != FIRST_RECIPE else self._tuned_id
        self._custom, self.recipe_id = changed, CUSTOM
        if before is not None:
            _take_over(self._custom, before, self._plain())

    def take(self, recipe: Recipe) -> None:
        """Set what `recipe` has, as Custom, or as Quick where only a head trains; not where it computes.

        What belongs to one network is taken where that is the chosen one.
        """
        is_tuned, device = recipe.finetune is not None, self._changed.get("device")
        self.recipe_id = CUSTOM if is_tuned else FIRST_RECIPE
        if is_tuned:
            self._base_id = recipe.name if recipe.name in RECIPES and recipe.name != CUSTOM else _FIRST_BASE
        # What is set by hand for Quick is shared with the other named recipes: what means nothing in it stays theirs.
        self._changed.clear() if is_tuned else _drop(self._changed, recipe)
        if device is not None:
            self._changed["device"] = device
        if self.network is not None:
            is_own = self.network == NetworkPart(architecture=recipe.network.architecture, weights=recipe.network.weights)
            _take_over(self._changed, recipe, self._plain(), without=("device",) if is_own else ("device", *_OF_ONE_NETWORK))

    def settle(self) -> None:
        """Be called what it is: Custom where it is no longer as its recipe has it. Quick has nothing else to be."""
        if self.recipe is not None and self.recipe.finetune is not None and self.num_changed:
            self.customise()

    def choose_network(self, network: NetworkPart) -> None:
        """Another network; what was set by hand for the one before does not go over to it."""
        self.network = network
        if network == self._made_for:
            return
        self._made_for = network
        for id in _OF_ONE_NETWORK:
            self._by_hand.pop(id, None)
            self._custom.pop(id, None)

    def change(self, id: str, value: Value) -> None:
        """Set one setting by hand. Raises `ValueError` where the value is not allowed; nothing is changed then."""
        recipe = self.recipe
        if recipe is None:
            return
        SETTINGS[id].replaced(recipe, value)
        if SETTINGS[id].read(self._plain()) == value:
            self._changed.pop(id, None)
        else:
            self._changed[id] = value

    def adopt(self, other: "RecipeChoice") -> None:
        """Want exactly what another choice wants."""
        self.network, self.recipe_id, self._base_id, self._tuned_id = other.network, other.recipe_id, other._base_id, other._tuned_id
        self.cards, self.abilities, self.device = other.cards, other.abilities, other.device
        self._by_hand, self._custom, self._made_for = dict(other._by_hand), dict(other._custom), other._made_for

    def reset(self, id: str | None = None) -> None:
        """Every setting, or one, as the base has it."""
        if id is None:
            self._changed.clear()
        else:
            self._changed.pop(id, None)

    @property
    def draft(self) -> RecipeDraft:
        """What of it is kept."""
        return RecipeDraft(
            recipe=self.recipe_id, base=self._base_id, network=self._made_for, by_hand=dict(self._by_hand), custom=dict(self._custom)
        )

    def restore(self, draft: RecipeDraft) -> None:
        """Be as `draft` says; what of it is not known, or not allowed any more, counts as not set. The network is chosen after it."""
        self.recipe_id = draft.recipe if draft.recipe in RECIPES else FIRST_RECIPE
        self._base_id = draft.base if draft.base in RECIPES and draft.base not in (CUSTOM, FIRST_RECIPE) else _FIRST_BASE
        self._tuned_id = self._base_id if self.recipe_id in (CUSTOM, FIRST_RECIPE) else self.recipe_id
        self._by_hand, self._custom = _allowed(draft.by_hand), _allowed(draft.custom)
        self._made_for = draft.network

    def _plain(self) -> Recipe:
        """The recipe without changes."""
        assert self.network is not None
        plain = RECIPES[self.base_id].build(self.network)
        return SETTINGS["device"].replaced(msgspec.structs.replace(plain, name=self.recipe_id), self.device)

    # --- what follows

    @property
    def changes(self) -> dict[str, Value]:
        """Ids of the settings that are not as the base has them, each with the base's value."""
        recipe = self.recipe
        if recipe is None:
            return {}
        plain = self._plain()
        own = ((id, spec) for id, spec in SETTINGS.items() if id in self._changed and spec.applies(recipe))
        return {id: spec.read(plain) for id, spec in own if spec.read(plain) != spec.read(recipe)}

    @property
    def num_changed(self) -> int:
        """Settings that differ from the base's own."""
        return len(self.changes)

    @property
    def card(self) -> WeightsCard | None:
        """The weights the chosen network starts from, where they are here."""
        wanted = self.network.weights if self.network is not None else None
        return next((card for card in self.cards if card.hash == wanted), None) if wanted else None

    @property
    def has_random_weights(self) -> bool:
        """Whether the chosen network knows nothing yet."""
        return self.network is not None and self.network.weights is None

    @property
    def network_name(self) -> str:
        """What the chosen network is called."""
        if self.network is None:
            return ""
        return self.card.name if self.card is not None else self.network.architecture


def abilities_of(choice: RecipeChoice) -> Abilities | None:
    """What the chosen network allows; None where that is not known."""
    return choice.abilities.get(choice.network.architecture) if choice.network is not None else None


def refusals_of(choice: RecipeChoice) -> dict[str, TLStudioError]:
    """Ids of the settings that the chosen network does not allow as they are, with the reason."""
    recipe, allowed = choice.recipe, abilities_of(choice)
    return refusals(recipe, allowed) if recipe is not None and allowed is not None else {}


def _take_over(changed: dict[str, Value], recipe: Recipe, plain: Recipe, *, without: tuple[str, ...] = ()) -> None:
    """Make `changed` what of `recipe` is not as `plain` has it; what means nothing in `recipe` stays as it is."""
    for id, spec in SETTINGS.items():
        if spec.applies(recipe) and id not in without:
            changed.pop(id, None)
            if spec.read(recipe) != spec.read(plain):
                changed[id] = spec.read(recipe)


def _drop(changed: dict[str, Value], recipe: Recipe) -> None:
    """Take what means something in `recipe` out of `changed`."""
    for id in [id for id in changed if SETTINGS[id].applies(recipe)]:
        del changed[id]


def _allowed(kept: dict[str, Value]) -> dict[str, Value]:
    """Those of the settings that this version has, with a value that it takes."""
    recipe = RECIPES[CUSTOM].build(NetworkPart(architecture=""))
    found: dict[str, Value] = {}
    for id, value in kept.items():
        try:
            SETTINGS[id].replaced(recipe, value)
        except (KeyError, TypeError, ValueError):  # written by a later program, or by hand
            continue
        found[id] = value
    return found
