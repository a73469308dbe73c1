"""Labels, crops and the whole project leave the Data panel by one menu; what a format cannot hold is said."""

import threading
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QLabel

from tests.conftest import MakeImages
from tests.gui.conftest import Window
from tests.recorded import make_project
from tests.unit.operations.test_importing_annotations import annotate
from tlstudio.domain.progress import Progress
from tlstudio.operations import archiving, edits
from tlstudio.operations.archiving import archive_project
from tlstudio.operations.importing import import_data
from tlstudio.operations.label_exports import LABEL_EXPORTERS
from tlstudio.project.project import Project
from tlstudio.ui.data.export_popover import ExportPopover
from tlstudio.ui.words import say


@pytest.fixture
def cells(tmp_path: Path, make_images: MakeImages) -> Path:
    """Three images, two of them with boxes."""
    source = make_images({"plate": 3})
    annotate(source, ("plate/plate_000.png", "red", (10, 12, 20, 10)), ("plate/plate_001.png", "white", (1, 1, 30, 30)))
    with closing(Project.create(tmp_path / "Cells")) as project:
        import_data(project, source)
    return tmp_path / "Cells"


def opened(window: Window, project: Path) -> ExportPopover:
    window.open(project)
    return choices(window)


def choices(window: Window) -> ExportPopover:
    """The kinds of export, by the button in the panel."""
    panel = window.data
    panel.exporting.popover = None
    panel.view.side.export.click()
    window.until(lambda: panel.exporting.popover is not None)
    assert panel.exporting.popover is not None
    return panel.exporting.popover


def answer(monkeypatch: pytest.MonkeyPatch, target: Path | None) -> list[str]:
    """A person at the dialog; gives what it proposed."""
    proposed: list[str] = []

    def ask(_parent: object, _title: str, name: str, _kinds: str) -> tuple[str, str]:
        proposed.append(Path(name).name)
        return str(target or ""), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return proposed


def test_all_formats_are_there_each_with_its_sentence(window: Window, insects: Path) -> None:
    popover = opened(window, insects)
    texts = [label.text() for label in popover.findChildren(QLabel)]
    for id, spec in LABEL_EXPORTERS.items():
        assert popover.formats[id].text() == say(spec.title)
        assert any(text.lower() == f"{say(spec.sentence)}.".lower() for text in texts)
    assert popover.margins == [], "nothing is marked in these images"
    corner = popover.mapToGlobal(QPoint(popover.width(), popover.height()))
    assert window.shell.frameGeometry().contains(corner)
    popover.close()


