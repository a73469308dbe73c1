"""Trials that all keep the head alone are one model, and none of them is the best."""

import msgspec

from tlstudio.domain.events import Summary
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.trials import is_one_head

NETWORK = NetworkPart(architecture="test_resnet")
BALANCED, QUICK = (RECIPES[name].build(NETWORK) for name in ("balanced", "quick"))
HEAD = Summary(accuracy=0.9, balanced_accuracy=0.9, loss=0.3, best_step=0, seconds=1.0, checkpoint="best")


def test_trials_are_one_head_only_where_all_keep_the_same_one() -> None:
    assert is_one_head([(BALANCED, HEAD)] * 3)
    assert not is_one_head([(BALANCED, HEAD)]), "one alone has nothing to be compared with"
    tuned, other = msgspec.structs.replace(HEAD, best_step=8), msgspec.structs.replace(HEAD, loss=0.2)
    assert not is_one_head([(BALANCED, HEAD), (BALANCED, tuned)])
    assert not is_one_head([(BALANCED, HEAD), (BALANCED, other)]), "their heads differ, as by the size of images"
    assert not is_one_head([(QUICK, HEAD)] * 2), "without fine-tuning there is nothing but heads"
