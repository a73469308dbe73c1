"""Measuring this computer in the background: once at the first start, then each network that is chosen; never while a training runs."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.run_state import RunState, Status
from tlstudio.errors import TLStudioError
from tlstudio.ui.side_job import SideJob
from tlstudio.ui.words import say, tr

if TYPE_CHECKING:
    from tlstudio.ui.workspace import Workspace

_AFTER_MS = 8000
"""The warm worker has loaded by then, and whoever looks through networks has come to one."""
_LARGEST_IMAGE_S = 0.5
"""A network that is expected to take longer for an image would keep the computer busy for minutes; its training measures it."""


class Probing(QObject):
    """One probe at a time. Does nothing by itself before `begin`."""

    changed = Signal()
    """It began or ended; what is known may be more now."""
    failed = Signal(object)
    """A `TLStudioError` of a probe that a person asked for."""

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._has_begun = False
        self._is_asked_for = False
        self._job = SideJob(workspace, self)
        self._job.over.connect(self._on_over)
        self._job.refused.connect(self._on_refused)
        self._job.failed.connect(self._on_failed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self._look)
        workspace.changes.network_chosen.connect(self._want)
        workspace.changes.project_changed.connect(self._on_project_changed)
        workspace.changes.runs_changed.connect(self._on_runs_changed)

    @property
    def is_running(self) -> bool:
        """Whether something is being measured."""
        return self._job.is_running

    @property
    def can_start(self) -> bool:
        """Whether nothing else is at work that would spoil the figures, or be held up."""
        return not self.is_running and not self._workspace.imports.is_running and not self._is_training

    def begin(self) -> None:
        """From now on what is not known yet is measured when there is time."""
        self._has_begun = True
        self._want()

    def measure_again(self) -> None:
        """Measure this computer and the chosen network, whatever is known."""
        if self.can_start:
            self._is_asked_for = True
            network = self._workspace.networks.chosen
            self._start(machine=True, networks=[network] if network is not None else [])

    def measure(self, network: NetworkPart, *, machine: bool) -> None:
        """Measure a network that a person looks at, and this computer too where `machine` says so."""
        if self.can_start:
            self._is_asked_for = True
            self._start(machine=machine, networks=[network])

    def stop(self) -> None:
        """Ask the probe under way to end."""
        self._job.stop()

    @property
    def _is_training(self) -> bool:
        return any(not run.status.is_over for run in self._workspace.runs)

    def _want(self, _network: object = None) -> None:
        if self._has_begun:
            self._timer.start()

    def _look(self) -> None:
        if not self.can_start:
            self._timer.start()
            return
        network = self._workspace.networks.chosen
        self._workspace.background.run(
            lambda _report, _stop: _missing(network), done=self._on_missing, failed=lambda _error: None, lane="probe"
        )

    def _on_missing(self, missing: "tuple[bool, list[NetworkPart]]") -> None:
        machine, networks = missing
        if (machine or networks) and self.can_start:
            self._start(machine=machine, networks=networks)

    def _start(self, *, machine: bool, networks: list[NetworkPart]) -> None:
        from tlstudio.operations import preferences, probing

        words = tr("Measuring how fast this computer is; this is done once.") if machine else tr("Measuring how fast the model is here.")
        self._workspace.changes.said.emit(words)
        self._job.start(lambda: probing.start_probe(networks, machine=machine, device=preferences.load().device))
        self.changed.emit()

    def _on_over(self, state: RunState) -> None:
        if state.status is Status.FINISHED:
            self._workspace.changes.said.emit(tr("Measured: times are told from now on."))
        if state.status is not Status.FAILED:
            self._is_asked_for = False
        self.changed.emit()

    def _on_refused(self, error: TLStudioError) -> None:
        if not self._is_asked_for:
            self._workspace.changes.said.emit(say(error.title))
        self._on_failed(error)
        self.changed.emit()

    def _on_failed(self, error: TLStudioError) -> None:
        if self._is_asked_for:
            self._is_asked_for = False
            self.failed.emit(error)

    def _on_project_changed(self) -> None:
        """With another project nobody looks at jobs any more; this one is no project's."""
        if self.is_running:
            self._job.watch_again()
            self.changed.emit()

    def _on_runs_changed(self) -> None:
        """A training has the computer for itself."""
        if self.is_running and self._is_training:
            self.stop()


def _missing(network: NetworkPart | None) -> tuple[bool, list[NetworkPart]]:
    """Whether the machine is not known, and which networks are not: the chosen one, or the one a first training takes."""
    from tlstudio.operations import estimates, preferences, weights

    machine = estimates.machine(preferences.load().device)
    wanted = network or weights.default_network()
    profile = estimates.profile_of(wanted, machine)
    is_small = profile.forward_s <= _LARGEST_IMAGE_S
    return not machine.is_measured, [wanted] if is_small and not profile.is_measured else []
