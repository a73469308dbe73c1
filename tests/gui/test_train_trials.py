"""A sweep in Train: planned on the recipe card, queued, watched in a table of its own, and cancelled. Jobs replay journals."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.train_studio import Studio
from tests.recorded import make_project
from tests.replayed_job import ReplayedJob
from tlstudio.domain import events as ev
from tlstudio.domain.estimates import RunEstimate
from tlstudio.domain.findings import Finding, Severity, TrainingBlockedError
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.trials import Axis, Leads, TrialPlan
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations import estimates, evaluating, health, queueing, tpe, trials
from tlstudio.project.project import Project
from tlstudio.ui.train import trial_side, trial_values
from tlstudio.ui.train.trial_plan import TrialPlanner

RECIPE = RECIPES["balanced"].build(NetworkPart(architecture="mobilenetv4_conv_small"))
PLAN = TrialPlan(axes=(Axis(setting="learning_rate", values=(1e-4, 1e-3, 1e-2)),))


@pytest.fixture
def studio(studio: Studio) -> Studio:
    studio.replay_queue("balanced")
    return studio


def end(job: ReplayedJob, share: float, *, pruned: ev.Pruned | None = None, best_step: int = 8) -> None:
    """The trial reaches `share` and is over."""
    job.play(until=ev.Started)
    job.write(ev.Validated(step=8, epoch=1, loss=1 - share, accuracy=share, balanced_accuracy=share, is_best=True))
    summary = ev.Summary(accuracy=share, balanced_accuracy=share, loss=1 - share, best_step=best_step, seconds=1.0, checkpoint="best")
    job.write(ev.Finished(summary=summary, early=pruned is not None, pruned=pruned))
    job.die()


def end_three(studio: Studio, *, pruned: ev.Pruned | None = None) -> None:
    """Three trials, one after the other: the second is the best, and the third may be `pruned`."""
    for number, share in enumerate((0.5, 0.9, 0.7)):
        studio.wait(lambda number=number: len(studio.jobs) > number)
        end(studio.jobs[number], share, pruned=pruned if number == 2 else None)


def plan(studio: Studio) -> None:
    """Balanced is chosen and the sweep stands open."""
    studio.open()
    studio.panel.recipe.card.recipes.segment("balanced").click()
    studio.panel.trials.planner.door.click()


def enter(field: QLineEdit, text: str) -> None:
    field.setText(text)
    field.textEdited.emit(text)


def lines(studio: Studio) -> list[tuple[int, tuple[str, ...], str, str]]:
    return [(line.number, line.values, line.figure, line.state) for line in studio.panel.trials.trials.lines.lines]


def test_three_trials_are_queued_from_the_card_and_the_table_says_which_was_best(studio: Studio) -> None:
    plan(studio)
    planner = studio.panel.trials.planner
    assert planner.axes[0].spec is SETTINGS["learning_rate"]
    assert planner.axes[0].field.text() == "0.00033   0.001   0.003"
    assert planner.queue.text() == "Queue 3 trials"
    studio.wait(lambda: "in all" in planner.time.text())
    planner.queue.click()
    end_three(studio, pruned=ev.Pruned(epoch=3, num_rivals=3))
    best_first = [
        (2, ("0.001",), "90.0 %", "Done"),
        (3, ("0.003",), "70.0 %", "Pruned at epoch 3: worse than the median of 3 earlier trials"),
        (1, ("0.00033",), "50.0 %", "Done"),
    ]
    studio.wait(lambda: lines(studio) == best_first)
    side = studio.panel.trials
    assert side.trials.isVisible(), "the sweep is what is looked at"
    assert [line.is_best for line in side.trials.lines.lines] == [True, False, False]
    studio.wait(lambda: side.words.whole_text() == "3 of 3 trials done, the best is trial 2; not compared: 2")  # they left no answers
    assert not side.cancel.isVisible()
    side.trials.selectRow(2)
    studio.wait(lambda: studio.panel.model.board.selected == 1)
    side.switch.segment("runs").click()
    studio.wait(studio.panel.table.isVisible)
    assert [studio.cell(row, "recipe") for row in range(3)] == [
        f"Learning rate {rate} · sweep 1, {number} of 3" for number, rate in ((3, "0.003"), (2, "0.001"), (1, "0.00033"))
    ]


def test_a_project_that_is_opened_again_knows_its_sweeps_and_the_rest_can_be_cancelled(studio: Studio) -> None:
    def before(project: Project) -> None:
        queueing.enqueue(project, [RECIPES["quick"].build(RECIPE.network)])
        trials.order_sweep(project, RECIPE, PLAN)

    studio.open(before)
    side = studio.panel.trials
    studio.panel.on_run_selected(1)
    assert not side.switch.isVisible(), "a run of no sweep has none to show"
    studio.panel.on_run_selected(3)
    studio.wait(lambda: side.switch.isVisible() and studio.panel.table.isVisible())
    assert side.switch.segment("sweep").text() == "Sweep 1"
    side.switch.segment("sweep").click()
    studio.wait(lambda: side.trials.isVisible() and len(lines(studio)) == 3)
    studio.click(side.cancel)
    studio.wait(lambda: [run.number for run in studio.panel.model.board.runs] == [1])
    assert "3 trials no longer wait." in studio.said
    assert not side.switch.isVisible()


def test_what_cannot_be_tried_is_said_and_not_queued(studio: Studio) -> None:
    plan(studio)
    planner = studio.panel.trials.planner
    rate, second = planner.axes[0], planner.axes[1]
    enter(rate.field, "0.001 often")
    assert (rate.problem.text(), planner.queue.isEnabled()) == ("“0.001 often” cannot be read as numbers.", False)
    enter(rate.field, "1,001; 1,01")
    assert rate.problem.text() == "“1,001; 1,01” cannot be read as numbers. Write decimals as in 0.001, and a space between values."
    enter(rate.field, "0,001; 0,01")
    assert (rate.problem.text(), planner.queue.text()) == ("", "Queue 2 trials")
    enter(rate.field, " ")
    assert rate.problem.text() == "Name at least one value."
    enter(rate.field, "0.001")
    assert planner.problem.text() == "One trial is no sweep: name at least two values."
    assert not rate.problem.isVisible()
    enter(rate.field, "0.001 100")
    assert "left out" in planner.problem.text()
    assert not planner.queue.isEnabled(), "one trial is no sweep"
    enter(rate.field, " ".join(str(number / 1000) for number in range(1, 30)))
    assert planner.queue.text() == "Queue 29 trials"
    second.setting.setCurrentIndex(second.setting.findData("augmentation"))
    second.setting.activated.emit(second.setting.currentIndex())
    assert "more than 50 combinations" in planner.problem.text()
    assert rate.setting.currentData() == "learning_rate"
    assert second.setting.findData("learning_rate") < 0, "a setting is tried once"
    planner.kind.segment("random").click()
    assert (planner.problem.text(), planner.queue.text()) == ("", "Queue 8 trials")
    for tick in second.ticks.values():
        tick.setChecked(False)
    assert second.problem.text() == "Tick at least one."
    planner.door.click()
    assert not planner.body.isVisible()


def test_the_seed_and_whether_hopeless_trials_end_early_are_chosen(studio: Studio) -> None:
    plan(studio)
    planner = studio.panel.trials.planner
    assert (planner.options.seed.value(), planner.options.prunes.isChecked()) == (0, True)
    planner.options.seed.setValue(7)
    planner.options.prunes.click()
    planner.queue.click()
    studio.wait(lambda: len(studio.jobs) == 1)
    assert studio.workspace.project is not None
    (sweep,) = trials.sweeps(studio.workspace.project)
    assert (sweep.plan.seed, sweep.plan.prunes) == (7, False)
    assert {run.recipe.seed for run in studio.workspace.project.runs()} == {7}, "as `tlstudio sweep --seed 7 --no-pruning`"


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> Finding:
    """The data have a finding that keeps from training until a person gives a reason."""
    finding = Finding(check="leaks", severity=Severity.BLOCKS, title=message("t", "Copies."), why=message("w", "Too easy."))
    monkeypatch.setattr(health, "blocking", lambda _project: [finding])
    return finding


def test_a_sweep_that_was_blocked_is_queued_whole_once_there_is_a_reason(studio: Studio, blocked: Finding) -> None:
    plan(studio)
    studio.panel.trials.planner.queue.click()
    override = studio.panel.override
    studio.wait(override.isVisible)
    assert studio.jobs == []
    studio.qtbot.keyClicks(override.reason, "the copies are on purpose")
    studio.click(override.train)
    studio.wait(lambda: len(studio.jobs) == 1)
    assert studio.workspace.project is not None
    (sweep,) = trials.sweeps(studio.workspace.project)
    assert len(sweep.trials) == 3
    assert {run.override for run in studio.workspace.project.runs() if run.number > 1} == {"the copies are on purpose"}
    assert not studio.panel.notice.isVisible()


def test_what_was_blocked_goes_with_another_recipe(studio: Studio, blocked: Finding) -> None:
    plan(studio)
    studio.panel.trials.planner.queue.click()
    override = studio.panel.override
    studio.wait(override.isVisible)
    studio.panel.recipe.card.recipes.segment("quick").click()
    studio.wait(lambda: not override.isVisible())
    assert studio.jobs == []


def test_what_was_entered_for_a_sweep_and_what_was_blocked_do_not_outlive_their_project(
    studio: Studio, blocked: Finding, tmp_path: Path
) -> None:
    plan(studio)
    planner, override = studio.panel.trials.planner, studio.panel.override
    planner.options.seed.setValue(7)
    planner.options.prunes.click()
    enter(planner.axes[0].field, "0.1 0.2")
    studio.panel.model.choice.change("seed", 3)
    studio.panel.recipe.changed.emit()
    assert planner.options.seed.value() == 7, "a person chose it"
    planner.queue.click()
    studio.wait(override.isVisible)
    first = studio.workspace.project
    make_project(tmp_path / "Another").close()
    with studio.qtbot.waitSignal(studio.workspace.changes.project_changed):
        studio.workspace.open(tmp_path / "Another")
    studio.wait(lambda: studio.panel.model.choice.network is not None)
    assert not override.isVisible()
    studio.panel.recipe.card.recipes.segment("balanced").click()
    planner.door.click()
    assert (planner.options.seed.value(), planner.options.prunes.isChecked()) == (0, True)
    assert planner.axes[0].field.text() == "0.00033   0.001   0.003"
    studio.panel.on_failed(TrainingBlockedError([blocked]), again=lambda _reason: None, project=first)
    assert not override.isVisible(), "it was refused in the project before"


def test_what_went_wrong_is_gone_with_the_next_wish_but_a_note_stays(studio: Studio) -> None:
    plan(studio)
    notice, card = studio.panel.notice, studio.panel.recipe.card
    studio.panel.on_failed(TLStudioError(message("t.refused", "Refused."), message("t.refused.hint", "Nothing was trained.")))
    assert notice.isVisible()
    card.recipes.segment("thorough").click()
    assert not notice.isVisible()
    studio.panel.on_failed(TLStudioError(message("t.refused", "Refused."), message("t.refused.hint", "Nothing was trained.")))
    studio.panel.trials.planner.queue.click()
    assert not notice.isVisible()
    notice.show_words("Images without a class take no part.")
    card.recipes.segment("balanced").click()
    assert notice.isVisible()


def test_what_the_network_has_no_place_for_is_not_offered(studio: Studio) -> None:
    plan(studio)
    box = studio.panel.trials.planner.axes[0].setting
    assert box.findData("epochs") > 0
    assert box.findData("lora_rank") < 0, "MobileNetV4 has no attention"
    studio.workspace.networks.choose(NetworkPart(architecture="vit_tiny_patch16_224"))
    assert box.findData("lora_rank") > 0


def test_a_sweep_says_which_trials_chance_may_have_parted(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        evaluating, "leads_of", lambda _project, best, others: Leads(run=best, apart=frozenset({1}), near=frozenset(others) - {1})
    )
    plan(studio)
    studio.panel.trials.planner.queue.click()
    end_three(studio)
    side = studio.panel.trials
    words = "3 of 3 trials done, the best is trial 2; within chance of it, judged on the same images: 3"
    studio.wait(lambda: side.words.whole_text() == words)
    studio.panel.resize(808, 640)  # in a window of 1024
    studio.wait(lambda: side.words.text().startswith("Best: trial 2; 1 other within chance"))
    assert side.words.toolTip() == side.words.whole_text()
    assert [(line.share, line.loss) for line in side.trials.lines.lines] == [(0.9, "0.100"), (0.7, "0.300"), (0.5, "0.500")]


def test_trials_that_all_keep_the_head_alone_have_no_best(studio: Studio) -> None:
    plan(studio)
    studio.panel.trials.planner.queue.click()
    side = studio.panel.trials
    for number in range(3):
        studio.wait(lambda number=number: len(studio.jobs) > number)
        end(studio.jobs[number], 0.9, best_step=0)
        if number == 0:
            studio.wait(lambda: side.words.whole_text() == "1 of 3 trials done")  # the only one is no best one
    studio.wait(lambda: side.words.whole_text() == "3 of 3 trials done; no trial was better than the head alone")
    assert [line.is_best for line in side.trials.lines.lines] == [False] * 3
    studio.panel.resize(808, 640)  # in a window of 1024
    studio.wait(lambda: side.words.text().startswith("None better than the head alone"))


@pytest.mark.expects_log
def test_answers_that_could_not_be_read_are_tried_again(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials that are not compared are called nothing, and the line says how many they are."""
    readable: set[int] = set()
    asked: list[frozenset[int]] = []

    def leads_of(_project: Project, best: int, others: frozenset[int]) -> Leads:
        asked.append(others)
        if not asked[:-1]:
            raise TLStudioError(message("t.disk", "The disk is gone."), message("t.disk.hint", "Connect it."))
        return Leads(run=best, near=others & readable, not_compared=others - readable, unread=others - readable)

    monkeypatch.setattr(evaluating, "leads_of", leads_of)
    monkeypatch.setattr(trial_side, "_AGAIN_S", 0.0)
    plan(studio)
    studio.panel.trials.planner.queue.click()
    end_three(studio)
    side = studio.panel.trials
    studio.wait(lambda: side.words.whole_text() == "3 of 3 trials done, the best is trial 2; not compared: 2")
    studio.wait(lambda: studio.workspace.background.is_idle)
    readable.update((1, 3))
    side.known.emit()  # the table is shown anew
    studio.wait(lambda: side.words.whole_text().endswith("within chance of it, judged on the same images: 1, 3"))
    assert not studio.panel.notice.isVisible(), "it is a remark on the table, not something that was asked for"
    studio.wait(lambda: studio.workspace.background.is_idle)
    num_asked = len(asked)
    side.known.emit()
    assert (studio.workspace.background.is_idle, len(asked)) == (True, num_asked), "what is known is not asked again"


