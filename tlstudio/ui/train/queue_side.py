"""The queue in the Train panel: another run while one is under way, the same run with three seeds, and one that is held."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tlstudio.domain.recipe import Recipe
from tlstudio.domain.runs import Run
from tlstudio.ui.train.blocked_start import Failed
from tlstudio.ui.train.held_queue import HeldQueue
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import percent, tr
from tlstudio.ui.workspace import Workspace

if TYPE_CHECKING:
    from tlstudio.operations.repeats import Repeats
    from tlstudio.project.project import Project

NUM_SEEDS = 3
_LANE = "runs"


class QueueSide(QObject):
    """Orders runs, starts a queue that is held, and says what several seeds came to."""

    def __init__(self, workspace: Workspace, *, failed: Failed, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._failed = failed
        self._asked_for: int | None = None
        self.spread = Text(role="muted", wrap=True)
        """What the selected run reached together with its repetitions."""
        self.spread.hide()
        self.held = HeldQueue()
        self.held.start_wanted.connect(self.start)

    def enqueue(self, num_seeds: int = 1, *, override: str = "", recipe: Recipe | None = None) -> None:
        """Let `recipe`, or what would be trained now, wait for its turn, with as many seeds that it has not had, from its own on."""
        workspace, wanted = self._workspace, recipe or self._workspace.choice.recipe
        if wanted is not None:
            failed = partial(
                self._failed,
                again=lambda reason: self.enqueue(num_seeds, override=reason, recipe=wanted),
                project=workspace.project,
            )
            workspace.training.enqueue(wanted, num_seeds, override=override, failed=failed)

    def put_first(self, run: Run) -> None:
        """Let a run that waits be the next one."""
        from tlstudio.operations import queueing

        workspace, project = self._workspace, self._workspace.project
        if project is None:
            return
        first = next(iter(workspace.training.queue), None)

        def on_done(_result: object) -> None:
            workspace.changes.said.emit(tr("Run {number} is the next one.", number=run.number))
            workspace.refresh_runs()

        workspace.background.run(
            lambda _report, _stop: queueing.move(project, run.number, before=first), done=on_done, failed=self._failed, lane=_LANE
        )

    def show_spread(self, number: int | None) -> None:
        """Say what the run that is looked at reached with other seeds, once that is known."""
        self._asked_for = number
        project = self._workspace.project
        if project is None or number is None:
            self.spread.hide()
            return
        work = self._workspace.background
        work.run(lambda _report, _stop: (number, _repeats(project, number)), done=self._on_repeats, lane=_LANE)

    def _on_repeats(self, answer: "tuple[int, Repeats | None]") -> None:
        number, found = answer
        if number != self._asked_for:
            return
        self.spread.setVisible(found is not None)
        if found is not None:
            words = tr(
                "{n} seeds of this training (runs {runs}): balanced accuracy {mean} ± {deviation}, from {lowest} to {highest}",
                n=len(found.runs),
                runs=", ".join(str(item) for item in found.runs),
                mean=percent(found.mean),
                deviation=percent(found.deviation),
                lowest=percent(found.lowest),
                highest=percent(found.highest),
            )
            run = self._workspace.run(number)
            is_luckless = run is not None and not run.recipe.has_chance
            self.spread.setText(tr("{words}; a solved head leaves nothing to chance", words=words) if is_luckless else words)

    def show_held(self) -> None:
        """Say that runs wait until a person starts them, where that is so."""
        training = self._workspace.training
        self.held.show_waiting(len(training.queue) if training.is_held else 0)

    def start(self) -> None:
        """Start the queue, or let it go on after the run that is under way."""
        workspace, project = self._workspace, self._workspace.project
        if project is not None:
            is_busy = any(run.status.is_under_way for run in workspace.runs)
            workspace.training.go_on(project, said=tr("The queue goes on when the run under way is over.") if is_busy else "")
            self.show_held()


def _repeats(project: "Project", number: int) -> "Repeats | None":
    from tlstudio.operations import repeats

    return repeats.repeats_of(project, number)
