"""What the plots of Train show is chosen at their title, smoothed where asked, and remembered. Jobs replay recorded journals."""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from tests.gui.train_studio import Studio
from tests.replayed_job import ReplayedJob, finished_run
from tlstudio.domain.events import BackboneUnfrozen, DeviceLooked, Paused, RolledBack, StepTrained
from tlstudio.domain.runs import Run
from tlstudio.operations import event_files, preferences
from tlstudio.project.project import Project
from tlstudio.ui.train.run_plot import RunPlot

NORMS = [2.0, 4.0, 2.0, 4.0, 2.0, 4.0]


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    result = Studio(qtbot, tmp_path / "survey", monkeypatch)
    yield result
    result.close()


@pytest.fixture
def job(studio: Studio) -> ReplayedJob:
    """A run that tells its gradient norms and how busy the machine is, and goes on."""
    studio.open()
    studio.replay("balanced")
    job = studio.start()
    job.play(until=BackboneUnfrozen)
    for number, norm in enumerate(NORMS):
        job.write(StepTrained(step=number + 1, epoch=0, loss=0.5, learning_rate=10.0 ** -(number + 1), gradient_norm=norm, waiting=0.004))
        job.write(DeviceLooked(seconds=2.0 * number, processor=0.95, memory_bytes=int(1.2 * 2**30)))
    studio.wait(lambda: len(studio.panel.model.board.state(1).looks) == len(NORMS))
    return job


def choose(studio: Studio, plot: RunPlot, *path: str) -> None:
    """Press the arrow at the title, and then these entries."""
    menus: list[QMenu] = []
    studio.monkeypatch.setattr(QMenu, "popup", lambda menu, *_at: menus.append(menu))
    studio.click(plot.menu.button)
    (menu,) = menus
    for step in path[:-1]:
        menu = entry(menu, step).menu()
    entry(menu, path[-1]).trigger()


def entry(menu: QMenu, words: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == words)


def read(plot: RunPlot, x: float) -> str:
    """What the card beside the mouse says."""
    plot.redraw()
    plot.canvas().hovered.emit(x, QPoint(60, 60))
    return plot.hover.readout.words()


def test_a_plot_shows_what_is_chosen_at_its_title(studio: Studio, job: ReplayedJob) -> None:
    left = studio.panel.curves.left
    choose(studio, left, "Gradient norm")
    assert left.title.text() == "Gradient norm"
    assert left.series("training").points()[1].tolist() == NORMS
    assert read(left, 2 / 8) == "Epoch 0.2\nthis run 4"
    job.write(StepTrained(step=7, epoch=0, loss=0.5, gradient_norm=8.0))
    studio.wait(lambda: left.series("training").last == (7 / 8, 8.0))
    choose(studio, left, "Loss")
    assert left.legend.labels() == ["training", "validation"]
    assert len(left.series("training")) == 60 + 7


def test_only_what_the_run_tells_is_offered(studio: Studio, job: ReplayedJob) -> None:
    offered = {action.text() for action in studio.panel.curves.right.menu.menu().actions()}
    assert {"Loss", "Balanced accuracy", "Learning rate", "Gradient norm", "Waiting for images", "Load", "Memory"} <= offered
    assert "Temperature" not in offered, "no graphics card has told one"


def test_a_click_on_the_title_opens_the_menu(studio: Studio, job: ReplayedJob) -> None:
    menus: list[QMenu] = []
    studio.monkeypatch.setattr(QMenu, "popup", lambda menu, *_at: menus.append(menu))
    studio.qtbot.mouseClick(studio.panel.curves.left.title, Qt.MouseButton.LeftButton)
    assert len(menus) == 1


def test_smoothing_changes_what_is_drawn_and_not_the_numbers(studio: Studio, job: ReplayedJob) -> None:
    left = studio.panel.curves.left
    choose(studio, left, "Gradient norm")
    rough = drawn(left)
    choose(studio, left, "Smoothing", "Medium")
    smooth = drawn(left)
    assert rough == NORMS
    assert smooth[0] == pytest.approx(2.0)
    assert max(smooth) - min(smooth) < 1.1
    assert read(left, 6 / 8).splitlines()[1] == f"this run {smooth[-1]:.3g}, raw 4"
    rows = list(csv.DictReader(io.StringIO(left.exports.data(".csv").decode())))
    assert [float(row["value"]) for row in rows] == NORMS
    assert [float(row["smoothed"]) for row in rows] == pytest.approx(smooth)
    choose(studio, left, "Smoothing", "Off")
    assert "smoothed" not in left.exports.data(".csv").decode()


