"""The comparison that an export has to pass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.evaluation.comparison import compare_probabilities
from tlstudio.evaluation.predictions import softmax

PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])


def test_the_same_answers_hold() -> None:
    parity = compare_probabilities(PROBABILITIES, PROBABILITIES.copy())
    assert (parity.num_images, parity.num_same, parity.max_difference) == (3, 3, 0.0)
    assert parity.near_ties == ()
    assert parity.holds


def test_a_value_beyond_the_tolerance_does_not_hold_though_the_class_is_the_same() -> None:
    other = PROBABILITIES + np.array([[0.0002, -0.0002, 0.0], [0, 0, 0], [0, 0, 0]])
    parity = compare_probabilities(PROBABILITIES, other)
    assert parity.num_same == 3
    assert parity.max_difference == pytest.approx(0.0002)
    assert not parity.holds
    assert compare_probabilities(PROBABILITIES, other, tolerance=1e-3).holds


def test_another_class_at_a_near_tie_is_counted_and_named_but_holds() -> None:
    reference, other = np.array([[0.49999, 0.50001], [0.9, 0.1]]), np.array([[0.50001, 0.49999], [0.9, 0.1]])
    parity = compare_probabilities(reference, other)
    assert parity.num_same == 1
    assert parity.near_ties == (0,)
    assert parity.different == (0,)
    assert parity.holds


def test_another_class_elsewhere_does_not_hold() -> None:
    parity = compare_probabilities(np.array([[0.6, 0.4]]), np.array([[0.4, 0.6]]), tolerance=0.05)
    assert parity.different == (0,)
    assert not parity.holds


def test_an_answer_that_is_not_a_number_is_never_the_same() -> None:
    other = PROBABILITIES.copy()
    other[1] = np.nan
    parity = compare_probabilities(PROBABILITIES, other)
    assert (parity.num_same, parity.max_difference, parity.different) == (2, 1.0, (1,))
    assert not parity.holds


def test_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="shapes"):
        compare_probabilities(PROBABILITIES, PROBABILITIES[:2])


def test_no_images_hold_trivially() -> None:
    parity = compare_probabilities(np.empty((0, 3)), np.empty((0, 3)))
    assert (parity.num_images, parity.num_same, parity.holds) == (0, 0, True)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.floats(0, 1e-5))
def test_a_change_within_the_tolerance_always_holds(seed: int, num_classes: int, size: float) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(size=(30, num_classes)) * 4
    reference, other = softmax(logits), softmax(logits + random.uniform(-size, size, logits.shape))
    parity = compare_probabilities(reference, other)
    assert parity.holds
    assert parity.num_same + len(parity.different) == 30
