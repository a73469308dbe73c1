"""The Evaluate panel's state: which run and split, which images behind a cell, what changed since."""

from pathlib import Path

import msgspec
import pytest

from tests.recorded import make_project, record_run
from tlstudio.domain.commands import RenameClass, SetClasses
from tlstudio.domain.jobs import PREDICTIONS_FILE
from tlstudio.domain.report import Estimate
from tlstudio.domain.run_state import Status
from tlstudio.domain.runs import Run
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.evaluation.predictions import read
from tlstudio.evaluation.report import build
from tlstudio.messages import message
from tlstudio.project.project import Project
from tlstudio.ui.evaluate import texts
from tlstudio.ui.evaluate.selection import AllMistakes, Cell, Missed
from tlstudio.ui.evaluate.viewmodel import EvaluateModel, Figures, Wanted

ANTS, BEES, WASPS = 0, 1, 2
NUM_BY_SPLIT = {Split.VAL: 9, Split.TEST: 6}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = make_project(tmp_path / "Insects")
    yield project
    project.close()


@pytest.fixture
def wrong(project: Project) -> dict[int, int]:
    """Two ants taken for bees (the first of them with more confidence), one wasp taken for an ant."""
    val = [sample for sample in project.dataset().samples if sample.split is Split.VAL]
    ants = [sample.id for sample in val if sample.path.startswith("ants")]
    wasps = [sample.id for sample in val if sample.path.startswith("wasps")]
    return {ants[0]: BEES, ants[1]: BEES, wasps[2]: ANTS}


@pytest.fixture
def model(project: Project, wrong: dict[int, int]) -> EvaluateModel:
    record_run(project, 1, wrong=wrong)
    model = EvaluateModel()
    model.dataset = project.dataset()
    assert model.set_runs(project.runs())
    accept(project, model)
    return model


def accept(project: Project, model: EvaluateModel) -> None:
    wanted = model.wanted
    file = project.folder / f"runs/{wanted.run:04d}" / PREDICTIONS_FILE
    report = build(read(file), run=wanted.run, split=wanted.split, num_openings=1)
    assert model.accept(wanted, Figures(report=report, num_by_split=NUM_BY_SPLIT))


def test_the_newest_usable_run_is_shown_on_validation(project: Project, model: EvaluateModel) -> None:
    assert (model.run.number, model.split) == (1, Split.VAL)
    record_run(project, 2)
    failed = Run(number=3, recipe=project.runs()[0].recipe, weights_name="", created_at=0.0, status=Status.FAILED)
    assert model.set_runs([*project.runs(), failed])
    assert model.run.number == 2
    assert model.is_loading


def test_the_run_somebody_looks_at_stays_when_another_one_finishes(project: Project, model: EvaluateModel) -> None:
    record_run(project, 2)
    assert not model.set_runs(project.runs(), follow=False)
    assert model.run.number == 1
    record_run(project, 3)
    assert model.set_runs(project.runs())
    assert model.run.number == 3


def test_a_run_chosen_by_hand_stays_until_a_new_one_finishes(project: Project, model: EvaluateModel) -> None:
    record_run(project, 2)
    model.set_runs(project.runs())
    assert model.choose_run(1)
    assert not model.set_runs(project.runs())
    assert model.run.number == 1
    assert not model.choose_run(99)


def test_a_run_that_was_removed_gives_way_to_the_newest(project: Project, model: EvaluateModel) -> None:
    record_run(project, 2)
    model.set_runs(project.runs())
    model.choose_run(1)
    assert model.set_runs([run for run in project.runs() if run.number == 2])
    assert model.run.number == 2
    model.set_runs([])
    assert model.run is None
    assert model.report is None


def test_another_run_is_shown_on_validation_so_that_browsing_opens_no_test_set(project: Project, model: EvaluateModel) -> None:
    record_run(project, 2)
    model.set_runs(project.runs())
    accept(project, model)
    assert model.choose_split(Split.TEST)
    assert model.choose_run(1)
    assert model.split is Split.VAL


def test_choosing_the_split_that_is_shown_asks_for_nothing(model: EvaluateModel) -> None:
    assert not model.choose_split(Split.VAL)
    assert model.choose_split(Split.TEST)


def test_numbers_that_come_too_late_are_dropped(project: Project, model: EvaluateModel) -> None:
    late = model.wanted
    report = model.report
    model.choose_split(Split.TEST)
    assert not model.accept(late, Figures(report=report, num_by_split={}))
    assert not model.refuse(late, TLStudioError(message("t", "t"), message("h", "h")))
    assert model.is_loading


