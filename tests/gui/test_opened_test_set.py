"""A look at the test set in Evaluate is told in Data, also after a restart, and the next division keeps that set."""

from pathlib import Path

from tests.gui.conftest import Window
from tests.recorded import record_run
from tlstudio.domain.splits import Split
from tlstudio.project.project import Project
from tlstudio.ui.evaluate.panel import EvaluatePanel


def test_a_look_is_counted_where_the_division_stands(window: Window, insects: Path) -> None:
    project = Project.open(insects)
    record_run(project, 1)
    project.close()
    panel = window.open(insects)
    note = panel.view.side.splits.note
    assert "Test set not opened yet" in note.text()

    window.shell.show_panel("evaluate")
    evaluate = window.shell.panels.panel("evaluate")
    assert isinstance(evaluate, EvaluatePanel)
    window.until(lambda: evaluate.model.report is not None)
    splits = evaluate.header.splits
    row = splits.findData(Split.TEST.value)
    splits.setCurrentIndex(row)
    splits.activated.emit(row)
    window.until(lambda: evaluate.model.report is not None and evaluate.model.report.split is Split.TEST)

    window.shell.show_panel("data")
    window.until(lambda: "Test set opened once" in note.text())
    panel.view.header.split.click()
    card = panel.dividing.popover
    assert card is not None
    assert card.keep_test.isChecked()
    assert card.kept.text() == "6 images, opened once"
    card.close()

    window.shell.go_home()
    again = window.open(insects)
    window.until(lambda: "Test set opened once" in again.view.side.splits.note.text())
