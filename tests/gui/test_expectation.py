"""The foot of the recipe card: a cross-validation with its progress, its result in a sentence, its refusal in words."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.train_studio import Studio
from tests.recorded import manifest_of, write_job, write_journal
from tlstudio.domain import events as ev
from tlstudio.domain import jobs
from tlstudio.domain.folds import FoldPlan
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.jobs.launch import StartedJob
from tlstudio.messages import message
from tlstudio.operations import crossvalidating, edits
from tlstudio.project.project import Project

FOLDS = tuple(ev.FoldJudged(fold=fold, num_train=19, penalty=0.1, confusion=((2, 0, 0), (0, 1, 0), (1, 0, 1))) for fold in range(5))


def job_in(project: Project, events: list[ev.AnyEvent]) -> StartedJob:
    """A cross-validation whose journal says this."""
    folder = project.folder / "crossvalidations" / "0001"
    write_job(project, folder, jobs.CrossValidateJob(manifest_hash="", num_units=24, weights_name="MobileNetV4 small"))
    known = manifest_of(project)
    taking_part = tuple(entry for entry in known.entries if entry.split is not Split.TEST)
    (folder / jobs.MANIFEST_FILE).write_bytes(msgspec.structs.replace(known, entries=taking_part).encode())
    recipe = RECIPES["quick"].build(NetworkPart(architecture="resnet18"))
    (folder / jobs.RECIPE_FILE).write_bytes(msgspec.json.encode(recipe))
    write_journal(folder, [ev.Started(attempt=1, pid=1), *events])
    return StartedJob(number=1, folder=folder, process=None)  # type: ignore[arg-type]


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    made = Studio(qtbot, tmp_path / "Insects", monkeypatch)
    yield made
    made.close()


def test_the_result_stands_in_one_sentence_and_is_there_again_tomorrow(studio: Studio) -> None:
    asked: list[tuple[NetworkPart, FoldPlan]] = []

    def start(project: Project, network: NetworkPart, plan: FoldPlan, **_more: object) -> StartedJob:
        asked.append((network, plan))
        return job_in(project, [ev.PhaseStarted(phase="folds", total=5, silence_limit_s=180), *FOLDS, ev.Finished()])

    studio.monkeypatch.setattr(crossvalidating, "start_cross_validation", start)
    studio.open()
    foot = studio.panel.expectation
    assert "The test set stays closed" in foot.words.text()
    studio.wait(foot.ask.isEnabled)
    studio.qtbot.mouseClick(foot.ask, Qt.MouseButton.LeftButton)
    assert foot.progress.isVisible()
    assert not foot.ask.isVisible()
    studio.wait(lambda: "MobileNetV4 small, Quick: 80.0 % of new images right" in foot.words.text())
    assert "by 5 folds of 25 images" in foot.words.text()
    assert asked == [(studio.panel.model.choice.network, FoldPlan())]
    assert not foot.progress.isVisible()
    assert foot.ask.isVisible()
    studio.reopen()
    studio.wait(lambda: "80.0 %" in foot.words.text())
    assert "judge again" not in foot.words.text()


def test_a_result_says_when_the_images_are_not_those_it_judged(studio: Studio) -> None:
    studio.open()
    project, dataset = studio.workspace.project, studio.workspace.dataset
    assert project is not None
    assert dataset is not None
    job_in(project, [ev.PhaseStarted(phase="folds", total=5, silence_limit_s=180), *FOLDS, ev.Finished()])
    judged = [sample.id for sample in dataset.ready if sample.split is Split.TRAIN][:3]
    studio.workspace.edit(lambda project: edits.set_aside(project, judged))
    foot = studio.panel.expectation
    studio.wait(lambda: "before 3 images were changed; judge again." in foot.words.text())
    studio.workspace.undo()
    studio.wait(lambda: "80.0 %" in foot.words.text() and "judge again" not in foot.words.text())


def test_a_refusal_stands_where_it_was_asked_for(studio: Studio) -> None:
    def start(*_more: object, **_named: object) -> StartedJob:
        raise TLStudioError(message("test.few", "Too few for folds."), message("test.few.hint", "Take fewer folds."))

    studio.monkeypatch.setattr(crossvalidating, "start_cross_validation", start)
    studio.open()
    foot = studio.panel.expectation
    studio.wait(foot.ask.isEnabled)
    studio.qtbot.mouseClick(foot.ask, Qt.MouseButton.LeftButton)
    studio.wait(studio.panel.notice.isVisible)
    assert "Too few for folds" in studio.panel.notice.title.text()
    assert foot.ask.isVisible()


def test_stopping_is_told_to_the_job(studio: Studio) -> None:
    def start(project: Project, *_more: object, **_named: object) -> StartedJob:
        job = job_in(project, [ev.PhaseStarted(phase="folds", total=5, silence_limit_s=180)])
        (job.folder / jobs.CONTROL_FILE).write_bytes(msgspec.json.encode(jobs.Control()))
        return job

    studio.monkeypatch.setattr(crossvalidating, "start_cross_validation", start)
    studio.open()
    foot = studio.panel.expectation
    studio.wait(foot.ask.isEnabled)
    studio.qtbot.mouseClick(foot.ask, Qt.MouseButton.LeftButton)
    studio.qtbot.mouseClick(foot.progress.stop_button, Qt.MouseButton.LeftButton)
    control = studio.folder / "crossvalidations" / "0001" / jobs.CONTROL_FILE
    studio.wait(lambda: control.exists() and msgspec.json.decode(control.read_bytes(), type=jobs.Control).command is jobs.Command.STOP)
