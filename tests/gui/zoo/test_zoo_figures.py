"""What a network would take here, in the table of Models and in its plot: worked out, measured, ranked."""

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QGraphicsView

from tests.gui.zoo.conftest import Studio
from tlstudio.domain.ranking import RankedNetwork, Ranking
from tlstudio.domain.report import Estimate
from tlstudio.messages import message
from tlstudio.operations import estimates
from tlstudio.ui.plots.scatter import ScatterPoint
from tlstudio.ui.zoo.table_model import COLUMNS


def test_every_row_says_what_it_would_take_here(studio: Studio) -> None:
    panel = studio.panel
    studio.wait(lambda: studio.column("speed")[0] != "–")
    studio.click(panel.filters.chips.chip("all"))
    assert all(text.startswith(("~", "<")) for text in studio.column("speed")), "nothing was measured on this computer"
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
