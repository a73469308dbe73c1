"""A live plot: curves with a legend, a read-out under the mouse, a mark, both schemes, and files to take away."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from defusedxml import ElementTree
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from tlstudio.errors import TLStudioError
from tlstudio.ui import file_dialogs, theme
from tlstudio.ui.plots.curves import CurveSpec, Mark
from tlstudio.ui.plots.live_plot import LivePlot

TRAINING = CurveSpec(id="training", label="training", color="training")
VALIDATION = CurveSpec(id="validation", label="validation", color="validation", style="marks")
BEST = CurveSpec(id="best", label="best run so far", color="muted", style="dashed")


@pytest.fixture
def plot(qtbot) -> LivePlot:
    result = LivePlot("Loss", empty_text="Curves appear here")
    qtbot.addWidget(result)
    result.resize(420, 260)
    result.set_curves([TRAINING, VALIDATION])
    result.set_x(0, 100, lambda _width_px: [(0, "0"), (50, "5"), (100, "10")], lambda x: f"epoch {x / 10:.0f}")
    result.show()
    return result


def _picture(plot: LivePlot) -> QImage:
    plot.redraw()
    return plot.grab().toImage()


def _num_like(image: QImage, token: str) -> int:
    """Pixels that are nearly the colour of a token."""
    wanted = theme.color(token)
    found = 0
    for y in range(0, image.height()):
        for x in range(0, image.width()):
            color = image.pixelColor(x, y)
            away = abs(color.red() - wanted.red()) + abs(color.green() - wanted.green()) + abs(color.blue() - wanted.blue())
            found += away < 40
    return found


def test_an_empty_plot_says_what_will_be_there(plot: LivePlot) -> None:
    plot.redraw()
    assert plot.is_empty
    assert "Curves appear here" in [label.text() for label in plot.findChildren(type(plot.title)) if label.isVisible()]
    assert not plot.exports.button.isVisible()


def test_points_are_drawn_in_the_colours_of_the_theme(plot: LivePlot) -> None:
    assert _num_like(_picture(plot), "training") == 0
    plot.append("training", range(100), [1.0 - x / 100 for x in range(100)])
    plot.append("validation", [10, 50, 90], [0.9, 0.5, 0.3])
    image = _picture(plot)
    assert _num_like(image, "training") > 50
    assert _num_like(image, "validation") > 30


def test_a_curve_without_points_any_more_is_not_left_on_the_picture(plot: LivePlot) -> None:
    plot.append("training", [0, 50, 100], [1.0, 0.5, 0.2])
    legend_alone = _num_like(_picture(plot), "validation")
    plot.append("validation", [0, 50, 100], [1.4, 1.2, 0.9])
    assert _num_like(_picture(plot), "validation") > legend_alone + 50
    plot.set_points("validation", [], [])
    assert _num_like(_picture(plot), "validation") == legend_alone


def test_a_plot_follows_a_change_of_theme(plot: LivePlot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    plot.append("validation", [0, 50, 100], [0.2, 0.9, 0.4])
    _picture(plot)
    monkeypatch.setattr(theme, "_tokens", theme.DARK)
    qapp.sendEvent(plot, QEvent(QEvent.Type.PaletteChange))
    assert _num_like(_picture(plot), "validation") > 30


def test_the_picture_is_drawn_at_most_thirty_times_a_second(plot: LivePlot, qtbot) -> None:
    drawn = []
    plot.redrawing.timeout.disconnect()
    plot.redrawing.timeout.connect(lambda: drawn.append(1))
    assert plot.redrawing.interval() >= 1000 / 30
    assert plot.redrawing.isSingleShot()
    for number in range(1, 4):
        for x in range(100):
            plot.append("training", [number * 100 + x], [0.5])
        assert len(drawn) == number - 1, "what comes between two pictures waits for the next"
        qtbot.waitUntil(lambda number=number: len(drawn) == number)
        assert not plot.redrawing.isActive(), "nothing new, nothing to draw"
    assert len(plot.series("training")) == 300


def test_the_mouse_reads_the_values_of_all_curves(plot: LivePlot) -> None:
    plot.append("training", range(101), [1.0 - x / 200 for x in range(101)])
    plot.append("validation", [0, 50, 100], [1.2, 0.8, 0.7])
    plot.redraw()
    canvas = plot.canvas()
    place = canvas.place_of(50.0, 0.8)
    assert canvas.value_at(place) == pytest.approx(50.0, abs=0.5)
    canvas.hovered.emit(50.0, place)
    assert plot.hover.readout.isVisible()
    assert plot.hover.readout.words() == "epoch 5\ntraining 0.75\nvalidation 0.8"
    canvas.hovered.emit(None, QPoint())
    assert not plot.hover.readout.isVisible()


def test_a_curve_that_ended_earlier_is_not_read_far_from_its_end(plot: LivePlot) -> None:
    plot.append("training", range(101), [0.5] * 101)
    plot.append("validation", [0, 10], [1.2, 0.8])
    plot.redraw()
    plot.canvas().hovered.emit(90.0, plot.canvas().place_of(90.0, 0.5))
    assert plot.hover.readout.words() == "epoch 9\ntraining 0.5"


def test_a_run_to_compare_with_is_read_wherever_it_is_drawn(plot: LivePlot) -> None:
    level = CurveSpec(id="level", label="run 2", color="muted", style="dotted")
    plot.set_curves([TRAINING, VALIDATION, BEST, level])
    plot.append("training", range(101), [0.5] * 101)
    plot.append("validation", [0, 100], [1.2, 0.8])
    plot.set_points("best", [0, 25, 75], [1.0, 0.8, 0.4])
    plot.set_points("level", [0, 100], [0.3, 0.3])
    plot.redraw()
    plot.canvas().hovered.emit(50.0, plot.canvas().place_of(50.0, 0.5))
    assert plot.hover.readout.words() == "epoch 5\ntraining 0.5\nbest run so far about 0.6\nrun 2 0.3"
    plot.canvas().hovered.emit(90.0, plot.canvas().place_of(90.0, 0.5))
    assert plot.hover.readout.words() == "epoch 9\ntraining 0.5\nrun 2 0.3", "the best run ended before"


def test_a_resting_mouse_reads_what_lies_under_it_after_the_plot_reaches_further(plot: LivePlot) -> None:
    plot.append("training", range(401), [x / 1000 for x in range(401)])
    plot.redraw()
    plot.canvas().hovered.emit(50.0, plot.canvas().place_of(50.0, 0.05))
    plot.set_x(0, 400, lambda _width_px: [], lambda x: f"epoch {x / 10:.0f}")
    plot.redraw()
    assert plot.hover.readout.words() == "epoch 20\ntraining 0.2"


def test_what_lies_outside_the_picture_is_not_read(plot: LivePlot) -> None:
    plot.append("training", [20, 101], [0.5, 0.4])
    plot.append("validation", [101], [0.9])
    plot.redraw()
    plot.canvas().hovered.emit(99.0, plot.canvas().place_of(99.0, 0.5))
    assert not plot.hover.readout.isVisible()
    plot.canvas().hovered.emit(20.0, plot.canvas().place_of(20.0, 0.5))
    assert plot.hover.readout.words() == "epoch 2\ntraining 0.5"


def test_a_mark_stands_where_the_backbone_was_unfrozen(plot: LivePlot) -> None:
    plot.append("training", [0, 100], [0.5, 0.5])
    before = _num_like(_picture(plot), "muted")
    plot.set_marks([Mark(40.0, "backbone unfrozen")])
    assert _num_like(_picture(plot), "muted") > before + 60
    assert [mark.x for mark in plot.canvas().marks.marks] == [40.0]


def test_the_words_of_marks_hide_nothing_of_a_curve(plot: LivePlot, qtbot) -> None:
    def columns() -> int:
        """How many columns of pixels the curve is seen in."""
        plot.redraw()
        image = plot.canvas().grab().toImage()
        return sum(any(image.pixelColor(x, y).hsvSaturation() > 60 for y in range(image.height())) for x in range(image.width()))

    plot.append("validation", [0, 100], [0.97, 0.97])
    canvas = plot.canvas()
    qtbot.waitUntil(lambda: columns() > 250)
    height = canvas.axes_px.height()
    plot.set_marks([Mark(40.0, "backbone unfrozen"), Mark(44.0, "kept")])
    assert columns() >= canvas.place_of(100.0, 0.97).x() - canvas.place_of(0.0, 0.97).x() > 250
    assert canvas.axes_px.height() == height - 28, "two words that would lie on each other have two rows above the axes"
    plot.set_marks([])
    plot.redraw()
    assert canvas.axes_px.height() == height, "no room is lost where there are no marks"


def test_curves_can_be_told_apart_without_colour(plot: LivePlot) -> None:
    plot.set_curves([TRAINING, VALIDATION, BEST])
    assert len({spec.style for spec in (TRAINING, VALIDATION, BEST)}) == 3
    assert plot.legend.labels() == ["training", "validation", "best run so far"]
    assert plot.legend.accessibleName() == "Curves: training, validation, best run so far"


def test_the_legend_goes_below_the_title_where_there_is_no_room_beside_it(plot: LivePlot, qtbot) -> None:
    plot.set_curves([TRAINING, VALIDATION, BEST])
    plot.append("training", [0, 1], [0.5, 0.4])
    plot.redraw()
    plot.resize(800, 260)
    qtbot.waitUntil(plot.legend.isVisible)
    plot.resize(240, 260)
    qtbot.waitUntil(plot.legend_below.isVisible)
    assert not plot.legend.isVisible()
    assert plot.legend_below.num_named == 3, "in two rows"
    many = [CurveSpec(id=f"run {number}", label=f"run {number} validation", color="muted") for number in range(5)]
    plot.set_curves([TRAINING, VALIDATION, *many])
    plot.redraw()
    assert 2 <= plot.legend_below.num_named < 7
    assert "run 4 validation" in plot.legend_below.toolTip()


def test_a_saved_picture_of_a_small_plot_names_every_curve_and_both_axes(plot: LivePlot) -> None:
    many = [CurveSpec(id=f"run {number}", label=f"run {number} validation", color="muted") for number in range(5)]
    plot.set_curves([TRAINING, VALIDATION, *many])
    plot.set_x(0, 10, lambda _width_px: [(0, "0"), (10, "10")], str, name="Epoch")
    plot.append("training", [0, 5, 10], [0.5, 0.4, 0.3])
    plot.resize(240, 200)
    plot.redraw()
    drawing = ElementTree.fromstring(plot.exports.data(".svg").decode())
    words = [" ".join("".join(item.itertext()).split()) for item in drawing.iter() if item.tag.endswith("text")]
    assert {"Epoch", "Loss", "training", "validation", *(spec.label for spec in many)} <= set(words)
    assert (plot.width(), plot.height()) == (240, 200)
    assert plot.legend_below.num_named < 7, "as it was before"


def test_the_one_result_of_a_quick_run_is_whole_at_the_edge_of_a_narrow_plot(plot: LivePlot) -> None:
    plot.resize(222, 240)
    plot.set_points("validation", [100], [0.483])
    _picture(plot)
    plot.redraw()  # the room across is known now
    canvas = plot.canvas()
    room_px = (canvas.axes_px.width() - (canvas.place_of(100.0, 0.5).x() - canvas.place_of(0.0, 0.5).x())) / 2
    assert room_px >= 4, "half of its mark, and what its figure reaches beyond its middle"


def test_two_plots_beside_each_other_have_heads_of_one_height(plot: LivePlot, qtbot) -> None:
    other = LivePlot("Accuracy")
    qtbot.addWidget(other)
    other.resize(plot.size())
    other.show()
    plot.beside, other.beside = other, plot
    for item in (plot, other):
        item.set_curves([VALIDATION])
        item.redraw()
    one_row_px = other.legend_below.height()
    plot.set_curves([TRAINING, VALIDATION, BEST, CurveSpec(id="run 4", label="run 4 with a long name", color="muted")])
    for item, curve in ((plot, "training"), (other, "validation")):
        item.append(curve, [0, 1], [0.5, 0.4])
        item.redraw()
    assert (plot.legend.isVisible(), other.legend.isVisible()) == (False, False)
    assert plot.legend_below.height() == other.legend_below.height() == 2 * one_row_px, "where the longer one has two rows of names"


def test_two_plots_beside_each_other_stay_alike_when_only_one_of_them_has_news(qtbot) -> None:
    plot, other = LivePlot("Loss"), LivePlot("Balanced accuracy")
    window = QWidget()
    row = QHBoxLayout(window)
    plot.beside, other.beside = other, plot
    for item in (plot, other):
        row.addWidget(item, 1)
    qtbot.addWidget(window)
    window.resize(860, 300)
    window.show()
    plot.set_curves([TRAINING, VALIDATION])
    other.set_curves([VALIDATION])
    other.set_points("validation", [0, 50], [0.4, 0.5])
    plot.set_points("training", [0, 50], [1.0, 0.9])

    def are_alike() -> bool:
        boxes = [(item.height(), item.canvas().mapTo(window, QPoint()).y(), item.canvas().height()) for item in (plot, other)]
        return boxes[0] == boxes[1]

    for item in (plot, other):
        item.redraw()
    qtbot.waitUntil(lambda: other.canvas().isVisible() and are_alike())
    other.redrawing.stop()
    plot.append("training", [60], [1e9])
    plot.redraw()
    qtbot.waitUntil(lambda: "Cut off" in plot.beyond.text() and are_alike())
    other.redrawing.stop()
    plot.set_curves([TRAINING, VALIDATION, BEST, CurveSpec(id="run 3", label="another run with a long name", color="class 2")])
    assert not plot.legend.isVisible()
    qtbot.waitUntil(are_alike)
    window.resize(1500, 300)
    qtbot.waitUntil(lambda: plot.legend.isVisible() and are_alike())


def test_the_numbers_of_a_plot_as_csv(plot: LivePlot, tmp_path: Path) -> None:
    plot.append("training", [0, 1], [0.5, 0.25])
    plot.append("validation", [1], [0.75])
    plot.exports.save(tmp_path / "loss.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "loss.csv").read_text())))
    assert rows == [["curve", "position", "value"], ["training", "0", "0.5"], ["training", "1", "0.25"], ["validation", "1", "0.75"]]


def test_a_plot_as_picture_and_as_drawing(plot: LivePlot, tmp_path: Path) -> None:
    plot.append("training", range(50), [1 - x / 60 for x in range(50)])
    plot.exports.save(tmp_path / "loss.png")
    image = QImage(str(tmp_path / "loss.png"))
    assert (image.width(), image.height()) == (1120, 680), "twice the least size of a picture"
    assert _num_like(image, "training") > 50
    plot.exports.save(tmp_path / "loss.svg")
    text = (tmp_path / "loss.svg").read_text()
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert theme.color("training").name() in text
    assert plot.exports.button.isVisible()


def test_the_file_that_is_told_is_the_one_that_was_written(plot: LivePlot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    plot.exports.saved.connect(told.append)
    plot.append("training", [0, 1], [0.5, 0.25])

    def accept(dialog: QFileDialog) -> int:
        dialog.show()
        dialog.findChild(QLineEdit).setText("mine")
        dialog.accept()
        return dialog.result()

    monkeypatch.setattr(QFileDialog, "exec", accept)
    monkeypatch.setattr(file_dialogs.last_used, "folder", tmp_path)
    next(action for action in plot.exports.menu().actions() if "CSV" in action.text()).trigger()
    assert told == [str(tmp_path / "mine.csv")]
    assert "training" in (tmp_path / "mine.csv").read_text()
    assert not (tmp_path / "mine").exists()


def test_a_file_that_cannot_be_written_is_said(plot: LivePlot, tmp_path: Path) -> None:
    plot.append("training", [0, 1], [0.5, 0.25])
    with pytest.raises(TLStudioError, match="could not be written"):
        plot.exports.save(tmp_path / "no such folder" / "loss.csv")


SOAK = """
import sys, time
from PySide6.QtWidgets import QApplication
app = QApplication(sys.argv)
from tlstudio.ui import theme
theme.Theme(app, "light")
from tlstudio.ui.plots.curves import CurveSpec, Mark
from tlstudio.ui.plots.live_plot import LivePlot
assert "pyqtgraph" not in sys.modules
plot = LivePlot("Loss")
plot.resize(300, 190)
plot.set_curves([CurveSpec(id="a", label="training", color="training"),
                 CurveSpec(id="b", label="validation", color="validation", style="marks"),
                 CurveSpec(id="c", label="best", color="muted", style="dashed")])
