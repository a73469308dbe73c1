"""Runs that were judged on other images, and why runs ended, in the table of an opened project. Jobs replay recorded journals."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from tests.gui.train_studio import Studio
from tests.replayed_job import finished_run
from tlstudio.domain.commands import SetClasses
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.splits import Split
from tlstudio.operations import queueing
from tlstudio.project.project import Project
from tlstudio.ui import theme
from tlstudio.ui.train.run_table import FOLDED_PX
from tlstudio.ui.train.run_table_model import COLUMNS, OVERLAY
from tlstudio.ui.widgets.two_lines import LEFT_PX, RIGHT_PX, SECOND_LINE_ROLE, SECOND_SHORT_ROLE

BALANCED, LOSS = (next(place for place, column in enumerate(COLUMNS) if column.key == key) for key in ("balanced", "loss"))


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    result = Studio(qtbot, tmp_path / "survey", monkeypatch)
    yield result
    result.close()


def relabel(project: Project, split: Split) -> None:
    dataset = project.dataset()
    sample = next(item for item in dataset.ready if item.split is split)
    other = next(item.id for item in dataset.classes if item.id != sample.class_id)
    project.apply(SetClasses(class_by_sample={sample.id: other}))


def better_on(split: Split, project: Project) -> None:
    """Run 1 is the better one; then a label of `split` was mended, and two more were trained."""
    finished_run(project, 1, "balanced")
    relabel(project, split)
    finished_run(project, 2, "quick")
    finished_run(project, 3, "quick")


def test_a_run_that_was_judged_on_other_images_is_no_measure_and_says_so(studio: Studio) -> None:
    studio.open(lambda project: better_on(Split.VAL, project))
    panel = studio.panel
    plot = panel.curves.right
    studio.wait(lambda: plot.legend.labels() == ["validation", "run 2, best other"])
    shown = [panel.table.model.index(panel.table.model.place_of(number), BALANCED) for number in (1, 2, 3)]
    assert [index.data(SECOND_LINE_ROLE) for index in shown] == ["other data", "", ""]
    assert shown[0].data(Qt.ItemDataRole.ToolTipRole).startswith("Judged on other validation images or other labels than run 3")
    assert shown[1].data(Qt.ItemDataRole.ToolTipRole) is None
    panel.table.model.setData(shown[0].siblingAtColumn(OVERLAY), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert plot.legend.labels() == ["run 3", "run 2, best other", "run 1, other data"]
    panel.table.view.selectRow(panel.table.model.place_of(1))
    studio.wait(lambda: plot.legend.labels() == ["validation"])


def test_a_run_that_waits_on_new_labels_makes_no_figures_incomparable_and_is_not_what_is_looked_at(studio: Studio) -> None:
    def left(project: Project) -> None:
        finished_run(project, 1, "balanced")
        finished_run(project, 2, "quick")
        relabel(project, Split.VAL)
        queueing.enqueue(project, [RECIPES["quick"].build(NetworkPart(architecture="test_resnet"))])

    studio.open(left)
    studio.wait(lambda: studio.panel.curves.right.legend.labels() == ["validation", "run 1, best other"])
    assert studio.panel.model.board.selected == 2
    model = studio.panel.table.model
    assert [model.index(row, BALANCED).data(SECOND_LINE_ROLE) for row in range(3)] == ["", "", ""]


def test_in_a_narrow_table_the_mark_leaves_room_for_the_loss(studio: Studio) -> None:
    studio.open(lambda project: better_on(Split.VAL, project))
    model = studio.panel.table.model
    model.fold(("time", "loss"))
    cell = model.index(model.place_of(1), BALANCED)
    loss = studio.cell(model.place_of(1), "loss")
    assert cell.data(SECOND_LINE_ROLE) == f"other data · loss {loss}"
    assert cell.data(SECOND_SHORT_ROLE) == f"other, loss {loss}"
    assert QFontMetrics(theme.font(theme.TINY)).horizontalAdvance("other, loss 1.394") <= FOLDED_PX["balanced"] - LEFT_PX - RIGHT_PX


def test_where_only_training_images_differ_runs_are_compared(studio: Studio) -> None:
    studio.open(lambda project: better_on(Split.TRAIN, project))
    studio.wait(lambda: studio.panel.curves.right.legend.labels() == ["validation", "run 1, best other"])
    model = studio.panel.table.model
    assert not any(model.index(row, BALANCED).data(SECOND_LINE_ROLE) for row in range(3))


def test_why_a_run_ended_is_said_also_of_one_that_nobody_looks_at(studio: Studio) -> None:
    def three(project: Project) -> None:
        for number in (1, 2, 3):
            finished_run(project, number, "balanced")

    studio.open(three)
    studio.wait(lambda: studio.panel.model.board.states.keys() == {1, 3})
    assert studio.cell(1, "run") == "Run 2"
    assert studio.cell(1, "state") == "Done, stopped early: validation no longer improved"
