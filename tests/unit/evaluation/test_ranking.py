"""What is advised: the best, or one as good that is clearly faster; never more than the folds can tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.domain.events import NetworkRanked
from tlstudio.domain.ranking import Ranking, fit_words, share_words
from tlstudio.domain.report import Estimate
from tlstudio.evaluation.cross_validation import paired_difference
from tlstudio.evaluation.ranking import CLEARLY_FASTER, at_most_below, build


def network(name: str, *balanced: float, speed: float = 100.0, num_images: int = 400) -> NetworkRanked:
    return NetworkRanked(
        weights=name,
        architecture=name,
        name=name,
        balanced=balanced,
        plain=balanced,
        penalties=(0.1,) * len(balanced),
        num_images=num_images,
        num_cached=0,
        images_per_second=speed,
    )


def ranking(*found: NetworkRanked, num_classes: int = 3) -> Ranking:
    report = build(found, num_units=found[0].num_images, num_classes=num_classes)
    assert report is not None
    return report


def test_one_that_is_as_good_and_three_times_as_fast_is_advised() -> None:
    vit = network("ViT-Tiny", 0.94, 0.92, 0.93, 0.95, 0.91, speed=50)
    mobile = network("MobileNetV2", 0.93, 0.93, 0.92, 0.94, 0.91, speed=150)
    report = ranking(mobile, vit, network("Starter", 0.8, 0.79, 0.81, 0.8, 0.82, speed=900))
    assert report.advised == "MobileNetV2"
    assert report.advice.text() == (
        "ViT-Tiny is best on your images (.93 ± .05) and MobileNetV2 is as good within what 400 images can tell, "
        "at 3.0 times the speed: take MobileNetV2."
    )
    assert [item.name for item in report.networks] == ["ViT-Tiny", "MobileNetV2", "Starter"]
    assert [item.is_as_good for item in report.networks] == [True, True, False]


def test_a_clear_winner_is_advised_however_slow_it_is() -> None:
    report = ranking(network("big", 0.95, 0.94, 0.96, 0.95, 0.95, speed=2), network("small", 0.7, 0.72, 0.69, 0.71, 0.7, speed=900))
    assert report.advised == "big"
    assert report.advice.text() == "big is best on your images (.95 ± .05): take it."


def test_one_as_good_that_is_hardly_faster_is_not_worth_a_change() -> None:
    report = ranking(network("a", 0.9, 0.91, 0.92, 0.9, 0.91), network("b", 0.9, 0.91, 0.91, 0.9, 0.91, speed=120))
    assert report.advised == "a"
    assert "b is as good within what 400 images can tell, but not clearly faster: take a." in report.advice.text()


def test_few_images_do_not_make_a_bad_network_good() -> None:
    """Thirty images cannot prove the difference; ten points are still not given away for speed."""
    best, fast = network("best", 0.9, 0.8, 1.0, 0.9, 0.9, num_images=30), network("fast", 0.8, 0.9, 0.8, 0.7, 0.8, speed=900, num_images=30)
    assert paired_difference(best.balanced, fast.balanced, num_units=30).low < 0
    report = ranking(best, fast)
    assert report.advised == "best"
    assert "best is probably best on your images" in report.advice.text()
    assert "30 images cannot tell it from fast for certain: take best." in report.advice.text()


def test_three_times_the_errors_are_not_as_good_however_few_they_are() -> None:
    best = network("best", 0.99, 1.0, 0.98, 0.99, 0.99, num_images=210)
    fast = network("fast", 0.97, 0.97, 0.97, 0.97, 0.97, speed=900, num_images=210)
    assert ranking(best, fast).advised == "best"
    assert at_most_below(0.93) == pytest.approx(0.02)
    assert at_most_below(0.99) == pytest.approx(0.005)
    assert at_most_below(0.5) == pytest.approx(0.02)


def test_where_nothing_is_told_apart_nothing_is_advised() -> None:
    report = ranking(network("a", 0.34, 0.3, 0.4, 0.33, 0.36, num_images=60), network("b", 0.33, 0.3, 0.3, 0.33, 0.36, num_images=60))
    assert report.advised is None
    assert "guessing gives .33" in report.advice.text()


def test_one_network_alone_is_not_called_the_best() -> None:
    assert (
        ranking(network("a", 0.9, 0.9, 0.92, 0.88, 0.9)).advice.text() == "a is the only network that was ranked: .90 ± .06 on your images."
    )


def test_nothing_found_is_no_ranking() -> None:
    assert build([], num_units=10, num_classes=2) is None


def test_the_difference_of_the_same_folds_is_known_better_than_each_figure() -> None:
    """Folds that are hard for both do not hide that one is always ahead."""
    one, other = (0.95, 0.75, 0.85, 0.65, 0.9), (0.9, 0.7, 0.8, 0.6, 0.85)
    difference = paired_difference(one, other, num_units=4000)
    assert difference.value == pytest.approx(0.05)
    assert difference.low > 0
    # Of few images the same difference may be luck: at least as many were drawn otherwise.
    assert paired_difference(one, other, num_units=60).low < 0


@pytest.mark.parametrize(("value", "words"), [(0.934, ".93"), (1.0, "1.00"), (0.999, "1.00"), (0.05, ".05"), (0.0, ".00")])
def test_shares_are_written_as_in_the_table(value: float, words: str) -> None:
    assert share_words(value) == words
    assert fit_words(Estimate(value=value, low=value, high=value)) == f"{words} ± .00"


figures = st.lists(st.floats(0, 1), min_size=5, max_size=5).map(tuple)


@given(st.lists(st.tuples(figures, st.floats(1, 1000)), min_size=1, max_size=6), st.integers(10, 5000))
def test_what_is_advised_is_never_far_below_the_best_nor_slower_than_it_without_need(
    found: list[tuple[tuple[float, ...], float]], num_images: int
) -> None:
    report = ranking(*(network(str(index), *balanced, speed=speed, num_images=num_images) for index, (balanced, speed) in enumerate(found)))
    assert [item.fit.value for item in report.networks] == sorted((item.fit.value for item in report.networks), reverse=True)
    if report.advised is None:
        assert report.networks[0].fit.low <= 1 / 3
        return
    best, advised = report.networks[0], report.of(report.advised)
    assert advised is not None
    assert best.fit.value - advised.fit.value <= at_most_below(best.fit.value) + 1e-9
    assert advised is best or advised.images_per_second >= CLEARLY_FASTER * best.images_per_second
