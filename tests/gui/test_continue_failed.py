"""A run that failed with a checkpoint can be continued from the Train panel, where it says why it failed and in its menu."""

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QMenu

from tests import journals
from tests.gui.train_studio import Studio
from tests.replayed_job import ReplayedJob
from tlstudio.domain.events import CheckpointSaved, Continued, Failed, Paused, PlanFixed, Started, Validated
from tlstudio.domain.run_state import CARD_LOST
from tlstudio.messages import message
from tlstudio.operations import training
from tlstudio.project.project import Project

CARD_GONE = Failed(title=message(CARD_LOST, "The graphics card stopped answering."), hint=message("job.card_lost.hint", "Continue."))
FULL = Failed(title=message("job.disk_full", "The disk is full."), hint=message("job.disk_full.hint", "Free some space."))


def full_disk(project: Project) -> ReplayedJob:
    """Run 1, which found no room for its second checkpoint."""
    job = ReplayedJob(project, 1, "balanced")
    for _ in range(4):
        job.play(until=Validated)
    job.write(CheckpointSaved(step=24, file="checkpoints/last-00000024.safetensors", hash="0", is_best=False))
    job.write(FULL)
    job.die()
    return job


def menu_of(studio: Studio) -> list[str]:
    menu = QMenu(studio.panel)
    studio.panel.on_menu(1, menu)
    return [action.text() for action in menu.actions()]


def test_it_says_that_it_can_go_on_and_goes_on(studio: Studio) -> None:
    studio.open(full_disk)
    notice = studio.panel.run_notice
    studio.wait(notice.isVisible)
    assert notice.title.text() == "Run 1 failed: The disk is full."
    assert notice.hint.text().startswith("Free some space. Its last checkpoint is safe, and the run goes on from there.")
    assert notice.action.text() == "Continue"
    assert "Continue" in menu_of(studio)
    resumed = []

    def resume(_project: Project, number: int, **_more: object) -> ReplayedJob:
        resumed.append(number)
        studio.kept.write(Started(attempt=2, pid=1))
        return studio.kept

    studio.monkeypatch.setattr(training, "resume_run", resume)
    studio.click(notice.action)
    studio.wait(lambda: resumed == [1])
    studio.wait(lambda: "failed" not in notice.title.text())


@pytest.mark.parametrize("ending", [CARD_GONE, None])
def test_a_run_whose_card_was_lost_or_hung_can_go_on_without_it(studio: Studio, ending: Failed | None) -> None:
    def lost(project: Project) -> ReplayedJob:
        job = ReplayedJob(project, 1, "balanced")
        job.play(until=PlanFixed)
        plan = next(event.plan for event, _time in journals.events("balanced") if isinstance(event, PlanFixed))
        job.write(PlanFixed(plan=replace(plan, device="cuda:0", device_name="Some card")))
        if ending is not None:
            job.write(ending)
        job.die()
        return job

    studio.open(lost)
    notice = studio.panel.run_notice
    studio.wait(notice.isVisible)
    assert (notice.action.text(), notice.second.text()) == ("Continue", "Continue on the processor")
    resumed = []

    def resume(_project: Project, number: int, *, device: str | None = None, **_more: object) -> ReplayedJob:
        resumed.append((number, device))
        studio.kept.write(Started(attempt=2, pid=1))
        return studio.kept

    studio.monkeypatch.setattr(training, "resume_run", resume)
    studio.click(notice.second)
    studio.wait(lambda: resumed == [(1, "cpu")])


def test_on_the_processor_there_is_no_other_way_to_go_on(studio: Studio) -> None:
    studio.open(full_disk)
    studio.wait(studio.panel.run_notice.isVisible)
    assert studio.panel.run_notice.second.text() == "Use these settings"


def test_a_run_that_fails_while_it_is_watched_offers_its_settings_at_once(studio: Studio) -> None:
    job = studio.start_until_it_can_be_paused()
    job.write(FULL)
    studio.wait(lambda: studio.panel.run_notice.title.text() == "Run 1 failed: The disk is full.")
    assert studio.panel.run_notice.second.text() == "Use these settings"


def test_a_run_that_waits_by_itself_says_why_and_how_it_goes_on(studio: Studio) -> None:
    def waiting(project: Project) -> ReplayedJob:
        job = ReplayedJob(project, 1, "balanced")
        job.play(until=Validated)
        job.write(Paused(step=6, reason=message("job.waits_for_room", "The disk is full: {needed} are needed.", needed="45 MB")))
        return job

    studio.open(waiting)
    notice = studio.panel.run_notice
    studio.wait(notice.isVisible)
    assert notice.title.text() == "Run 1 waits: The disk is full: 45 MB are needed."
    assert "by itself" in notice.hint.text()
    studio.kept.write(Continued(step=6))
    studio.wait(lambda: not notice.isVisible())


def test_without_a_checkpoint_there_is_nothing_to_go_on_with(studio: Studio) -> None:
    def failed(project: Project) -> None:
        job = ReplayedJob(project, 1, "failed")
        job.finish()

    studio.open(failed)
    studio.wait(studio.panel.run_notice.isVisible)
    assert not studio.panel.run_notice.action.isVisible()
    assert "Continue" not in menu_of(studio)
