"""The state of the learning-rate finder: what was tried with which recipe, the curve to draw, and what may be done with it. No Qt."""

from math import log10

import msgspec

from tlstudio.domain.estimates import rate_finder_s
from tlstudio.domain.rate_finder import smoothed, taken_over
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.setting_spec import Value
from tlstudio.jobs.outcome import words
from tlstudio.ui.words import say, tr
from tlstudio.ui.zoo.cockpit.known import Known
from tlstudio.ui.zoo.cockpit.rates import rate_words

_SHOWN_UP_TO = 1.3
"""Of the first loss: where it runs away, the curve leaves the plot, else its fall could not be seen."""


class FinderModel:
    """Plain state; one search at a time."""

    def __init__(self) -> None:
        self.tried: Recipe | None = None
        self.state = RunState()
        self.is_running = False

    def begin(self, recipe: Recipe) -> None:
        """A search with this recipe; what an earlier one found is gone."""
        self.tried, self.state, self.is_running = recipe, RunState(), True

    def follow(self, state: RunState) -> None:
        """What the job says now."""
        self.state = state
        self.is_running = not state.status.is_over

    def clear(self) -> None:
        """As if nothing had been tried."""
        self.tried, self.state, self.is_running = None, RunState(), False

    @property
    def curve(self) -> tuple[list[float], list[float]]:
        """Powers of ten of the rates, and the smoothed losses."""
        tried = [(item.rate, item.loss) for item in self.state.rates if item.loss is not None]
        losses = smoothed([loss for _rate, loss in tried])
        return [log10(rate) for rate, _loss in tried], [min(loss, _SHOWN_UP_TO * losses[0]) for loss in losses]

    @property
    def suggested(self) -> float | None:
        """The rate to train with."""
        return self.state.found.rate if self.state.found is not None else None

    def can_use(self, recipe: Recipe | None) -> bool:
        """Whether what was found holds for `recipe`, and is something else than it has."""
        is_known = recipe is not None and self.suggested is not None and _same(self.tried, recipe)
        return is_known and recipe.finetune is not None and recipe.finetune.learning_rate != self.suggested  # type: ignore[union-attr]

    def changes(self, recipe: Recipe | None) -> dict[str, Value]:
        """Settings that take the suggestion over."""
        return taken_over(self.suggested, recipe) if recipe is not None and self.suggested is not None else {}

    def words(self, recipe: Recipe | None) -> str:
        """What it is, where it stands, or what came of it."""
        if recipe is not None and recipe.finetune is None:
            return tr("Only the new head learns, and it is solved: there is no rate to find.")
        if self.is_running:
            return say(words(self.state))
        if self.tried is None:
            return tr("Begins this training with rates from far too small to far too large, and throws it away.")
        if self.state.status is not Status.FINISHED:
            return say(words(self.state))
        if not _same(self.tried, recipe):
            return tr("Found with other settings: run it again for these.")
        if self.suggested is None:
            return tr("The loss fell at no rate, so none is suggested: the one that is set is as good as any.")
        return tr("The loss falls most steeply at {rate}: a good rate for the head.", rate=rate_words(self.suggested))


def seconds(known: Known | None, recipe: Recipe | None) -> float | None:
    """What a search would take; None where there is nothing to search with."""
    if known is None or known.sizes is None or recipe is None or recipe.finetune is None:
        return None
    return rate_finder_s(known.profile, known.machine, recipe, known.sizes)


def _same(one: Recipe | None, other: Recipe | None) -> bool:
    """Whether they differ in nothing but learning rates, their name and how long they go on."""
    return one is not None and other is not None and _plain(one) == _plain(other)


def _plain(recipe: Recipe) -> Recipe:
    part = recipe.finetune
    if part is not None:
        part = msgspec.structs.replace(part, learning_rate=1.0, stage_rates=(), epochs=1, patience=0, warmup=0.0)
    return msgspec.structs.replace(recipe, name="", finetune=part)
