"""After a fine-tuning it is said which epoch is the model."""

import msgspec

from tests.journals import states
from tlstudio.domain.trace import Trace
from tlstudio.jobs.outcome import kept_words


def test_the_best_epoch_is_named() -> None:
    words = kept_words(states("balanced")[-1])
    assert words is not None
    assert words.text() == "Kept: epoch 10"


def test_a_fine_tuning_that_was_no_better_than_the_head_is_told_as_that() -> None:
    state = states("balanced")[-1]
    only_head = Trace([msgspec.structs.replace(item, is_best=item.epoch == 0) for item in state.validations])
    words = kept_words(msgspec.structs.replace(state, validations=only_head))
    assert words is not None
    assert "the head alone" in words.text()


def test_without_fine_tuning_there_was_nothing_to_choose() -> None:
    assert kept_words(states("quick")[-1]) is None
