"""A queue that is held: what starts it and what does not, and what is said of it."""

import pytest

from tests.gui.test_train_queue import RECIPE, states
from tests.gui.train_studio import Studio
from tests.replayed_job import ReplayedJob
from tlstudio.domain.events import Validated
from tlstudio.domain.trials import Axis, TrialPlan
from tlstudio.operations import queueing
from tlstudio.project.project import Project


@pytest.fixture
def studio(studio: Studio) -> Studio:
    studio.replay_queue("quick")
    return studio


def open_held(studio: Studio, num_waiting: int = 1) -> None:
    studio.open(lambda project: queueing.enqueue(project, [RECIPE] * num_waiting))
    studio.wait(studio.panel.queue.held.isVisible)


def start_own(studio: Studio, number: int) -> ReplayedJob:
    """A run out of the queue, as far as a look at validation."""
    studio.start_own(number, "balanced")
    studio.jobs[-1].play(until=Validated)
    return studio.jobs[-1]


def reopen_during_a_run(studio: Studio) -> None:
    studio.wait(lambda: studio.workspace.background.is_idle)
    studio.reopen()
    studio.wait(lambda: studio.panel.model.board.active is not None)


def test_a_held_queue_stays_held_where_the_project_is_opened_again_during_a_run_of_ones_own(studio: Studio) -> None:
    open_held(studio)
    own = start_own(studio, 2)
    reopen_during_a_run(studio)
    assert studio.panel.queue.held.isVisible()
    own.finish()
    studio.wait(lambda: states(studio)[1].startswith("Done"))
    studio.wait(lambda: studio.workspace.background.is_idle)
    assert (len(studio.jobs), states(studio)[0]) == (1, "Queued, number 1")
    studio.click(studio.panel.queue.held.start)
    studio.wait(lambda: len(studio.jobs) == 2)


def test_it_stays_so_during_a_run_that_the_terminal_began(studio: Studio) -> None:
    def leave(project: Project) -> None:
        queueing.enqueue(project, [RECIPE])
        studio.jobs.append(ReplayedJob(project, 2, "balanced"))
        studio.jobs[0].play(until=Validated)

    studio.open(leave)
    studio.wait(lambda: studio.panel.model.board.active is not None)
    assert studio.panel.queue.held.isVisible()


def test_a_queue_that_was_started_goes_on_after_its_run_in_the_project_that_is_opened_again(studio: Studio) -> None:
    open_held(studio, 2)
    studio.click(studio.panel.queue.held.start)
    studio.wait(lambda: len(studio.jobs) == 1)
    studio.jobs[0].play(1)
    studio.wait(lambda: studio.panel.model.board.active is not None)
    reopen_during_a_run(studio)
    assert not studio.panel.queue.held.isVisible()
    studio.jobs[0].finish()
    studio.wait(lambda: len(studio.jobs) == 2)


def test_a_queue_that_was_let_go_on_during_a_run_of_ones_own_does_so_in_the_project_that_is_opened_again(studio: Studio) -> None:
    open_held(studio)
    own = start_own(studio, 2)
    studio.click(studio.panel.queue.held.start)
    reopen_during_a_run(studio)
    assert not studio.panel.queue.held.isVisible()
    own.finish()
    studio.wait(lambda: len(studio.jobs) == 2)


def test_who_orders_more_is_told_first_that_the_run_that_waited_goes_first(studio: Studio) -> None:
    open_held(studio)
    studio.panel.recipe.card.recipes.segment("balanced").click()
    studio.said.clear()
    studio.panel.queue.enqueue(3)
    assert studio.said == ["Queueing 3 runs… The run that waited goes first."], "before anything was ordered"
    studio.wait(lambda: len(studio.jobs) == 1)
    assert studio.jobs[0].number == 1
    whole = "3 runs were queued. The run that waited goes first. Run 1 of the queue starts."
    studio.wait(lambda: whole in studio.said)


def test_the_same_is_said_of_a_sweep(studio: Studio) -> None:
    open_held(studio, 2)
    studio.panel.recipe.card.recipes.segment("balanced").click()
    studio.panel.trials.order(TrialPlan(axes=(Axis(setting="epochs", values=(1, 2)),)))
    studio.wait(lambda: "2 trials were queued. The 2 runs that waited go first. Run 1 of the queue starts." in studio.said)


def test_what_was_said_of_an_order_is_not_said_again_long_after(studio: Studio) -> None:
    studio.open()
    own = start_own(studio, 1)
    studio.wait(studio.panel.header.queue.isVisible)
    studio.click(studio.panel.header.queue)
    studio.wait(lambda: len(studio.panel.model.board.runs) == 2)
    studio.wait(lambda: studio.workspace.background.is_idle)
    own.finish()
    studio.wait(lambda: studio.said[-1].endswith("Run 2 of the queue starts."))
    assert "queued" not in studio.said[-1]
