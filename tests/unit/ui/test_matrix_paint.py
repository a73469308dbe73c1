"""The confusion matrix can be read: every number stands out from its cell, and every count of classes has room."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tlstudio.domain.report import Estimate, EvaluationReport
from tlstudio.domain.splits import Split
from tlstudio.evaluation.report import class_scores
from tlstudio.ui.app import build_application
from tlstudio.ui.evaluate.matrix import MIN_CELL_PX, ConfusionMatrix
from tlstudio.ui.evaluate.matrix_model import CellLook
from tlstudio.ui.evaluate.matrix_paint import cell_color, contrast, ink_on
from tlstudio.ui.theme import Theme


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    theme = build_application([]).findChild(Theme)
    before = theme.choice
    theme.choose(request.param)
    yield request.param
    theme.choose(before)


def report_of(num_classes: int) -> EvaluationReport:
    random = np.random.default_rng(num_classes)
    matrix = random.integers(0, 9, (num_classes, num_classes)) + 90 * np.eye(num_classes, dtype=int)
    names = tuple(f"class number {index}" for index in range(num_classes))
    figure = Estimate(value=0.9, low=0.8, high=0.95)
    return EvaluationReport(
        run=1,
        split=Split.VAL,
        used_for_selection=True,
        num_openings=0,
        class_ids=names,
        class_names=names,
        accuracy=figure,
        balanced_accuracy=figure,
        macro_f1=figure,
        classes=class_scores(matrix, names=names),
        confusion=tuple(map(tuple, matrix.tolist())),
        answers=(),
    )


@pytest.mark.parametrize("is_right", [True, False])
def test_every_number_stands_out_from_its_cell(scheme: str, is_right: bool) -> None:
    for share in np.linspace(0, 1, 101):
        ground = cell_color(CellLook(5, float(share), is_right))
        assert contrast(ink_on(ground), ground) >= 4.5, f"share {share:.2f}"


def test_right_answers_and_mistakes_are_told_apart_by_colour_and_a_single_mistake_is_seen(scheme: str) -> None:
    right, wrong = cell_color(CellLook(5, 0.5, True)), cell_color(CellLook(5, 0.5, False))
    empty, single = cell_color(CellLook(0, 0.0, False)), cell_color(CellLook(1, 0.001, False))
    assert right.blue() > right.red()
    assert wrong.red() > wrong.blue()
    assert abs(single.red() - single.green()) > 25
    assert abs(empty.red() - empty.green()) < 10


@pytest.mark.parametrize("num_classes", [2, 3, 8, 20, 40])
def test_cells_never_get_smaller_than_a_number_and_names_stay_beside_them(qtbot: QtBot, num_classes: int) -> None:
    matrix = ConfusionMatrix()
    qtbot.addWidget(matrix)
    matrix.resize(520, 420)
    matrix.show_report(report_of(num_classes))
    matrix.show()
    width, height = matrix.columnWidth(0), matrix.rowHeight(0)
    assert min(width, height) >= MIN_CELL_PX
    names = matrix.verticalHeader().width()
    fits = names + width * num_classes <= matrix.width()
    assert fits or matrix.horizontalScrollBar().maximum() > 0
    matrix.scrollTo(matrix.model().index(num_classes - 1, num_classes - 1))
    assert matrix.viewport().rect().contains(matrix.visualRect(matrix.model().index(num_classes - 1, num_classes - 1)).center())
    assert matrix.verticalHeader().isVisible()
