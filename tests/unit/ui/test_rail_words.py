"""The second lines of the rail before a panel has been opened."""

import msgspec

from tests.unit.ui.train.conftest import run_of
from tlstudio.domain.run_state import Status
from tlstudio.ui.rail_lines import evaluate_line, train_line


def test_that_a_queue_is_held_is_said_before_train_was_opened() -> None:
    runs = [run_of(1), run_of(2, status=Status.QUEUED)]
    assert train_line(runs, {}, num_held=1) == ("2 runs · 1 waits", "ok")
    assert train_line(runs, {}) == ("2 runs", "ok")


def test_the_figure_is_that_of_the_best_run_in_the_measure_of_the_table() -> None:
    one, other = run_of(1), run_of(2)
    assert one.summary is not None
    worse = msgspec.structs.replace(one.summary, accuracy=0.99, balanced_accuracy=0.5)
    better = msgspec.structs.replace(one.summary, accuracy=0.6, balanced_accuracy=0.583)
    runs = [msgspec.structs.replace(one, summary=better), msgspec.structs.replace(other, summary=worse)]
    assert evaluate_line(runs) == ("Val balanced acc. 58.3 %", "ok")
