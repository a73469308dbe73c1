"""Watching runs in the Train panel: live curves, buttons that reach the job, endings in words. Jobs replay recorded journals."""

import threading

from tests.gui.train_studio import Studio
from tests.replayed_job import ReplayedJob, finished_run
from tlstudio.domain.events import Acknowledged, Continued, Paused, Progressed, StepTrained, Stopped, Validated
from tlstudio.domain.findings import Finding, Fix, Severity, TrainingBlockedError
from tlstudio.domain.jobs import Command
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import Status
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations import health, training
from tlstudio.project.project import Project
from tlstudio.ui.train.curve_kinds import TRAINING, VALIDATION


def test_before_the_first_run_the_panel_says_what_belongs_there(studio: Studio) -> None:
    studio.open()
    assert studio.panel.table.empty.isVisible()
    assert studio.subject().startswith("15 training images · ")
    assert studio.panel.header.start.isEnabled()
    assert not studio.panel.header.bar.isVisible()
    assert studio.rail["train"] == ("No runs yet", "")


def test_curve_points_arrive_while_the_run_goes_on(studio: Studio) -> None:
    studio.open()
    studio.replay("balanced")
    job = studio.start()
    curves = studio.panel.curves
    job.play(until=Progressed)
    studio.wait(lambda: "Looking at images" in studio.subject())
    job.play(until=Validated)
    studio.wait(lambda: studio.num_points(curves.left, TRAINING) == 60)
    job.play(8, until=Validated)
    studio.wait(lambda: studio.num_points(curves.left, TRAINING) > 60)
    assert studio.panel.model.board.active.number == 1
    seen = studio.num_points(curves.left, TRAINING)
    job.play(until=Validated)
    studio.wait(lambda: studio.num_points(curves.left, TRAINING) > seen)
    studio.wait(lambda: studio.num_points(curves.right, VALIDATION) == 2)
    assert curves.left.canvas().marks.marks[0].x == 0.0
    assert "epoch 1 of 14" in studio.subject()
    assert studio.rail["train"][1] == "busy"
    assert studio.rail["train"][0].startswith("Run 1 · 7 %")
    job.finish()
    studio.wait(lambda: studio.cell(0, "state").startswith("Done"))
    assert studio.num_points(curves.left, TRAINING) == 148
    studio.wait(lambda: studio.panel.header.start.isVisible())
    studio.wait(lambda: any("98.2 %" in text for text in studio.said))


def test_a_quick_run_shows_its_solver_and_one_result(studio: Studio) -> None:
    studio.open()
    studio.replay("quick")
    job = studio.start()
    job.finish()
    studio.wait(lambda: studio.cell(0, "state") == "Done")
    curves = studio.panel.curves
    assert studio.num_points(curves.left, TRAINING) == 60
    assert studio.num_points(curves.left, VALIDATION) == 1, "of the head that was kept"
    assert curves.right.series(VALIDATION).last == (60.0, 0.9594)
    assert [studio.cell(0, column) for column in ("run", "model", "recipe", "balanced", "loss", "time")] == [
        "Run 1", "MobileNetV4 small", "Quick", "95.9 %", "0.117", "0:05",
    ]  # fmt: skip
    studio.wait(studio.panel.header.evaluate.isVisible)
    studio.click(studio.panel.header.evaluate)
    assert studio.shown == ["evaluate"]


def test_pause_and_continue_reach_the_job(studio: Studio) -> None:
    job = studio.start_until_it_can_be_paused()
    header = studio.panel.header
    studio.click(header.pause)
    studio.wait(lambda: job.told() is Command.PAUSE)
    job.write(Acknowledged(command="pause"))
    studio.wait(lambda: not header.pause.isEnabled())
    assert studio.subject().startswith("Pausing")
    job.write(Paused(step=16))
    studio.wait(lambda: header.proceed.isVisible())
    studio.wait(lambda: "Run 1 is paused." in studio.said)
    assert studio.cell(0, "state") == "Paused"
    assert not header.pause.isVisible()
    studio.click(header.proceed)
    studio.wait(lambda: job.told() is Command.RUN)
    job.write(Continued(step=16))
    studio.wait(lambda: header.pause.isVisible() and header.pause.isEnabled())


