"""Of a run that is over, while the next one of the queue is under way."""

from tests.gui.train_studio import Studio
from tlstudio.domain.events import Validated


def test_what_came_of_it_is_said_with_the_start_of_the_next_one_and_it_can_be_evaluated(studio: Studio) -> None:
    studio.open()
    studio.panel.recipe.card.recipes.segment("balanced").click()
    studio.replay("balanced")
    studio.replay_queue("balanced")
    first = studio.start()
    first.play(until=Validated)
    header = studio.panel.header
    studio.wait(header.queue.isVisible)
    studio.click(header.queue)
    studio.wait(lambda: len(studio.panel.model.board.runs) == 2)
    first.finish()
    studio.wait(lambda: len(studio.jobs) == 2)
    studio.wait(lambda: any(said.startswith("Run 1: Done") and said.endswith(". Run 2 of the queue starts.") for said in studio.said))
    studio.jobs[1].play(until=Validated)
    board = studio.panel.model.board
    studio.wait(lambda: board.selected == 2 and not board.queue and board.active is not None and board.active.number == 2)
    assert not header.evaluate.isVisible(), "the run under way has no figures yet"
    studio.panel.on_run_selected(1)
    studio.wait(header.evaluate.isVisible)
    assert header.evaluate.accessibleName() == "Evaluate run 1"
    assert header.stop.isVisible()
    studio.click(header.evaluate)
    assert studio.shown == ["evaluate"]