def test_all_mistakes_come_first_and_the_most_confident_one_leads(model: EvaluateModel, wrong: dict[int, int]) -> None:
    assert isinstance(model.selection, AllMistakes)
    assert [item.sample for item in model.gallery()] == sorted(wrong)
    assert model.num_mistakes == 3
    first = model.gallery()[0].verdict
    assert (first.predicted, first.truth, first.label) == ("bees", "ants", "ants")
    assert first.probability > model.gallery()[1].verdict.probability


def test_a_cell_shows_its_images(model: EvaluateModel, wrong: dict[int, int]) -> None:
    model.select(Cell(ANTS, BEES))
    assert [item.sample for item in model.gallery()] == sorted(wrong)[:2]
    assert model.selection.title(model.report) == "ants taken for bees"
    model.select(Cell(BEES, BEES))
    assert len(model.gallery()) == 3
    assert model.selection.title(model.report) == "bees recognised"


def test_a_row_of_the_table_shows_the_missed_images_of_its_class(model: EvaluateModel) -> None:
    model.select(Missed(ANTS))
    assert len(model.gallery()) == 2
    assert model.selection.title(model.report) == "ants taken for something else"
    model.select(Missed(BEES))
    assert model.gallery() == ()


def test_a_corrected_label_is_marked_and_counted_and_the_numbers_stay(project: Project, model: EvaluateModel) -> None:
    sample = model.gallery()[0].sample
    bees = project.dataset().classes[BEES]
    project.apply(SetClasses(class_by_sample={sample: bees.id}))
    model.dataset = project.dataset()
    item = model.gallery()[0]
    assert item.verdict.is_changed
    assert item.verdict.label == "bees"
    assert item.verdict.truth == "ants"
    assert model.num_changed == 1
    assert texts.gallery_words(3, 1) == "3 images, most confident first · 1 label changed since this run"
    project.undo()
    model.dataset = project.dataset()
    assert model.num_changed == 0


def test_a_class_renamed_since_keeps_the_name_it_had_in_the_run(project: Project, model: EvaluateModel) -> None:
    project.apply(RenameClass(class_id=project.dataset().classes[ANTS].id, name="formicids"))
    model.dataset = project.dataset()
    verdict = model.gallery()[0].verdict
    assert (verdict.truth, verdict.label, verdict.is_changed) == ("ants", "formicids", False)


def test_images_that_have_left_the_project_keep_their_numbers(model: EvaluateModel) -> None:
    model.dataset = None
    assert all(item.is_gone for item in model.gallery())
    assert model.report.accuracy.value == pytest.approx(6 / 9)


def test_the_best_run_is_named_only_where_there_is_a_choice(project: Project, model: EvaluateModel) -> None:
    assert model.best_number is None
    record_run(project, 2)
    model.set_runs(project.runs())
    assert model.best_number == 2


def test_number_keys_stand_for_classes_in_order(model: EvaluateModel) -> None:
    assert model.key_class(2) == model.dataset.classes[1].id
    assert model.key_class(9) is None


def test_the_split_says_what_choosing_it_does() -> None:
    assert texts.split_title(Split.TEST, 181, is_open=False) == "Test set (181) · opens the test set, counted"
    assert texts.split_title(Split.TEST, 181, is_open=True) == "Test set (181)"
    assert texts.split_title(Split.VAL, None, is_open=True) == "Validation"


def test_figures_that_do_not_exclude_guessing_say_so(project: Project, model: EvaluateModel) -> None:
    report = msgspec.structs.replace(model.report, confusion=((30, 0), (10, 0)))
    low, high = (msgspec.structs.replace(report, accuracy=Estimate(value=0.8, low=bound, high=0.9)) for bound in (0.74, 0.76))
    assert texts.cautions(low) == "no better than guessing (75.0 %) · also used for selection"
    assert texts.cautions(high) == "also used for selection"


def test_the_numbers_say_what_qualifies_them(project: Project, model: EvaluateModel) -> None:
    assert texts.split_note(model.report) == "also used for selection"
    model.choose_split(Split.TEST)
    accept(project, model)
    assert texts.split_note(model.report) == "test set opened once"


def test_without_a_mistake_the_figure_says_what_that_proves(project: Project, model: EvaluateModel) -> None:
    model.choose_split(Split.TEST)
    accept(project, model)
    assert texts.accuracy_figure(model.report, 0).sub == "no mistake; above 54.1 % at 95 %"


def test_without_runs_nothing_is_wanted() -> None:
    model = EvaluateModel()
    assert not model.set_runs([])
    assert model.wanted is None
    assert not model.is_loading


def test_a_failure_is_kept_until_something_else_is_wanted(model: EvaluateModel) -> None:
    model.choose_split(Split.TEST)
    failure = TLStudioError(message("t", "t"), message("h", "h"))
    assert model.refuse(Wanted(run=1, split=Split.TEST), failure)
    assert model.failure is failure
    assert not model.is_loading
    assert model.choose_split(Split.VAL)
    assert model.failure is None
