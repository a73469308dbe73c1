"""Taking a model away and predicting whole folders: what the cards say while the job works, when it is done and when it failed."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.gui.fake_worker import FakeJob, FakeWarm
from tests.recorded import make_project, record_run
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import Command
from tlstudio.domain.splits import Split
from tlstudio.messages import message
from tlstudio.operations.starting import CSV_OUTPUT, EXPORT_OUTPUT
from tlstudio.ui.use.panel import UsePanel
from tlstudio.ui.workspace import Workspace

COMPARED = ev.Compared(split=Split.TEST, num_images=181, num_same=181, max_difference=3e-6, speed_ratio=2.1)


class Studio:
    """The Use panel; file dialogs answer with `target` and what the desktop was asked to open is kept."""

    def __init__(self, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.qtbot = qtbot
        self.monkeypatch = monkeypatch
        self.folder = tmp_path / "Insects"
        project = make_project(self.folder)
        record_run(project, 1)
        project.close()
        self.target = tmp_path / "taken away.onnx"
        self.proposals: list[str] = []
        self.opened: list[str] = []
        monkeypatch.setattr(QFileDialog, "getSaveFileName", self._save)
        monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: self.opened.append(url.toLocalFile()) or True)
        self.start()

    def _save(self, _parent: object, _title: str, proposal: str, _kinds: str) -> tuple[str, str]:
        self.proposals.append(proposal)
        return str(self.target), ""

    def start(self) -> None:
        """A window opens the project."""
        self.workspace = Workspace()
        self.warm = FakeWarm()
        self.workspace.warm = self.warm
        with self.qtbot.waitSignal(self.workspace.changes.project_changed):
            self.workspace.open(self.folder)
        self.panel = UsePanel(self.workspace)
        self.qtbot.addWidget(self.panel)
        self.panel.resize(1200, 800)
        self.panel.show()
        self.qtbot.waitUntil(lambda: self.workspace.background.is_idle)

    @property
    def card(self):
        return self.panel.exports.cards["onnx"]

    def export(self) -> FakeJob:
        """Press Export; the job as the worker got it."""
        self.card.export_button.click()
        self.qtbot.waitUntil(lambda: bool(self.warm.jobs) and self.card.progress.isVisible())
        return self.warm.jobs[-1]

    def finish_export(self, job: FakeJob) -> None:
        job.output(EXPORT_OUTPUT).write_bytes(b"onnx")
        saved = ev.FileSaved(output=EXPORT_OUTPUT, num_bytes=6_100_000, hash="0")
        job.end(COMPARED, saved, ev.Finished())
        self.qtbot.waitUntil(self.card.badge.isVisible)

    def predict(self, source: Path) -> FakeJob:
        self.monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_arguments: str(source))
        self.panel.folder_button.click()
        self.qtbot.waitUntil(lambda: bool(self.warm.jobs))
        return self.warm.jobs[-1]


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    studio = Studio(qtbot, tmp_path, monkeypatch)
    yield studio
    studio.workspace.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "plates"
    folder.mkdir()
    return folder


def test_an_export_shows_its_work_and_then_that_it_was_verified(studio: Studio) -> None:
    job = studio.export()
    assert studio.proposals == [str(studio.folder / "Insects run 1.onnx")]
    assert not studio.card.export_button.isVisible()
    job.say(ev.PhaseStarted(phase="compare", total=181, silence_limit_s=60), ev.Progressed(done=90))
    studio.qtbot.waitUntil(lambda: studio.card.progress.words.whole_text() == "Comparing image 90 of 181")
    studio.finish_export(job)
    assert studio.card.badge.text() == "Verified"
    assert studio.card.words.text() == "6.1 MB · checked: same answers on 181 of 181, 2.1× faster on CPU"
    assert not studio.card.progress.isVisible()
    studio.card.show_button.click()
    assert studio.opened == [str(studio.target.parent)]


def test_a_verified_export_is_still_there_after_a_restart(studio: Studio) -> None:
    studio.finish_export(studio.export())
    studio.workspace.close()
    studio.start()
    studio.qtbot.waitUntil(studio.card.badge.isVisible)
    assert studio.card.badge.text() == "Verified"
    studio.workspace.close()
    studio.target.unlink()
    studio.start()
    studio.qtbot.waitUntil(studio.card.badge.isVisible)
    assert studio.card.badge.text() == "Moved"
    assert studio.card.export_button.isVisible()
    assert not studio.card.show_button.isVisible()


def test_an_export_that_differs_is_not_handed_over_and_says_why(studio: Studio) -> None:
    job = studio.export()
    failed = ev.Failed(title=message("t", "The export differs on 3 of 181 images."), hint=message("h", "Nothing was handed over."))
    job.end(COMPARED, failed)
    studio.qtbot.waitUntil(studio.card.notice.isVisible)
    assert studio.card.notice.title.text() == "The export differs on 3 of 181 images."
    assert not studio.card.badge.isVisible()
    assert studio.card.export_button.isVisible()


def test_a_place_that_cannot_be_written_is_said_in_the_card(studio: Studio) -> None:
    studio.target = studio.target.parent / "nowhere" / "model.onnx"
    studio.card.export_button.click()
    studio.qtbot.waitUntil(studio.card.notice.isVisible)
    assert "does not exist" in studio.card.notice.title.text()
    assert studio.warm.jobs == []


def test_leaving_the_dialog_starts_nothing(studio: Studio) -> None:
    studio.monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_arguments: ("", ""))
    studio.card.export_button.click()
    assert studio.card.export_button.isVisible()
    assert studio.warm.jobs == []


def test_an_export_is_stopped(studio: Studio) -> None:
    job = studio.export()
    studio.card.progress.stop_button.click()
    studio.qtbot.waitUntil(lambda: job.command() is Command.STOP)
    job.end(ev.Stopped())
    studio.qtbot.waitUntil(studio.card.export_button.isVisible)
    assert "nothing was left behind" in studio.card.words.text()


def test_a_folder_is_predicted_with_a_count_a_rate_and_a_table_at_the_end(studio: Studio, source: Path) -> None:
    studio.target = source.parent / "plates answers.csv"
    job = studio.predict(source)
    assert studio.proposals == [str(source.parent / "plates answers.csv")]
    job.say(ev.PhaseStarted(phase="predict", total=1004, silence_limit_s=60), ev.Progressed(done=412, per_second=85.0))
    strip = studio.panel.folder_job.progress
    studio.qtbot.waitUntil(lambda: strip.words.whole_text() == "Predicting plates · 412 of 1,004 · 85 a second · about 7 s left")
    with open(job.output(CSV_OUTPUT), "w", newline="") as file:
        csv.writer(file).writerow(["path", "predicted"])
    saved = ev.FileSaved(output=CSV_OUTPUT, num_bytes=18, hash="0")
    job.end(ev.Progressed(done=1004), saved, ev.Finished(num_failed=3))
    result = studio.panel.folder_job
    studio.qtbot.waitUntil(result.result.isVisible)
    assert result.badge.text() == "Done"
    assert result.words.whole_text() == "1,004 images in plates answers.csv · 3 could not be read, their rows say why"
    result.show_button.click()
    assert studio.opened == [str(source.parent)]
    result.close_button.click()
    assert not result.isVisible()


def test_a_dropped_folder_is_predicted_too(studio: Studio, source: Path) -> None:
    studio.target = source.parent / "plates answers.csv"
    assert studio.panel.take_drop([source])
    studio.qtbot.waitUntil(lambda: bool(studio.warm.jobs))
    assert studio.panel.folder_job.progress.isVisible()
    studio.warm.jobs[0].end(ev.Stopped())
    studio.qtbot.waitUntil(studio.panel.folder_job.result.isVisible)
    assert studio.panel.folder_job.words.whole_text() == "No table was written."


def test_of_several_dropped_folders_none_is_predicted_and_it_says_why(studio: Studio, source: Path) -> None:
    other = source.parent / "more plates"
    other.mkdir()
    said: list[str] = []
    studio.workspace.changes.said.connect(said.append)
    assert studio.panel.take_drop([source, other])
    assert said == ["Nothing was started: drop the one folder that holds them."]
    assert studio.proposals == []
    assert not studio.panel.folder_job.is_running


def test_a_prediction_is_stopped(studio: Studio, source: Path) -> None:
    job = studio.predict(source)
    studio.qtbot.waitUntil(studio.panel.folder_job.progress.isVisible)
    studio.panel.folder_job.progress.stop_button.click()
    studio.qtbot.waitUntil(lambda: job.command() is Command.STOP)
    job.end(ev.Stopped())
    studio.qtbot.waitUntil(lambda: not studio.panel.folder_job.is_running)


def test_a_stopped_prediction_says_that_its_table_holds_what_was_done(studio: Studio, source: Path) -> None:
    studio.target = source.parent / "plates answers.csv"
    job = studio.predict(source)
    job.say(ev.PhaseStarted(phase="predict", total=1004, silence_limit_s=60), ev.Progressed(done=312))
    job.end(ev.FileSaved(output=CSV_OUTPUT, num_bytes=18, hash="0"), ev.Stopped())
    result = studio.panel.folder_job
    studio.qtbot.waitUntil(result.result.isVisible)
    assert result.badge.text() == "Stopped; the table holds what was done"
    assert result.words.whole_text() == "312 images in plates answers.csv"
    assert result.show_button.isVisible()


def test_a_stop_pressed_while_a_prediction_is_being_started_is_not_lost(studio: Studio, source: Path) -> None:
    studio.monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_arguments: str(source))
    studio.panel.folder_button.click()
    studio.panel.folder_job.progress.stop_button.click()
    studio.qtbot.waitUntil(lambda: bool(studio.warm.jobs) and studio.warm.jobs[-1].command() is Command.STOP)


def test_a_stop_pressed_while_an_export_is_being_started_is_not_lost(studio: Studio) -> None:
    studio.card.export_button.click()
    studio.card.progress.stop_button.click()
    studio.qtbot.waitUntil(lambda: bool(studio.warm.jobs) and studio.warm.jobs[-1].command() is Command.STOP)


def test_a_failed_prediction_says_what_happened(studio: Studio, source: Path) -> None:
    job = studio.predict(source)
    job.end(ev.Failed(title=message("t", "The disk is full."), hint=message("h", "Free 12 MB and try again.")))
    notice = studio.panel.folder_job.notice
    studio.qtbot.waitUntil(notice.isVisible)
    assert notice.title.text() == "The disk is full."
    notice.close_button.click()
    assert not studio.panel.folder_job.isVisible()


def test_a_run_that_is_gone_is_said_before_anything_starts(studio: Studio, source: Path) -> None:
    studio.workspace.project.remove_run(1)
    (studio.folder / "runs/0001/job.json").unlink()
    (studio.folder / "runs/0001/recipe.json").unlink()
    studio.monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_arguments: str(source))
    studio.panel.folder_button.click()
    studio.qtbot.waitUntil(studio.panel.folder_job.notice.isVisible)
    assert "no run 1" in studio.panel.folder_job.notice.title.text()
    assert not studio.panel.folder_job.is_running
