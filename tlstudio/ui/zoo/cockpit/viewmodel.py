"""The state of the cockpit: the proposal of a recipe, what is known of the network, and what follows from both. No Qt; microseconds."""

from collections.abc import Iterable
from functools import cached_property

from tlstudio.domain.estimates import RunEstimate
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_spec import Value
from tlstudio.domain.stage_rates import rates_of_stages
from tlstudio.ui.recipe.choice import RecipeChoice
from tlstudio.ui.words import tr
from tlstudio.ui.zoo.cockpit.figures import Figures, figures_of, source_of, unknown_figures, warning_of
from tlstudio.ui.zoo.cockpit.known import Known
from tlstudio.ui.zoo.cockpit.stages import StageBox, boxes_of, is_of_tokens


class CockpitModel:
    """Plain state. The proposal is a choice of its own until a person uses it."""

    def __init__(self) -> None:
        self.proposal = RecipeChoice()
        self.known: Known | None = None
        """None while it is read, or where that failed."""
        self._is_missing = False
        self._open_recipe = "balanced"
        """What trains where more than the head does."""

    def begin(self, choice: RecipeChoice) -> None:
        """Take over what Train would start."""
        network = self.proposal.network
        self.proposal.adopt(choice)
        if network is not None and choice.network is None:
            self.proposal.choose_network(network)
        self._look_again()

    def choose_network(self, network: NetworkPart) -> None:
        """Another network; nothing is known of it yet."""
        if network != self.proposal.network:
            self.proposal.choose_network(network)
            self._is_missing = False
            self._look_again()

    def learn(self, known: Known) -> None:
        """What was read of a network; too late where another one was chosen meanwhile."""
        if known.network == self.proposal.network:
            self.known, self._is_missing = known, False
            self._look_again()

    def miss(self) -> None:
        """Nothing can be known of the network, such as one whose weights are gone."""
        self.known, self._is_missing = None, True
        self._look_again()

    def freeze(self, number: int) -> None:
        """Keep the first `number` stages as they are; all of them is a new head alone. Rates set by hand stay with their stages."""
        num_open = self.num_stages - max(0, number)
        if self.recipe is not None and self.recipe.finetune is not None:
            self._open_recipe = self.proposal.recipe_id
        if num_open <= 0:
            self.proposal.choose_recipe("quick")
            self._look_again()
            return
        if self.recipe is not None and self.recipe.finetune is None:
            self.proposal.choose_recipe(self._open_recipe)
        is_all = num_open == self.num_stages
        self.proposal.change("num_stages", None if is_all else min(num_open, int(SETTINGS["num_stages"].maximum)))
        part = self.proposal.recipe.finetune if self.proposal.recipe else None
        if part is not None and part.stage_rates:
            self.proposal.change("stage_rates", _within_limits(rates_of_stages(part, num_open)))
        self._look_again()

    def change(self, id: str, value: Value) -> None:
        """Set one setting. Raises `ValueError` where the value is not allowed; nothing is changed then."""
        self.proposal.change(id, value)
        self._look_again()

    def set_rate(self, from_head: int, rate: float) -> None:
        """The learning rate of one stage, counted from the last; the others stay. Raises `ValueError`."""
        rates = list(self.rates)
        rates[from_head] = rate
        self.change("stage_rates", _within_limits(rates))

    def _look_again(self) -> None:
        for name in ("recipe", "boxes", "estimate"):
            self.__dict__.pop(name, None)
        if self.known is not None and self.known.network != self.proposal.network:
            self.known = None

    # --- what follows

    @cached_property
    def recipe(self) -> Recipe | None:
        """What would be trained; None while no network is chosen."""
        return self.proposal.recipe

    @property
    def num_stages(self) -> int:
        """Stages of the network, the stem among them; 0 while they are not known."""
        return len(self.known.profile.stages) if self.known else 0

    @property
    def num_frozen(self) -> int:
        """How many of them stay as they are."""
        part = self.recipe.finetune if self.recipe else None
        return max(0, self.num_stages - part.num_stages) if part else self.num_stages

    @property
    def rates(self) -> tuple[float, ...]:
        """Learning rates of the stages that train, the last one first."""
        part = self.recipe.finetune if self.recipe else None
        return rates_of_stages(part, self.num_stages - self.num_frozen) if part else ()

    @property
    def has_own_rates(self) -> bool:
        """Whether rates were set by hand, against the rule."""
        return bool(self.recipe and self.recipe.finetune and self.recipe.finetune.stage_rates)

    @cached_property
    def boxes(self) -> tuple[StageBox, ...]:
        """The drawing; empty while nothing is known."""
        return boxes_of(self.known.profile, self.recipe, self.known.sizes) if self.known and self.recipe else ()

    @cached_property
    def estimate(self) -> RunEstimate | None:
        """What it will take; None without images."""
        if self.known is None or self.known.sizes is None or self.recipe is None:
            return None
        return self.known.expect(self.recipe)

    @property
    def figures(self) -> Figures:
        """Five figures in words."""
        if self.known is None or self.recipe is None:
            return unknown_figures(tr("not known") if self._is_missing else tr("reading…"))
        if self.estimate is None:
            return unknown_figures(tr("add images first"))
        return figures_of(self.estimate, self.recipe, self.known.profile)

    @property
    def warning(self) -> str:
        """What stands in the way; empty where nothing does."""
        return warning_of(self.estimate) if self.estimate else ""

    @property
    def source(self) -> str:
        """Where the figures come from."""
        return source_of(self.estimate) if self.estimate else ""

    @property
    def freeze_words(self) -> str:
        """What the slider stands at."""
        if not self.known:
            return ""
        if self.num_frozen == self.num_stages:
            return tr("Only the head trains")
        if self.num_frozen == 0:
            return tr("Everything trains")
        words = tr("Frozen: {n} of {all} blocks") if is_of_tokens(self.known.profile) else tr("Frozen: {n} of {all} stages")
        return words.format(n=self.num_frozen, all=self.num_stages)


def _within_limits(rates: Iterable[float]) -> tuple[float, ...]:
    """By the rule, a stage far from the head may come to a rate that nobody may enter."""
    return tuple(max(rate, SETTINGS["stage_rates"].minimum) for rate in rates)
