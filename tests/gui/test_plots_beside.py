"""Two plots beside each other, as Train shows them, whatever order news and other sizes of the window come in."""

import random

import pytest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QTextEdit, QVBoxLayout, QWidget

from tlstudio.ui.plots.curves import CurveSpec
from tlstudio.ui.plots.live_plot import LivePlot

TRAINING = CurveSpec(id="training", label="training", color="training")
VALIDATION = CurveSpec(id="validation", label="validation", color="validation", style="marks")
BEST = CurveSpec(id="best", label="run 3, best other", color="muted", style="dashed")
SIZES = ((860, 800), (460, 520), (700, 600))


class Beside:
    """The two plots above something that takes room, too."""

    def __init__(self, qtbot) -> None:
        self.window, self.view = QWidget(), QWidget()
        row = QHBoxLayout(self.view)
        row.setContentsMargins(0, 0, 0, 0)
        self.left, self.right = self.plots = LivePlot("Loss"), LivePlot("Balanced accuracy")
        self.left.beside, self.right.beside = self.right, self.left
        for plot in self.plots:
            row.addWidget(plot, 1)
        column = QVBoxLayout(self.window)
        column.addWidget(self.view, 2)
        column.addWidget(QTextEdit(), 3)
        qtbot.addWidget(self.window)
        self.left.set_curves([TRAINING, VALIDATION, BEST])
        self.right.set_curves([VALIDATION, BEST])
        self.window.resize(*SIZES[0])
        self.window.show()

    def fill(self) -> None:
        self.left.append("training", [0, 0.5, 1], [1, 2, 3])
        self.right.append("validation", [0, 1], [0.4, 0.6])

    def clear(self) -> None:
        for plot in self.plots:
            plot.clear()

    def redraw(self) -> None:
        for plot in self.plots:
            plot.redraw()


@pytest.fixture
def beside(qtbot) -> Beside:
    return Beside(qtbot)


def test_no_plot_is_taller_than_its_place_after_the_window_got_another_size(beside: Beside, qtbot) -> None:
    chance = random.Random(0)
    steps = (beside.fill, beside.clear, beside.redraw, QApplication.processEvents, lambda: beside.window.resize(*chance.choice(SIZES)))
    for _round in range(40):
        for step in chance.choices(steps, (1, 1, 1, 1, 2), k=7):
            step()
        beside.redraw()
        qtbot.waitUntil(lambda: all(plot.height() == beside.view.height() for plot in beside.plots))


def test_both_plots_name_their_axes_or_none_does(beside: Beside, qtbot) -> None:
    def names() -> list[str]:
        return [plot.canvas().getAxis("left").labelText for plot in beside.plots]

    beside.fill()
    beside.redraw()
    qtbot.waitUntil(lambda: names() == ["Loss", "Balanced accuracy"])
    beside.view.setFixedHeight(190)
    qtbot.waitUntil(lambda: names() == ["", ""])
    beside.right.clear()
    beside.right.redraw()
    qtbot.waitUntil(lambda: names()[0] == "Loss")
