"""The learning-rate finder in the cockpit: a replayed journal draws the curve, a dashed line suggests, a button takes it over."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.test_accessible_names import nameless
from tests.recorded import make_project, manifest_of, write_job, write_journal
from tlstudio.domain import events as ev
from tlstudio.domain import jobs
from tlstudio.domain.jobs import Control
from tlstudio.domain.rate_finder import rate_at
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.errors import TLStudioError
from tlstudio.files import FileLock
from tlstudio.jobs.launch import StartedJob
from tlstudio.messages import message
from tlstudio.operations import finding_rate
from tlstudio.project.project import Project
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.cockpit.page import CockpitPage
from tlstudio.ui.zoo.pages import ModelsPanel

NETWORK = NetworkPart(architecture="resnet18")
BEGUN: list[ev.AnyEvent] = [ev.Started(attempt=1, pid=1), ev.PhaseStarted(phase="rates", total=40, silence_limit_s=180)]
TRIED = [ev.RateTried(step=step + 1, rate=rate_at(step, 40), loss=1.4 - 0.02 * step) for step in range(40)]


class Studio:
    """The cockpit of a network; what its finder is asked for, and a job that says what the test wants."""

    def __init__(self, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.qtbot, self.monkeypatch = qtbot, monkeypatch
        self.asked: list[Recipe] = []
        self.folder = folder / "finder" / "0001"
        self.lock = FileLock(self.folder / jobs.LOCK_FILE)
        self.workspace = Workspace()
        with qtbot.waitSignal(self.workspace.changes.project_changed):
            self.workspace.open(folder)
        self.panel = ModelsPanel(self.workspace)
        qtbot.addWidget(self.panel)
        self.panel.resize(1184, 1100)
        self.panel.show()
        self.wait(lambda: self.workspace.networks.chosen is not None and self.workspace.background.is_idle)
        self.panel.show_cockpit(NETWORK)
        assert self.panel.cockpit is not None
        self.page: CockpitPage = self.panel.cockpit
        self.wait(lambda: self.page.model.known is not None and self.page.model.known.network == NETWORK)

    def wait(self, until: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(until()), timeout=30_000)

    def replay(self, *events: ev.AnyEvent, is_over: bool = True) -> None:
        """From now on the button starts a job whose journal says this."""

        def start(project: Project, recipe: Recipe, **_more: object) -> StartedJob:
            self.asked.append(recipe)
            write_job(project, self.folder, jobs.FindRateJob(manifest_hash="", num_steps=40))
            if not is_over:
                assert self.lock.acquire()
            write_journal(self.folder, [*BEGUN, *events])
            return StartedJob(number=1, folder=self.folder, process=None)  # type: ignore[arg-type]

        self.monkeypatch.setattr(finding_rate, "start_finding", start)

    def click(self, button) -> None:
        assert button.isVisible()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    project = make_project(tmp_path / "survey")
    assert manifest_of(project).entries
    project.close()
    result = Studio(qtbot, tmp_path / "survey", monkeypatch)
    yield result
    result.workspace.close()
    result.lock.release()


def test_where_only_a_head_is_solved_there_is_nothing_to_find(studio: Studio) -> None:
    card = studio.page.finder
    assert not card.run.isEnabled()
    assert "solved" in card.words.text()
    studio.page.stages.slider.setValue(3)
    assert card.run.isEnabled()
    assert card.run.text().startswith("Run, ")
    assert not nameless(card)


def test_the_suggested_rate_is_drawn_and_taken_over(studio: Studio) -> None:
    page, card = studio.page, studio.page.finder
    page.stages.slider.setValue(3)
    studio.replay(*TRIED, ev.RateFound(rate=2.5e-4), ev.Finished())
    studio.click(card.run)
    studio.wait(card.use.isVisible)
    assert studio.asked == [page.model.recipe]
    assert len(card.series("loss")) == 40
    studio.wait(lambda: [mark.x for mark in card.canvas().marks.marks] == [pytest.approx(-3.602, abs=1e-3)])
    assert "2.5e-4" in card.words.text()
    studio.click(card.use)
    assert page.model.recipe is not None
    assert page.model.recipe.finetune is not None
    assert page.model.recipe.finetune.learning_rate == 2.5e-4
    assert page.model.boxes[-1].rate == 2.5e-4
    assert not card.use.isVisible()
    page.stages.slider.setValue(1)
    assert card.words.text().startswith("Found with other settings")


def test_rates_set_by_hand_keep_their_distance(studio: Studio) -> None:
    page, card = studio.page, studio.page.finder
    page.stages.slider.setValue(3)
    page.model.set_rate(1, 4e-4)
    before = page.model.rates
    studio.replay(*TRIED, ev.RateFound(rate=5e-4), ev.Finished())
    studio.click(card.run)
    studio.wait(card.use.isVisible)
    studio.click(card.use)
    assert page.model.rates == pytest.approx([rate / 2 for rate in before])


def test_train_asks_for_it_with_what_it_would_start(studio: Studio) -> None:
    studio.panel.on_back_wanted()
    studio.workspace.choice.choose_network(NETWORK)
    studio.workspace.choice.choose_recipe("thorough")
    studio.workspace.changes.recipe_changed.emit()
    studio.workspace.changes.rate_finder_wanted.emit()
    card = studio.page.finder
    studio.wait(lambda: card.visibleRegion().boundingRect() == card.rect() and card.run.isEnabled())
    studio.replay(*TRIED, ev.RateFound(rate=2.5e-4), ev.Finished())
    studio.click(card.run)
    studio.wait(card.use.isVisible)
    assert studio.asked == [studio.workspace.choice.recipe]


def test_it_is_stopped_on_its_way(studio: Studio) -> None:
    card = studio.page.finder
    studio.page.stages.slider.setValue(3)
    studio.replay(*TRIED[:9], is_over=False)
    studio.click(card.run)
    studio.wait(lambda: card.words.text() == "Trying rate 9 of 40")
    assert not card.run.isVisible()
    studio.click(card.stop)
    told = studio.folder / jobs.CONTROL_FILE
    studio.wait(told.exists)
    assert msgspec.json.decode(told.read_bytes(), type=Control).command is jobs.Command.STOP


def test_a_refusal_is_told_and_it_can_be_tried_again(studio: Studio) -> None:
    card = studio.page.finder
    studio.page.stages.slider.setValue(3)

    def refuse(*_arguments: object, **_more: object) -> StartedJob:
        raise TLStudioError(message("test.full", "The disk is full."), message("test.full.hint", "Free some."))

    studio.monkeypatch.setattr(finding_rate, "start_finding", refuse)
    studio.click(card.run)
    studio.wait(studio.page.notice.isVisible)
    assert studio.page.notice.title.text() == "The disk is full."
    assert card.run.isEnabled()
