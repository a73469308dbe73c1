"""The live model while labelling: a line that follows each change, says why where it cannot, and is switched off in one click."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from tests.gui.conftest import Window
from tests.gui.fake_worker import FakeWarm
from tests.recorded import make_project, record_run
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.serving import JudgeHead
from tlstudio.domain.splits import Split
from tlstudio.operations import preferences
from tlstudio.ui.data import live_model
from tlstudio.ui.data.live_line import LiveLine

FIRST = "Live model: 100.0 % balanced on 9 validation images"
CHANGED = "Live model: 91.7 % balanced on 9 validation images (was 100.0 %)"
"""One of the three ants in validation is called a bee, and is still taken for an ant: 2 of 2, 3 of 4, 3 of 3."""


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """The insects with one run of the network that is chosen; its folder."""
    project = make_project(tmp_path / "Trained")
    record_run(project, 1)
    project.set_settings(msgspec.structs.replace(project.settings(), network=NetworkPart(architecture="test_resnet")))
    project.close()
    return tmp_path / "Trained"


@pytest.fixture
def warm(window: Window) -> FakeWarm:
    worker = FakeWarm()
    window.workspace.warm, window.workspace.is_worker_known = worker, True
    return worker


def line_of(window: Window) -> LiveLine:
    return window.data.view.live


def until_said(window: Window, words: str) -> None:
    window.until(lambda: line_of(window).isVisible() and line_of(window).words.whole_text() == words)


def call_an_ant_of_validation_a_bee(window: Window, *, which: int = 0) -> None:
    dataset = window.workspace.dataset
    assert dataset is not None
    ants = [sample for sample in dataset.ready if sample.split is Split.VAL and sample.path.startswith("ants/")]
    window.data.grid.select([ants[which].id])
    window.press(Qt.Key.Key_2)


def click(window: Window, button: QPushButton) -> None:
    assert button.isVisible()
    window.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_line_follows_each_change_of_a_label(window: Window, warm: FakeWarm, trained: Path) -> None:
    window.open(trained)
    until_said(window, FIRST)
    call_an_ant_of_validation_a_bee(window)
    until_said(window, CHANGED)
    assert not [entry for request in warm.heads for entry in request.manifest.entries if entry.split is Split.TEST]
    window.press(Qt.Key.Key_Z, control=True)
    until_said(window, "Live model: 100.0 % balanced on 9 validation images (was 91.7 %)")


def test_the_matrix_is_one_click_away(window: Window, warm: FakeWarm, trained: Path) -> None:
    window.open(trained)
    until_said(window, FIRST)
    call_an_ant_of_validation_a_bee(window)
    until_said(window, CHANGED)
    click(window, line_of(window).matrix)
    table = window.data.following.matrix.table
    assert table.isVisible()
    assert [table.horizontalHeaderItem(column).text() for column in range(3)] == ["ants", "bees", "wasps"]
    assert [[table.item(row, column).text() for column in range(3)] for row in range(3)] == [
        ["2", "0", "0"],
        ["1", "3", "0"],
        ["0", "0", "3"],
    ]
    assert table.item(1, 0).toolTip() == "1 image of bees taken for ants"
    window.data.following.matrix.close()


def test_what_changes_while_it_is_asked_is_asked_once_and_newest(window: Window, warm: FakeWarm, trained: Path) -> None:
    window.open(trained)
    until_said(window, FIRST)
    window.until(lambda: warm.heads[-1].chooses)  # it has settled, so that nothing else is on its way
    window.idle()
    before = len(plain_requests(warm))
    warm.may_answer.clear()
    call_an_ant_of_validation_a_bee(window)
    window.until(lambda: len(plain_requests(warm)) == before + 1)
    for which in (1, 2):
        call_an_ant_of_validation_a_bee(window, which=which)
        window.until(lambda which=which: len(labelled_bees(window)) >= which + 1)
    warm.may_answer.set()
    window.until(lambda: line_of(window).words.whole_text().startswith("Live model: 75.0 %"))
    assert len(plain_requests(warm)) == before + 2, "what lay between the first and the newest was never asked"
    labels = [entry.label for entry in plain_requests(warm)[-1].manifest.entries if entry.split is Split.VAL]
    assert labels.count(1) == 6


def plain_requests(warm: FakeWarm) -> list[JudgeHead]:
    """Those for other labels, without those that choose the penalty anew."""
    return [request for request in warm.heads if not request.chooses]


def labelled_bees(window: Window) -> list[int]:
    """Images of ants that are called bees."""
    dataset = window.workspace.dataset
    assert dataset is not None
    return [
        sample.id for sample in dataset.ready if sample.path.startswith("ants/") and dataset.class_by_id[sample.class_id].name == "bees"
    ]


def test_once_nothing_changes_the_penalty_is_chosen_anew(window: Window, warm: FakeWarm, trained: Path) -> None:
    window.open(trained)
    until_said(window, FIRST)
    window.until(lambda: warm.heads[-1].chooses)
    assert sum(request.chooses for request in warm.heads) == 1


def test_other_class_weights_are_asked_about(window: Window, warm: FakeWarm, trained: Path) -> None:
    window.open(trained)
    until_said(window, FIRST)
    assert warm.heads[-1].balance == "none"
    window.workspace.choice.choose_network(NetworkPart(architecture="test_resnet"))
    window.workspace.choice.change("class_balance", "weighted")
    window.workspace.changes.recipe_changed.emit()
    window.until(lambda: warm.heads[-1].balance == "weighted")
    until_said(window, f"{FIRST} (as before)")


def test_new_images_are_looked_at_first(window: Window, warm: FakeWarm, trained: Path) -> None:
    warm.num_missing = 2
    window.open(trained)
    until_said(window, FIRST)
    assert warm.heads[0].compute_s == 0
    assert warm.heads[-1].compute_s > 0


def test_many_new_images_wait_for_a_run(window: Window, warm: FakeWarm, trained: Path) -> None:
    warm.num_missing = 900
    window.open(trained)
    until_said(window, "Live model: 900 images have not been through this network; the next run looks at them")
    assert not line_of(window).matrix.isVisible()
    assert {request.compute_s for request in warm.heads} == {0}


def test_it_waits_for_a_worker_that_is_not_free(window: Window, warm: FakeWarm, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_model, "_RETRY_MS", 50)
    warm.is_idle = False
    window.open(trained)
    until_said(window, "Live model: waits until the helper process is free")
    warm.is_idle = True
    until_said(window, FIRST)


def test_it_is_switched_off_in_one_click_and_stays_off(window: Window, warm: FakeWarm, trained: Path) -> None:
    window.open(trained)
    until_said(window, FIRST)
    click(window, line_of(window).off)
    until_said(window, "Live model is off")
    window.until(lambda: not preferences.load().live_model)
    window.idle()
    before = len(warm.heads)
    call_an_ant_of_validation_a_bee(window)
    window.until(lambda: len(labelled_bees(window)) == 1)
    window.idle()
    assert len(warm.heads) == before
    click(window, line_of(window).on)
    until_said(window, "Live model: 91.7 % balanced on 9 validation images")
    window.until(lambda: preferences.load().live_model)


def test_without_memory_for_a_worker_nothing_is_offered(window: Window, trained: Path) -> None:
    window.workspace.is_worker_known = True
    window.open(trained)
    until_said(window, "No live model: this computer has too little memory to keep a process ready for it")
    assert not [part for part in (line_of(window).matrix, line_of(window).on, line_of(window).off) if part.isVisible()]


def test_the_figures_of_another_network_are_not_its_own(window: Window, warm: FakeWarm, trained: Path) -> None:
    window.open(trained)
    until_said(window, FIRST)
    window.workspace.networks.choose(NetworkPart(architecture="test_vit"))
    window.until(lambda: not line_of(window).isVisible())
    asked = len(warm.heads)
    window.workspace.networks.choose(NetworkPart(architecture="test_resnet"))
    until_said(window, FIRST)
    assert len(warm.heads) > asked


def test_before_the_first_run_there_is_no_line(window: Window, warm: FakeWarm, insects: Path) -> None:
    window.open(insects)
    call_an_ant_of_validation_a_bee(window)
    window.until(lambda: len(labelled_bees(window)) == 1)
    window.idle()
    assert not line_of(window).isVisible()
    assert not warm.heads
