"""While a run trains only what has news is drawn, and only where somebody can see it. Jobs replay recorded journals."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.train_studio import Studio
from tests.replayed_job import ReplayedJob
from tlstudio.domain.events import StepTrained, Validated
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import Status, apply
from tlstudio.domain.runs import Run
from tlstudio.ui.train.curve_kinds import TRAINING, VALIDATION
from tlstudio.ui.train.run_board import RunBoard


@pytest.fixture
def studio(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    result = Studio(qtbot, tmp_path / "survey", monkeypatch)
    yield result
    result.close()


@pytest.fixture
def job(studio: Studio) -> ReplayedJob:
    """A fine-tuning on its way, all of it on the plots."""
    job = studio.start_until_it_can_be_paused()
    studio.wait(lambda: studio.num_points(studio.panel.curves.right, VALIDATION) == 3)
    return job


def _train(studio: Studio, job: ReplayedJob) -> int:
    """One step more; its number."""
    state = studio.panel.model.board.state(1)
    assert state is not None
    number = state.steps[-1].step + 1
    job.write(StepTrained(step=number, epoch=2, loss=0.5, learning_rate=1e-3))
    return number


def _has_heard(studio: Studio, step: int) -> bool:
    state = studio.panel.model.board.state(1)
    return state is not None and state.steps[-1].step == step


def test_a_step_draws_the_plot_that_shows_it_and_not_the_other(studio: Studio, job: ReplayedJob) -> None:
    plots = studio.panel.curves.plots
    state = studio.panel.model.board.state(1)
    assert state is not None
    for event, wanted in (
        (StepTrained(step=state.steps[-1].step + 1, epoch=2, loss=0.5, learning_rate=1e-3), [True, False]),
        (Validated(step=1_000, epoch=3, loss=0.4, accuracy=0.9, balanced_accuracy=0.9, is_best=True), [True, True]),
    ):
        for plot in plots:
            plot.redrawing.stop()
        state = apply(state, event, time=0.0)
        studio.panel.on_run_state(1, state)
        assert [plot.redrawing.isActive() for plot in plots] == wanted


def test_a_panel_that_nobody_sees_is_brought_up_to_date_when_it_is_shown(studio: Studio, job: ReplayedJob) -> None:
    left = studio.panel.curves.left
    before = studio.num_points(left, TRAINING)
    studio.panel.hide()
    step = _train(studio, job)
    studio.wait(lambda: _has_heard(studio, step))
    assert studio.num_points(left, TRAINING) == before
    assert studio.rail["train"][1] == "busy", "the rail tells of it all the same"
    studio.panel.show()
    assert studio.num_points(left, TRAINING) == before + 1


def test_news_of_one_run_repaint_no_cell_that_shows_the_same(studio: Studio, job: ReplayedJob) -> None:
    repainted: list[tuple[int, int]] = []
    table = studio.panel.table.model
    table.dataChanged.connect(lambda first, last: repainted.append((first.column(), last.column())))
    table.show_rows([replace(row) for row in studio.panel.model.board.rows])
    assert repainted == []
    step = _train(studio, job)
    studio.wait(lambda: _has_heard(studio, step))
    assert all(first == last for first, last in repainted)
    assert table.index(0, 0).column() not in {first for first, _last in repainted}


def test_only_the_row_of_the_run_with_news_is_made_again() -> None:
    recipe = RECIPES["quick"].build(NetworkPart(architecture="resnet18"))
    runs = [
        Run(number=number, recipe=recipe, weights_name="", created_at=0.0, status=Status.FINISHED, num_classes=2) for number in (1, 2, 3)
    ]
    board = RunBoard()
    board.show_runs(runs)
    before = board.rows
    board.overlay(2, True)
    after = board.rows
    assert [old is new for old, new in zip(before, after, strict=True)] == [True, False, True]
    assert after[1].is_overlaid
