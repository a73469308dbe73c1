"""Runs of the open project: started, watched, and read into the table again when one begins or ends."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject

from tlstudio.domain.recipe import RECIPES, Recipe
from tlstudio.domain.run_state import RunState
from tlstudio.domain.runs import Run
from tlstudio.errors import TLStudioError
from tlstudio.ui.background import is_alive
from tlstudio.ui.job_watch import Started

if TYPE_CHECKING:
    from tlstudio.project.project import Project
    from tlstudio.ui.workspace import Workspace


class Training(QObject):
    """What the workspace does about runs."""

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._workspace = workspace
        workspace.watches.ended.connect(self._on_ended)

    def start(
        self,
        recipe: Recipe,
        *,
        override: str = "",
        started: Callable[[Started], object] | None = None,
        failed: Callable[[TLStudioError], object] | None = None,
    ) -> None:
        """Start a run in the thread that then watches it."""
        from tlstudio.operations import training

        project = self._workspace.project
        if project is not None:
            work = partial(training.start_training, project, recipe, warm=self._workspace.warm, override=override)
            self._workspace.watches.start(work, started=partial(self._on_started, also=started), failed=failed)

    def start_first(
        self, *, started: Callable[[Started], object] | None = None, failed: Callable[[TLStudioError], object] | None = None
    ) -> None:
        """Start a quick run with the network that is chosen, or the one that is there."""
        from tlstudio.operations import training

        project, warm = self._workspace.project, self._workspace.warm
        if project is None:
            return

        def work() -> Started:
            return training.start_training(project, first_recipe(project), warm=warm)

        self._workspace.watches.start(work, started=partial(self._on_started, also=started), failed=failed)

    def refresh(self) -> None:
        """Fold the journals of runs into the table and show it."""
        project = self._workspace.project
        if project is not None:
            self._workspace.background.run(lambda _report, _stop: _ingest(project), done=lambda runs: self._show(project, runs))

    def start_warm_worker(self) -> None:
        """Have a job process loaded and waiting, where there is one to be had."""
        warm = self._workspace.warm
        if warm is not None:
            self._workspace.background.run(lambda _report, _stop: warm.start(), lane="warm")

    def _on_started(self, job: Started, *, also: Callable[[Started], object] | None = None) -> None:
        self.refresh()
        if is_alive(also):
            also(job)

    def _on_ended(self, _number: int, _state: RunState) -> None:
        self.refresh()
        self.start_warm_worker()

    def _show(self, project: "Project", runs: list[Run]) -> None:
        if project is self._workspace.project:
            self._workspace.runs = runs
            self._workspace.changes.runs_changed.emit()


def _ingest(project: "Project") -> list[Run]:
    from tlstudio.project import recorder

    recorder.ingest(project)
    return project.runs()


def first_recipe(project: "Project") -> Recipe:
    """What the one button trains."""
    from tlstudio.operations import preferences, weights

    network = project.settings().network or weights.default_network()
    recipe = RECIPES["quick"].build(network)
    return msgspec.structs.replace(recipe, device=preferences.load().device)