def test_a_planner_that_was_opened_is_seen_down_to_its_end(studio: Studio) -> None:
    plan(studio)
    planner = studio.panel.trials.planner
    studio.wait(lambda: "in all" in planner.time.text())
    studio.wait(lambda: planner.door.visibleRegion().boundingRect().height() == planner.door.height())


def test_all_trials_together_take_their_work_and_no_start_each(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    estimate = estimates.estimate

    def slow_to_start(*given: Any, **named: Any) -> RunEstimate:
        return msgspec.structs.replace(estimate(*given, **named), total_s=3660.0, start_s=3600.0)

    monkeypatch.setattr(estimates, "estimate", slow_to_start)
    plan(studio)
    planner = studio.panel.trials.planner
    studio.wait(lambda: planner.time.text().startswith("About 3 min here in all"))


def test_tpe_is_offered_where_its_extra_is_installed(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    for is_installed in (False, True):
        monkeypatch.setattr(tpe, "is_installed", lambda is_installed=is_installed: is_installed)
        planner = TrialPlanner()
        qtbot.addWidget(planner)
        offered = [item.text() for item in planner.kind.findChildren(QPushButton)]
        assert offered == ["Grid", "Random", "TPE"][: 3 if is_installed else 2]


@pytest.mark.parametrize(
    ("id", "text"),
    [
        ("learning_rate", "0.00033   0.001   0.003"),
        ("epochs", "7   14   28"),
        ("num_stages", "1   2   4"),
        ("label_smoothing", "2.5 %   5 %   10 %"),
        ("mixup", "0   0.1   0.2"),
    ],
)
def test_values_stand_around_the_one_that_there_is_and_are_read_as_they_are_written(id: str, text: str) -> None:
    spec = SETTINGS[id]
    values = trial_values.suggested(spec, RECIPE)
    assert trial_values.written(spec, values) == text
    assert trial_values.read(spec, text) == Axis(setting=id, values=values)
    assert all(spec.replaced(RECIPE, value) for value in values)


def test_a_range_of_rates_is_even_in_its_logarithm() -> None:
    assert trial_values.read(SETTINGS["learning_rate"], "0.0001 : 0.01") == Axis(setting="learning_rate", low=1e-4, high=1e-2, is_log=True)
    assert trial_values.read(SETTINGS["epochs"], "2:40") == Axis(setting="epochs", low=2, high=40)
