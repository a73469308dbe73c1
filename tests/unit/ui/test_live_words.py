"""What the line of the live model says."""

from tlstudio.domain.serving import FeaturesMissing, HeadJudged
from tlstudio.ui.data.live_words import MOST_NEW, LiveState, missing_words


def judged(balanced: float, *, names: tuple[str, ...] = ("ants", "bees"), num: int = 150, num_left_out: int = 0) -> HeadJudged:
    return HeadJudged(
        class_ids=names,
        class_names=names,
        predicted=dict.fromkeys(range(num), 0),
        confusion=((num, 0), (0, 0)),
        accuracy=0.5,
        balanced_accuracy=balanced,
        loss=1.0,
        penalty=1.0,
        is_settled=True,
        num_train=700,
        num_left_out=num_left_out,
        seconds=0.01,
    )


def test_it_compares_with_the_figures_before_the_last_change() -> None:
    state = LiveState()
    assert state.words == ""
    state.take(judged(0.904), is_change=True)
    assert state.words == "Live model: 90.4 % balanced on 150 validation images"
    state.take(judged(0.912), is_change=True)
    assert state.words == "Live model: 91.2 % balanced on 150 validation images (was 90.4 %)"
    state.take(judged(0.915), is_change=False)
    assert state.words == "Live model: 91.5 % balanced on 150 validation images (was 90.4 %)"
    state.take(judged(0.915), is_change=True)
    assert state.words.endswith("(as before)")


def test_other_classes_do_not_compare() -> None:
    state = LiveState()
    state.take(judged(0.904), is_change=True)
    state.take(judged(0.5, names=("ants", "bees", "wasps"), num=1), is_change=True)
    assert state.words == "Live model: 50.0 % balanced on 1 validation image"


def test_old_figures_are_not_shown_for_labels_they_are_not_of() -> None:
    state = LiveState()
    state.take(judged(0.904, num_left_out=2), is_change=True)
    assert state.words.endswith(" · 2 images could not be read")
    assert state.has_matrix
    state.explain("waits")
    assert state.words == "Live model: waits"
    assert not state.has_matrix
    state.explain("")
    assert state.has_matrix
    state.forget()
    assert not state.has_matrix
    assert state.words == ""


def test_a_few_new_images_are_looked_at_and_many_wait_for_a_run() -> None:
    assert missing_words(FeaturesMissing(num_missing=1, num_images=9)) == "looking at 1 new image first…"
    assert missing_words(FeaturesMissing(num_missing=20, num_images=900)) == "looking at 20 new images first…"
    assert "the next run looks at them" in missing_words(FeaturesMissing(num_missing=MOST_NEW + 1, num_images=900))
