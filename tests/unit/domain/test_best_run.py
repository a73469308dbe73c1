"""Which run is the best: by balanced accuracy, then by loss, then the earlier."""

import pytest

from tlstudio.domain.events import Summary
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run, best_run


def run(number: int, balanced: float, loss: float | None, status: Status = Status.FINISHED, judged_on: str | None = None) -> Run:
    summary = Summary(accuracy=0.5, balanced_accuracy=balanced, loss=loss, best_step=0, seconds=1.0, checkpoint="c")
    recipe = RECIPES["quick"].build(NetworkPart(architecture="resnet18"))
    return Run(number=number, recipe=recipe, weights_name="", created_at=0.0, status=status, summary=summary, judged_on=judged_on)


@pytest.mark.parametrize(
    ("runs", "best"),
    [
        ([run(1, 0.9, 0.1), run(2, 0.91, 0.5)], 2),
        ([run(1, 0.9, 0.3), run(2, 0.9, 0.2), run(3, 0.9, 0.4)], 2),
        ([run(3, 0.9, 0.2), run(1, 0.9, 0.2), run(2, 0.9, 0.2)], 1),
        ([run(1, 0.9, None), run(2, 0.9, 2.0)], 2),
        ([run(1, 0.99, 0.1, Status.FAILED), run(2, 0.5, 0.9)], 2),
        ([run(1, 0.99, 0.1, judged_on="old"), run(2, 0.7, 0.9, judged_on="new"), run(3, 0.6, 0.9, judged_on="new")], 2),
        ([run(1, 0.7, 0.1, judged_on="old"), run(2, 0.6, 0.9, judged_on="old"), run(3, 0.9, 0.1, Status.FAILED, "new")], 1),
    ],
)
def test_the_best_run(runs: list[Run], best: int) -> None:
    found = best_run(runs)
    assert found is not None
    assert found.number == best
