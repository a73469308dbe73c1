"""The learning-rate finder's state: events in, a curve, a suggestion and words out."""

import math

import msgspec
import pytest

from tlstudio.domain import events as ev
from tlstudio.domain.rate_finder import rate_at
from tlstudio.domain.recipe import RECIPES, NetworkPart, Recipe
from tlstudio.domain.run_state import RunState, apply
from tlstudio.messages import message
from tlstudio.ui.zoo.cockpit.finding import FinderModel

RECIPE = RECIPES["balanced"].build(NetworkPart(architecture="resnet18"))
LOSSES = [1.0] * 10 + [1.0 - 0.08 * step for step in range(10)] + [0.3 + 0.4 * step for step in range(10)]


def told(*more: ev.AnyEvent, losses: list[float] = LOSSES) -> RunState:
    state = RunState()
    events: list[ev.AnyEvent] = [ev.Started(attempt=1, pid=1), ev.PhaseStarted(phase="rates", total=30, silence_limit_s=9)]
    events += [ev.RateTried(step=step + 1, rate=rate_at(step, 30), loss=loss) for step, loss in enumerate(losses)]
    for event in (*events, *more):
        state = apply(state, event)
    return state


@pytest.fixture
def model() -> FinderModel:
    result = FinderModel()
    result.begin(RECIPE)
    return result


def changed(**part: object) -> Recipe:
    assert RECIPE.finetune is not None
    return msgspec.structs.replace(RECIPE, finetune=msgspec.structs.replace(RECIPE.finetune, **part))


def test_the_curve_grows_while_it_runs_and_says_where_it_stands(model: FinderModel) -> None:
    assert model.curve == ([], [])
    model.follow(told(losses=LOSSES[:12]))
    assert model.is_running
    assert model.words(RECIPE) == "Trying rate 12 of 30"
    powers, losses = model.curve
    assert len(powers) == len(losses) == 12
    assert powers[0] == pytest.approx(-6)
    assert not model.can_use(RECIPE)


def test_what_runs_away_leaves_the_plot_and_what_is_no_number_is_no_point(model: FinderModel) -> None:
    lost = ev.RateTried(step=31, rate=1.0, loss=None)
    model.follow(told(lost, ev.RateFound(rate=1.2e-3), ev.Finished()))
    powers, losses = model.curve
    assert len(powers) == 30
    assert max(losses) == pytest.approx(1.3, rel=0.01)
    assert min(losses) < 0.7
    assert all(math.isfinite(loss) for loss in losses)


def test_a_suggestion_holds_for_these_settings_until_it_is_taken(model: FinderModel) -> None:
    model.follow(told(ev.RateFound(rate=2e-3), ev.Finished()))
    assert not model.is_running
    assert "2e-3" in model.words(RECIPE)
    assert model.can_use(RECIPE)
    assert model.can_use(changed(learning_rate=5e-4, epochs=3)), "the length and the rate do not matter to it"
    assert not model.can_use(changed(learning_rate=2e-3))
    assert not model.can_use(changed(num_stages=4))
    assert model.words(changed(num_stages=4)).startswith("Found with other settings")
    quick = RECIPES["quick"].build(RECIPE.network)
    assert not model.can_use(quick)
    assert "solved" in model.words(quick)


def test_nothing_is_suggested_where_nothing_fell_or_it_did_not_end(model: FinderModel) -> None:
    model.follow(told(ev.RateFound(rate=None), ev.Finished()))
    assert "none is suggested" in model.words(RECIPE)
    assert not model.can_use(RECIPE)
    model.begin(RECIPE)
    model.follow(told(ev.Stopped()))
    assert model.words(RECIPE).startswith("Stopped")
    model.begin(RECIPE)
    model.follow(told(ev.Failed(title=message("test.rates", "No."), hint=message("test.rates.hint", "None."))))
    assert not model.is_running
    assert not model.can_use(RECIPE)


def test_an_attempt_after_another_begins_anew(model: FinderModel) -> None:
    model.follow(told(ev.RateTried(step=1, rate=1e-6, loss=2.0)))
    assert model.curve == ([-6.0], [2.0])
