"""The Use panel's state and what its export cards say."""

from pathlib import Path

import msgspec
import pytest

from tlstudio.domain.events import Compared, Failed, FileSaved, Summary
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run
from tlstudio.domain.serving import Answers, ImageAnswer
from tlstudio.domain.splits import Split
from tlstudio.messages import message
from tlstudio.ui.use.export_texts import compared_words, export_view
from tlstudio.ui.use.viewmodel import UseModel

FILE = Path("photos/one.png")
OTHER = Path("photos/two.png")


def run(number: int, *, accuracy: float | None = 0.9, judged_on: str | None = None) -> Run:
    summary = None
    if accuracy is not None:
        summary = Summary(accuracy=accuracy, balanced_accuracy=accuracy, loss=None, best_step=0, seconds=1.0, checkpoint="")
    recipe = RECIPES["quick"].build(NetworkPart(architecture="test_resnet"))
    status = Status.FINISHED if accuracy is not None else Status.FAILED
    return Run(number=number, recipe=recipe, weights_name="", created_at=0.0, status=status, summary=summary, judged_on=judged_on)


def answers(*predicted: int | None) -> Answers:
    images = tuple(
        ImageAnswer(file="", predicted=item, probabilities=(0.2, 0.7, 0.1) if item is not None else (), reason=message("r", "cut short"))
        for item in predicted
    )
    return Answers(class_ids=("a", "b", "c"), class_names=("ants", "bees", "wasps"), images=images)


@pytest.fixture
def model() -> UseModel:
    model = UseModel()
    model.set_runs([run(1, accuracy=0.8), run(2, accuracy=0.95), run(3, accuracy=None)])
    return model


def test_the_best_run_is_used_and_a_better_one_takes_over(model: UseModel) -> None:
    assert model.run.number == 2
    assert [item.number for item in model.runs] == [2, 1]
    assert model.set_runs([run(1, accuracy=0.8), run(2, accuracy=0.95), run(4, accuracy=0.99)])
    assert model.run.number == 4


def test_a_run_chosen_by_hand_stays_in_use(model: UseModel) -> None:
    assert model.choose_run(1)
    assert not model.set_runs([run(1, accuracy=0.8), run(4, accuracy=0.99)])
    assert model.run.number == 1
    assert model.set_runs([run(4, accuracy=0.99)])
    assert model.run.number == 4


def test_a_run_that_was_judged_on_other_images_does_not_take_over_and_that_is_said() -> None:
    model = UseModel()
    old = run(1, accuracy=0.98, judged_on="old")
    assert model.set_runs([old])
    assert model.note is None
    assert not model.set_runs([old, run(2, accuracy=0.31, judged_on="new")])
    assert (model.run.number, model.best_number) == (1, 2)
    said = (
        "Run 1 (balanced accuracy 98.0 %) and run 2 (31.0 %) were judged on different validation images or labels: "
        "which of them is better is not known."
    )
    assert str(model.note) == said
    assert model.choose_run(2)
    assert str(model.note) == said, "the better figures are still left out"
    assert not model.set_runs([old, run(2, accuracy=0.31, judged_on="new"), run(3, accuracy=0.4, judged_on="new")]), "chosen by hand"


def test_of_a_project_that_is_opened_the_best_run_is_used_and_better_figures_that_were_left_out_are_named() -> None:
    model = UseModel()
    model.set_runs([run(1, accuracy=0.98, judged_on="old"), run(2, accuracy=0.31, judged_on="new")])
    assert model.run.number == 2
    assert str(model.note).startswith("Run 1 (balanced accuracy 98.0 %) and run 2 (31.0 %)")
    model.set_runs([run(1, accuracy=0.2, judged_on="old"), run(2, accuracy=0.31, judged_on="new")])
    assert model.note is None, "lower figures are missed by nobody"
    model.set_runs([run(1, accuracy=0.98, judged_on="same"), run(2, accuracy=0.31, judged_on="same")])
    assert (model.run.number, model.note) == (1, None)


def test_a_run_that_does_not_exist_is_not_taken(model: UseModel) -> None:
    assert not model.choose_run(77)
    assert model.run.number == 2


