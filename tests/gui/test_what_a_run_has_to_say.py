"""Under the header of Train it says what a run did of its own accord: that it went back, and that the mean of epochs is kept."""

from tests.gui.train_studio import Studio
from tests.replayed_job import ReplayedJob
from tlstudio.domain.events import AnyEvent, RolledBack, SoupMade, Validated, Warned
from tlstudio.messages import message
from tlstudio.project.project import Project

WENT_BACK = Warned(message=message("train.rolled_back", "At step {step} it went back to step {to}.", step=40, to=24))
SOUP = SoupMade(epochs=(5, 8, 9), loss=0.2, balanced_accuracy=0.93)
MEAN = "The mean of epochs 5, 8 and 9 was better on validation than any epoch alone, and is kept."


def with_events(*events: AnyEvent) -> object:
    def run(project: Project) -> ReplayedJob:
        job = ReplayedJob(project, 1, "balanced")
        job.play(until=Validated)
        for event in events:
            job.write(event)
        job.finish()
        return job

    return run


def test_it_says_that_the_mean_of_epochs_is_kept(studio: Studio) -> None:
    studio.open(with_events(SOUP))  # type: ignore[arg-type]
    notice = studio.panel.run_notice
    studio.wait(notice.isVisible)
    assert (notice.title.text(), notice.hint.isVisible()) == (MEAN, False)
    assert notice.badge.text() == "Note"


def test_it_says_that_the_run_went_back_and_both_where_there_is_both(studio: Studio) -> None:
    studio.open(with_events(RolledBack(step=40, to_step=24, share=0.5), WENT_BACK, SOUP))  # type: ignore[arg-type]
    notice = studio.panel.run_notice
    studio.wait(notice.isVisible)
    assert notice.title.text() == "At step 40 it went back to step 24."
    assert notice.hint.text() == MEAN
    assert not notice.action.isVisible()


def test_where_there_is_nothing_to_say_it_says_nothing(studio: Studio) -> None:
    studio.open(with_events())  # type: ignore[arg-type]
    studio.wait(lambda: studio.panel.model.board.run(1) is not None)
    assert studio.panel.run_notice.isHidden()
