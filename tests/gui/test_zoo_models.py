"""The Models panel over the real catalogue: finding, choosing, importing and removing weights; refused files say why."""

import argparse
import shlex
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGraphicsView, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from tests.recorded import make_project
from tlstudio.cli import weights as weights_command
from tlstudio.domain.networks import Recognition, WeightsCard
from tlstudio.domain.ranking import RankedNetwork, Ranking
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.report import Estimate
from tlstudio.messages import message
from tlstudio.operations import estimates, weights
from tlstudio.paths import weights_dir
from tlstudio.project.project import Project
from tlstudio.ui.plots.scatter import ScatterPoint
from tlstudio.ui.widgets.breaking_text import BreakingText
from tlstudio.ui.workspace import Workspace
from tlstudio.ui.zoo.name_delegate import fitting
from tlstudio.ui.zoo.panel import ZooPanel
from tlstudio.ui.zoo.table_model import COLUMNS, SECOND_ROLE

VIT = "vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors"
MOBILENET = "mobilenetv2_100.qat_in1k"


class Studio:
    """The Models panel on a project."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.folder = folder
        make_project(folder).close()
        self.workspace = Workspace()
        self.said: list[str] = []
        self.rail: dict[str, tuple[str, str]] = {}
        self.workspace.changes.said.connect(self.said.append)
        self.workspace.changes.rail_changed.connect(lambda panel, line, mark: self.rail.update({panel: (line, mark)}))
        with qtbot.waitSignal(self.workspace.changes.project_changed):
            self.workspace.open(folder)
        self.panel = ZooPanel(self.workspace)
        qtbot.addWidget(self.panel)
        self.panel.resize(1200, 820)
        self.panel.show()
        self.wait(lambda: self.panel.model.num_ready and self.workspace.networks.chosen and self.workspace.background.is_idle)

    def wait(self, until: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(until()))

    def click(self, button: QPushButton) -> None:
        assert button.isVisible()
        assert button.isEnabled()
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def names(self) -> list[str]:
        model = self.panel.table.model
        return [model.index(row, 0).data() for row in range(model.rowCount())]

    def column(self, key: str) -> list[str]:
        model = self.panel.table.model
        place = next(index for index, column in enumerate(COLUMNS) if column.key == key)
        return [model.index(row, place).data() for row in range(model.rowCount())]

    def bring(self, path: Path) -> None:
        """Drop weights on the window and wait until they are recognised."""
        assert self.panel.take_drop([path])
        self.wait(lambda: self.panel.right.importing.card.confirm.isVisible())

    def import_(self, path: Path) -> None:
        before = self.panel.model.num_ready
        self.bring(path)
        self.click(self.panel.right.importing.card.confirm)
        self.wait(lambda: self.panel.model.num_ready == before + 1 and self.workspace.background.is_idle)


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path) -> Iterator[Studio]:
    result = Studio(qtbot, tmp_path / "survey")
    yield result
    result.workspace.close()


def _imported() -> list[WeightsCard]:
    return [card for card in weights.list_weights() if not card.bundled]


def test_the_starter_is_ready_in_use_and_all_shows_the_whole_catalogue(studio: Studio) -> None:
    panel = studio.panel
    assert panel.search.placeholderText() == "Search 1,436 architectures"
    assert studio.names() == ["Starter (MobileNetV4 small)"]
    assert studio.rail["models"] == ("MobileNetV4 small", "ok"), "the whole name has no room in the rail"
    assert studio.column("weights") == ["In use"]
    assert "Import stronger weights when you can" in panel.detail.sentence.text()
    assert panel.detail.facts.words()["Classes"] == "none, features only"
    assert not panel.detail.remove.isVisible()
    assert not panel.detail.get_it.isVisible()
    studio.click(panel.filters.chips.chip("all"))
    assert len(studio.names()) > 2000
    tip = panel.filters.chips.chip("all").toolTip()
    assert tip.startswith("Everything timm and torchvision offer")
    assert f"1,436 networks in {len(studio.names()):,} rows, one a set of weights." in tip


def test_rows_of_one_network_are_told_apart_at_any_width(studio: Studio) -> None:
    panel = studio.panel
    for words in ("efficientnet", "beit"):
        panel.on_search(words)
        rows = panel.table.model.rowCount()
        for room_px in (240, 300):
            index = panel.table.model.index
            shown = [fitting(index(row, 0).data(), index(row, 0).data(SECOND_ROLE) or "", room_px) for row in range(rows)]
            assert not any(name.startswith("torchvision/") for name, _ in shown)
            twice = {pair for pair in shown if shown.count(pair) > 1}
            assert len(twice) <= rows // 20, twice


def test_a_narrow_table_keeps_what_decides_and_sorts_by_what_it_hides(studio: Studio) -> None:
    panel = studio.panel
    panel.model.clear()
    panel._show()
    panel.table.setFixedWidth(480)
    view = panel.table.view
    hidden = {column.key for place, column in enumerate(COLUMNS) if view.isColumnHidden(place)}
    assert {"params", "input", "licence"} <= hidden
    assert not hidden & {"name", "top1", "speed", "time"}
    action = next(action for action in view.horizontalHeader().actions() if action.text() == "Sort by Params")
    action.trigger()
    assert panel.model.sort_by == ("params", True)


def test_typing_finds_a_network(studio: Studio) -> None:
    studio.qtbot.keyClicks(studio.panel.search, "vit tiny augreg")
    studio.wait(lambda: studio.names() and all(name.startswith("vit_tiny") for name in studio.names()))
    assert "vit_tiny_patch16_224" in studio.names()
    studio.panel.search.clear()
    studio.qtbot.keyClicks(studio.panel.search, "nothing like this")
    studio.wait(lambda: studio.panel.table.empty.isVisible())
    empty = studio.panel.table.empty
    assert empty.title.text() == "No network fits all of this"
    assert "“nothing like this”" in empty.sentence.text()
    assert not studio.panel.right.isVisible(), "no card of a network that is not in the table"
    studio.click(empty.button)
    assert studio.panel.search.text() == ""
    assert len(studio.names()) > 2000, "nothing is asked for any more"
    assert not empty.isVisible()


def test_conditions_narrow_each_other_and_say_which_to_give_up(studio: Studio) -> None:
    panel = studio.panel
    studio.wait(lambda: studio.column("speed")[0] != "–")
    chips = panel.filters.chips
    studio.click(chips.chip("all"))
    whole = len(studio.names())
    for id in ("fits", "commercial"):
        studio.click(chips.chip(id))
        assert 0 < len(studio.names()) < whole
        whole = len(studio.names())
    assert chips.chip("all").text() == f"All {whole:,}"
    for combo, word in ((panel.filters.family, "VGG"), (panel.filters.size_limit, "≤ 5 M")):
        combo.setCurrentText(word)
        combo.activated.emit(combo.currentIndex())
    words = panel.table.empty.sentence.text()
    assert panel.table.empty.isVisible()
    assert all(asked in words for asked in ("Fits here", "Commercial use", "VGG", "≤ 5 M"))
    assert "Without VGG there would be" in words
    studio.click(chips.chip("fits"))
    studio.click(panel.table.empty.button)
    assert panel.filters.family.currentText() == "All families"
    assert not chips.chip("commercial").isChecked()


def test_every_row_says_what_it_would_take_here(studio: Studio) -> None:
    panel = studio.panel
    studio.wait(lambda: studio.column("speed")[0] != "–")
    studio.click(panel.filters.chips.chip("all"))
    assert all(text.startswith("~") for text in studio.column("speed")), "nothing was measured on this computer"
    panel.on_sort("speed", True)
    fastest, slowest = panel.model.shown[0], panel.model.shown[-1]
    assert fastest.macs < slowest.macs
    panel.on_selected(slowest.key)
    words = panel.detail.facts.words()
    assert words["Memory here"].startswith("about ")
    assert words["Parameters"].endswith(("M", "B"))


def test_what_was_measured_here_stands_without_a_mark(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = studio.panel
    studio.wait(lambda: studio.column("speed")[0] != "–")
    assert studio.column("speed")[0].startswith("~")
    worked_out = estimates.profile_of(panel.model.row.part)
    machine = estimates.machine()
    monkeypatch.setattr(estimates, "machine", lambda _device="auto": msgspec.structs.replace(machine, measured_at=1.0))
    monkeypatch.setattr(estimates, "profile_of", lambda *_what: msgspec.structs.replace(worked_out, is_measured=True))
    studio.workspace.probing.changed.emit()
    studio.wait(lambda: not studio.column("speed")[0].startswith("~"))


def test_how_networks_fit_the_data_has_a_column_once_they_were_ranked(studio: Studio) -> None:
    panel = studio.panel
    place = next(index for index, column in enumerate(COLUMNS) if column.key == "fit")
    studio.wait(lambda: studio.column("speed")[0] != "–")
    assert panel.table.view.isColumnHidden(place)
    found = Estimate(value=0.84, low=0.8, high=0.88)
    starter = RankedNetwork(
        weights=panel.model.row.key,
        architecture=panel.model.row.network.name,
        name="Starter",
        fit=found,
        accuracy=found,
        images_per_second=100.0,
        num_images=60,
        num_cached=0,
        is_as_good=True,
    )
    advice = message("test.advice", "Take it.")
    panel.model.show_ranking(Ranking(networks=(starter,), num_units=60, num_folds=5, num_classes=3, advised=None, advice=advice))
    panel.on_search("")
    assert not panel.table.view.isColumnHidden(place)
    assert studio.column("fit") == [".84"]
    assert [point.y for point in panel.detail.plot.plot.points] == [pytest.approx(84)]


def test_a_point_of_the_plot_selects_its_row(studio: Studio) -> None:
    panel = studio.panel
    studio.wait(lambda: studio.column("speed")[0] != "–")
    panel.on_search("resnet50")
    plot = panel.detail.plot.plot
    studio.wait(lambda: plot.isVisible() and len(plot.points) > 10 and plot.findChild(QGraphicsView) is not None)
    assert len(plot.points) == sum(row.top1 is not None for row in panel.model.shown)
    highest = max(plot.points, key=lambda point: point.y)
    studio.wait(lambda: plot.rect().contains(plot.place_of(highest.key)) and plot.place_of(highest.key).y() < plot.height() / 2)
    canvas = plot.findChild(QGraphicsView)
    studio.qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=canvas.viewport().mapFrom(plot, plot.place_of(highest.key)))
    assert panel.model.row.top1 == highest.y
    assert panel.table.model.row_at(panel.table.view.currentIndex().row()).key == panel.model.selected
    assert panel.model.row.title in plot.accessibleName()


def test_the_plot_names_what_the_mouse_is_on(studio: Studio) -> None:
    panel = studio.panel
    studio.wait(lambda: studio.column("speed")[0] != "–")
    panel.on_search("vgg")
    plot = panel.detail.plot.plot
    studio.wait(lambda: plot.isVisible() and plot.findChild(QGraphicsView) is not None and plot.points)
    canvas = plot.findChild(QGraphicsView)

    def is_named(point: ScatterPoint) -> bool:
        """Once it is drawn where it belongs, the mouse is over it there."""
        place = plot.place_of(point.key)
        canvas.hovered.emit(point.x, canvas.mapFrom(plot, place))
        return plot.near is not None and plot.rect().contains(place) and (plot.near.x, plot.near.y) == (point.x, point.y)

    for point in (plot.points[0], min(plot.points, key=lambda point: point.y), plot.points[-1]):
        studio.wait(lambda point=point: is_named(point))
        assert "vgg" in plot.near.words
        assert plot.near.words.endswith("images/s here")
    canvas.hovered.emit(None, QPoint())
    assert plot.near is None


def test_arrow_keys_go_through_the_plot_from_fast_to_slow(studio: Studio) -> None:
    panel = studio.panel
    studio.wait(lambda: studio.column("speed")[0] != "–")
    panel.on_search("resnet")
    plot = panel.detail.plot.plot
    panel.on_selected(plot.points[0].key)
    plot.setFocus()
    speeds = []
    for _ in range(4):
        studio.qtbot.keyClick(plot, Qt.Key.Key_Right)
        speeds.append(panel.model.row.outlook.images_per_s)
    assert speeds == sorted(speeds, reverse=True)
    assert panel.model.selected == plot.points[4].key
    studio.qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert panel.model.selected == plot.points[3].key


def test_a_family_narrows_the_table(studio: Studio) -> None:
    family = studio.panel.filters.family
    row = family.findData("MobileNetV4")
    family.setCurrentIndex(row)
    family.activated.emit(row)
    assert studio.names() == ["Starter (MobileNetV4 small)"]
    studio.click(studio.panel.filters.chips.chip("all"))
    names = studio.names()
    assert len(names) > 10
    assert all(name.lower().startswith(("mobilenetv4", "starter (mobilenetv4")) for name in names)


def test_a_click_on_a_head_sorts_by_that_figure(studio: Studio) -> None:
    studio.click(studio.panel.filters.chips.chip("all"))
    place = next(index for index, column in enumerate(COLUMNS) if column.key == "top1")
    studio.panel.table.view.sortByColumn(place, Qt.SortOrder.DescendingOrder)
    shown = [float(text) for text in studio.column("top1") if text != "–"]
    assert shown == sorted(shown, reverse=True)
    assert shown[0] > 88
    studio.panel.table.view.sortByColumn(place, Qt.SortOrder.AscendingOrder)
    assert studio.column("top1")[-1] == "–"
    assert float(studio.column("top1")[0]) < 60


@pytest.mark.parametrize("key", ["top1", "params"])
def test_the_first_click_on_a_figure_shows_the_largest_on_top(studio: Studio, key: str) -> None:
    studio.click(studio.panel.filters.chips.chip("all"))
    view, model = studio.panel.table.view, studio.panel.model
    studio.panel.on_selected(model.shown[len(model.shown) // 2].key)
    place = next(index for index, column in enumerate(COLUMNS) if column.key == key)
    header = view.horizontalHeader()
    spot = QPoint(header.sectionViewportPosition(place) + 20, header.height() // 2)
    studio.qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert model.sort_by == (key, True)
    assert view.rowAt(1) == 0, "the top of the table is on the screen"
    assert studio.column(key)[0] != "–"
    if key == "top1":
        assert float(studio.column(key)[0]) > 88
        assert studio.column(key)[-1] == "–"


def _arguments_of(command: str) -> argparse.Namespace:
    program, what, *rest = shlex.split(command)
    assert (program, what) == ("tlstudio", "weights")
    parser = argparse.ArgumentParser(exit_on_error=False)
    weights_command.add_arguments(parser)
    return parser.parse_args(rest)


def test_nothing_that_can_be_copied_holds_what_cannot_be_seen(studio: Studio) -> None:
    panel = studio.panel
    panel.on_search("resnet50 a1_in1k")
    panel.on_selected(next(row.key for row in panel.model.shown if row.tag == "a1_in1k" and row.network.name == "resnet50"))
    labels = [label for label in panel.detail.findChildren(QLabel) if label.isVisible()]
    selectable = [label for label in labels if label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse]
    assert not any("\u200b" in label.text() for label in selectable)
    broken = [label for label in labels if isinstance(label, BreakingText)]
    assert any("resnet50.a1_in1k" in label.whole_text() for label in broken)
    for label in broken:
        label.actions()[0].trigger()
        assert QGuiApplication.clipboard().text() == label.text().replace("\u200b", "") == label.accessibleName()


def test_a_network_without_weights_here_says_how_they_get_here(studio: Studio) -> None:
    panel = studio.panel
    panel.on_search("resnet50 a1_in1k")
    panel.on_selected(next(row.key for row in panel.model.shown if row.tag == "a1_in1k" and row.network.name == "resnet50"))
    detail = panel.detail
    assert detail.sentence.text().startswith("The classic convolutional network")
    assert detail.facts.words()["Paper"] == "2015 · He et al.: Deep Residual Learning for Image Recognition"
    assert detail.facts.words()["ImageNet top-1"] == "80.4 %, as timm publishes it"
    assert detail.get_it.isVisible()
    studio.click(detail.get_it.copy)
    command = QGuiApplication.clipboard().text()
    assert command == "tlstudio weights pack resnet50.a1_in1k --out resnet50.a1_in1k.tlweights"
    assert _arguments_of(command).names == ["resnet50.a1_in1k"], "the terminal takes it as it is"
    assert studio.said[-1] == f"Copied: {command}"
    assert detail.bring.isVisible()
    assert not detail.use.isVisible()
    assert not detail.remove.isVisible()
    assert detail.facts.words()["Licence"].startswith("apache-2.0 · Commercial use allowed")
    studio.click(detail.random)
    assert studio.workspace.networks.chosen == NetworkPart(architecture="resnet50")
    assert detail.in_use.text() == "In use, with random weights"
    assert studio.rail["models"][0] == "resnet50, random weights"


def test_dropped_weights_are_recognised_confirmed_imported_and_used(studio: Studio, shared: Path) -> None:
    studio.bring(shared / "weights" / MOBILENET)
    card = studio.panel.right.importing.card
    assert studio.panel.right.currentWidget() is card
    assert card.architecture.currentText() == "mobilenetv2_100"
    assert card.licence.text() == "apache-2.0"
    facts = card.facts.words()
    assert (facts["Classes"], facts["Built with"], facts["Missing"], facts["Unexpected"]) == (
        "1,000",
        "pad_type=same",
        "no tensors",
        "no tensors",
    )
    assert not list(weights_dir().glob("*/model.safetensors"))
    card.name.setText("Our MobileNet")
    studio.click(card.confirm)
    studio.wait(lambda: studio.names() == ["Starter (MobileNetV4 small)", "Our MobileNet"])
    stored = _imported()
    assert [(item.name, item.architecture, item.licence) for item in stored] == [("Our MobileNet", "mobilenetv2_100", "apache-2.0")]
    assert studio.panel.right.currentWidget() is studio.panel.detail
    assert studio.panel.detail.name.text() == "Our MobileNet"
    studio.click(studio.panel.detail.use)
    assert studio.workspace.networks.chosen.weights == stored[0].hash
    assert studio.panel.detail.in_use.text() == "Trainings start from this"
    assert studio.column("weights") == ["Bundled", "In use"]
    assert studio.rail["models"] == ("Our MobileNet", "ok")


def test_another_candidate_is_looked_at_before_it_is_stored(studio: Studio, shared: Path) -> None:
    studio.bring(shared / "weights" / VIT)
    card = studio.panel.right.importing.card
    candidates = [card.architecture.itemText(row) for row in range(card.architecture.count())]
    assert candidates[0] == "vit_tiny_patch16_224"
    assert len(candidates) > 1
    card.architecture.setCurrentIndex(1)
    card.architecture.activated.emit(1)
    studio.wait(lambda: card.confirm.isVisible() and card.architecture.currentText() == candidates[1])
    studio.click(card.confirm)
    studio.wait(lambda: studio.panel.model.num_ready == 2)
    assert _imported()[0].architecture == candidates[1]


def test_a_chosen_model_is_kept_with_the_project(studio: Studio, shared: Path) -> None:
    studio.import_(shared / "weights" / MOBILENET)
    studio.import_(shared / "weights" / VIT)
    first = next(card for card in weights.list_weights() if card.architecture == "mobilenetv2_100")
    studio.panel.on_selected(first.hash)
    studio.click(studio.panel.detail.use)
    assert studio.workspace.networks.chosen.weights == first.hash
    assert not studio.panel.detail.use.isVisible()
    studio.wait(lambda: studio.workspace.background.is_idle)
    studio.workspace.close()
    project = Project.open(studio.folder)
    assert project.settings().network == NetworkPart(architecture="mobilenetv2_100", weights=first.hash)
    project.close()


def test_weights_that_are_here_already_are_not_stored_twice(studio: Studio, shared: Path) -> None:
    studio.import_(shared / "weights" / MOBILENET)
    studio.bring(shared / "weights" / MOBILENET)
    card = studio.panel.right.importing.card
    assert card.state.text() == "Already here"
    assert card.confirm.text() == "Show it"
    studio.click(card.confirm)
    studio.wait(lambda: studio.panel.right.currentWidget() is studio.panel.detail)
    assert len(_imported()) == 1


def test_an_import_can_be_cancelled(studio: Studio, shared: Path) -> None:
    studio.bring(shared / "weights" / MOBILENET)
    studio.click(studio.panel.right.importing.card.cancel)
    assert studio.panel.right.currentWidget() is studio.panel.detail
    assert _imported() == []


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda shared, folder: _cut(shared / "weights" / VIT, folder), "cut"),
        (lambda shared, folder: _page(folder), "safetensors"),
    ],
    ids=["cut short", "web page"],
)
def test_a_bad_file_is_refused_with_its_reason(
    studio: Studio, shared: Path, tmp_path: Path, make: Callable[[Path, Path], Path], says: str
) -> None:
    assert studio.panel.take_drop([make(shared, tmp_path)])
    notice = studio.panel.notice
    studio.wait(notice.isVisible)
    words = f"{notice.title.text()} {notice.hint.text()}".lower()
    assert says in words
    assert "nothing was imported" in words
    assert studio.panel.right.currentWidget() is studio.panel.detail
    assert _imported() == []


def _cut(source: Path, folder: Path) -> Path:
    target = folder / "cut.safetensors"
    target.write_bytes(source.read_bytes()[:4_000_000])
    return target


def _page(folder: Path) -> Path:
    target = folder / "model.safetensors"
    target.write_text("<!doctype html><html><body>Not found</body></html>")
    return target


def test_after_a_bad_file_the_next_one_is_looked_at(studio: Studio, shared: Path, tmp_path: Path) -> None:
    assert studio.panel.take_drop([_page(tmp_path), shared / "weights" / MOBILENET])
    studio.wait(studio.panel.right.importing.card.confirm.isVisible)
    assert studio.panel.notice.isVisible()
    assert studio.panel.right.currentWidget() is studio.panel.right.importing.card
    studio.click(studio.panel.right.importing.card.confirm)
    assert not studio.panel.notice.isVisible(), "the next import starts without the words about the last one"
    studio.wait(lambda: studio.panel.model.num_ready == 2 and studio.workspace.background.is_idle)


@pytest.mark.parametrize("is_bad", [False, True], ids=["good file", "bad file"])
def test_after_cancelling_while_a_file_is_looked_at_the_next_one_can_be_imported(
    studio: Studio, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_bad: bool
) -> None:
    go_on = threading.Event()
    really = weights.inspect_weights

    def inspect(path: Path, **arguments: Any) -> Recognition:
        go_on.wait(20)
        return really(path, **arguments)

    monkeypatch.setattr(weights, "inspect_weights", inspect)
    panel = studio.panel
    assert panel.take_drop([_page(tmp_path) if is_bad else shared / "weights" / VIT])
    studio.click(panel.right.importing.card.cancel)
    assert panel.right.currentWidget() is panel.detail
    go_on.set()
    studio.wait(lambda: studio.workspace.background.is_idle)
    assert panel.right.currentWidget() is panel.detail
    assert not panel.notice.isVisible(), "nothing is said of a file that is no longer wanted"
    studio.import_(shared / "weights" / MOBILENET)
    assert [card.architecture for card in _imported()] == ["mobilenetv2_100"]


def test_the_words_about_a_refused_file_are_gone_when_the_panel_was_left(studio: Studio, tmp_path: Path) -> None:
    panel = studio.panel
    assert panel.take_drop([_page(tmp_path)])
    studio.wait(panel.notice.isVisible)
    panel.hide()
    panel.show()
    assert not panel.notice.isVisible()

    panel.hide()
    assert panel.take_drop([_page(tmp_path)])
    studio.wait(lambda: studio.workspace.background.is_idle)
    panel.show()
    studio.wait(panel.notice.isVisible)


def test_weights_are_removed_only_after_the_question(studio: Studio, shared: Path, tmp_path: Path) -> None:
    studio.import_(shared / "weights" / MOBILENET)
    studio.click(studio.panel.detail.remove)
    box = studio.panel.findChild(QMessageBox)
    agree = next(button for button in box.buttons() if button.text() == "Remove")
    studio.qtbot.mouseClick(agree, Qt.MouseButton.LeftButton)
    studio.wait(lambda: studio.panel.model.num_ready == 1 and studio.workspace.background.is_idle)
    assert _imported() == []
    assert studio.workspace.networks.name == "Starter (MobileNetV4 small)"


def test_images_and_their_folders_are_left_to_others(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "image.png").write_bytes(b"")
    assert not studio.panel.take_drop([tmp_path / "images"])
    assert not studio.panel.take_drop([tmp_path / "image.png"])
    shutil.rmtree(tmp_path / "images")


def test_weights_dropped_together_with_images_are_taken_and_the_images_are_not_forgotten(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    assert studio.panel.take_drop([_page(tmp_path), tmp_path / "images"])
    assert studio.said[-1] == "Only the weights were taken; a folder of images is dropped by itself."
    studio.wait(studio.panel.notice.isVisible)


def test_enter_uses_the_row(studio: Studio) -> None:
    panel = studio.panel
    panel.on_search("mobilenetv4_conv_large")
    key = panel.model.shown[0].key
    panel.on_selected(key)
    panel.table.view.setFocus()
    studio.qtbot.keyClick(panel.table.view, Qt.Key.Key_Return)
    studio.wait(lambda: studio.workspace.networks.chosen.architecture == panel.model.row.network.name)
    assert "Trainings start from" in studio.said[-1]