def drawn(plot: RunPlot) -> list[float]:
    """Values of the curve that lies on top."""
    return plot.curves[plot.kind.lines[0].spec].drawn.points()[1].tolist()


def test_a_logarithmic_scale_keeps_what_is_far_below_apart(studio: Studio, job: ReplayedJob) -> None:
    left = studio.panel.curves.left
    choose(studio, left, "Learning rate")
    heights = [place(left, number) for number in (4, 5, 6)]
    assert max(heights) - min(heights) < 2, "on a linear scale they lie on the axis"
    choose(studio, left, "Logarithmic scale")
    heights = [place(left, number) for number in (4, 5, 6)]
    assert min(after - before for before, after in pairwise(heights)) > 10


def place(plot: RunPlot, step: int) -> int:
    plot.redraw()
    return plot.canvas().place_of(step / 8, 10.0**-step).y()


def test_the_choice_is_remembered(studio: Studio, job: ReplayedJob) -> None:
    choose(studio, studio.panel.curves.right, "Memory")
    choose(studio, studio.panel.curves.right, "Smoothing", "Light")
    studio.wait(lambda: preferences.load().plots[1].smoothing == 0.6)
    assert preferences.load().plots[1].curve == "memory"
    assert preferences.load().plots[0].curve == "loss"


def test_the_machine_is_drawn_over_time_without_the_marks_of_epochs(studio: Studio, job: ReplayedJob) -> None:
    right = studio.panel.curves.right
    choose(studio, right, "Load")
    assert right.legend.labels() == ["processor"]
    assert read(right, 10.0) == "After 0:10\nprocessor 95 %"
    assert right.canvas().marks.marks == ()


def test_a_run_that_is_ticked_lies_beside_every_curve_that_it_tells(studio: Studio) -> None:
    def two(project: Project) -> None:
        for number in (1, 2):
            finished_run(project, number, "balanced")
        finished_run(project, 3, "quick")

    studio.open(two)
    board, right = studio.panel.model.board, studio.panel.curves.right
    studio.panel.on_run_selected(1)
    for number in (2, 3):
        studio.panel.on_overlay(number, True)
    studio.wait(lambda: all(board.state(number) is not None for number in (1, 2, 3)))
    studio.wait(lambda: right.legend.labels() == ["run 1", "run 2", "run 3"])
    _own, *others = right.curves
    assert len({spec.color for spec in others}) == len({spec.style for spec in others}) == 2
    choose(studio, right, "Learning rate")
    assert right.legend.labels() == ["run 1", "run 2"], "a head that is solved has no learning rate"
    assert right.series("run 2").points()[1].tolist() == right.series("training").points()[1].tolist()
    rows = list(csv.DictReader(io.StringIO(right.exports.data(".csv").decode())))
    assert {row["curve"] for row in rows} == {"run 1", "run 2"}


def test_a_plot_reaches_as_far_as_the_longest_run_that_is_ticked(studio: Studio) -> None:
    def two(project: Project) -> None:
        finished_run(project, 1, "balanced")
        finished_run(project, 2, "balanced")

    studio.open(two)
    board, right = studio.panel.model.board, studio.panel.curves.right
    studio.wait(lambda: all(board.state(number) is not None for number in (1, 2)))
    state = board.state(1)
    assert state is not None
    assert state.plan is not None
    longer = msgspec.structs.replace(state.plan, num_epochs=28, num_steps=112)  # its 88 steps are 22 epochs, run 2's are 11
    board.observe(1, msgspec.structs.replace(state, plan=longer))
    studio.panel.on_run_selected(2)
    studio.panel.on_overlay(1, True)
    assert right.x_range[1] == 22.0


def test_far_from_what_is_drawn_the_mouse_reads_nothing(studio: Studio, job: ReplayedJob) -> None:
    left = studio.panel.curves.left
    assert "training" in read(left, 0.75)
    read(left, 11.0)
    assert left.hover.readout.isHidden(), "the curve ends in the first epoch"


