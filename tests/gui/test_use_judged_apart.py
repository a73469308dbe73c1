"""Where the best run is not compared with better figures, *Use* and the terminal say so."""

from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.recorded import make_project, record_run
from tlstudio.cli.main import main
from tlstudio.domain.commands import SetClasses
from tlstudio.domain.splits import Split
from tlstudio.project.project import Project
from tlstudio.ui.use.panel import UsePanel
from tlstudio.ui.workspace import Workspace

SAID = "were judged on different validation images or labels: which of them is better is not known."


def relabel(project: Project) -> None:
    """One image of validation gets another class."""
    dataset = project.dataset()
    sample = next(item for item in dataset.ready if item.split is Split.VAL)
    other = next(item.id for item in dataset.classes if item.id != sample.class_id)
    project.apply(SetClasses(class_by_sample={sample.id: other}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Run 1 is right everywhere; then a label was changed, and run 2 is wrong somewhere."""
    with closing(make_project(tmp_path / "Insects")) as project:
        record_run(project, 1)
        relabel(project)
        wrong = {item.id: 0 for item in project.dataset().ready if item.split is Split.VAL}
        record_run(project, 2, wrong=wrong)
    return tmp_path / "Insects"


def test_in_the_window(qtbot: QtBot, folder: Path) -> None:
    workspace = Workspace()
    try:
        with qtbot.waitSignal(workspace.changes.project_changed):
            workspace.open(folder)
        panel = UsePanel(workspace)
        qtbot.addWidget(panel)
        panel.resize(1200, 800)
        panel.show()
        workspace.refresh_runs()
        qtbot.waitUntil(lambda: panel.note.isVisible() and panel.note.text().endswith(SAID))
    finally:
        workspace.close()


def test_in_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(folder)]) == 0
    assert SAID in capsys.readouterr().err
    assert main(["evaluate", str(folder), "--run", "1"]) == 0
    assert SAID not in capsys.readouterr().err