def test_a_run_that_pauses_at_once_is_not_said_to_be_pausing_still(studio: Studio) -> None:
    job = studio.start_until_it_can_be_paused()
    header = studio.panel.header

    def obey(*_arguments: object) -> None:
        job.write(Acknowledged(command="pause"))
        job.write(Paused(step=16))
        has_paused.wait(60)

    has_paused = threading.Event()
    studio.panel.workspace.changes.run_state_changed.connect(
        lambda _number, state: has_paused.set() if state.status is Status.PAUSED else None
    )
    studio.monkeypatch.setattr(training, "send_command", obey)
    studio.click(header.pause)
    studio.wait(lambda: any("asked to pause" in words for words in studio.said))
    assert [words for words in studio.said if "pause" in words][-1] == "Run 1 is paused."


def test_stop_and_keep_best_reaches_the_job(studio: Studio) -> None:
    studio.open()
    studio.replay("balanced")
    job = studio.start()
    for _ in range(3):
        job.play(until=Validated)
    studio.wait(lambda: studio.panel.header.stop.isVisible() and studio.panel.header.stop.isEnabled())
    studio.click(studio.panel.header.stop)
    studio.wait(lambda: job.told() is Command.STOP)
    job.write(Acknowledged(command="stop"))
    studio.wait(lambda: not studio.panel.header.stop.isEnabled())
    job.write(Stopped())
    job.die()
    studio.wait(lambda: studio.cell(0, "state").startswith("Stopped"))
    studio.wait(lambda: studio.panel.header.start.isVisible())


def test_a_failed_run_says_why_and_what_to_do(studio: Studio) -> None:
    studio.open()
    studio.replay("failed")
    studio.start().finish()
    notice = studio.panel.run_notice
    studio.wait(notice.isVisible)
    assert notice.title.text() == "Run 1 failed: Not enough memory: it needs 26 GB and 24 GB are free."
    assert "smaller network" in notice.hint.text()
    studio.click(notice.details_button)
    assert "MemoryError" in notice.details.toPlainText()
    assert studio.cell(0, "state").startswith("Failed: Not enough memory")


def test_a_failed_run_of_yesterday_still_says_why(studio: Studio) -> None:
    studio.open(lambda project: finished_run(project, 1, "failed"))
    studio.wait(studio.panel.run_notice.isVisible)
    assert "Not enough memory" in studio.panel.run_notice.title.text()


def test_a_start_that_is_refused_says_so_where_it_was_asked_for(studio: Studio) -> None:
    studio.open()

    def refuse(*_arguments: object, **_more: object) -> None:
        raise TLStudioError(message("train.no_images", "There are no images to train on."), message("train.hint", "Import a folder."))

    studio.monkeypatch.setattr(training, "start_training", refuse)
    studio.click(studio.panel.header.start)
    studio.wait(studio.panel.notice.isVisible)
    assert studio.panel.notice.title.text() == "There are no images to train on."
    assert studio.panel.header.start.isEnabled()
    assert not studio.panel.override.isVisible()


def test_a_blocked_start_can_be_overridden_with_a_reason(studio: Studio) -> None:
    studio.open()
    reasons: list[str] = []

    def block(project: Project, recipe: Recipe, *, override: str = "", **_more: object) -> ReplayedJob:
        reasons.append(override)
        if not override:
            raise TrainingBlockedError([_finding(Fix.NONE)])
        studio.jobs.append(ReplayedJob(project, 1, "quick", recipe=recipe))
        return studio.jobs[-1]

    studio.monkeypatch.setattr(training, "start_training", block)
    studio.click(studio.panel.header.start)
    override = studio.panel.override
    studio.wait(override.isVisible)
    studio.click(studio.panel.notice.action)
    assert studio.shown == ["data"]
    assert not override.train.isEnabled()
    studio.qtbot.keyClicks(override.reason, "the copies are on purpose")
    studio.click(override.train)
    studio.wait(lambda: studio.panel.model.board.runs)
    assert reasons == ["", "the copies are on purpose"]
    assert not override.isVisible()


