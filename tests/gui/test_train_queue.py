"""The queue in Train: another run while one is under way, three seeds at once, and a queue that was left. Jobs replay journals."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu

from tests.gui.train_studio import Studio
from tests.recorded import make_project
from tlstudio.domain.events import Validated
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.trials import Axis, TrialPlan
from tlstudio.operations import queueing, training, trials
from tlstudio.project import opening
from tlstudio.project.project import Project

RECIPE = RECIPES["quick"].build(NetworkPart(architecture="mobilenetv4_conv_small"))


@pytest.fixture
def studio(studio: Studio) -> Studio:
    studio.replay_queue("quick")
    return studio


def open_balanced(studio: Studio) -> None:
    """With a recipe of which seeds differ."""
    studio.open()
    studio.panel.recipe.card.recipes.segment("balanced").click()


def states(studio: Studio) -> list[str]:
    """The last column, oldest run first."""
    return [studio.cell(row, "state") for row in reversed(range(len(studio.panel.model.board.rows)))]


def test_a_run_is_queued_behind_the_one_under_way_and_starts_by_itself(studio: Studio) -> None:
    open_balanced(studio)
    studio.replay("balanced")
    first = studio.start()
    first.play(until=Validated)
    studio.wait(studio.panel.header.queue.isVisible)
    studio.click(studio.panel.header.queue)
    studio.wait(lambda: len(studio.panel.model.board.runs) == 2)
    studio.wait(lambda: states(studio)[1] == "Queued, number 1")
    assert studio.panel.model.board.active.number == 1
    assert studio.panel.model.board.selected == 1, "the curves of the run under way stay"
    assert [studio.cell(row, "recipe").partition(" · ")[0] for row in (1, 0)] == ["Seed 0", "Seed 1"]
    studio.wait(lambda: "1 run was queued. This recipe has had seed 0: this run trains with seed 1." in studio.said)
    assert studio.rail["train"][0].startswith("Run 1")
    first.finish()
    studio.wait(lambda: len(studio.jobs) == 2)
    studio.jobs[1].finish()
    studio.wait(lambda: states(studio) == ["Done, stopped early: validation no longer improved", "Done"] or states(studio)[1] == "Done")
    studio.wait(lambda: studio.panel.header.start.isVisible())


def test_three_seeds_are_one_click_and_their_spread_is_said(studio: Studio) -> None:
    open_balanced(studio)
    studio.click(studio.panel.header.seeds)
    for number in range(3):
        studio.wait(lambda number=number: len(studio.jobs) > number)
        studio.jobs[number].finish()
    studio.wait(lambda: states(studio) == ["Done"] * 3)
    assert sorted(run.recipe.seed for run in studio.panel.model.board.runs) == [0, 1, 2]
    spread = studio.panel.queue.spread
    studio.wait(lambda: spread.isVisible() and "3 seeds" in spread.text())
    assert "95.9 % ± 0.0 %" in spread.text()
    assert "chance" not in spread.text()


def test_a_solved_head_is_the_same_for_every_seed_and_that_is_said_instead(studio: Studio) -> None:
    studio.open()
    seeds, recipes = studio.panel.header.seeds, studio.panel.recipe.card.recipes
    assert (seeds.isVisible(), seeds.isEnabled()) == (True, False)
    assert seeds.toolTip() == "Every seed comes to the same result: a head that is solved on fixed features leaves nothing to chance."
    recipes.segment("balanced").click()
    assert seeds.isEnabled()
    assert seeds.toolTip().startswith("Trains this recipe with three seeds")
    recipes.segment("quick").click()
    studio.panel.queue.enqueue(2)  # as the terminal can
    for number in range(2):
        studio.wait(lambda number=number: len(studio.jobs) > number)
        studio.jobs[number].finish()
    spread = studio.panel.queue.spread
    studio.wait(lambda: spread.isVisible() and spread.text().endswith("; a solved head leaves nothing to chance"))


def test_one_more_run_of_a_solved_head_keeps_its_seed(studio: Studio) -> None:
    studio.open()
    studio.replay("quick")
    first = studio.start()
    studio.wait(studio.panel.header.queue.isVisible)
    studio.click(studio.panel.header.queue)
    studio.wait(lambda: len(studio.panel.model.board.runs) == 2)
    assert [run.recipe.seed for run in studio.panel.model.board.runs] == [0, 0]
    assert "1 run was queued." in studio.said
    first.die()


def test_a_queue_that_was_left_waits_for_a_word(studio: Studio) -> None:
    def leave(project: Project) -> None:
        queueing.enqueue(project, [RECIPE])

    studio.open(leave)
    held = studio.panel.queue.held
    studio.wait(lambda: states(studio) == ["Queued, number 1"] and held.isVisible())
    assert held.words.whole_text() == "1 run waits in the queue. It trains on the images and labels as they were when it was queued."
    assert studio.rail["train"][0] == "1 run · 1 waits"
    for plot in studio.panel.curves.plots:
        assert "waits until the queue is started" in plot.empty.text()
    assert studio.panel.header.start.isEnabled()
    assert studio.jobs == []
    studio.click(held.start)
    studio.wait(lambda: len(studio.jobs) == 1)
    studio.jobs[0].finish()
    studio.wait(lambda: states(studio) == ["Done"])
    assert not held.isVisible()
    assert studio.rail["train"][0] == "1 run"


def test_a_held_queue_stays_held_after_a_run_of_ones_own_and_can_still_be_started(studio: Studio) -> None:
    studio.open(lambda project: queueing.enqueue(project, [RECIPE, RECIPE]))
    held = studio.panel.queue.held
    studio.wait(held.isVisible)

    studio.start_own(3)
    assert held.isVisible(), "also while the run is under way"
    studio.jobs[0].finish()
    studio.wait(lambda: states(studio)[2] == "Done")
    studio.wait(lambda: studio.workspace.background.is_idle)
    assert (len(studio.jobs), states(studio)[:2]) == (1, ["Queued, number 1", "Queued, number 2"])
    assert held.words.whole_text().startswith("2 runs wait in the queue.")
    studio.click(held.start)
    for number in (1, 2):  # and goes on after each from now on
        studio.wait(lambda number=number: len(studio.jobs) > number)
        assert not held.isVisible()
        studio.jobs[number].finish()
    studio.wait(lambda: states(studio) == ["Done"] * 3)


def test_a_held_queue_that_is_started_during_a_run_goes_on_after_it(studio: Studio) -> None:
    studio.open(lambda project: queueing.enqueue(project, [RECIPE]))
    studio.wait(studio.panel.queue.held.isVisible)

    studio.start_own(2)
    menu = QMenu(studio.panel)
    studio.panel.on_menu(1, menu)
    next(action for action in menu.actions() if action.text() == "Start the queue").trigger()
    studio.wait(lambda: not studio.panel.queue.held.isVisible())
    assert "The queue goes on when the run under way is over." in studio.said
    assert len(studio.jobs) == 1
    studio.jobs[0].finish()
    studio.wait(lambda: len(studio.jobs) == 2)


def test_a_queue_whose_run_is_under_way_when_the_project_is_opened_goes_on_after_it(studio: Studio) -> None:
    studio.open()
    studio.replay("balanced")
    first = studio.start()
    first.play(until=Validated)
    studio.wait(studio.panel.header.queue.isVisible)
    studio.click(studio.panel.header.queue)
    studio.wait(lambda: len(studio.panel.model.board.runs) == 2)
    studio.reopen()
    studio.wait(lambda: len(states(studio)) == 2 and studio.panel.model.board.active is not None)
    assert not studio.panel.queue.held.isVisible()
    first.finish()
    studio.wait(lambda: len(studio.jobs) == 2)


def test_a_queued_run_can_be_put_first_from_its_menu(studio: Studio) -> None:
    studio.open(lambda project: queueing.enqueue(project, [RECIPE, RECIPE, RECIPE]))
    studio.wait(lambda: states(studio) == [f"Queued, number {place}" for place in (1, 2, 3)])
    menu = QMenu(studio.panel)
    studio.panel.on_menu(3, menu)
    next(action for action in menu.actions() if action.text() == "Next in the queue").trigger()
    studio.wait(lambda: states(studio) == ["Queued, number 2", "Queued, number 3", "Queued, number 1"])


def test_two_quick_clicks_queue_two_seeds_and_each_is_answered_at_once(studio: Studio) -> None:
    open_balanced(studio)
    studio.replay("balanced")
    first = studio.start()
    first.play(until=Validated)
    studio.wait(studio.panel.header.queue.isVisible)
    studio.said.clear()
    for _click in range(2):
        studio.panel.header.queue.click()
    assert studio.said == ["Queueing 1 run…"] * 2, "before anything was ordered"
    studio.wait(lambda: len(studio.panel.model.board.runs) == 3)
    assert sorted(run.recipe.seed for run in studio.panel.model.board.runs) == [0, 1, 2]
    first.die()


def test_a_run_that_waits_shows_no_curves_of_others(studio: Studio) -> None:
    job = studio.start_until_it_can_be_paused()
    studio.click(studio.panel.header.queue)
    studio.wait(lambda: len(studio.panel.model.board.runs) == 2)
    studio.panel.on_run_selected(2)
    for plot in studio.panel.curves.plots:
        plot.redraw()
        assert plot.is_empty
        assert not plot.legend.isVisible()
        assert "1 run is before it" in plot.empty.text()
    studio.panel.on_run_selected(job.number)
    assert not studio.panel.curves.left.is_empty


@contextmanager
def slow(studio: Studio, module: object, name: str) -> Iterator[threading.Event]:
    """An order that is written, and whose answer comes only when the block is left; the event says that it is written."""
    order, is_written, may_end = getattr(module, name), threading.Event(), threading.Event()

    def slowly(*args: object, **more: object) -> object:
        answer = order(*args, **more)
        is_written.set()
        assert may_end.wait(60)
        return answer

    studio.monkeypatch.setattr(module, name, slowly)
    try:
        yield is_written
    finally:
        may_end.set()


def leave_one_waiting(folder: Path) -> Path:
    other = make_project(folder)
    queueing.enqueue(other, [RECIPE])
    other.close()
    return folder


@pytest.mark.parametrize(("module", "name"), [(queueing, "enqueue_seeds"), (trials, "order_sweep")])
def test_what_is_queued_in_a_project_starts_nothing_in_the_one_opened_meanwhile(
    studio: Studio, tmp_path: Path, module: object, name: str
) -> None:
    open_balanced(studio)
    other = leave_one_waiting(tmp_path / "other")
    with slow(studio, module, name) as is_written:
        if module is trials:
            studio.panel.trials.order(TrialPlan(axes=(Axis(setting="epochs", values=(1, 2)),)))
        else:
            studio.click(studio.panel.header.seeds)
        studio.wait(is_written.is_set)
        with studio.qtbot.waitSignal(studio.workspace.changes.project_changed):
            studio.workspace.open(other)
        studio.wait(lambda: states(studio) == ["Queued, number 1"])
    studio.wait(lambda: any(said.endswith(" queued. What was queued waits until survey is open again.") for said in studio.said))
    studio.wait(lambda: studio.workspace.background.is_idle)
    assert (studio.jobs, states(studio)) == ([], ["Queued, number 1"]), "what was left in the other one waits for a word"
    with studio.qtbot.waitSignal(studio.workspace.changes.project_changed):
        studio.workspace.open(studio.folder)
    studio.wait(lambda: states(studio)[:1] == ["Queued, number 1"] and studio.panel.queue.held.isVisible())
    assert studio.jobs == []
    studio.click(studio.panel.queue.held.start)
    studio.wait(lambda: len(studio.jobs) == 1)
    assert studio.jobs[0].folder.is_relative_to(studio.folder)


@pytest.mark.expects_log  # of a project that was moved: the place of its backups is gone
@pytest.mark.parametrize("way", ["again", "link", "moved"])
def test_what_is_queued_starts_where_its_own_project_is_open_again(studio: Studio, tmp_path: Path, way: str) -> None:
    open_balanced(studio)
    folder = tmp_path / way if way != "again" else studio.folder
    with slow(studio, queueing, "enqueue_seeds") as is_written:
        studio.click(studio.panel.header.seeds)
        studio.wait(is_written.is_set)
        if way == "link":
            folder.symlink_to(studio.folder, target_is_directory=True)
        elif way == "moved":
            studio.folder.rename(folder)
        studio.reopen(folder)
        studio.wait(studio.panel.queue.held.isVisible)
        assert studio.panel.queue.held.words.whole_text().startswith("3 runs wait in the queue.")
        assert studio.jobs == []
    studio.wait(lambda: len(studio.jobs) == 1)
    studio.wait(lambda: not studio.panel.queue.held.isVisible())
    assert studio.jobs[0].folder.is_relative_to(folder)
    assert not any("What was queued waits" in said for said in studio.said)


def test_a_project_that_may_only_be_read_now_starts_nothing(studio: Studio) -> None:
    open_balanced(studio)
    with slow(studio, queueing, "enqueue_seeds") as is_written:
        studio.click(studio.panel.header.seeds)
        studio.wait(is_written.is_set)
        studio.workspace.close_project()
        studio.wait(lambda: (studio.folder / "project.lock").exists())
        studio.monkeypatch.setattr(opening, "_can_write", lambda _folder: False)
        with studio.qtbot.waitSignal(studio.workspace.changes.project_changed):
            studio.workspace.open(studio.folder)
        assert not studio.workspace.is_writable
    studio.wait(lambda: any(said.endswith(" queued. What was queued waits until survey is open again.") for said in studio.said))
    assert studio.jobs == []


def test_a_queue_that_was_left_is_not_offered_any_more_once_another_order_started_it(studio: Studio) -> None:
    studio.open(lambda project: queueing.enqueue(project, [RECIPE]))
    held = studio.panel.queue.held
    studio.wait(held.isVisible)
    studio.panel.queue.enqueue(3)
    studio.wait(lambda: len(studio.jobs) == 1)
    studio.wait(lambda: not held.isVisible())


@pytest.mark.parametrize("kind", ["seeds", "sweep"])
def test_it_is_said_where_a_project_was_closed_in_the_midst_of_an_order(studio: Studio, kind: str) -> None:
    open_balanced(studio)
    with slow(studio, training, "order_training") as is_written:
        if kind == "sweep":
            studio.panel.trials.order(TrialPlan(axes=(Axis(setting="epochs", values=(1, 2, 3)),)))
        else:
            studio.click(studio.panel.header.seeds)
        studio.wait(is_written.is_set)
        project = studio.workspace.project
        assert project is not None
        studio.workspace.close_project()
        studio.wait(lambda: project._closed)
    studio.wait(lambda: "survey was closed before everything was queued in it." in studio.said)
    assert studio.jobs == []
