"""The learning-rate range test: rates that rise evenly in their logarithm, and the suggestion where the loss falls most steeply."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.domain.rate_finder import HIGHEST_RATE, LOWEST_RATE, NUM_STEPS, RunningLoss, rate_at, smoothed, suggested_rate

RATES = [rate_at(step) for step in range(NUM_STEPS)]


def curve(middle: float, end: float) -> list[float]:
    """Falls around 10^middle, rises beyond 10^end."""
    logs = [math.log10(rate) for rate in RATES]
    return [1 - 0.6 / (1 + math.exp(-4 * (at - middle))) + math.exp(3 * (at - end)) for at in logs]


def test_rates_go_from_end_to_end_by_one_factor() -> None:
    assert RATES[0] == LOWEST_RATE
    assert RATES[-1] == pytest.approx(HIGHEST_RATE)
    factors = [after / before for before, after in pairwise(RATES)]
    assert factors == pytest.approx([factors[0]] * len(factors))


@pytest.mark.parametrize("middle", [-4.5, -3.5, -2.5])
def test_the_steepest_fall_is_suggested(middle: float) -> None:
    found = suggested_rate(RATES, curve(middle, -0.5))
    assert found is not None
    assert math.log10(found) == pytest.approx(middle, abs=0.2)


def test_nothing_is_suggested_where_nothing_falls_or_little_was_tried() -> None:
    assert suggested_rate(RATES, [1.0 + 0.001 * step for step in range(NUM_STEPS)]) is None
    assert suggested_rate(RATES, [1.0 - 1e-4 * step for step in range(NUM_STEPS)]) is None
    assert suggested_rate(RATES[:3], [1.0, 0.5, 0.2]) is None


@given(st.lists(st.floats(0.01, 100.0), min_size=5, max_size=NUM_STEPS))
def test_a_suggestion_lies_before_the_lowest_loss(losses: list[float]) -> None:
    found = suggested_rate(RATES[: len(losses)], losses)
    means = smoothed(losses)
    if found is not None:
        assert RATES[0] * 0.9 <= found <= RATES[means.index(min(means))] * 1.06


@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=NUM_STEPS))
def test_smoothing_stays_within_the_losses_and_leaves_equal_ones(losses: list[float]) -> None:
    assert all(min(losses) - 1e-9 <= mean <= max(losses) + 1e-9 for mean in smoothed(losses))
    assert smoothed([losses[0]] * len(losses)) == pytest.approx([losses[0]] * len(losses))


@given(st.floats(0.1, 10.0), st.integers(9, 60))
def test_losses_run_away_where_they_are_a_multiple_of_the_lowest(loss: float, count: int) -> None:
    running = RunningLoss()
    assert not any(running.has_diverged(loss) for _step in range(count))
    assert any(running.has_diverged(1000 * loss) for _step in range(5)), "one alone may be a hard batch"


@given(st.floats(0.1, 10.0), st.integers(0, 60), st.sampled_from([math.nan, math.inf]))
def test_a_loss_that_is_no_number_ends_it_at_once(loss: float, count: int, last: float) -> None:
    running = RunningLoss()
    assert not any(running.has_diverged(loss) for _step in range(count))
    assert running.has_diverged(last)


def test_one_hard_batch_among_the_first_easy_ones_is_not_taken_for_too_large_a_rate() -> None:
    running = RunningLoss()
    assert not any(map(running.has_diverged, [0.352, 0.351, 0.347, 0.417, 0.353, 7.286, *[0.35] * 30]))
