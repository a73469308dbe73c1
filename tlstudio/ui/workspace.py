"""What panels share: the open project, its newest snapshot, its runs, the selection, and the doors to work."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tlstudio.domain.commands import Change
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.draft import RecipeDraft
from tlstudio.domain.progress import Progress, Report, Stop
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.ui import snapshot
from tlstudio.ui.background import Background, Task
from tlstudio.ui.changes import Changes
from tlstudio.ui.draft_keeping import DraftKeeping
from tlstudio.ui.edit_queue import EditQueue
from tlstudio.ui.imports import Imports
from tlstudio.ui.job_watch import JobWatches
from tlstudio.ui.near_look import NearLook
from tlstudio.ui.networks import Networks
from tlstudio.ui.pictures import Pictures
from tlstudio.ui.previews import Previews
from tlstudio.ui.probing import Probing
from tlstudio.ui.recipe.choice import RecipeChoice
from tlstudio.ui.thumbnails import Thumbnails
from tlstudio.ui.training import Training
from tlstudio.ui.words import say, tr

if TYPE_CHECKING:
    from tlstudio.jobs.warm import WarmWorker
    from tlstudio.project.project import Project

_LEAVE_WAIT_S = 10.0

Failed = Callable[[TLStudioError], object]


@dataclass(frozen=True)
class _Opened:
    project: "Project"
    dataset: Dataset
    runs: list[Run]
    queue: tuple[int, ...]
    goes_on: bool
    """Whether a run is under way that the queue goes on after."""
    num_openings: int
    draft: RecipeDraft


class Workspace(QObject):
    """State for all panels; knows none of them. Nothing here takes longer than a moment on the UI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project: Project | None = None
        self.dataset: Dataset | None = None
        self.runs: list[Run] = []
        self.num_openings = 0
        """How often figures of the test set were looked at."""
        self.selection: tuple[int, ...] = ()
        self.choice = RecipeChoice()
        """What a training would be started with, the same for every panel; begun anew with each project."""
        self.warm: WarmWorker | None = None
        self.is_worker_known = False
        """Whether it is known by now if a worker is kept warm."""
        self.changes = Changes(self)
        self.background = Background(self)
        self.edits = EditQueue(self.background, self)
        self.watches = JobWatches(self)
        self.thumbnails = Thumbnails(self.background, self)
        self.imports = Imports(self)
        self.near_look = NearLook(self)
        self.previews = Previews(self)
        self.pictures = Pictures(self)
        self.training = Training(self)
        self.networks = Networks(self)
        self.probing = Probing(self)
        self.draft_keeping = DraftKeeping(self)
        self.background.failed.connect(self.changes.failed)
        self.edits.failed.connect(self.changes.failed)
        self.edits.made.connect(self._show)
        self.watches.failed.connect(self.changes.failed)
        self.watches.state_changed.connect(self.changes.run_state_changed)

    @property
    def is_writable(self) -> bool:
        """Whether the open project may be changed from here."""
        return self.project is not None and self.project.writable

    # --- opening and closing

    def open(self, path: Path, *, failed: Failed | None = None) -> None:
        """Open a project by its folder or file; `changes.project_changed` follows."""
        from tlstudio.operations import projects

        self.open_with(lambda _report, _stop: projects.open_project(path, kind="window"), failed=failed)

    def open_with(
        self,
        make: "Callable[[Report, Stop], Project | None]",
        *,
        failed: Failed | None = None,
        done: Callable[[], object] | None = None,
        stopped: Callable[[], object] | None = None,
        progress: Callable[[Progress], object] | None = None,
    ) -> Task:
        """Open what `make` gives; the project open so far is closed. Where it gives none, nothing changes but `stopped` is called.

        In the lane of imports and closings: a project that is just being closed is free by then.
        """
        return self.background.run(
            lambda report, stop: _load(make(report, stop)),
            done=lambda opened: self._adopt(opened, done) if opened is not None else _call(stopped),
            failed=failed,
            progress=progress,
            lane="import",
        )

    def close_project(self) -> None:
        """Back to no project; running jobs go on."""
        self._leave()
        self.changes.project_changed.emit()

    def close(self) -> None:
        """The window closes: stop what can be stopped, wait for the threads, give the project back. Jobs go on."""
        self.imports.stop()
        self.near_look.stop()
        self.watches.close()
        if self.warm is not None:
            self.warm.close()  # first: a lane may be waiting for its answers
            self.warm = None
        self.background.close()
        self.edits.close()
        self.draft_keeping.close()
        self.thumbnails.close()
        self.pictures.close()
        if self.project is not None:
            self.project.close()
            self.project = None

    def _adopt(self, opened: _Opened, done: Callable[[], object] | None) -> None:
        if self._is_held_here(opened.project):
            self._keep_or_follow(opened.project, done)
            return
        self._leave()
        self.project, self.dataset, self.runs = opened.project, opened.dataset, opened.runs
        self.num_openings = opened.num_openings
        self.choice.restore(opened.draft)
        self.training.begin(opened.queue, goes_on=opened.goes_on)
        self.thumbnails.open(opened.project)
        for run in self.runs:
            if run.status.is_under_way:
                self.watches.watch(run.number, self.project.folder / run.folder_name)
        self.changes.project_changed.emit()
        self.near_look.start()
        _call(done)

    def _is_held_here(self, project: "Project") -> bool:
        """Whether it can only be read because this very window has it open for writing."""
        from tlstudio.operations import projects

        return self.is_writable and not project.writable and self.project is not None and projects.is_same(self.project, project)

    def _keep_or_follow(self, again: "Project", done: Callable[[], object] | None) -> None:
        """What is open was opened once more: it stays as it is; where its folder was moved it is opened where that is now."""
        self.background.run(lambda _report, _stop: again.close(), lane="import")
        if self.project is not None and self.project.folder.exists():
            self.changes.said.emit(tr("{project} is open already.", project=again.name))
            _call(done)
        else:
            self.close_project()
            self.open(again.folder)

    def _leave(self) -> None:
        left = self.edits.leave()
        self.imports.stop()
        self.near_look.stop()
        self.watches.close()
        project, self.project = self.project, None
        self.dataset, self.runs, self.choice = None, [], RecipeChoice()
        self.select(())
        self.thumbnails.open(None)
        self.pictures.release()
        if project is not None:
            # In the lane of the import, so that it ends before its project does; edits end before it, too.
            self.background.run(lambda _report, _stop: _close(project, left), lane="import")

    # --- data

    def edit(self, change: "Callable[[Project], Change | None]", *, failed: Failed | None = None) -> None:
        """Run an edit in the project lane, show what it changed, and say so. Errors go to `failed`, else to everybody.

        Where the disk refuses it, it is no error yet: it waits in `edits` and is tried again.
        """
        if self.project is not None:
            self.edits.add(self.project, change, failed=failed)

    def refresh(self, change: Change) -> None:
        """Read again what `change` touched and tell everybody."""
        project = self.project
        if project is not None:
            self.background.run(lambda _report, _stop: snapshot.load(project), done=lambda dataset: self._show(project, change, dataset))

    def undo(self) -> None:
        """Take back the newest edit."""
        from tlstudio.operations import edits

        self.changes.undoing.emit()
        self.edit(edits.undo)

    def redo(self) -> None:
        """Do again what was taken back."""
        from tlstudio.operations import edits

        self.changes.redoing.emit()
        self.edit(edits.redo)

    def select(self, samples: Sequence[int]) -> None:
        """Select samples, for every panel."""
        selection = tuple(samples)
        if selection != self.selection:
            self.selection = selection
            self.changes.selection_changed.emit(selection)

    def show(self, dataset: Dataset) -> None:
        """A newer snapshot of a data set that grows while it is imported."""
        self.dataset = dataset
        self.thumbnails.look_again()
        self.changes.dataset_changed.emit(Change(added=True, classes=True))

    def _show(self, project: "Project", change: Change | None, dataset: Dataset | None) -> None:
        if project is not self.project:
            return
        if change is None or dataset is None:
            self.changes.said.emit(tr("There is nothing to undo or redo."))
            return
        self.dataset = dataset
        self.changes.dataset_changed.emit(change)
        if change.words is not None:
            self.changes.said.emit(say(change.words))

    # --- runs

    def run(self, number: int) -> Run | None:
        """A run of the open project."""
        return next((run for run in self.runs if run.number == number), None)

    def train(self, recipe: Recipe, *, override: str = "", failed: Failed | None = None) -> None:
        """Start a run and watch it; `changes.runs_changed` follows."""
        self.training.start(recipe, override=override, failed=failed)

    def refresh_runs(self) -> None:
        """Read the table of runs again; `changes.runs_changed` follows."""
        self.training.refresh()


def _close(project: "Project", left: threading.Event) -> None:
    left.wait(_LEAVE_WAIT_S)
    project.close()


def _call(callback: Callable[[], object] | None) -> None:
    if callback is not None:
        callback()


def _load(project: "Project | None") -> _Opened | None:
    if project is None:
        return None
    from tlstudio.operations import following, queueing

    runs = project.runs()
    return _Opened(
        project,
        snapshot.load(project),
        runs,
        tuple(queueing.order(project)),
        following.goes_on(project, runs),
        project.num_openings(),
        project.draft_store.load(),
    )