def test_the_numbers_that_are_saved_say_which_run_and_where(studio: Studio, job: ReplayedJob) -> None:
    left = studio.panel.curves.left
    rows = list(csv.DictReader(io.StringIO(left.exports.data(".csv").decode())))
    training = [row for row in rows if row["curve"] == "training"]
    assert {row["run"] for row in rows} == {"1"}
    head, tuned = ([row for row in training if row["phase"] == phase] for phase in ("head", "fine-tuning"))
    assert [int(row["step"]) for row in head] == list(range(1, 61))
    assert {row["epoch"] for row in head} == {""}
    assert [(row["step"], row["epoch"]) for row in tuned[:2]] == [("1", "0.125"), ("2", "0.25")]
    choose(studio, left, "Memory")
    row = next(csv.DictReader(io.StringIO(left.exports.data(".csv").decode())))
    assert list(row) == ["curve", "run", "seconds", "value (GB)"]
    choose(studio, left, "Waiting for images")
    assert "value (share)" in left.exports.data(".csv").decode().splitlines()[0]


def test_a_run_that_is_a_level_is_one_row_of_the_numbers(studio: Studio) -> None:
    def two(project: Project) -> None:
        finished_run(project, 1, "quick")
        finished_run(project, 2, "balanced")

    studio.open(two)
    board, right = studio.panel.model.board, studio.panel.curves.right
    studio.panel.on_run_selected(2)
    studio.panel.on_overlay(1, True)
    studio.wait(lambda: len(right.series("validation")) and len(right.series("run 1")))
    rows = list(csv.DictReader(io.StringIO(right.exports.data(".csv").decode())))
    assert [(row["phase"], row["step"], row["value (share)"]) for row in rows if row["run"] == "1"] == [("head", "60", "0.9594")]
    assert [row["epoch"] for row in rows if row["run"] == "2"][-1] == "11"
    assert board.selected == 2


def test_no_line_joins_the_head_and_the_fine_tuning(studio: Studio, job: ReplayedJob) -> None:
    left = studio.panel.curves.left
    left.redraw()
    lines = left.canvas().curves["training"]._lines.ndarray()
    zero = left.canvas().curves["training"].at(0.0, 0.5)[0]
    assert len(lines) == len(left.series("training")) - 2
    assert not ((lines[:, 0] < zero + 0.5) & (lines[:, 2] > zero + 0.5)).any()


def test_a_way_back_is_marked(studio: Studio, job: ReplayedJob) -> None:
    left = studio.panel.curves.left
    job.write(RolledBack(step=6, to_step=4, share=0.5))
    studio.wait(lambda: len(left.series("training")) == 60 + 4)
    left.redraw()
    assert [mark.text for mark in left.canvas().marks.marks] == ["backbone unfrozen", "went back"]


def test_no_button_is_in_a_saved_picture(studio: Studio, job: ReplayedJob, tmp_path: Path) -> None:
    left = studio.panel.curves.left
    left.redraw()
    drawing = left.exports.data(".svg").decode()
    assert ">Loss<" in drawing
    assert ">survey, run 1<" in drawing, "a picture says what it is of"
    assert "▾" not in drawing
    assert left.menu.button.isVisible()


def test_the_status_line_says_how_busy_the_machine_is_while_a_run_is_on(studio: Studio, job: ReplayedJob) -> None:
    hints: list[str] = []
    studio.workspace.changes.hint_changed.connect(hints.append)
    job.write(DeviceLooked(seconds=20.0, processor=0.5, memory_bytes=2**30))
    studio.wait(lambda: hints and hints[-1] == "Processor 50 % · 1.0 GB · waiting for images 0.4 %")
    job.write(Paused(step=6))
    studio.wait(lambda: hints[-1].startswith("Tick runs"))


def test_the_curves_of_the_drawn_runs_are_taken_to_tensorboard_where_it_is_installed(
    studio: Studio, job: ReplayedJob, tmp_path: Path
) -> None:
    written: list[tuple[list[int], Path]] = []

    def write(_project: Project, runs: Sequence[Run], folder: Path) -> list[Path]:
        written.append(([run.number for run in runs], folder))
        return [folder / "run 1"]

    studio.monkeypatch.setattr(event_files, "write_event_files", write)
    studio.monkeypatch.setattr(event_files, "is_installed", lambda: False)
    left = studio.panel.curves.left
    assert not any("TensorBoard" in action.text() for action in left.exports.menu().actions())
    studio.monkeypatch.setattr(event_files, "is_installed", lambda: True)
    studio.monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_asked: str(tmp_path))
    entry(left.exports.menu(), "Save all curves for TensorBoard…").trigger()
    studio.wait(lambda: f"The curves of 1 run are in {tmp_path}." in studio.said)
    assert written == [([1], tmp_path)]
