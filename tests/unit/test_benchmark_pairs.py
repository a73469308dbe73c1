"""What differences between pairs say, and how many epochs fit into a budget."""

import math

import pytest

from benchmarks.paired import difference, epochs_within


def test_a_difference_is_the_mean_of_pairs_with_the_interval_of_students_t() -> None:
    found = difference([0.70, 0.72, 0.74], [0.69, 0.70, 0.71])
    assert found.mean == pytest.approx(0.02)
    # t(0.975, 2) = 4.303, standard deviation 0.01, three pairs.
    assert found.half_width == pytest.approx(4.3027 * 0.01 / math.sqrt(3), rel=1e-3)
    assert found.shown() == "+2.0 ± 2.5 points"


def test_a_single_pair_has_no_interval() -> None:
    found = difference([0.5], [0.51])
    assert found.half_width == math.inf
    assert found.shown() == "-1.0 points"


@pytest.mark.parametrize(("ours", "counts"), [(0.695, True), (0.694, False), (0.8, True)])
def test_a_ratio_counts_down_to_half_a_point_less(ours: float, counts: bool) -> None:
    assert difference([ours], [0.7]).is_guarded is counts


def test_pairs_must_be_pairs() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        difference([], [])
    with pytest.raises(ValueError, match="shorter"):
        difference([0.1, 0.2], [0.1])


@pytest.mark.parametrize(("budget_s", "epochs"), [(100.0, 10), (109.0, 10), (30.0, 5)])
def test_a_peer_gets_the_epochs_that_fit_and_never_fewer_than_usual(budget_s: float, epochs: int) -> None:
    assert epochs_within(budget_s, 10.0, least=5) == epochs
