"""The recipe that would be trained: a row of RECIPES, a network, and the settings changed by hand."""

from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.recipe import CUSTOM, RECIPES, NetworkPart, Recipe
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_spec import Value

FIRST_RECIPE = "quick"
_OF_ONE_NETWORK = ("input_size_px", "pooling", "stage_rates", "lora_rank")


class RecipeChoice:
    """Plain state; always a recipe that checks itself, or none while no network is chosen."""

    def __init__(self) -> None:
        self.network: NetworkPart | None = None
        self.cards: tuple[WeightsCard, ...] = ()
        self.recipe_id = FIRST_RECIPE
        self.device = "auto"
        """What is computed on where the recipe is not changed."""
        self._by_hand: dict[str, Value] = {}
        self._custom: dict[str, Value] = {}

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
        self.recipe_id = id

    def customise(self) -> None:
        """Become Custom with the values that stand; where only a head trains, those of Balanced for the rest."""
        before = self.recipe
        self._custom = dict(self._changed)
        self.recipe_id = CUSTOM
        if before is None:
            return
        plain = self._plain()
        for id, spec in SETTINGS.items():
            if spec.applies(before):
                self._custom.pop(id, None)
                if spec.read(before) != spec.read(plain):
                    self._custom[id] = spec.read(before)

    def settle(self) -> None:
        """Be called what it is: Custom where it is no longer as its recipe has it. Quick has nothing else to be."""
        if self.recipe is not None and self.recipe.finetune is not None and self.num_changed:
            self.customise()

    def choose_network(self, network: NetworkPart) -> None:
        """Another network; what was set by hand for the one before does not go over to it."""
        self.network = network
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
        self.network, self.recipe_id = other.network, other.recipe_id
        self.cards, self.device = other.cards, other.device
        self._by_hand, self._custom = dict(other._by_hand), dict(other._custom)

    def reset(self) -> None:
        """Every setting as the recipe has it."""
        self._changed.clear()

    def _plain(self) -> Recipe:
        """The recipe without changes."""
        assert self.network is not None
        return SETTINGS["device"].replaced(RECIPES[self.recipe_id].build(self.network), self.device)

    @property
    def num_changed(self) -> int:
        """Settings that differ from the recipe's own."""
        recipe = self.recipe
        return 0 if recipe is None else sum(SETTINGS[id].applies(recipe) for id in self._changed)

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