def test_answers_reach_their_images(model: UseModel) -> None:
    new = model.ask([FILE, OTHER])
    assert [item.is_waiting for item in model.asked] == [True, True]
    assert model.accept(2, [item.id for item in new], answers(1, None))
    first, second = model.asked
    assert (first.name, first.probability, first.others) == ("bees", 0.7, (("ants", 0.2), ("wasps", 0.1)))
    assert second.reason is not None
    assert not second.is_waiting


def test_answers_of_a_run_no_longer_in_use_are_dropped_and_asked_again(model: UseModel) -> None:
    new = model.ask([FILE])
    model.choose_run(1)
    assert not model.accept(2, [item.id for item in new], answers(1))
    assert not model.refuse(2, [item.id for item in new])
    assert len(model.waiting) == 1


def test_changing_the_run_forgets_answers_but_not_images(model: UseModel) -> None:
    new = model.ask([FILE])
    model.accept(2, [item.id for item in new], answers(1))
    model.choose_run(1)
    assert [item.file for item in model.waiting] == [FILE]


def test_an_image_asked_twice_is_shown_once_in_front(model: UseModel) -> None:
    model.ask([FILE])
    model.ask([OTHER, OTHER])
    model.ask([FILE])
    assert [item.file for item in model.asked] == [FILE, OTHER]


def test_refused_images_are_no_longer_shown(model: UseModel) -> None:
    new = model.ask([FILE, OTHER])
    assert model.refuse(2, [new[0].id])
    assert [item.file for item in model.asked] == [OTHER]


def test_another_project_forgets_everything(model: UseModel) -> None:
    model.ask([FILE])
    model.forget()
    assert (model.run, model.asked, model.best_number) == (None, (), None)


COMPARED = Compared(split=Split.TEST, num_images=181, num_same=181, max_difference=0.0, speed_ratio=2.1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "checked: same answers on 181 of 181, 2.1× faster on CPU"),
        ({"speed_ratio": 0.5}, "checked: same answers on 181 of 181, 2.0× slower on CPU"),
        ({"speed_ratio": 1.01}, "checked: same answers on 181 of 181, as fast on CPU"),
        ({"speed_ratio": None}, "checked: same answers on 181 of 181"),
        ({"num_same": 180, "near_ties": (7,), "speed_ratio": None}, "checked: same answers on 180 of 181 (1 near tie)"),
    ],
)
def test_the_comparison_is_said_in_words(changes: dict[str, object], expected: str) -> None:
    assert compared_words(msgspec.structs.replace(COMPARED, **changes)) == expected


def test_every_state_of_an_export_has_its_card() -> None:
    saved = (FileSaved(output="file", num_bytes=6_100_000, hash=""),)
    assert export_view(None, None).words == ""
    busy = export_view(RunState(status=Status.RUNNING, phase="export"), FILE)
    assert (busy.progress, busy.is_busy, busy.can_show) == ("Writing the export", True, False)
    done = export_view(RunState(status=Status.FINISHED, files=saved, compared=COMPARED), FILE)
    assert (done.badge, done.tone, done.can_show) == ("Verified", "good", True)
    unchecked = export_view(RunState(status=Status.FINISHED, files=saved), FILE)
    assert (unchecked.badge, unchecked.words) == ("Ready", "6.1 MB · not compared with the app")
    moved = export_view(RunState(status=Status.FINISHED, files=saved, compared=COMPARED), FILE, is_there=False)
    assert (moved.badge, moved.can_show) == ("Moved", False)
    failure = Failed(title=message("t", "It differs."), hint=message("h", "Nothing was handed over."), details="trace")
    failed = export_view(RunState(status=Status.FAILED, failure=failure), FILE)
    assert (failed.failure.title.text(), failed.failure.details, failed.can_show) == ("It differs.", "trace", False)
    interrupted = export_view(RunState(status=Status.INTERRUPTED), FILE)
    assert "interrupted" in interrupted.words
    assert not export_view(RunState(status=Status.STOPPED), FILE).can_show
