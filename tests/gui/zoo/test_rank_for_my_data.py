"""Rank for my data: figures arrive in the table as they come, a sentence advises, a button follows it, changed images make it stale."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file

from tests.gui.zoo.conftest import Studio, place_of
from tests.recorded import manifest_of, write_job, write_journal
from tlstudio import paths
from tlstudio.domain import events as ev
from tlstudio.domain import jobs
from tlstudio.domain.folds import FoldPlan
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.files import FileLock
from tlstudio.messages import message
from tlstudio.operations import edits, estimates, ranking
from tlstudio.operations.ranking import StartedRanking
from tlstudio.project.project import Project
from tlstudio.ui.zoo.ranking_words import fit_tip
from tlstudio.zoo import profiles
from tlstudio.zoo.library import Library
from tlstudio.zoo.stored import hash_file

BEGUN = ev.PhaseStarted(phase="rank", total=None, silence_limit_s=180)


class RankingStudio(Studio):
    """With a second set of weights in the library."""

    def __init__(self, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.lock: FileLock | None = None
        self.other = _other(folder.parent)
        super().__init__(qtbot, folder)
        self.wait(lambda: self.panel.model.num_ready == 2)
        self.starter = self.workspace.networks.cards[0]

    @property
    def part(self):
        return self.panel.ranking

    def fits(self) -> dict[str, str]:
        return dict(zip(self.titles(), self.column("fit"), strict=True))

    def titles(self) -> list[str]:
        model = self.panel.table.model
        return [model.row_at(row).title for row in range(model.rowCount())]

    def found(self, card: WeightsCard, *balanced: float, speed: float = 100.0) -> ev.NetworkRanked:
        return ev.NetworkRanked(
            weights=card.hash,
            architecture=card.architecture,
            name=card.name,
            balanced=balanced,
            plain=balanced,
            penalties=(0.1,) * 5,
            num_images=24,
            num_cached=0,
            images_per_second=speed,
        )

    def replay(self, *events: ev.AnyEvent) -> None:
        """From now on the button starts a job whose journal says this; without an ending it is at work until the test is over."""

        def start(project: Project, **_more: object) -> StartedRanking:
            started = job_in(project, [BEGUN, *events])
            if not isinstance(events[-1], ev.Finished | ev.Stopped):
                self.lock = FileLock(started.folder / jobs.LOCK_FILE)
                assert self.lock.acquire()
            return started

        self.monkeypatch.setattr(ranking, "start_ranking", start)

    def close(self) -> None:
        super().close()
        if self.lock is not None:
            self.lock.release()


def _other(folder: Path) -> WeightsCard:
    file = folder / "other.safetensors"
    save_file({"conv1.weight": np.zeros(3, np.float32)}, file)
    return Library().add(
        WeightsCard(hash=hash_file(file), architecture="resnet18", name="ResNet-18", preprocessing=Preprocessing(), num_classes=0), file
    )


def job_in(project: Project, events: list[ev.AnyEvent]) -> StartedRanking:
    folder = project.folder / "rankings" / "0001"
    known = manifest_of(project)
    data = msgspec.structs.replace(known, entries=tuple(entry for entry in known.entries if entry.split is not Split.TEST)).encode()
    write_job(project, folder, jobs.RankJob(manifest_hash="", plan=FoldPlan(), num_units=24, candidates=()))
    (folder / jobs.MANIFEST_FILE).write_bytes(data)
    (folder / jobs.CONTROL_FILE).write_bytes(msgspec.json.encode(jobs.Control()))
    write_journal(folder, [ev.Started(attempt=1, pid=1), *events])
    return StartedRanking(number=1, folder=folder, process=None)


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RankingStudio]:
    made = RankingStudio(qtbot, tmp_path / "Insects", monkeypatch)
    yield made
    made.close()


def test_figures_advice_and_the_button_that_follows_it(studio: RankingStudio) -> None:
    assert studio.fits() == {studio.starter.name: "–", "ResNet-18": "–"}
    assert not studio.part.isVisible()
    best = studio.found(studio.other, 0.95, 0.94, 0.96, 0.95, 0.95, speed=20)
    studio.replay(studio.found(studio.starter, 0.6, 0.62, 0.61, 0.6, 0.62, speed=900), best, ev.Finished())
    studio.click(studio.panel.rank)
    studio.wait(studio.part.advice.isVisible)
    assert studio.fits() == {studio.starter.name: ".61", "ResNet-18": ".95"}
    assert studio.part.advice.title.text().startswith("ResNet-18 is probably best on your images (.95 ±")
    assert studio.part.advice.hint.text() == "Ranking used 24 cached feature vectors per model; nothing was trained."
    assert studio.said[-1] == studio.part.advice.hint.text()
    assert studio.panel.rank.isEnabled()
    chosen = studio.workspace.networks.chosen
    assert chosen is not None
    assert chosen.weights == studio.starter.hash, "an advice changes nothing by itself"
    studio.click(studio.part.advice.action)
    studio.wait(lambda: studio.workspace.networks.chosen == NetworkPart(architecture="resnet18", weights=studio.other.hash))
    studio.wait(lambda: not studio.part.advice.action.isVisible())


def test_the_tooltip_has_the_interval_and_the_table_sorts_by_fit(studio: RankingStudio) -> None:
    studio.replay(studio.found(studio.starter, *(0.6,) * 5), studio.found(studio.other, *(0.8,) * 5, speed=20), ev.Finished())
    studio.click(studio.panel.rank)
    studio.wait(studio.part.advice.isVisible)
    tip = studio.panel.table.model.index(0, place_of("fit")).data(Qt.ItemDataRole.ToolTipRole)
    assert ".60 ± ." in tip
    assert "24 images judged fold by fold" in tip
    studio.panel.on_sort("fit", True)
    assert list(studio.fits()) == ["ResNet-18", studio.starter.name]


def test_a_network_that_is_measured_now_has_one_speed_in_the_table_the_tooltip_and_the_advice(studio: RankingStudio) -> None:
    _measured(studio.other, images_per_second=1.0)
    balanced = (0.95, 0.94, 0.96, 0.95, 0.95)
    studio.replay(studio.found(studio.starter, *balanced, speed=1), studio.found(studio.other, *balanced, speed=900), ev.Finished())
    studio.click(studio.panel.rank)
    studio.wait(studio.part.advice.isVisible)
    assert f"take {studio.starter.name}" in studio.part.advice.title.text(), "by the speeds of the ranking it would be the other"
    _measured(studio.other, images_per_second=40_000.0)
    studio.workspace.probing.changed.emit()
    studio.wait(lambda: "take ResNet-18" in studio.part.advice.title.text())
    studio.wait(lambda: dict(zip(studio.titles(), studio.column("speed"), strict=True))["ResNet-18"].endswith("40,000"))
    row = next(row for row in studio.panel.model.rows if row.title == "ResNet-18")
    assert "40,000 images a second here" in fit_tip(row)


def _measured(card: WeightsCard, *, images_per_second: float) -> None:
    here = estimates.machine()
    found = estimates.profile_of(NetworkPart(architecture=card.architecture, weights=card.hash), here)
    scale = 1 / (images_per_second * found.forward_s)
    stages = tuple(msgspec.structs.replace(stage, forward_s=scale * stage.forward_s) for stage in found.stages)
    holds_for = profiles.conditions(device_name=here.device_name, threads=here.threads)
    profiles.save_network(paths.cache_dir(), holds_for, msgspec.structs.replace(found, stages=stages, is_measured=True))


def test_what_is_ranked_stands_in_the_table_while_the_rest_is_on_its_way_and_stop_is_told(studio: RankingStudio) -> None:
    at = ev.NetworkLooked(name="ResNet-18", number=2, total=2, done=12, num_images=24, share=0.6, seconds_left=125.0)
    studio.replay(studio.found(studio.starter, *(0.6,) * 5), at)
    folder = studio.folder / "rankings" / "0001"
    studio.click(studio.panel.rank)
    studio.wait(lambda: studio.fits()[studio.starter.name] == ".60")
    assert studio.fits()["ResNet-18"] == "–"
    studio.wait(lambda: "Network 2 of 2, ResNet-18: image 12 of 24 · about 2 min left" in studio.part.progress.words.whole_text())
    assert not studio.panel.rank.isEnabled()
    studio.click(studio.part.progress.stop_button)
    studio.wait(lambda: msgspec.json.decode((folder / jobs.CONTROL_FILE).read_bytes(), type=jobs.Control).command is jobs.Command.STOP)


def test_a_stopped_ranking_says_how_much_is_left_and_goes_on(studio: RankingStudio) -> None:
    studio.replay(studio.found(studio.starter, *(0.95,) * 5), ev.Stopped())
    studio.click(studio.panel.rank)
    studio.wait(studio.part.advice.isVisible)
    assert studio.part.advice.badge.text() == "Stopped"
    assert studio.part.advice.hint.text().startswith("The ranking was stopped: 1 set of weights here is not ranked.")
    assert studio.part.advice.action.text() == "Go on"
    begun: list[Project] = []

    def start(project: Project, **_more: object) -> StartedRanking:
        begun.append(project)
        raise TLStudioError(message("test.few", "Too few for folds."), message("test.few.hint", "Add images."))

    studio.monkeypatch.setattr(ranking, "start_ranking", start)
    studio.click(studio.part.advice.action)
    studio.wait(lambda: begun)
    studio.wait(studio.panel.notice.isVisible)


def test_stopping_before_the_first_network_leaves_a_word(studio: RankingStudio) -> None:
    studio.replay(ev.Stopped())
    studio.click(studio.panel.rank)
    studio.wait(lambda: studio.said and studio.said[-1].startswith("The ranking was stopped before the first network was done."))
    assert studio.panel.rank.isEnabled()


def test_changed_images_make_it_stale_and_it_is_there_again_tomorrow(studio: RankingStudio) -> None:
    studio.replay(studio.found(studio.starter, *(0.6,) * 5), ev.Finished())
    studio.click(studio.panel.rank)
    studio.wait(studio.part.advice.isVisible)
    dataset = studio.workspace.dataset
    assert dataset is not None
    judged = [sample.id for sample in dataset.ready if sample.split is Split.TRAIN][:3]
    studio.workspace.edit(lambda project: edits.set_aside(project, judged))
    studio.wait(lambda: studio.part.advice.hint.text().startswith("3 images changed since: rank again, a few seconds."))
    assert studio.part.advice.action.text() == "Rank again"
    studio.workspace.undo()
    studio.wait(lambda: "nothing was trained" in studio.part.advice.hint.text())
    studio.reopen()
    studio.wait(lambda: studio.part.advice.isVisible() and studio.fits()[studio.starter.name] == ".60")


def test_one_that_was_passed_over_is_named_with_its_reason(studio: RankingStudio) -> None:
    passed = ev.NetworkPassed(weights=studio.other.hash, name="ResNet-18", reason=message("test.damaged", "Its file is damaged."))
    studio.replay(studio.found(studio.starter, *(0.6,) * 5), passed, ev.Finished())
    studio.click(studio.panel.rank)
    studio.wait(studio.part.advice.isVisible)
    assert "ResNet-18 was passed over. Its file is damaged." in studio.part.advice.hint.text()


def test_where_every_network_is_passed_over_it_says_so(studio: RankingStudio) -> None:
    passed = ev.NetworkPassed(weights=studio.other.hash, name="ResNet-18", reason=message("test.damaged", "Its file is damaged."))
    studio.replay(passed, ev.Finished())
    studio.click(studio.panel.rank)
    studio.wait(studio.part.advice.isVisible)
    assert studio.part.advice.title.text() == "None of the networks here could be ranked."
    assert "Its file is damaged." in studio.part.advice.hint.text()


def test_a_refusal_stands_in_the_panel(studio: RankingStudio) -> None:
    def refuse(*_more: object, **_named: object) -> StartedRanking:
        raise TLStudioError(message("test.few", "Too few for folds."), message("test.few.hint", "Add images."))

    studio.monkeypatch.setattr(ranking, "start_ranking", refuse)
    studio.click(studio.panel.rank)
    studio.wait(studio.panel.notice.isVisible)
    assert studio.panel.notice.title.text() == "Too few for folds."
    assert studio.panel.rank.isEnabled()
    assert not studio.part.progress.isVisible()
