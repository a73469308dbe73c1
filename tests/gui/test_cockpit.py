"""The transfer cockpit: the slider by keys and mouse, figures and boxes that follow, and settings that Train shows afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tests.gui.test_accessible_names import nameless, unreachable
from tests.recorded import make_project, write_job, write_journal
from tlstudio import paths
from tlstudio.domain import events as ev
from tlstudio.domain import jobs
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.jobs.launch import StartedJob
from tlstudio.messages import message
from tlstudio.operations import estimates, probing, weights
from tlstudio.project.project import Project
from tlstudio.ui.train.panel import TrainPanel
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.cockpit.compare import ComparePopover
from tlstudio.ui.zoo.cockpit.page import CockpitPage
from tlstudio.ui.zoo.pages import ModelsPanel
from tlstudio.zoo import profiles

RESNET = NetworkPart(architecture="resnet18")
VIT = NetworkPart(architecture="vit_tiny_patch16_224")
OTHER = WeightsCard(hash="cd" * 32, architecture="resnet34", name="ResNet-34", preprocessing=Preprocessing(), num_classes=9)


class Studio:
    """The Models panel on a project, at the cockpit of a network."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.workspace = Workspace()
        self.shown: list[str] = []
        self.workspace.changes.show_panel.connect(self.shown.append)
        with qtbot.waitSignal(self.workspace.changes.project_changed):
            self.workspace.open(folder)
        self.panel = ModelsPanel(self.workspace)
        qtbot.addWidget(self.panel)
        self.panel.resize(1184, 860)
        self.panel.show()
        self.wait(lambda: self.workspace.networks.chosen is not None and self.workspace.background.is_idle)

    def wait(self, until: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(until()))

    def look_at(self, network: NetworkPart) -> CockpitPage:
        self.panel.show_cockpit(network)
        page = self.panel.cockpit
        assert page is not None
        self.wait(lambda: page.model.known is not None and page.model.known.network == network)
        return page

    def states(self) -> list[str]:
        assert self.panel.cockpit is not None
        return [box.state for box in self.panel.cockpit.stages.view.boxes]

    def train(self) -> TrainPanel:
        panel = TrainPanel(self.workspace)
        self.qtbot.addWidget(panel)
        panel.resize(1184, 860)
        panel.show()
        self.wait(lambda: panel.model.choice.network is not None)
        return panel


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path) -> Iterator[Studio]:
    make_project(tmp_path / "survey").close()
    result = Studio(qtbot, tmp_path / "survey")
    yield result
    result.workspace.close()


def _type(qtbot: QtBot, field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    field.insert(text)  # QTest can press only the keys of Latin letters
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_it_is_reached_from_the_card_of_a_network_and_left_again(studio: Studio) -> None:
    zoo = studio.panel.zoo
    studio.wait(lambda: zoo.model.row is not None)
    studio.qtbot.mouseClick(zoo.detail.transfer, Qt.MouseButton.LeftButton)
    page = studio.panel.cockpit
    assert page is not None
    assert page.isVisible()
    studio.wait(lambda: page.networks.currentText() == "Starter (MobileNetV4 small)")
    studio.qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    assert zoo.isVisible()


def test_keys_move_the_slider_and_boxes_and_figures_follow(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    slider = page.stages.slider
    assert studio.states() == ["cached"] * 5 + ["new"]
    alone = page.figures.trainable.accessibleName()
    slider.setFocus()
    studio.qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert studio.states() == ["cached"] * 4 + ["trains", "new"]
    assert slider.words == "Frozen: 4 of 5 stages"
    assert page.figures.trainable.accessibleName() != alone
    assert "first pass" in page.figures.epoch.accessibleName()
    studio.qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert studio.states() == ["trains"] * 5 + ["new"]
    assert slider.words == "Everything trains"
    studio.qtbot.keyClick(slider, Qt.Key.Key_End)
    assert page.figures.trainable.accessibleName() == alone


def test_the_mouse_takes_the_slider_to_the_nearest_gap_and_a_click_opens_a_stage(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    slider, view = page.stages.slider, page.stages.view
    studio.wait(lambda: len(slider.stops) == 6)
    studio.qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.stops[2]) + 9, 13))
    assert studio.states() == ["cached"] * 2 + ["trains"] * 3 + ["new"]

    def middle(place: int) -> QPoint:
        return QPoint(round(view.places.lefts[place] + view.places.widths[place] / 2), 90)

    studio.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(1))
    assert studio.states() == ["cached"] + ["trains"] * 4 + ["new"]
    studio.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(3))
    assert studio.states() == ["cached"] * 4 + ["trains", "new"]
    studio.qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle(5))
    assert studio.states() == ["cached"] * 4 + ["trains", "new"], "the head is always new"


