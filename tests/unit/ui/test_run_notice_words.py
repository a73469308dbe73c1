"""The notice of a run says where fine-tuning did not help, and keeps silent where it did."""

import msgspec

from tests.journals import states
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.domain.trace import Trace
from tlstudio.ui.train.run_notice import words_of

RUN = Run(
    number=1,
    recipe=RECIPES["balanced"].build(NetworkPart(architecture="resnet18")),
    weights_name="",
    created_at=0.0,
    status=Status.FINISHED,
)


def test_that_only_the_head_was_kept_is_said() -> None:
    state = states("balanced")[-1]
    assert words_of(RUN, state) is None
    only_head = Trace([msgspec.structs.replace(item, is_best=item.epoch == 0) for item in state.validations])
    words = words_of(RUN, msgspec.structs.replace(state, validations=only_head))
    assert words is not None
    assert (words.title, words.tone) == ("Kept: the head alone; fine-tuning did not make it better on validation.", "neutral")
