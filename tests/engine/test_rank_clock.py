"""The share of a ranking and the time left: from what was expected, corrected by what the first networks took."""

import pytest

from tlstudio.engine.rank_clock import RankClock


def test_the_share_is_that_of_the_work_and_not_of_the_networks() -> None:
    clock = RankClock([("small", 10.0), ("large", 90.0)], num_images=100, clock=lambda: 0.0)
    assert clock.now(50).share == pytest.approx(0.05)
    clock.next()
    half = clock.now(50)
    assert (half.name, half.number, half.total, half.done, half.num_images) == ("large", 2, 2, 50, 100)
    assert half.share == pytest.approx(0.55)


def test_the_time_left_follows_how_long_it_takes_here() -> None:
    now = 0.0
    clock = RankClock([("small", 10.0), ("large", 90.0)], num_images=100, clock=lambda: now)
    assert clock.now(0).seconds_left == pytest.approx(100.0)
    now = 30.0  # three times as long as expected
    clock.next()
    assert clock.now(0).seconds_left == pytest.approx(270.0)


def test_where_nothing_costs_anything_the_share_stays_a_share() -> None:
    clock = RankClock([("known", 0.0)], num_images=0, clock=lambda: 0.0)
    assert 0.0 <= clock.now(0).share <= 1.0