def test_train_shows_what_was_set_and_the_cockpit_what_train_sets(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(2)
    studio.qtbot.mouseClick(page.head.kinds.segment("cosine"), Qt.MouseButton.LeftButton)
    field = page.rates.fields.fields[-1].field
    field.setFocus()
    field.selectAll()
    studio.qtbot.keyClicks(field, "5e-4")
    studio.qtbot.keyClick(field, Qt.Key.Key_Return)
    studio.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    assert studio.shown == ["train"]

    train = studio.train()
    recipe = train.model.choice.recipe
    assert recipe is not None
    assert recipe.finetune is not None
    assert (recipe.name, recipe.network, recipe.head.kind) == ("custom", RESNET, "cosine")
    assert recipe.finetune.num_stages == 3
    assert recipe.finetune.stage_rates == pytest.approx((5e-4, 9e-5, 2.7e-5))
    card = train.recipe.card
    assert card.recipes.current() == "custom"
    stages = card.setting("num_stages").findChild(QLineEdit)
    assert stages.text() == "3"

    stages.setFocus()
    stages.selectAll()
    studio.qtbot.keyClicks(stages, "1")
    studio.qtbot.keyClick(stages, Qt.Key.Key_Return)
    studio.wait(lambda: studio.states() == ["cached"] * 4 + ["trains", "new"])
    assert page.stages.slider.value() == 4
    studio.qtbot.mouseClick(card.recipes.segment("quick"), Qt.MouseButton.LeftButton)
    assert page.stages.slider.value() == 5


def test_what_is_as_its_recipe_has_it_keeps_its_name(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(3)
    studio.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    train = studio.train()
    assert train.recipe.card.recipes.current() == "balanced"
    studio.qtbot.mouseClick(train.recipe.card.recipes.segment("thorough"), Qt.MouseButton.LeftButton)
    assert studio.states() == ["trains"] * 5 + ["new"]
    assert page.stages.slider.value() == 0


def test_the_head_alone_is_quick(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(1)
    page.stages.slider.setValue(5)
    assert page.rates.none.isVisible()
    assert not page.rates.tuning.isVisible()
    studio.qtbot.mouseClick(page.use, Qt.MouseButton.LeftButton)
    recipe = studio.train().model.choice.recipe
    assert recipe is not None
    assert recipe.name == "quick"
    assert recipe.finetune is None


def test_only_a_transformer_has_adapters(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(3)
    assert not page.rates.ways.isVisible()
    page = studio.look_at(VIT)
    page.stages.slider.setValue(9)
    assert page.rates.ways.isVisible()
    assert not page.rates.rows["lora_rank"].isVisible()
    studio.qtbot.mouseClick(page.rates.ways.segment("lora"), Qt.MouseButton.LeftButton)
    assert studio.states()[9:] == ["adapters"] * 4 + ["new"]
    assert page.rates.rows["lora_rank"].isVisible()
    assert page.model.recipe is not None
    assert page.model.recipe.finetune is not None
    assert page.model.recipe.finetune.lora is not None
    assert page.model.recipe.finetune.lora.rank == 8
    studio.qtbot.mouseClick(page.rates.ways.segment("all"), Qt.MouseButton.LeftButton)
    assert page.model.recipe.finetune.lora is None


def test_what_belongs_to_a_kind_of_head_is_shown_with_it(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    rows = page.head.rows
    assert not rows["head_dropout"].isVisible()
    studio.qtbot.mouseClick(page.head.kinds.segment("mlp"), Qt.MouseButton.LeftButton)
    assert rows["head_dropout"].isVisible()
    assert rows["head_hidden"].isVisible()
    few = page.figures.trainable.accessibleName()
    field = rows["head_hidden"].findChild(QLineEdit)
    field.setFocus()
    field.selectAll()
    studio.qtbot.keyClicks(field, "1024")
    studio.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page.figures.trainable.accessibleName() != few
    field.setFocus()
    field.selectAll()
    studio.qtbot.keyClicks(field, "0")
    studio.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert rows["head_hidden"].refusal.isVisible()
    assert page.model.recipe is not None
    assert page.model.recipe.head.hidden == 1024


@pytest.mark.parametrize("text", ["fast", "1.000,5", "11", ""])
def test_a_rate_that_is_none_stays_to_be_mended_and_it_is_said_at_the_field(studio: Studio, text: str) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(4)
    fields = page.rates.fields
    _type(studio.qtbot, fields.fields[4].field, text)
    assert fields.fields[4].field.text() == text
    assert fields.refusal.isVisible()
    assert "from 1e-9 to 10" in fields.refusal.text()
    assert not page.model.has_own_rates
    _type(studio.qtbot, fields.fields[4].field, "2e-4")
    assert not fields.refusal.isVisible()
    assert page.model.rates == pytest.approx((2e-4,))


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "tr_TR", "ar", "en_US"])
def test_rates_are_typed_with_a_point_or_with_the_sign_of_the_locale(studio: Studio, locale: str) -> None:
    page = studio.look_at(RESNET)
    page.stages.slider.setValue(4)
    before = QLocale()
    QLocale.setDefault(QLocale(locale))
    try:
        for text, rate in (("0.001", 1e-3), (f"0{QLocale().decimalPoint()}002", 2e-3), ("2.5e-5", 2.5e-5)):
            _type(studio.qtbot, page.rates.fields.fields[4].field, text)
            assert page.model.rates == pytest.approx((rate,))
            _type(studio.qtbot, page.rates.rows["learning_rate"].findChild(QLineEdit), text)
            assert page.model.recipe is not None
            assert page.model.recipe.finetune is not None
            assert page.model.recipe.finetune.learning_rate == pytest.approx(rate)
    finally:
        QLocale.setDefault(before)


def test_the_name_of_a_network_stands_whole_where_there_is_room(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    page = studio.look_at(VIT)
    card = msgspec.structs.replace(OTHER, architecture=VIT.architecture, name="vit_tiny_patch16_224 (augreg_in21k_ft_in1k)")
    monkeypatch.setattr(weights, "list_weights", lambda: [card])
    studio.workspace.networks.reload()
    studio.wait(lambda: page.networks.findText(card.name) >= 0)
    page.networks.setCurrentIndex(page.networks.findText(card.name))
    page.networks.activated.emit(page.networks.currentIndex())
    studio.wait(lambda: page.networks.currentText() == card.name and page.networks.width() >= page.networks.sizeHint().width())
    studio.panel.resize(760, 700)
    studio.wait(lambda: not page.networks.geometry().intersects(page.back.geometry()))


def test_another_network_is_drawn_when_it_is_chosen(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    page = studio.look_at(VIT)
    assert len(studio.states()) == 14
    here = [*weights.list_weights(), OTHER]
    monkeypatch.setattr(weights, "list_weights", lambda: here)
    studio.workspace.networks.reload()
    studio.wait(lambda: page.networks.findText("ResNet-34") >= 0)
    assert page.networks.currentText() == "vit_tiny_patch16_224, random weights"
    page.networks.activated.emit(page.networks.findText("ResNet-34"))
    assert page.networks.currentText() == "ResNet-34"


def test_without_images_the_network_is_drawn_and_figures_are_promised(qtbot: QtBot, tmp_path: Path) -> None:
    Project.create(tmp_path / "empty").close()
    studio = Studio(qtbot, tmp_path / "empty")
    page = studio.look_at(RESNET)
    assert len(studio.states()) == 6
    assert page.figures.memory.accessibleName() == "Memory: – add images first"
    page.stages.slider.setValue(2)
    assert studio.states() == ["cached"] * 2 + ["trains"] * 3 + ["new"]
    studio.workspace.close()


def test_a_network_whose_weights_are_gone_is_told_and_another_one_is_drawn(studio: Studio) -> None:
    studio.panel.show_cockpit(NetworkPart(architecture="resnet18", weights="ef" * 32))
    page = studio.panel.cockpit
    assert page is not None
    studio.wait(page.notice.isVisible)
    assert studio.states() == []
    assert page.figures.whole.accessibleName() == "Whole run: – not known"
    assert not page.stages.slider.isEnabled()
    studio.look_at(RESNET)
    assert len(studio.states()) == 6
    assert page.stages.slider.isEnabled()


def test_weights_that_are_dropped_are_taken_by_the_zoo(studio: Studio, tmp_path: Path) -> None:
    page = studio.look_at(RESNET)
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing")
    assert studio.panel.take_drop([broken])
    assert not page.isVisible()
    studio.wait(lambda: studio.panel.zoo.notice.isVisible())


def test_every_control_has_a_name_and_is_reached_by_keys(studio: Studio) -> None:
    page = studio.look_at(VIT)
    page.stages.slider.setValue(9)
    studio.qtbot.mouseClick(page.rates.ways.segment("lora"), Qt.MouseButton.LeftButton)
    assert not nameless(page)
    assert not unreachable(page)
    assert page.stages.slider.accessibleDescription() == "Frozen: 9 of 13 blocks"
    assert "block 12, 197 tokens, adapters" in page.stages.view.accessibleDescription()


@pytest.mark.parametrize("width", [768, 1184])
def test_nothing_is_cut_or_overlaps_whatever_trains(studio: Studio, width: int) -> None:
    studio.panel.resize(width, 640)
    page = studio.look_at(VIT)
    for frozen in (0, 9, 13):
        page.stages.slider.setValue(frozen)
        studio.wait(lambda: page.stages.height() >= page.stages.minimumSizeHint().height())
        for card in (page.figures, page.head, page.rates, page.finder):
            studio.wait(lambda card=card: card.height() >= card.heightForWidth(card.width()))
        cards = [page.stages, page.figures, page.head, page.rates, page.finder]
        areas = [card.geometry() for card in cards]
        assert not any(one.intersects(other) for place, one in enumerate(areas) for other in areas[place + 1 :])
        assert page.head.parentWidget().width() <= page.width()


def test_three_depths_are_compared_and_one_is_taken(studio: Studio) -> None:
    page = studio.look_at(RESNET)
    studio.qtbot.mouseClick(page.compare, Qt.MouseButton.LeftButton)
    popover = page.compare.findChild(ComparePopover)
    assert popover is not None
    assert [entry.text() for entry in popover.entries] == ["Head only", "Head and the last 2 stages", "Everything"]
    assert page.stages.slider.value() == 5, "to compare changes nothing"
    popover.entries[1].click()
    assert page.stages.slider.value() == 3
    assert studio.states() == ["cached"] * 3 + ["trains"] * 2 + ["new"]


def job_in(project: Project, events: list[ev.AnyEvent]) -> StartedJob:
    """A measurement whose journal says this."""
    folder = project.folder / "probes" / "0001"
    write_job(project, folder, jobs.ProbeJob())
    write_journal(folder, [ev.Started(attempt=1, pid=1), *events])
    return StartedJob(number=1, folder=folder, process=None)  # type: ignore[arg-type]


def keep_measurements(network: NetworkPart) -> None:
    """What a probe leaves behind."""
    machine = estimates.machine()
    holds_for = profiles.conditions(device_name=machine.device_name, threads=machine.threads)
    profiles.save_machine(paths.cache_dir(), holds_for, msgspec.structs.replace(machine, measured_at=1.0))
    found = msgspec.structs.replace(estimates.profile_of(network, machine), is_measured=True)
    profiles.save_network(paths.cache_dir(), holds_for, found)


def test_a_network_is_measured_where_its_figures_are_worked_out_only(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[NetworkPart]] = []
    project = studio.workspace.project
    assert project is not None

    def start(networks: list[NetworkPart], **_more: object) -> StartedJob:
        asked.append(networks)
        keep_measurements(*networks)
        return job_in(project, [ev.Finished()])

    monkeypatch.setattr(probing, "start_probe", start)
    page = studio.look_at(RESNET)
    line = page.source
    assert line.words.text().startswith("Worked out from this computer's rates")
    assert not line.stop.isVisible()
    studio.qtbot.mouseClick(line.measure, Qt.MouseButton.LeftButton)
    studio.wait(lambda: line.words.text() == "Measured with this network on this computer.")
    assert asked == [[RESNET]]
    assert not line.measure.isVisible()


def test_a_measurement_that_fails_says_why(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    project = studio.workspace.project
    assert project is not None
    failed = ev.Failed(title=message("test.no_room", "There is no room."), hint=message("test.no_room.hint", "Make some."))
    monkeypatch.setattr(probing, "start_probe", lambda _networks, **_more: job_in(project, [failed]))
    page = studio.look_at(RESNET)
    studio.qtbot.mouseClick(page.source.measure, Qt.MouseButton.LeftButton)
    studio.wait(page.notice.isVisible)
    assert page.notice.title.text() == "There is no room."
    assert page.source.measure.isVisible()


def test_measuring_waits_for_what_is_at_work_and_says_so(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    line = studio.look_at(RESNET).source
    studio.wait(line.measure.isVisible)
    monkeypatch.setattr(type(studio.workspace.probing), "can_start", property(lambda _self: False))
    studio.workspace.probing.changed.emit()
    studio.wait(lambda: not line.measure.isEnabled())
    assert line.measure.isVisible()
    assert line.measure.toolTip().startswith("Not while a run trains")