def test_a_table_is_written_and_said(window: Window, insects: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proposed = answer(monkeypatch, tmp_path / "mine")
    opened(window, insects).formats["csv"].click()
    window.until(lambda: (tmp_path / "mine.csv").is_file())
    window.idle()
    assert proposed == ["Insects labels.csv"]
    assert window.said[-1] == "30 images written to mine.csv."
    assert not window.data.view.exporting.isVisible()
    assert not window.data.view.notice.isVisible()


def test_what_the_format_cannot_hold_is_said_and_stays(
    window: Window, insects: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Project.open(insects)) as project:
        edits.set_note(project, [1, 2], "look again")
        edits.set_class(project, [3], None)
    answer(monkeypatch, tmp_path / "out")
    opened(window, insects).formats["folders"].click()
    window.until(lambda: (tmp_path / "out").is_dir())
    window.idle()
    said = "1 image without a class is left out. Notes are not in it: 2."
    assert window.said[-1] == f"29 images written to out. {said}"
    assert window.data.view.notice.hint.text() == said


def test_a_refusal_stands_in_the_panel(window: Window, insects: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    answer(monkeypatch, tmp_path / "out")
    opened(window, insects).formats["coco"].click()
    window.until(window.data.view.notice.isVisible)
    assert "already" in window.data.view.notice.title.text()
    assert not window.data.view.exporting.isVisible()
    window.idle()


def test_leaving_the_dialog_does_nothing(window: Window, insects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, None)
    popover = opened(window, insects)
    popover.archive.click()
    window.idle()
    assert not window.data.view.exporting.isVisible()


def test_crops_become_a_project_that_one_click_opens(window: Window, cells: Path) -> None:
    popover = opened(window, cells)
    assert [button.text() for button in popover.margins] == ["Boxes alone", "With 10 % margin", "With 25 % margin"]
    assert all(button.isVisible() for button in popover.margins)
    popover.margins[0].click()
    window.until(window.data.view.notice.isVisible)
    assert window.said[-1] == "2 crops are in the new project Cells crops."
    window.data.view.notice.action.click()
    window.until(lambda: window.workspace.project is not None and window.workspace.project.name == "Cells crops")
    window.wait_shown(lambda num: num == 2)
    assert [item.name for item in window.workspace.dataset.classes] == ["red", "white"]


def test_the_project_is_packed_and_dropped_on_the_start_page_opens(
    window: Window, cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, tmp_path / "Cells.tlarchive")
    opened(window, cells).archive.click()
    window.until(lambda: (tmp_path / "Cells.tlarchive").is_file())
    window.idle()
    assert window.said[-1].startswith("The whole project is in Cells.tlarchive (")
    window.shell.take_drop([tmp_path / "Cells.tlarchive"])
    assert "packed project" in window.shell.notice.title.text()
    window.shell.go_home()
    window.idle()
    window.shell.take_drop([tmp_path / "Cells.tlarchive"])
    window.until(lambda: window.workspace.project is not None)
    window.wait_shown(lambda num: num == 3)
    assert window.workspace.project.name == "Cells"
    assert window.workspace.project.folder != cells
    assert len(window.workspace.project.regions.of()) == 2


def test_a_project_whose_images_are_away_is_packed_only_where_a_person_says_so(
    window: Window, cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Project.open(cells)) as project:
        project.dataset().file_of(project.dataset().samples[0]).unlink()
    answer(monkeypatch, tmp_path / "Cells.tlarchive")
    opened(window, cells).archive.click()
    notice = window.data.view.notice
    window.until(lambda: notice.isVisible() and "1 of the 3 images" in notice.title.text())
    assert not (tmp_path / "Cells.tlarchive").exists()
    assert "--" not in notice.hint.text()
    notice.action.click()
    window.until((tmp_path / "Cells.tlarchive").is_file)
    window.idle()
    assert window.said[-1].startswith("Packed without 1 image: Cells.tlarchive (")
    assert notice.title.text() == window.said[-1]


def test_a_new_export_takes_the_notice_of_the_one_before_away(
    window: Window, insects: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Project.open(insects)) as project:
        edits.set_note(project, [1, 2], "look again")
    answer(monkeypatch, tmp_path / "out")
    opened(window, insects).formats["folders"].click()
    window.until(window.data.view.notice.isVisible)
    answer(monkeypatch, tmp_path / "labels.csv")
    choices(window).formats["csv"].click()
    window.until((tmp_path / "labels.csv").is_file)
    window.idle()
    assert not window.data.view.notice.isVisible()


def test_a_damaged_one_is_refused_on_the_start_page(window: Window, tmp_path: Path) -> None:
    with closing(make_project(tmp_path / "Insects")) as project:
        archive_project(project, tmp_path)
    file = tmp_path / "Insects.tlarchive"
    file.write_bytes(file.read_bytes()[:5000])
    window.shell.take_drop([file])
    window.until(window.shell.start.notice.isVisible)
    assert window.shell.start.notice.title.text() == "Insects.tlarchive is damaged, or no zip archive."
    assert not window.shell.start.progress.isVisible()
    assert window.workspace.project is None


def test_packing_shows_how_far_it_is_and_stop_leaves_nothing(
    window: Window, insects: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = archiving.archive_project

    def held(project: Project, target: Path, *, report: object, stop: threading.Event, **options: object) -> object:
        def wait_there(progress: Progress) -> None:
            report(progress)
            stop.wait(60)

        return really(project, target, report=wait_there, stop=stop, **options)

    monkeypatch.setattr(archiving, "archive_project", held)
    monkeypatch.setattr(archiving, "_REPORT_EVERY", 1)
    answer(monkeypatch, tmp_path / "Insects.tlarchive")
    opened(window, insects).archive.click()
    strip = window.data.view.exporting.strip
    window.until(lambda: "Packing · 1 of" in strip.words.whole_text())
    assert window.data.view.exporting.isVisible()
    window.qtbot.mouseClick(strip.stop_button, Qt.MouseButton.LeftButton)
    window.until(lambda: window.said[-1:] == ["Stopped; nothing was left behind"])
    window.idle()
    assert not window.data.view.exporting.isVisible()
    assert not [item.name for item in tmp_path.iterdir() if "tlarchive" in item.name]
