"""When a process that helps computes its share of an exam once more."""

from collections.abc import Generator
from unittest.mock import Mock

from tlstudio.domain.events import AnyEvent
from tlstudio.engine import crew_words as words
from tlstudio.engine.data.away import ImagesAway
from tlstudio.engine.data.features import Features
from tlstudio.engine.helping import _Helper
from tlstudio.errors import TLStudioError
from tlstudio.messages import message

GONE = message("images.gone", "The images are away.")


def asked_whether_done(trouble: TLStudioError) -> tuple[bool, bool]:
    """Whether a helper whose share came to `trouble` computes it again as rank 0 asks, and whether it says that it is done."""
    helper = object.__new__(_Helper)
    helper._crew, helper._trouble = Mock(), trouble
    helper._features = helper._sitting = None
    began = []

    def exam() -> Generator[AnyEvent, None, Features]:
        began.append(True)
        yield Mock()
        return Mock()

    helper._exam = exam  # type: ignore[method-assign]
    helper.obey(words.Sit())
    (call,) = helper._crew.have_sat.call_args_list
    return bool(began), call.kwargs["mine"]


def test_what_failed_is_not_computed_again_before_rank_0_hears_of_it() -> None:
    assert asked_whether_done(TLStudioError(GONE, GONE)) == (False, True)
    assert asked_whether_done(ImagesAway(GONE, are_back=lambda: False)) == (False, True)


def test_it_is_once_the_images_are_back() -> None:
    assert asked_whether_done(ImagesAway(GONE, are_back=lambda: True)) == (True, False)
