"""Smoothing takes the noise of single batches out of a curve and leaves the curve itself where it is."""

import math

import numpy as np
import pytest

from tlstudio.ui.plots.scale import UNITS, log_ticks, log_words
from tlstudio.ui.plots.smoothing import Line, Smoother


@pytest.mark.parametrize("weight", [0.6, 0.9, 0.98])
def test_it_is_the_debiased_average_of_all_points_so_far(weight: float) -> None:
    values = np.random.default_rng(0).normal(1.0, 0.3, 200)
    smoother = Smoother(weight)
    found = [smoother.next(value) for value in values]
    shares = weight ** np.arange(200)
    expected = [np.average(values[: count + 1][::-1], weights=shares[: count + 1]) for count in range(200)]
    assert found == pytest.approx(expected)


def test_the_first_point_and_a_level_stay_where_they_are() -> None:
    smoother = Smoother(0.98)
    assert [smoother.next(0.7) for _ in range(5)] == pytest.approx([0.7] * 5)


def test_a_value_that_is_not_finite_is_passed_over() -> None:
    smoother = Smoother(0.9)
    assert smoother.next(1.0) == pytest.approx(1.0)
    assert math.isnan(smoother.next(math.nan))
    assert smoother.next(1.0) == pytest.approx(1.0)


def test_points_that_come_later_are_smoothed_as_if_all_had_been_there() -> None:
    ys = np.random.default_rng(1).uniform(0, 1, 60).tolist()
    late, at_once = Line(), Line()
    late.extend(range(30), ys[:30])
    late.smooth(0.9)
    late.extend(range(30, 60), ys[30:])
    at_once.smooth(0.9)
    at_once.extend(range(60), ys)
    assert late.drawn.points()[1] == pytest.approx(at_once.drawn.points()[1])
    assert late.raw.points()[1].tolist() == ys
    assert np.ptp(late.drawn.points()[1][20:]) < np.ptp(ys[20:])
    late.smooth(0.0)
    assert late.drawn is late.raw


def test_a_line_that_begins_anew_forgets_its_past() -> None:
    line = Line()
    line.smooth(0.98)
    line.extend(range(9), [100.0] * 9)
    line.clear()
    line.extend([0.0], [1.0])
    assert line.drawn.last == (0.0, pytest.approx(1.0))


def test_a_logarithmic_axis_stands_on_powers_of_ten() -> None:
    assert log_ticks(3e-4, 0.02).at == pytest.approx((1e-4, 1e-3, 1e-2, 1e-1))
    assert log_words(log_ticks(3e-4, 0.02)) == ("0.0001", "0.001", "0.01", "0.1")
    assert log_ticks(0.0, 1.0).low == pytest.approx(1e-6)
    assert len(log_ticks(1e-6, 9e5).at) <= 7
    assert log_ticks(2.0, 3.0).at == pytest.approx((1.0, 10.0))


@pytest.mark.parametrize(
    ("unit", "highest", "words", "value", "readout"),
    [
        ("load", 0.2, ("0 %", "25 %", "50 %", "75 %", "100 %"), 0.954, "95 %"),
        ("part", 0.004, ("0 %", "0.1 %", "0.2 %", "0.3 %", "0.4 %"), 0.004, "0.4 %"),
        ("rate", 1900, ("0", "500", "1000", "1500", "2000"), 1840.2, "1,840 img/s"),
        ("gigabytes", 3.1, ("0 GB", "1 GB", "2 GB", "3 GB", "4 GB"), 3.1, "3.10 GB"),
        ("degrees", 61, ("0 °C", "20 °C", "40 °C", "60 °C", "80 °C"), 61.0, "61 °C"),
    ],
)
def test_each_unit_has_an_axis_and_a_readout(unit: str, highest: float, words: tuple[str, ...], value: float, readout: str) -> None:
    ticks = UNITS[unit].ticks(0.0, highest)
    assert UNITS[unit].words(ticks) == words
    assert UNITS[unit].readout(value) == readout
