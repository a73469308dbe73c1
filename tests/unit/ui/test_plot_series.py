"""The numbers behind a live plot: bounded memory, nothing of the shape lost, round axes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlstudio.ui.plots.items import label_top
from tlstudio.ui.plots.marks import word_places
from tlstudio.ui.plots.scale import (
    log_ticks,
    log_words,
    sensible_high,
    share_ticks,
    share_words,
    step_ticks,
    thinned,
    value_ticks,
    value_words,
)
from tlstudio.ui.plots.series import Series


def _filled(ys: list[float], capacity: int = 64) -> Series:
    series = Series(capacity)
    series.extend(list(range(len(ys))), ys)
    return series


def test_a_short_curve_is_drawn_as_it_is() -> None:
    series = _filled([3.0, 1.0, 2.0])
    xs, ys = series.drawn(400)
    assert xs.tolist() == [0, 1, 2]
    assert ys.tolist() == [3.0, 1.0, 2.0]


def test_a_line_has_a_value_between_its_points_and_none_beyond() -> None:
    series = _filled([3.0, 1.0, 2.0])
    assert [series.between(x) for x in (-0.1, 0, 0.5, 1.75, 2, 2.1)] == [None, 3.0, 2.0, 1.75, 2.0, None]
    assert not series.is_level
    assert _filled([0.5, 0.5]).is_level
    assert Series().between(0.0) is None


@settings(max_examples=60, deadline=None)
@given(
    ys=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=900),
    num_columns=st.integers(8, 300),
    capacity=st.sampled_from([4, 16, 64, 256]),
)
def test_a_long_curve_keeps_its_ends_and_extremes_in_few_points(ys: list[float], num_columns: int, capacity: int) -> None:
    series = _filled(ys, capacity)
    xs, drawn = series.drawn(num_columns)
    assert len(xs) <= 2 * num_columns
    assert (np.diff(xs) >= 0).all()
    assert (xs[0], drawn[0]) == (0, ys[0])
    assert (xs[-1], drawn[-1]) == (len(ys) - 1, ys[-1])
    assert drawn.min() == min(ys)
    assert drawn.max() == max(ys)
    assert all(y == ys[int(x)] for x, y in zip(xs, drawn, strict=True))
    assert len(series.points()[0]) <= 2 * capacity + 2


def test_a_single_spike_among_a_million_points_is_seen() -> None:
    series = Series()
    quiet = np.full(100_000, 0.5)
    quiet[54_321] = 9.0
    series.extend(range(100_000), quiet.tolist())
    xs, ys = series.drawn(300)
    assert ys.max() == 9.0
    assert xs[ys.argmax()] == 54_321
    assert series.limits == (0.0, 99_999.0, 0.5, 9.0)


def test_the_value_under_the_mouse_is_that_of_the_closest_point() -> None:
    series = _filled([1.0, 5.0, 2.0, 8.0])
    assert series.nearest(1.2) == (1.0, 5.0)
    assert series.nearest(99) == (3.0, 8.0)
    assert Series().nearest(0) is None


def test_a_cleared_series_starts_anew() -> None:
    series = _filled(list(range(500)), 16)
    series.clear()
    assert series.limits is None
    series.append(0, 4.0)
    assert series.drawn(100)[1].tolist() == [4.0]


@pytest.mark.parametrize(
    ("highest", "at"),
    [(1.13, (0, 0.5, 1.0, 1.5)), (0.9, (0, 0.25, 0.5, 0.75, 1.0)), (0.031, (0, 0.01, 0.02, 0.03, 0.04)), (0.0, (0, 0.25, 0.5, 0.75, 1.0))],
)
def test_values_stand_on_round_numbers(highest: float, at: tuple[float, ...]) -> None:
    assert value_ticks(highest).at == pytest.approx(at)


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-12, 1e12))
def test_every_value_has_room(highest: float) -> None:
    ticks = value_ticks(highest)
    assert ticks.high >= highest * (1 - 1e-9)
    assert ticks.high <= highest * 2.6
    assert len(ticks.at) <= 6


def test_a_logarithmic_axis_is_written_in_one_way_and_skips_no_decade_where_there_is_room() -> None:
    assert log_words(log_ticks(1.2e-5, 8.0)) == ("1e-5", "1e-4", "1e-3", "1e-2", "1e-1", "1e0", "1e1")
    assert log_words(log_ticks(2e-3, 8.0)) == ("0.001", "0.01", "0.1", "1", "10")


def test_a_loss_beyond_all_bounds_does_not_set_the_scale() -> None:
    assert sensible_high(4e18, 0.7) == 7.0
    assert sensible_high(2.5, 0.001) == 2.5
    assert sensible_high(900.0, 0.7) == 900.0
    assert sensible_high(5e4, 100.0) == 5e4


def test_words_of_marks_lie_neither_on_each_other_nor_outside() -> None:
    assert word_places([10.0, 40.0], [110.0, 30.0], 400.0) == [(10.0, 1), (40.0, 0)], "the earlier one goes a row up"
    assert word_places([10.0, 200.0], [110.0, 30.0], 400.0) == [(10.0, 0), (200.0, 0)]
    assert word_places([390.0], [30.0], 400.0) == [(370.0, 0)], "within the plot"
    assert word_places([10.0, 12.0, 14.0], [50.0] * 3, 400.0)[0][1] is None, "no third row"


def test_ticks_of_a_low_axis_are_as_many_as_have_room_for_words() -> None:
    ticks = share_ticks(0.3)
    assert thinned(ticks, 200).at == ticks.at
    assert thinned(ticks, 40).at == (0.0, 0.5, 1.0)
    assert thinned(ticks, 20).at == thinned(ticks, 0).at == (0.0, 1.0)
    assert thinned(share_ticks(0.93), 40).at[-1] == 1.0


def test_shares_are_looked_at_closely_only_when_all_are_high() -> None:
    assert share_ticks(0.31).low == 0.0
    assert share_ticks(0.62).low == 0.5
    assert share_ticks(0.93).low == 0.75
    assert all(share_ticks(low).high == 1.0 for low in (0.0, 0.5, 0.99))


def test_epochs_are_whole_and_few() -> None:
    assert step_ticks(0, 14, most=8) == (0, 2, 4, 6, 8, 10, 12, 14)
    assert len(step_ticks(0, 12_345)) <= 8
    assert step_ticks(0, 1) == (0, 1)


def test_the_words_of_an_axis_have_the_same_digits() -> None:
    assert value_words(value_ticks(1.2)) == ("0", "0.5", "1.0", "1.5")
    assert value_words(value_ticks(0.9)) == ("0", "0.25", "0.50", "0.75", "1.00")
    assert value_words(value_ticks(3000)) == ("0", "1000", "2000", "3000")
    assert share_words(share_ticks(0.3)) == ("0 %", "25 %", "50 %", "75 %", "100 %")


@pytest.mark.parametrize("point_y", range(200))
def test_the_label_of_a_point_lies_neither_on_its_mark_nor_above_the_plot(point_y: int) -> None:
    top = label_top(point_y)
    assert top >= 0
    assert top + 18 <= point_y or top > point_y