def _finding(fix: Fix) -> Finding:
    title = message("x", "2 images lie in more than one split as exact copies")
    return Finding(check="x", severity=Severity.BLOCKS, title=title, why=message("y", "Too easy."), samples=(1,), fix=fix)


def test_a_start_that_a_leak_blocks_offers_the_button_that_mends_it(studio: Studio) -> None:
    studio.open()
    mended: list[object] = []

    def block(_project: Project, _recipe: Recipe, **_more: object) -> ReplayedJob:
        raise TrainingBlockedError([_finding(Fix.MOVE_TOGETHER)])

    studio.monkeypatch.setattr(training, "start_training", block)
    studio.monkeypatch.setattr(health, "mend_leaks", lambda _project, findings: mended.append(findings))
    studio.click(studio.panel.header.start)
    studio.wait(studio.panel.notice.isVisible)
    assert "2 images lie in more than one split" in studio.panel.notice.title.text()
    assert studio.panel.notice.action.text() == "Move them together"
    assert "--" not in studio.panel.notice.hint.text(), "nothing that is typed in the terminal"
    studio.click(studio.panel.notice.action)
    studio.wait(lambda: mended)
    assert not studio.panel.notice.isVisible()
    assert not studio.panel.override.isVisible()
    assert studio.panel.header.start.isEnabled()


def test_a_start_says_what_takes_no_part(studio: Studio) -> None:
    studio.open()
    studio.replay("quick")
    noted = (message("train.unlabelled", "{num} images without a class take no part.", num=7), message("train.other", "And more."))
    studio.monkeypatch.setattr(ReplayedJob, "notes", noted)
    studio.start().finish()
    studio.wait(studio.panel.notice.isVisible)
    assert studio.panel.notice.title.text() == "7 images without a class take no part."
    assert studio.panel.notice.hint.text() == "And more."


def test_an_interrupted_run_can_be_continued(studio: Studio) -> None:
    def interrupted(project: Project) -> None:
        job = ReplayedJob(project, 1, "balanced")
        for _ in range(4):
            job.play(until=Validated)
        job.die()

    studio.open(interrupted)
    notice = studio.panel.run_notice
    studio.wait(notice.isVisible)
    assert notice.title.text() == "Run 1 was interrupted."
    assert "last checkpoint is safe" in notice.hint.text()
    resumed = []
    studio.monkeypatch.setattr(training, "resume_run", lambda project, number, **_more: resumed.append(number) or _Known(studio, number))
    studio.click(notice.action)
    studio.wait(lambda: resumed == [1])


class _Known:
    """A job whose folder is there already."""

    process = None
    notes = ()

    def __init__(self, studio: Studio, number: int) -> None:
        self.number = number
        self.folder = studio.folder / f"runs/{number:04d}"


def test_a_run_that_goes_on_is_attached_to_when_the_project_is_opened(studio: Studio) -> None:
    def under_way(project: Project) -> ReplayedJob:
        job = ReplayedJob(project, 1, "balanced", weights_name="ViT-Tiny/16")
        for _ in range(5):
            job.play(until=Validated)
        return job

    studio.open(under_way)
    job = studio.kept
    studio.jobs.append(job)
    studio.wait(lambda: "epoch 4 of 14" in studio.subject())
    assert studio.panel.header.pause.isEnabled()
    points = studio.num_points(studio.panel.curves.left, TRAINING)
    assert points == 60 + 32
    job.play(until=StepTrained)
    studio.wait(lambda: studio.num_points(studio.panel.curves.left, TRAINING) == points + 1)
