"""Figures of the cockpit are worked out until the network is measured here; what fails or has to wait is said."""

import msgspec
import pytest
from PySide6.QtCore import Qt

from tests.gui.cockpit.conftest import RESNET, Studio
from tests.recorded import write_job, write_journal
from tlstudio import paths
from tlstudio.domain import events as ev
from tlstudio.domain import jobs
from tlstudio.domain.recipe import NetworkPart
from tlstudio.jobs.launch import StartedJob
from tlstudio.messages import message
from tlstudio.operations import estimates, probing
from tlstudio.project.project import Project
from tlstudio.zoo import profiles


def job_in(project: Project, events: list[ev.AnyEvent]) -> StartedJob:
    """A measurement whose journal says this."""
    folder = project.folder / "probes" / "0001"
    write_job(project, folder, jobs.ProbeJob())
    write_journal(folder, [ev.Started(attempt=1, pid=1), *events])
    return StartedJob(number=1, folder=folder, process=None)  # type: ignore[arg-type]


def keep_measurements(network: NetworkPart) -> None:
    """What a probe leaves behind."""
    machine = estimates.machine()
    holds_for = profiles.conditions(device_name=machine.device_name, threads=machine.threads)
    profiles.save_machine(paths.cache_dir(), holds_for, msgspec.structs.replace(machine, measured_at=1.0))
    found = msgspec.structs.replace(estimates.profile_of(network, machine), is_measured=True)
    profiles.save_network(paths.cache_dir(), holds_for, found)


def test_a_network_is_measured_where_its_figures_are_worked_out_only(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[NetworkPart]] = []
    project = studio.workspace.project
    assert project is not None

    def start(networks: list[NetworkPart], **_more: object) -> StartedJob:
        asked.append(networks)
        keep_measurements(*networks)
        return job_in(project, [ev.Finished()])

    monkeypatch.setattr(probing, "start_probe", start)
    page = studio.look_at(RESNET)
    line = page.source
    assert line.words.text().startswith("Worked out from this computer's rates")
    assert not line.stop.isVisible()
    studio.qtbot.mouseClick(line.measure, Qt.MouseButton.LeftButton)
    studio.wait(lambda: line.words.text() == "Measured with this network on this computer.")
    assert asked == [[RESNET]]
    assert not line.measure.isVisible()


def test_a_measurement_that_fails_says_why(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    project = studio.workspace.project
    assert project is not None
    failed = ev.Failed(title=message("test.no_room", "There is no room."), hint=message("test.no_room.hint", "Make some."))
    monkeypatch.setattr(probing, "start_probe", lambda _networks, **_more: job_in(project, [failed]))
    page = studio.look_at(RESNET)
    studio.qtbot.mouseClick(page.source.measure, Qt.MouseButton.LeftButton)
    studio.wait(page.notice.isVisible)
    assert page.notice.title.text() == "There is no room."
    assert page.source.measure.isVisible()


def test_measuring_waits_for_what_is_at_work_and_says_so(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    line = studio.look_at(RESNET).source
    studio.wait(line.measure.isVisible)
    monkeypatch.setattr(type(studio.workspace.probing), "can_start", property(lambda _self: False))
    studio.workspace.probing.changed.emit()
    studio.wait(lambda: not line.measure.isEnabled())
    assert line.measure.isVisible()
    assert line.measure.toolTip().startswith("Not while a run trains")
