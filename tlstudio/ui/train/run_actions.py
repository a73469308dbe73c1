"""What the panel asks of runs: each thing is done in the background and says itself in the status line."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from tlstudio.domain.jobs import Command
from tlstudio.domain.networks import WeightsCard
from tlstudio.domain.run_state import RunState, Status
from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.ui.widgets.confirm import confirm
from tlstudio.ui.words import tr
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.project.project import Project

Failed = Callable[[TLStudioError], object]
_LANE, _COMMANDS_LANE = "runs", "control"
"""A command never waits for what reads or writes many runs."""


class RunActions(QObject):
    """Pause, continue, stop, discard, remove, resume."""

    def __init__(self, workspace: Workspace, *, failed: Failed, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._failed = failed
        self._pausing: set[int] = set()

    def observe(self, number: int, state: RunState | None) -> None:
        """Once a run that was asked to pause has paused, the status line says so instead of the wish."""
        if number in self._pausing and state is not None and state.status is Status.PAUSED:
            self._pausing.discard(number)
            self._workspace.changes.said.emit(tr("Run {number} is paused.", number=number))

    def send(self, run: Run, command: Command) -> None:
        """Tell a running job; it acknowledges in its journal."""
        from tlstudio.operations import training

        self._pausing.discard(run.number)
        self._do(
            lambda project: training.send_command(project, run.number, command),
            said=_SAID[command](run),
            then=partial(self._on_asked_to_pause, run) if command is Command.PAUSE else None,
            lane=_COMMANDS_LANE,
        )

    def discard(self, run: Run) -> None:
        """End a run where it runs, and take it away with its folder."""
        from tlstudio.operations import training

        self._do(
            lambda project: training.discard_run(project, run.number), said=tr("Run {number} is gone.", number=run.number), refresh=True
        )

    def ask_and_discard(self, run: Run, *, over: QWidget) -> None:
        """The same, once the person has agreed; what goes on is discarded, what is over is removed."""
        state = self._workspace.watches.state(run.number)
        if not (state.status if state is not None else run.status).is_over:
            confirm(
                over,
                tr("Discard run {number}?", number=run.number),
                tr("Its training stops. Its model, curves and predictions are deleted and cannot be brought back. Images and labels stay."),
                yes=tr("Discard run {number}", number=run.number),
                on_yes=lambda: self.discard(run),
            )
            return
        confirm(
            over,
            tr("Remove run {number}?", number=run.number),
            tr("Its model, curves and predictions are deleted and cannot be brought back. Images and labels stay."),
            yes=tr("Remove run {number}", number=run.number),
            on_yes=lambda: self.discard(run),
        )

    def resume(self, run: Run, *, device: str | None = None) -> None:
        """Go on with a run that was interrupted or failed, from its last checkpoint; on another `device` where one is named."""
        from tlstudio.operations import training

        workspace, project = self._workspace, self._workspace.project
        if project is not None:
            work = partial(training.resume_run, project, run.number, warm=workspace.warm, device=device)
            workspace.watches.start(work, started=lambda _job: workspace.refresh_runs(), failed=self._failed)
            workspace.changes.said.emit(tr("Run {number} goes on from its last checkpoint.", number=run.number))

    def keep_as_weights(self, run: Run) -> None:
        """Offer the run's network to other projects."""
        from tlstudio.operations import keeping

        workspace, project = self._workspace, self._workspace.project
        if project is None:
            return

        def on_kept(card: WeightsCard) -> None:
            workspace.changes.said.emit(tr("Models has it now as {name}, for every project.", name=card.name))
            workspace.networks.reload()

        work = partial(keeping.keep_as_weights, project, run.number)
        workspace.background.run(lambda _report, _stop: work(), done=on_kept, failed=self._failed, lane=_LANE)
        workspace.changes.said.emit(tr("Keeping the network of run {number}…", number=run.number))

    def show_folder(self, run: Run) -> None:
        """Open the run's folder in the system's file manager."""
        project = self._workspace.project
        if project is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(project.folder / run.folder_name)))

    def _on_asked_to_pause(self, run: Run) -> None:
        self._pausing.add(run.number)
        self.observe(run.number, self._workspace.watches.state(run.number))

    def _do(
        self,
        work: "Callable[[Project], object]",
        *,
        said: str,
        refresh: bool = False,
        then: Callable[[], object] | None = None,
        lane: str = _LANE,
    ) -> None:
        workspace, project = self._workspace, self._workspace.project
        if project is None:
            return

        def on_done(_result: object) -> None:
            workspace.changes.said.emit(said)
            if then is not None:
                then()
            if refresh:
                workspace.refresh_runs()

        workspace.background.run(lambda _report, _stop: work(project), done=on_done, failed=self._failed, lane=lane)


_SAID: dict[Command, Callable[[Run], str]] = {
    Command.RUN: lambda run: tr("Run {number} was asked to go on.", number=run.number),
    Command.PAUSE: lambda run: tr("Run {number} was asked to pause; it finishes the step it is at.", number=run.number),
    Command.STOP: lambda run: tr("Run {number} was asked to stop; its best model is kept.", number=run.number),
    Command.CANCEL: lambda run: tr("Run {number} was asked to end.", number=run.number),
}
