"""Which rule suits deep images: the whole range of the type, or the part of it that is used."""

import numpy as np
import numpy.typing as npt
import pytest

from tlstudio.datasets.deep import DeepValues, propose_rule, to_eight_bits, values_held
from tlstudio.domain.intensity import IntensityRule


def held(values: npt.NDArray[np.generic], bits: int | None = None) -> DeepValues:
    found = values_held(values, bits=bits)
    assert found is not None
    return found


def ramp(low: float, high: float, kind: type) -> npt.NDArray[np.generic]:
    return np.linspace(low, high, 5000).reshape(50, 100).astype(kind)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        (ramp(0, 65_535, np.uint16), None),
        (ramp(2_000, 30_000, np.uint16), None),
        (ramp(100, 4_000, np.uint16), IntensityRule(kind="window", low=0, high=4_095)),
        (ramp(0, 200, np.uint16), IntensityRule(kind="window", low=0, high=255)),
        (ramp(0, 900, np.int32), IntensityRule(kind="window", low=0, high=1_023)),
        (ramp(0, 1, np.float32), None),
        (ramp(0.2, 0.9, np.float64), None),
        (np.full((9, 9), 300, np.uint16), None),
        (np.full((9, 9), 0.5, np.float32), None),
    ],
)
def test_proposal(values: npt.NDArray[np.generic], rule: IntensityRule | None) -> None:
    assert propose_rule([held(values)]) == rule


def test_floats_beyond_one_and_below_zero_get_what_they_hold() -> None:
    rule = propose_rule([held(ramp(-1, 5, np.float32)), held(ramp(0, 9, np.float32))])
    assert rule is not None
    assert (rule.low, rule.high) == pytest.approx((-1, 9), abs=0.02)
    signed = propose_rule([held(ramp(-1000, 3000, np.int16))])
    assert signed is not None
    assert (signed.low, signed.high) == pytest.approx((-1000, 3000), abs=5)


def test_the_brightest_of_several_images_counts() -> None:
    assert propose_rule([held(ramp(0, 300, np.uint16)), held(ramp(0, 3_000, np.uint16))]) == IntensityRule(kind="window", low=0, high=4_095)


def test_a_file_that_says_twelve_bits_needs_no_window() -> None:
    assert propose_rule([held(ramp(0, 4_000, np.uint16), bits=12)]) is None


@pytest.mark.parametrize("scale", [1, 37])
@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.float32])
def test_percentiles_make_images_of_any_exposure_alike(scale: int, kind: type) -> None:
    values = (np.arange(1001).reshape(7, 143) * scale + 5).astype(kind)
    rule = IntensityRule(kind="percentiles", low=1, high=99)
    expected = np.floor(np.clip((np.arange(1001) - 10) * 255 / 980, 0, 255) + 0.5).reshape(7, 143)
    np.testing.assert_array_equal(to_eight_bits(values, rule), expected)


def test_percentiles_of_an_image_without_structure_or_without_values() -> None:
    rule = IntensityRule(kind="percentiles", low=0.1, high=99.9)
    assert not to_eight_bits(np.full((5, 5), 40_000, np.uint16), rule).any()
    assert not to_eight_bits(np.full((5, 5), np.nan, np.float32), rule).any()
    half = np.array([[np.nan, 1.0, np.inf, 3.0]], np.float32)
    np.testing.assert_array_equal(to_eight_bits(half, IntensityRule(kind="percentiles", low=0, high=100)), [[0, 0, 255, 255]])
    np.testing.assert_array_equal(to_eight_bits(np.array([[3, 200]], np.uint8), rule), [[3, 200]])


@pytest.mark.parametrize(("low", "high"), [(-1, 50), (50, 50), (60, 40), (0, 101), (float("nan"), 50)])
def test_percentiles_that_are_none_are_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="percentiles"):
        IntensityRule(kind="percentiles", low=low, high=high)


def test_nothing_deep_nothing_proposed() -> None:
    assert values_held(np.zeros((4, 4), np.uint8)) is None
    assert values_held(np.full((4, 4), np.nan, np.float32)) is None
    assert propose_rule([]) is None
