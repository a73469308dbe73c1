"""A small sweep: which settings of a recipe are tried with which values, and the recipes that makes."""

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from tlstudio.domain.events import Summary
from tlstudio.domain.pruning import Curve
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_spec import Kind, Value
from tlstudio.messages import Message, message

MOST_TRIALS = 50
GRID_POINTS = 3
"""Values that a grid takes from a range, both ends among them."""
_DRAWS_FOR_ONE = 40
"""So often chance is asked for a trial that there is not yet before it is believed that there is none."""
_MOST_DEALT = 10_000

Combination = Mapping[str, Value]
"""Id of a setting -> its value."""


class Leads(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs a run is told apart from by the validation images that all of them share. Each of the others is in one of three sets."""

    run: int
    apart: frozenset[int] = frozenset()
    """Further below it than chance explains."""
    near: frozenset[int] = frozenset()
    """Within chance of it."""
    not_compared: frozenset[int] = frozenset()
    """They left no answers, or have other classes, other labels or no images in common."""
    unread: frozenset[int] = frozenset()
    """Runs whose answers are there but could not be read; another time they may be. Of the others, these are not compared, either."""


class SearchKind(StrEnum):
    """How trials are chosen."""

    GRID = "grid"
    """Every combination."""
    RANDOM = "random"
    """By chance (Bergstra and Bengio 2012): of few trials more values of the setting that matters are seen than a grid has."""
    TPE = "tpe"
    """By what the trials before came to (tree-structured Parzen estimator, Bergstra et al. 2011); needs the extra `optuna`."""


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """One setting that trials differ in: some values, or a range where there are none."""

    setting: str
    """Id of a row of SETTINGS."""
    values: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    is_log: bool = False
    """Whether a range is even in its logarithm, as learning rates are."""

    def __post_init__(self) -> None:
        spec = SETTINGS.get(self.setting)
        if spec is None:
            raise ValueError(f"there is no setting {self.setting}; the settings are {', '.join(SETTINGS)}")
        if not self.values and (spec.kind in (Kind.CHOICE, Kind.NUMBERS) or not self.low < self.high or (self.is_log and self.low <= 0)):
            raise ValueError(f"{self.setting} needs values, or a range of numbers from a lower to a higher one, above 0 where it is log")

    def grid(self) -> tuple[Value, ...]:
        """The values of a grid, each once."""
        return tuple(dict.fromkeys(self.values or (self._at(place / (GRID_POINTS - 1)) for place in range(GRID_POINTS))))

    def drawn(self, chance: random.Random) -> Value:
        """A value by chance."""
        share = chance.random()
        return self.values[int(share * len(self.values))] if self.values else self._at(share)

    def rounded(self, number: float) -> Value:
        """A number of the range as people write it: whole, or with three digits that count."""
        if SETTINGS[self.setting].kind is Kind.WHOLE:
            return round(number)
        return min(self.high, max(self.low, float(f"{number:.3g}")))

    def _at(self, share: float) -> Value:
        if self.is_log:
            return self.rounded(math.exp((1 - share) * math.log(self.low) + share * math.log(self.high)))
        return self.rounded((1 - share) * self.low + share * self.high)


class TrialPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A sweep as it was asked for."""

    axes: tuple[Axis, ...]
    kind: SearchKind = SearchKind.GRID
    num_trials: int = MOST_TRIALS
    """At most."""
    seed: int = 0
    """The same seed draws the same trials."""
    prunes: bool = True
    """Whether a trial ends early that is worse than those before it, see `domain.pruning`."""

    def __post_init__(self) -> None:
        names = [axis.setting for axis in self.axes]
        if not names or len(set(names)) < len(names):
            raise ValueError("a sweep needs settings to try, each once")
        if not 1 <= self.num_trials <= MOST_TRIALS:
            raise ValueError(f"a sweep has 1 to {MOST_TRIALS} trials, not {self.num_trials}")
        if self.kind is SearchKind.GRID and self.num_combinations > self.num_trials:
            raise ValueError(
                f"that makes {self.num_combinations} combinations, more than {self.num_trials} trials; name fewer values, or take random"
            )

    @property
    def num_combinations(self) -> int:
        """Of a grid."""
        return math.prod(len(axis.grid()) for axis in self.axes)

    @property
    def settings(self) -> tuple[str, ...]:
        """Ids of what trials differ in."""
        return tuple(axis.setting for axis in self.axes)


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a run part of a sweep; in its `job.json`, so that the folder alone tells it."""

    sweep: int
    """Counts within the project, from 1."""
    number: int
    """Within the sweep, from 1."""
    num_trials: int
    plan: TrialPlan
    rivals: tuple[Curve, ...] = ()
    """Curves of earlier trials, as they are when this one starts: so it decides alike whoever watches, and when it is continued."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """The recipes of a sweep, none twice, and what was left out."""

    recipes: tuple[Recipe, ...]
    refused: tuple[Message, ...] = ()
    """Combinations that make no recipe, each once."""


def is_one_head(kept: Sequence[tuple[Recipe, Summary]]) -> bool:
    """Whether none of several trials became better than the head alone, which all of them keep: then none of them is the best.

    Trials whose heads differ, as by the size of images, are not meant.
    """
    is_head = (recipe.finetune is not None and summary.best_step == 0 for recipe, summary in kept)
    return len(kept) > 1 and all(is_head) and len({(summary.balanced_accuracy, summary.loss) for _recipe, summary in kept}) == 1


def draw(base: Recipe, plan: TrialPlan) -> Drawn:
    """The trials of `plan` on `base`. Raises `ValueError` where it makes none, or a setting means nothing in any of them."""
    recipes: dict[Recipe, None] = {}
    refused: dict[str, Message] = {}
    met: set[str] = set()
    for combination in _combinations(plan):
        if len(recipes) == plan.num_trials:
            break
        try:
            recipe, applied = combined(base, combination)
        except ValueError as error:
            refusal = _refusal(combination, error)
            refused[refusal.text()] = refusal
            continue
        met |= applied
        recipes[recipe] = None
    if not recipes:
        raise ValueError("; ".join(refused))
    idle = [setting for setting in plan.settings if setting not in met]
    if idle:
        raise ValueError(f"{', '.join(idle)} means nothing for the recipe {base.name} as it is")
    return Drawn(recipes=tuple(recipes), refused=tuple(refused.values()))


def combined(base: Recipe, combination: Combination) -> tuple[Recipe, set[str]]:
    """`base` with these settings, and which of them mean something in it. Raises `ValueError` where one is refused.

    What means nothing leaves the recipe as it is, such as alpha where there is no adapter.
    """
    applied = set()
    for id, spec in SETTINGS.items():
        if id in combination and spec.applies(base):
            base = spec.replaced(base, combination[id])
            applied.add(id)
    return base, applied


def _combinations(plan: TrialPlan) -> Iterator[Combination]:
    """Those of a grid, or by chance for as long as that brings new ones."""
    if plan.kind is SearchKind.GRID:
        for values in itertools.product(*(axis.grid() for axis in plan.axes)):
            yield dict(zip(plan.settings, values, strict=True))
        return
    chance = random.Random(plan.seed)
    if all(axis.values for axis in plan.axes) and plan.num_combinations <= _MOST_DEALT:
        # Few values: dealt without repetition, so that none is waited for in vain.
        dealt = list(itertools.product(*(axis.grid() for axis in plan.axes)))
        chance.shuffle(dealt)
        yield from (dict(zip(plan.settings, values, strict=True)) for values in dealt)
        return
    for _ in range(_DRAWS_FOR_ONE * plan.num_trials):
        yield {axis.setting: axis.drawn(chance) for axis in plan.axes}


def _refusal(combination: Combination, error: ValueError) -> Message:
    values = ", ".join(f"{id} {_text(value)}" for id, value in combination.items())
    return message("sweep.refused", "Left out, {values}: {reason}", values=values, reason=str(error))


def _text(value: Value) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
