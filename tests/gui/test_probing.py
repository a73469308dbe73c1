"""Measuring this computer from the window: asked for in Settings, told in Train, out of the way of a training."""

from pathlib import Path

import msgspec
import pytest

from tests.gui.conftest import Window
from tests.gui.fake_worker import FakeJob
from tests.replayed_job import ReplayedJob
from tlstudio import paths
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import Command, Environment, ProbeJob
from tlstudio.domain.machine import StageCost
from tlstudio.domain.recipe import RECIPES, NetworkPart, Recipe
from tlstudio.jobs import folder as job_folders
from tlstudio.jobs.launch import StartedJob
from tlstudio.messages import message
from tlstudio.operations import estimates, probing, training, weights
from tlstudio.project.project import Project
from tlstudio.ui.settings.panel import SettingsPanel
from tlstudio.ui.train.panel import TrainPanel
from tlstudio.zoo import profiles


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> list[FakeJob]:
    """Probes that were started; they measure nothing and wait for the test to speak for them."""
    started: list[FakeJob] = []

    def start_probe(networks: list[NetworkPart], *, machine: bool = True, device: str = "auto") -> StartedJob:
        parent = paths.cache_dir() / profiles.FOLDER / "jobs"
        parent.mkdir(parents=True, exist_ok=True)
        folder = job_folders.claim(parent)
        environment = Environment(roots={}, project_folder=str(parent), cache_folder=str(paths.cache_dir()), device=device)
        job_folders.write_order(folder, job=ProbeJob(machine=machine, networks=tuple(networks)), environment=environment)
        job = FakeJob(folder)
        job.say(ev.Started(attempt=1, pid=1), ev.PhaseStarted(phase="probe", total=1, silence_limit_s=600))
        started.append(job)
        return StartedJob(number=int(folder.name), folder=folder, process=job.process)  # type: ignore[arg-type]

    monkeypatch.setattr(probing, "start_probe", start_probe)
    return started


def keep_machine() -> None:
    """As a probe leaves it."""
    here = msgspec.structs.replace(estimates.machine("cpu"), conv_flops={"fp32": 123e9, "bf16": 100e9}, measured_at=1.0)
    profiles.save_machine(paths.cache_dir(), profiles.conditions(device_name=here.device_name, threads=here.threads), here)


def keep_network(network: NetworkPart) -> None:
    """As a probe leaves a network that takes a second an image."""
    here = estimates.machine("cpu")
    stage = StageCost(num_parameters=9, macs=9, output_shape=(9,), forward_s=1.0, train_forward_s=1.0, backward_s=2.0, kept_bytes=9)
    profile = msgspec.structs.replace(estimates.profile_of(network, here), stages=(stage,), is_measured=True)
    profiles.save_network(paths.cache_dir(), profiles.conditions(device_name=here.device_name, threads=here.threads), profile)


def settings_of(window: Window) -> SettingsPanel:
    window.shell.start.settings_button.click()
    window.idle()
    panel = window.shell.panels.panel("settings")
    assert isinstance(panel, SettingsPanel)
    return panel


def test_the_button_measures_and_shows_what_was_found(window: Window, probes: list[FakeJob]) -> None:
    row = settings_of(window).speed
    window.until(lambda: row.found.text() == "Not measured yet")
    row.again.click()
    window.until(lambda: len(probes) == 1 and row.found.text() == "Measuring…")
    assert not row.again.isEnabled()
    keep_machine()
    probes[0].end(ev.Finished())
    window.until(lambda: row.found.text() == "123 billion operations a second")
    assert row.again.isEnabled()
    assert any(text.startswith("Measured") for text in window.said)


def test_a_probe_that_fails_says_why_where_it_was_asked_for(window: Window, probes: list[FakeJob]) -> None:
    panel = settings_of(window)
    panel.speed.again.click()
    window.until(lambda: len(probes) == 1)
    probes[0].end(ev.Failed(title=message("test.title", "Nothing could be measured."), hint=message("test.hint", "Try again.")))
    window.until(panel.notice.isVisible)
    assert panel.notice.title.text() == "Nothing could be measured."


def test_what_is_not_known_is_measured_by_itself_and_only_then(window: Window, probes: list[FakeJob]) -> None:
    window.workspace.probing._timer.setInterval(0)
    window.workspace.probing.begin()
    window.until(lambda: len(probes) == 1)
    job = job_folders.read_job(probes[0].folder)
    assert isinstance(job, ProbeJob)
    assert job.machine
    assert [part.architecture for part in job.networks] == [weights.default_network().architecture]
    probes[0].end(ev.Stopped())
    window.until(lambda: not window.workspace.probing.is_running)


def test_a_training_has_the_computer_for_itself(
    window: Window, insects: Path, probes: list[FakeJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    window.open(insects)
    window.workspace.probing.measure_again()
    window.until(lambda: len(probes) == 1 and window.workspace.probing._job.folder is not None)
    network = NetworkPart(architecture="test_resnet")
    runs: list[ReplayedJob] = []

    def start(project: Project, recipe: Recipe, **_more: object) -> ReplayedJob:
        runs.append(ReplayedJob(project, 1, "balanced", recipe=recipe))
        return runs[0]

    monkeypatch.setattr(training, "start_training", start)
    window.workspace.train(RECIPES["balanced"].build(network))
    window.until(lambda: probes[0].command() is Command.STOP)
    assert not window.workspace.probing.can_start
    probes[0].end(ev.Stopped())
    window.until(lambda: not window.workspace.probing.is_running)
    runs[0].die()


def test_another_project_does_not_lose_the_probe(window: Window, insects: Path, probes: list[FakeJob]) -> None:
    window.workspace.probing.measure_again()
    window.until(lambda: len(probes) == 1 and window.workspace.probing._job.folder is not None)
    window.open(insects)
    probes[0].end(ev.Finished())
    window.until(lambda: not window.workspace.probing.is_running)


def test_train_says_how_long_it_would_take_and_says_it_surely_once_it_was_measured(
    window: Window, insects: Path, probes: list[FakeJob]
) -> None:
    window.open(insects)
    window.workspace.changes.show_panel.emit("train")
    panel = window.shell.panels.panel("train")
    assert isinstance(panel, TrainPanel)
    line = panel.recipe.card.time
    window.until(lambda: line.text().startswith("Roughly"))
    network = window.workspace.networks.chosen
    assert network is not None
    window.workspace.probing.measure_again()
    window.until(lambda: len(probes) == 1)
    keep_machine()
    keep_network(network)
    probes[0].end(ev.Finished())
    # Thirty images, a second each, beside the start of the process.
    window.until(lambda: line.text().startswith("About") and 30 <= int(line.text().split()[1]) <= 45)
    panel.recipe.on_recipe_chosen("balanced")
    window.until(lambda: "min" in line.text())