plot.set_x(0, 20_000, lambda _width_px: [(0, "0"), (20_000, "14")], str)
plot.set_marks([Mark(4_000.0, "backbone unfrozen")])
plot.show()
app.processEvents()
canvas = plot.canvas()
started = time.monotonic()
for step in range(20_000):
    plot.append("a", [step], [1.0 / (1 + step / 500) + (step % 7) * 0.01])
    if step % 400 == 0:
        plot.append("b", [step], [1.1 / (1 + step / 500)])
        plot.append("c", [step], [1.3 / (1 + step / 500)])
    plot.redraw()
    canvas.viewport().repaint()

print("REPAINTED", step + 1, round(time.monotonic() - started, 1))
"""


@pytest.mark.timeout(1200)
def test_twenty_thousand_repaints_do_not_crash() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONFAULTHANDLER": "1"}
    result = subprocess.run([sys.executable, "-c", SOAK], capture_output=True, text=True, env=environment, timeout=1100, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "REPAINTED 20000" in result.stdout


def test_a_plot_is_as_before_where_it_cannot_be_laid_out_as_a_picture(plot: LivePlot, monkeypatch: pytest.MonkeyPatch) -> None:
    plot.set_points("training", [0.0, 50.0], [1.0, 0.5])
    plot.redraw()
    size, button = plot.size(), plot.exports.button
    assert button.isVisible()
    really, drawn = plot.redraw, []

    def redraw() -> None:
        drawn.append(1)
        if len(drawn) == 1:
            raise RuntimeError("no room")
        really()

    monkeypatch.setattr(plot, "redraw", redraw)
    with pytest.raises(RuntimeError, match="no room"):
        plot.exports.data(".svg")
    assert button.isVisible()
    assert (plot.size(), plot.exports.is_on_paper) == (size, False)
